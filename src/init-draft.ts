// Drafts: what `init` knows of one connection before anything is written. A secret is a reference, or a value for a file of its own.
import { Secret } from './core/secret.ts';

/** Where a secret is: named by the person, or given by hand and then kept in a file that init writes. */
export type SecretGiven = { env: string } | { file: string } | { value: Secret };

export type Draft = {
  /** The connection's name; the rules that come along use it. */
  name: string;
  /** What stands under it in the config: secrets as references. */
  settings: Record<string, unknown>;
  /** Files of secrets to write: path from the config's folder → value. */
  secrets: ReadonlyMap<string, Secret>;
  /** Files of the shipped rules, from their folder. */
  rules: readonly string[];
};

export const SECRETS_FOLDER = 'secrets';

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `env:NAME` or `file:path`. Undefined for anything else: a secret itself would be seen in the list of processes. */
export function secretReference(text: string): SecretGiven | undefined {
  const [, from, name = ''] = /^(env|file):(.+)$/s.exec(text) ?? [];
  if (from === 'env') return ENV_NAME.test(name) ? { env: name } : undefined;
  return from === 'file' ? { file: name } : undefined;
}

/** A file name for a secret: `SLACK_TOKEN` → `slack-token`. */
const fileNameOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

/** Collects the secrets of one draft; `refer` gives what stands in the config. */
export function secretsOfDraft() {
  const secrets = new Map<string, Secret>();
  return {
    secrets,
    refer(name: string, given: SecretGiven): { env: string } | { file: string } {
      if (!('value' in given)) return given;
      const file = `${SECRETS_FOLDER}/${fileNameOf(name)}`;
      secrets.set(file, given.value);
      return { file };
    },
  };
}

export type MqttAnswers = {
  broker: string;
  username?: string | undefined;
  password?: SecretGiven | undefined;
  homeAssistant: boolean;
};

export function mqttDraft({ broker, username, password, homeAssistant }: MqttAnswers): Draft {
  const { secrets, refer } = secretsOfDraft();
  const login = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: refer('mqtt-password', password) }),
  };
  const settings = { type: 'mqtt', broker, ...login, ...(homeAssistant ? { homeAssistant: {} } : {}) };
  // Home Assistant is told all that the rules of states would tell.
  const rules = ['answered-by-to-mqtt.jsonc', ...(homeAssistant ? [] : ['phone-state-to-mqtt.jsonc'])];
  return { name: 'house', settings, secrets, rules };
}

export type SlackAnswers = { token: SecretGiven; channel: string };

export function slackDraft({ token, channel }: SlackAnswers): Draft {
  const { secrets, refer } = secretsOfDraft();
  const settings = { type: 'slack', token: refer('slack-token', token), channel };
  return { name: 'team', settings, secrets, rules: ['missed-call-to-slack.jsonc', 'fleet-to-slack.jsonc'] };
}

export type EmailAnswers = {
  host: string;
  port?: number | undefined;
  tls?: string | undefined;
  user?: string | undefined;
  password?: SecretGiven | undefined;
  from: string;
  recipients: readonly string[];
};

export function emailDraft({ host, port, tls, user, password, from, recipients }: EmailAnswers): Draft {
  const { secrets, refer } = secretsOfDraft();
  const settings = {
    type: 'email',
    host,
    ...(port === undefined ? {} : { port }),
    ...(tls === undefined ? {} : { tls }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password: refer('smtp-password', password) }),
    from: { name: 'Hookswitch', address: from },
    recipients,
  };
  const rules = ['missed-call-by-email.jsonc', 'not-called-back-by-email.jsonc'];
  return { name: 'office', settings, secrets, rules };
}

/** By hand: an empty answer is none. */
export const secretValue = (text: string): SecretGiven | undefined =>
  text.trim() === '' ? undefined : { value: new Secret(text.trim()) };
