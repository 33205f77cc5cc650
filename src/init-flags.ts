// The flags of `init`: what they say becomes drafts, what is wrong with them sentences, all at once.
import { didYouMean } from './core/problems.ts';
import { type Draft, emailDraft, mqttDraft, type SecretGiven, secretReference, slackDraft } from './init-draft.ts';
import { type Recipe, recipeDraft } from './init-recipes.ts';

export type Flags = {
  mqtt?: string;
  mqttUser?: string;
  mqttPassword?: string;
  homeAssistant?: boolean;
  slackToken?: string;
  slackChannel?: string;
  smtpHost?: string;
  smtpPort?: string;
  smtpTls?: string;
  smtpUser?: string;
  smtpPassword?: string;
  smtpFrom?: string;
  smtpTo?: string;
  crm?: string;
  crmUrl?: string;
  crmSecret?: string[];
};

/** The four parts of a setup, in the order in which they are asked. */
export const PARTS = ['mqtt', 'slack', 'email', 'crm'] as const;
export type Part = (typeof PARTS)[number];

/** `drafts`: of the parts that flags name. */
export type FromFlags = { drafts: Partial<Record<Part, Draft>>; problems: string[] };

export function draftsOf(flags: Flags, recipes: readonly Recipe[]): FromFlags {
  const problems: string[] = [];
  const secret = (flag: string, text: string | undefined): SecretGiven | undefined => {
    if (text === undefined) return undefined;
    const reference = secretReference(text);
    if (reference === undefined)
      problems.push(
        `${flag}: takes no secret, which everybody could see in the list of processes; write env:NAME or file:PATH, or leave it out to be asked`,
      );
    return reference;
  };
  const missing = (flag: string, beside: string): void => void problems.push(`${flag}: is missing beside ${beside}`);
  const drafts: Partial<Record<Part, Draft>> = {};

  const mqtt = secret('--mqtt-password', flags.mqttPassword);
  if (flags.mqtt !== undefined)
    drafts.mqtt = mqttDraft({
      broker: flags.mqtt,
      username: flags.mqttUser,
      password: mqtt,
      homeAssistant: flags.homeAssistant === true,
    });
  else if (flags.mqttUser !== undefined || flags.mqttPassword !== undefined || flags.homeAssistant === true)
    missing('--mqtt', 'the other flags of MQTT');

  const token = secret('--slack-token', flags.slackToken);
  if (flags.slackToken !== undefined || flags.slackChannel !== undefined) {
    if (flags.slackToken === undefined) missing('--slack-token', '--slack-channel');
    if (flags.slackChannel === undefined) missing('--slack-channel', '--slack-token');
    if (token !== undefined && flags.slackChannel !== undefined)
      drafts.slack = slackDraft({ token, channel: flags.slackChannel });
  }

  const email = emailOf(flags, secret('--smtp-password', flags.smtpPassword), problems, missing);
  if (email !== undefined) drafts.email = email;
  const crm = crmOf(flags, recipes, secret, problems);
  if (crm !== undefined) drafts.crm = crm;
  return { drafts, problems };
}

function emailOf(
  flags: Flags,
  password: SecretGiven | undefined,
  problems: string[],
  missing: (flag: string, beside: string) => void,
): Draft | undefined {
  const { smtpHost: host, smtpPort, smtpTls: tls, smtpUser: user, smtpFrom: from, smtpTo: to } = flags;
  if ([host, smtpPort, tls, user, flags.smtpPassword, from, to].every((flag) => flag === undefined)) return undefined;
  if (host === undefined) missing('--smtp-host', 'the other flags of email');
  if (from === undefined) missing('--smtp-from', '--smtp-host');
  if (to === undefined) missing('--smtp-to', '--smtp-host');
  const port = smtpPort === undefined ? undefined : Number(smtpPort);
  if (port !== undefined && !Number.isInteger(port)) problems.push('--smtp-port: must be a number such as 587');
  if (host === undefined || from === undefined || to === undefined) return undefined;
  return emailDraft({ host, port, tls, user, password, from, recipients: listOf(to) });
}

function crmOf(
  { crm, crmUrl: url, crmSecret = [] }: Flags,
  recipes: readonly Recipe[],
  secret: (flag: string, text: string) => SecretGiven | undefined,
  problems: string[],
): Draft | undefined {
  if (crm === undefined) {
    if (url !== undefined || crmSecret.length > 0) problems.push('--crm: is missing beside --crm-url and --crm-secret');
    return undefined;
  }
  const recipe = recipes.find(({ name }) => name === crm);
  const names = recipes.map(({ name }) => name);
  if (recipe === undefined) {
    problems.push(`--crm: there is no recipe ${JSON.stringify(crm)}; ${didYouMean(crm, names) ?? names.join(', ')}`);
    return undefined;
  }
  if (recipe.needsUrl && url === undefined)
    problems.push(`--crm-url: is missing; the address that ${crm} has at yours`);
  const secrets: Record<string, SecretGiven> = {};
  for (const text of crmSecret) {
    const [, name = '', where = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    const given = secret(`--crm-secret ${name}`, where);
    if (!recipe.secrets.includes(name))
      problems.push(`--crm-secret: ${crm} has no secret ${JSON.stringify(name)}; it has ${recipe.secrets.join(', ')}`);
    else if (given !== undefined) secrets[name] = given;
  }
  return recipeDraft(recipe, { url, secrets });
}

/** `a@example.net, b@example.net` → both. */
export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
