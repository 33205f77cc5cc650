// A desk for recipes: reads one as it is shipped, compiles it with the real engine, plays calls, and sends what follows through the real
// connection to a vendor of the test, as the outbox would: an id once, tried again after a failure, remembering what it is told to.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Delivery, Json, Outcome } from '../../src/core/delivery.ts';
import type { Destination } from '../../src/core/destination.ts';
import { formatPath, type Problem } from '../../src/core/problems.ts';
import { checkWith } from '../../src/core/schema-problems.ts';
import { Secret } from '../../src/core/secret.ts';
import { DESTINATIONS } from '../../src/destinations/index.ts';
import { readDocument } from '../../src/document.ts';
import { type CompiledRules, compileRules, createPhoneBook, createProgram } from '../../src/engine/index.ts';
import { createCourse, readTests, runTests, type TestResult, withoutTests } from '../../src/engine/proof/index.ts';
import { hitEvents, SCENARIOS, scenarioNamed } from '../../src/simulator/index.ts';
import { readVars } from '../../src/virtual-hits.ts';
import { testContext } from '../support/destination-contract.ts';

export const RECIPES = fileURLToPath(new URL('../../rules/recipes/', import.meta.url));

/** What the environment variables and files of the recipes hold. */
export const SECRETS: Readonly<Record<string, string>> = {
  SMTP_PASSWORD: 'smtp-1',
  SLACK_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  HUBSPOT_TOKEN: 'pat-eu1-1',
  'salesforce-token': '00D-session',
  'zoho-authorization': 'Zoho-oauthtoken 1000.abc',
  PIPEDRIVE_TOKEN: 'pipe-1',
  ZENDESK_TOKEN: 'zen-1',
  CRM_TOKEN: 'crm-1',
  CRM_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  N8N_TOKEN: 'n8n-1',
  NODE_RED_PASSWORD: 'red-1',
  HOME_ASSISTANT_WEBHOOK: 'http://192.168.1.10:8123/api/webhook/missed-calls-4711',
  NTFY_TOPIC: 'calls-4711',
  TEAMS_WORKFLOW_URL:
    'https://prod-1.westeurope.logic.example.com/workflows/1/triggers/manual/paths/invoke?api-version=2016-06-01&sig=abc',
  DISCORD_WEBHOOK_URL: 'https://discord.com/api/webhooks/1234/token-4711',
};

export type Recipe = {
  name: string;
  text: string;
  /** The connection that its comment shows: name, destination, and settings as the schema reads them. */
  connection: { name: string; destination: Destination; settings: Record<string, unknown> };
  rules: CompiledRules;
  /** Results of its own tests. */
  proven: TestResult[];
};

/** Reads a recipe. Throws, with every problem, if it or the connection in its comment is not right as it stands. */
export function readRecipe(file: string): Recipe {
  const text = readFileSync(`${RECIPES}${file}`, 'utf8');
  const block = /^\/\/ ```json\n((?:\/\/ .*\n)+)\/\/ ```$/m.exec(text)?.[1]?.replace(/^\/\/ /gm, '');
  const [[name, written] = ['', {}]] = Object.entries(JSON.parse(block ?? '{}') as Record<string, object>);
  const { type, delivery: _, ...own } = written as Record<string, unknown>;
  const destination = DESTINATIONS.find((each) => each.type === type);
  if (destination === undefined) throw new Error(`${file}: no connection in its comment`);
  const settings = right(file, checkWith(destination.settings, resolved(own) as never)).value as Record<
    string,
    unknown
  >;
  const document = readDocument(text, file);
  if (document.problems.length > 0) throw new Error(`${file}: ${JSON.stringify(document.problems)}`);
  const source = { file, value: document.value };
  const context = { destinations: DESTINATIONS, connections: { [name]: { type: destination.type, settings } } };
  const compiled = right(file, compileRules([withoutTests(source)], context));
  const { tests, problems } = readTests([source], {
    connections: [name],
    phones: [],
    sites: ['default'],
    scenarios: SCENARIOS,
    timezone: 'UTC',
  });
  if (problems.length > 0) throw new Error(`${file}: ${JSON.stringify(problems)}`);
  const proven = runTests(tests, {
    rules: compiled.rules,
    phones: [],
    programOf,
    eventsOf: (hits, site, cardOf) => hitEvents(hits, site, readVars, cardOf),
  });
  return {
    name: file.replace(/\.jsonc$/, ''),
    text,
    connection: { name, destination, settings },
    rules: compiled.rules,
    proven,
  };
}

function right<T extends object>(file: string, checked: T): Exclude<T, { problems: unknown }> {
  if (!('problems' in checked)) return checked as Exclude<T, { problems: unknown }>;
  const problems = checked.problems as Problem[];
  throw new Error(problems.map((p) => `${file} ${formatPath(p.path)}: ${p.message}`).join('\n'));
}

/** References replaced by what they stand for; one that nobody knows is an error. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const [[key = '', name] = []] = Object.entries(value);
  if ((key === 'env' || key === 'file') && typeof name === 'string' && Object.keys(value).length === 1) {
    const secret = SECRETS[name];
    if (secret === undefined) throw new Error(`no secret ${name}`);
    return new Secret(secret);
  }
  return Object.fromEntries(Object.entries(value).map(([inner, of]) => [inner, resolved(of)]));
}

const programOf = (rules: CompiledRules) =>
  createProgram({
    rules,
    phones: [],
    connections: new Map(),
    book: createPhoneBook({ sites: [{ id: 'default', country: 'DE' }], contacts: new Map(), phones: [] }),
  });

export type Course = {
  scenario: string;
  phones?: number;
  number?: string | null;
  name?: string;
  /** How long the talk lasts, in seconds, in place of what the scenario says. */
  talkSeconds?: number;
};

const START_MS = Date.parse('2026-11-24T10:00:00Z');

/** What follows of one course of hits, in a state of its own: the same course always gives the same deliveries. */
export function deliveriesOf(
  recipe: Recipe,
  { scenario, phones = 10, number = '+493012345', name, talkSeconds }: Course,
  nth = 0,
): Delivery[] {
  const played = scenarioNamed(scenario);
  if (played === undefined) throw new Error(`no scenario ${scenario}`);
  const ids = Array.from({ length: Math.max(phones, played.phonesMin) }, (_, n) => `phone-${n + 1}`);
  const startMs = START_MS + nth * 3_600_000;
  const hits = played.play({ phones: ids, number, startMs, draw: () => 0.5, ...(name === undefined ? {} : { name }) });
  const answeredMs = hits.find(({ slug }) => slug === 'established')?.atMs ?? 0;
  const endedMs = hits.find(({ slug, atMs }) => slug === 'terminated' && atMs > answeredMs)?.atMs ?? 0;
  const longerMs = talkSeconds === undefined ? 0 : answeredMs + talkSeconds * 1_000 - endedMs;
  const moved = hits.map((hit) => (hit.atMs < endedMs ? hit : { ...hit, atMs: hit.atMs + longerMs }));
  const course = createCourse(programOf(recipe.rules));
  const made: Delivery[] = [];
  for (const event of hitEvents(moved, 'default', readVars)) {
    for (const { stepped } of course.pass(Date.parse(event.at))) made.push(...stepped.deliveries);
    made.push(...course.take(event).deliveries);
  }
  for (const { stepped } of course.pass(startMs + 6 * 3_600_000)) made.push(...stepped.deliveries);
  return made;
}

export type Sent = { id: string; outcomes: Outcome[] };

/** Sends as the outbox does, to the recipe's connection with its url led to `origin`. */
export async function openDesk(recipe: Recipe, origin: string) {
  const { destination, settings, name } = recipe.connection;
  const loopback = { allowHttp: true, ...(destination.type === 'webhook' ? { allowPrivate: ['127.0.0.0/8'] } : {}) };
  const at = (value: unknown): string => {
    const url = new URL(value instanceof Secret ? value.reveal() : String(value));
    return `${origin}${url.pathname}${url.search}`;
  };
  const led = destination.type === 'webhook' ? { url: at(settings.url) } : { server: origin };
  const given = right(name, checkWith(destination.settings, { ...settings, ...loopback, ...led } as never)).value;
  const connection = await destination.open(given, testContext({ name }));
  const seen = new Set<string>();
  const memory = new Map<string, Json>();

  async function attempts(delivery: Delivery): Promise<Sent> {
    const outcomes: Outcome[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      const outcome = await connection.send(structuredClone(delivery.message), {
        id: delivery.id,
        attempt,
        signal: AbortSignal.timeout(10_000),
        kept: (key) => memory.get(key),
      });
      outcomes.push(outcome);
      if (outcome.kind === 'delivered' && outcome.keep) memory.set(outcome.keep.key, outcome.keep.value);
      if (outcome.kind !== 'retry' && outcome.kind !== 'unavailable') break;
    }
    return { id: delivery.id, outcomes };
  }

  return {
    /** The store knows every id once: what it has is not made again. */
    async send(deliveries: readonly Delivery[]): Promise<Sent[]> {
      const sent: Sent[] = [];
      for (const delivery of deliveries) {
        if (seen.has(delivery.id)) continue;
        seen.add(delivery.id);
        const problem = destination.check?.(delivery.message);
        if (problem !== undefined) throw new Error(`${delivery.id}: ${problem}`);
        sent.push(await attempts(delivery));
      }
      return sent;
    },
    /** A person sends it again, whatever came of it. */
    again: attempts,
    close: () => connection.close(),
  };
}
