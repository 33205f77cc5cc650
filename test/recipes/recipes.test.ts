// Recipes: each as it is shipped, with its own tests, against its vendor played strictly by the vendor's documents. One call is one record,
// whatever phones, callers, failures and replays do.
import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { type Course, deliveriesOf, openDesk, RECIPES, type Recipe, readRecipe } from './recipe-desk.ts';
import { VENDORS, type Vendor } from './vendors.ts';

/** Recipes of our own destinations: there is no vendor's record to double, and their destinations' tests say how they arrive. */
const OWN = ['missed-calls-digest-by-email.jsonc', 'slack-call-cards.jsonc'];
const ALL = readdirSync(RECIPES).sort();
const FILES = ALL.filter((file) => !OWN.includes(file));
const NAMES = FILES.map((file) => file.replace(/\.jsonc$/, ''));

/** How a request is treated: taken; refused with 503 unseen; taken, and the answer lost. */
type Mood = 'take' | 'busy' | 'lose';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function start(vendor: Vendor, moods: Mood[]): Promise<{ origin: string; refusals: unknown[]; ids: string[] }> {
  const refusals: unknown[] = [];
  const ids: string[] = [];
  const server: Server = createServer(async (request, response) => {
    const text = await readAll(request);
    const url = new URL(request.url ?? '/', 'http://vendor.example');
    const mood = moods.shift() ?? 'take';
    ids.push(String(request.headers['webhook-id']));
    if (mood === 'busy') return void response.writeHead(503).end();
    const { status, body } = vendor.answer({
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers as Record<string, string>,
      body: JSON.parse(text),
    });
    if (status >= 400) refusals.push([status, body, text]);
    if (mood === 'lose') return void request.socket.destroy();
    response.writeHead(status).end(body === undefined ? '' : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => void server.close(() => resolve())));
  return { origin: `http://127.0.0.1:${(server.address() as { port: number }).port}`, refusals, ids };
}

async function desk(recipe: Recipe, moods: Mood[] = []) {
  const vendor = VENDORS[recipe.name]?.();
  if (vendor === undefined) throw new Error(`no vendor for ${recipe.name}`);
  const { origin, refusals, ids } = await start(vendor, moods);
  const open = await openDesk(recipe, origin);
  cleanups.push(() => open.close());
  return { vendor, refusals, ids, ...open };
}

/** Whether a recipe is about missed calls alone. */
const onlyMissed = (recipe: Recipe): boolean => recipe.rules.every(({ on }) => on.join() === 'call.missed');

describe('every recipe', () => {
  it('has a vendor here, and every vendor a recipe', () => {
    expect(ALL.every((file) => file.endsWith('.jsonc'))).toBe(true);
    expect(NAMES).toEqual(Object.keys(VENDORS).sort());
    expect(NAMES.length).toBe(12);
  });

  it.each(OWN)('%s has its connection in its comment and passes its own tests', (file) => {
    const { proven } = readRecipe(file);
    expect(proven.length).toBeGreaterThanOrEqual(2);
    expect(proven.flatMap(({ name, failures }) => failures.map((failure) => `${name}: ${failure.text}`))).toEqual([]);
  });

  it.each(FILES)(
    '%s says what it does, its connection, its scopes and where its format is from, and passes its own tests',
    (file) => {
      const { text, proven } = readRecipe(file);
      for (const line of [
        /^\/\/ \S.*:/,
        /^\/\/ How one call stays one /m,
        /^\/\/ (?:Scopes|Token|A server of your own): ?/m,
        /^\/\/ Format: /m,
      ])
        expect(text).toMatch(line);
      expect(proven.length).toBeGreaterThanOrEqual(2);
      expect(proven.flatMap(({ name, failures }) => failures.map((failure) => `${name}: ${failure.text}`))).toEqual([]);
    },
  );
});

describe.each(NAMES)('%s', (name) => {
  const recipe = readRecipe(`${name}.jsonc`);
  const missed: Course = { scenario: 'ring-group-missed' };
  const answered: Course = { scenario: 'ring-group-answered' };

  it('makes one record of a missed call of ten phones, and one (or none) of an answered one', async () => {
    const { vendor, refusals, send } = await desk(recipe);
    const sent = await send([...deliveriesOf(recipe, missed), ...deliveriesOf(recipe, answered, 1)]);
    expect(refusals).toEqual([]);
    expect(sent.map(({ outcomes }) => outcomes.map(({ kind }) => kind).join())).toEqual(sent.map(() => 'delivered'));
    expect(vendor.records.size).toBe(onlyMissed(recipe) ? 1 : 2);
  });

  it('takes outgoing, rejected, forwarded, transferred, withheld and long calls as the vendor wants them', async () => {
    const { vendor, refusals, send } = await desk(recipe);
    const courses: Course[] = [
      { scenario: 'call-out' },
      { scenario: 'call-out-unanswered' },
      { scenario: 'call-rejected' },
      { scenario: 'forwarded' },
      { scenario: 'blind-transfer' },
      { scenario: 'out-of-order' },
      { scenario: 'ring-group-missed', number: null },
      { scenario: 'second-try' },
      { scenario: 'called-back' },
    ];
    const made = courses.flatMap((course, n) => deliveriesOf(recipe, course, n + 10));
    await send(made);
    expect(refusals).toEqual([]);
    expect(made.length).toBeGreaterThan(0);
    expect(vendor.records.size).toBeGreaterThan(0);
    expect(vendor.records.size).toBeLessThanOrEqual(made.length);
  });

  it('lets no name of a caller break or change a request', async () => {
    const { vendor, refusals, send } = await desk(recipe);
    for (const [n, caller] of HOSTILE_STRINGS.entries())
      await send(deliveriesOf(recipe, { scenario: 'call-missed', phones: 1, name: caller }, n + 100));
    expect(refusals).toEqual([]);
    expect(vendor.records.size).toBe(HOSTILE_STRINGS.length);
  });

  it('makes one record whatever is tried again, replayed, or sent again by a person', async () => {
    const moods: Mood[] = VENDORS[name]?.().dropsRepeats === true ? ['busy', 'lose', 'take'] : ['busy', 'busy', 'take'];
    const { vendor, refusals, ids, send, again } = await desk(recipe, moods);
    const deliveries = deliveriesOf(recipe, missed);
    const [first] = await send(deliveries);
    expect(first?.outcomes.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'delivered']);
    if (recipe.connection.destination.type === 'webhook') expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(vendor.records.size).toBe(1);
    // A replay makes the same deliveries, ids and all: the store has them already.
    const replayed = deliveriesOf(recipe, missed);
    expect(replayed.map(({ id, message }) => [id, message])).toEqual(
      deliveries.map(({ id, message }) => [id, message]),
    );
    expect(await send(replayed)).toEqual([]);
    // A person may send one again all the same; only a message of ntfy has nothing that would stop it.
    for (const delivery of deliveries) await again(delivery);
    expect(vendor.records.size).toBe(recipe.connection.destination.type === 'webhook' ? 1 : 2);
    expect(refusals).toEqual([]);
  });

  it("is refused where one field, header or path is not the vendor's", async () => {
    const vendor = VENDORS[name]?.();
    const { origin, refusals } = await start(vendor as Vendor, []);
    const other = await openDesk(recipe, `${origin}`);
    cleanups.push(() => other.close());
    const [delivery] = deliveriesOf(recipe, missed);
    const { body, ...rest } = (delivery?.message ?? {}) as Record<string, never>;
    const spoilt = {
      ...rest,
      ...(body === undefined ? { tags: 'none' } : { body: { ...(body as object), extra: 1 } }),
    };
    const { outcomes } = await other.again({ ...(delivery as never as { id: string }), message: spoilt } as never);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['dead']);
    expect(refusals.length).toBe(1);
  });
});

describe('the length of a call', () => {
  const recipe = readRecipe('zoho-crm.jsonc');
  it.each([
    [1, '00:01'],
    [59, '00:01'],
    [60, '00:01'],
    [61, '00:02'],
    [1_800, '00:30'],
    [3_540, '00:59'],
    [3_599, '01:00'],
    [3_600, '01:00'],
    [3_661, '01:02'],
    [7_199, '02:00'],
  ])('of %d seconds is %s in Zoho CRM', (talkSeconds, duration) => {
    const [delivery] = deliveriesOf(recipe, { scenario: 'call-answered', phones: 1, talkSeconds });
    expect(JSON.stringify(delivery?.message)).toContain(`"Call_Duration":"${duration}"`);
  });
});
