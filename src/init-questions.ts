// The questions of `init`: one part after the other, each tried out at once, so that a mistake is mended while it is fresh.
import type { CommandIo } from './commands/io.ts';
import { say } from './commands/io.ts';
import { type Draft, emailDraft, mqttDraft, type SecretGiven, secretValue, slackDraft } from './init-draft.ts';
import { listOf, PARTS, type Part } from './init-flags.ts';
import { type Recipe, recipeDraft } from './init-recipes.ts';
import type { Prompt } from './terminal-prompt.ts';

/** The person wants to stop; nothing has been written. */
export class Stopped extends Error {
  override name = 'Stopped';
}

/** What is wrong with a draft, in sentences; empty: it works. */
export type TryOut = (draft: Draft) => Promise<string[]>;

export type Asking = { prompt: Prompt; io: Pick<CommandIo, 'out' | 'err'>; recipes: readonly Recipe[]; tryOut: TryOut };

/** `[standard]` is what an empty answer means. */
export async function ask({ prompt }: Pick<Asking, 'prompt'>, question: string, standard = ''): Promise<string> {
  const answer = await prompt.ask(standard === '' ? `${question}: ` : `${question} [${standard}]: `);
  if (answer === undefined) throw new Stopped();
  return answer === '' ? standard : answer;
}

async function askSecret({ prompt }: Asking, question: string): Promise<SecretGiven | undefined> {
  const answer = (await prompt.askSecret(`${question} (not shown): `))?.trim();
  if (answer === undefined) throw new Stopped();
  return secretValue(answer);
}

const askYes = async (asking: Asking, question: string): Promise<boolean> =>
  /^y(es)?$/i.test(await ask(asking, `${question} y/n`, 'n'));

/** Asks for the parts that no flag has named. Rejects with Stopped. */
export async function askParts(
  given: Partial<Record<Part, Draft>>,
  asking: Asking,
): Promise<Partial<Record<Part, Draft>>> {
  const drafts = { ...given };
  for (const part of PARTS) {
    if (given[part] !== undefined) continue;
    const draft = await askPart(part, asking);
    if (draft !== undefined) drafts[part] = draft;
  }
  return drafts;
}

async function askPart(part: Part, asking: Asking): Promise<Draft | undefined> {
  for (;;) {
    const draft = await QUESTIONS[part](asking);
    if (draft === undefined) return undefined;
    const wrong = await asking.tryOut(draft);
    if (wrong.length === 0) return draft;
    for (const sentence of wrong) say(asking.io.err, `  ${sentence}`);
    const answer = await ask(asking, 'a: ask again, k: keep it as it is, l: leave it out', 'a');
    if (/^k/i.test(answer)) return draft;
    if (/^l/i.test(answer)) return undefined;
  }
}

type Questions = (asking: Asking) => Promise<Draft | undefined>;

const askMqtt: Questions = async (asking) => {
  const broker = await ask(
    asking,
    'MQTT broker (mqtt://host, mqtts://host, "embedded" for one inside Hookswitch; empty: no MQTT)',
  );
  if (broker === '') return undefined;
  const username = broker === 'embedded' ? '' : await ask(asking, '  User name (empty: none)');
  const password = username === '' ? undefined : await askSecret(asking, '  Password');
  const homeAssistant = await askYes(asking, '  Show every phone as a device in Home Assistant?');
  return mqttDraft({ broker, username: username === '' ? undefined : username, password, homeAssistant });
};

const askSlack: Questions = async (asking) => {
  const token = await askSecret(asking, 'Slack bot token, xoxb-… (empty: no Slack)');
  if (token === undefined) return undefined;
  return slackDraft({ token, channel: await ask(asking, '  Channel', '#phones') });
};

const askEmail: Questions = async (asking) => {
  const host = await ask(asking, 'Mail server for email, such as smtp.example.net (empty: no email)');
  if (host === '') return undefined;
  const tls = await ask(asking, '  Encryption: starttls, implicit or none', 'starttls');
  const user = await ask(asking, '  User name (empty: no login)');
  const password = user === '' ? undefined : await askSecret(asking, '  Password');
  const from = await ask(asking, '  Sender address', user.includes('@') ? user : '');
  const recipients = listOf(await ask(asking, '  Recipients, with commas between them'));
  return emailDraft({
    host,
    tls: tls === 'starttls' ? undefined : tls,
    user: user === '' ? undefined : user,
    password,
    from,
    recipients,
  });
};

const askCrm: Questions = async (asking) => {
  const names = asking.recipes.map(({ name }) => name);
  const answer = await ask(asking, `CRM or another service (${names.join(', ')}; empty: none)`);
  if (answer === '') return undefined;
  const recipe = asking.recipes.find(({ name }) => name === answer);
  if (recipe === undefined) {
    say(asking.io.err, `  there is no recipe ${JSON.stringify(answer)}`);
    return askCrm(asking);
  }
  const url = recipe.needsUrl ? await ask(asking, '  Its address', String(recipe.settings.url)) : undefined;
  const secrets: Record<string, SecretGiven> = {};
  for (const name of recipe.secrets) {
    const given = await askSecret(asking, `  ${name}`);
    if (given !== undefined) secrets[name] = given;
  }
  return recipeDraft(recipe, { url, secrets });
};

const QUESTIONS: Record<Part, Questions> = { mqtt: askMqtt, slack: askSlack, email: askEmail, crm: askCrm };
