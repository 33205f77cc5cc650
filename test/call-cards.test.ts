// Cards in Slack, whole: phones' hits in any order through engine, store, outbox and the real connection to a server that speaks
// Slack: one message a call for its whole life, and no more calls of the API than the call had states.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { Config } from '../src/config.ts';
import { createConnections } from '../src/connections.ts';
import type { PhoneEvent } from '../src/core/events.ts';
import type { PhoneCard } from '../src/core/phone-card.ts';
import type { Ports } from '../src/core/ports.ts';
import { Secret } from '../src/core/secret.ts';
import { DESTINATIONS } from '../src/destinations/index.ts';
import { readDocument } from '../src/document.ts';
import { compileRules, createPhoneBook, createProgram } from '../src/engine/index.ts';
import { createOutbox } from '../src/outbox/index.ts';
import { createArrivals } from '../src/receiver/index.ts';
import { hitEvents, scenarioNamed } from '../src/simulator/index.ts';
import { createSites } from '../src/sites.ts';
import { openInlineStore, openMemoryDatabase } from '../src/store/index.ts';
import { readVars } from '../src/virtual-hits.ts';
import { startSlackServer } from './support/slack-server.ts';
import { createDraw, createVirtualTime, START_WALL_MS } from './support/virtual-clock.ts';

const TOKEN = 'xoxb-cards';
const RECIPE = fileURLToPath(new URL('../rules/recipes/slack-call-cards.jsonc', import.meta.url));
const SCENARIOS = [
  'ring-group-answered',
  'ring-group-missed',
  'called-back',
  'call-missed',
  'second-try',
  'call-waiting',
];
const CALLS = 60;
const JITTER_MS = 2_500;
const PHONES = 10;

const phones: PhoneCard[] = Array.from({ length: PHONES }, (_, n) => ({
  id: `desk-${n}`,
  site: 'default',
  name: `Desk ${n}`,
  groups: [],
}));

/** Hits of many calls, one after the other with some overlap, and within each call out of order. */
function courses(draw: () => number): PhoneEvent[] {
  const hits = Array.from({ length: CALLS }, (_, n) => {
    const scenario = scenarioNamed(SCENARIOS[n % SCENARIOS.length] as string);
    if (scenario === undefined) throw new Error('no such scenario');
    const ids = phones.map(({ id }) => id).slice(0, Math.max(scenario.phonesMin, 1 + Math.floor(draw() * PHONES)));
    const number = `+4930${1_000_000 + n}`;
    return scenario.play({ phones: ids, number, startMs: START_WALL_MS + 5_000 + n * 40_000, draw });
  }).flat();
  const shaken = hits.map((hit) => ({ ...hit, atMs: hit.atMs + draw() * JITTER_MS }));
  return hitEvents(shaken, 'default', readVars, (id) => phones.find((phone) => phone.id === id));
}

async function world() {
  const slack = await startSlackServer(TOKEN);
  const time = createVirtualTime();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const ports: Ports = { clock: time.clock, random: time.random, count: () => {}, log };
  const settings = { token: new Secret(TOKEN), channel: '#calls', apiUrl: slack.apiUrl, timezone: 'UTC' };
  const document = readDocument(readFileSync(RECIPE, 'utf8'), 'cards.jsonc');
  const compiled = compileRules([{ file: 'cards.jsonc', value: document.value }], {
    destinations: DESTINATIONS,
    connections: { team: { type: 'slack', settings } },
  });
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  const connections = new Map([['team', {}]]);
  const book = createPhoneBook({ sites: [{ id: 'default', country: 'DE' }], contacts: new Map(), phones });
  const program = createProgram({ rules: compiled.rules, phones, connections, book });
  const store = openInlineStore({ database: openMemoryDatabase() });
  const outbox = createOutbox({ ports, settle: (settlements, changes) => sites.settle(settlements, changes) });
  const sites = createSites({
    ports,
    store,
    arrivals: createArrivals(new Map()),
    add: outbox.add,
    restore: outbox.restore,
    stepped: () => undefined,
    onFatal(error) {
      throw error;
    },
  });
  sites.open('default', program);
  await sites.start();
  const opened = createConnections(outbox, DESTINATIONS, ports);
  const config = { connections: new Map([['team', { type: 'slack', dryRun: false, settings, delivery: {} }]]) };
  await opened.apply(config as unknown as Config);
  onTestFinished(async () => {
    await outbox.close();
    await opened.close();
    await store.close();
  });
  /** Time passes step by step; between two steps everything that is on its way to Slack arrives. */
  const pass = async (untilMs: number): Promise<void> => {
    while (time.clock.wallMs() < untilMs) {
      await time.advance(Math.min(500, untilMs - time.clock.wallMs()));
      while ((outbox.stats().get('team')?.inFlight ?? 0) > 0) await new Promise((resolve) => setImmediate(resolve));
      await time.advance(0);
    }
  };
  return { slack, sites, store, pass };
}

test.each([1, 2, 3])(
  'one message a call, and at most one call of the API a state, in any order of hits (seed %i)',
  async (seed) => {
    const { slack, sites, store, pass } = await world();
    for (const event of courses(createDraw(seed))) {
      await pass(Date.parse(event.at));
      await sites.accept([{ event, raw: new Uint8Array() }]);
    }
    const lastMs = START_WALL_MS + (CALLS + 5) * 40_000;
    await pass(lastMs + 120_000);
    await sites.idle();
    const events = (await store.events({ limit: 100_000 })).map(({ event }) => event);
    const states = events.flatMap((event) => (event.type.startsWith('call.') && 'call' in event ? [event] : []));
    const incoming = states.filter((event) => 'direction' in event.call && event.call.direction === 'in');
    const keys = new Set(incoming.map((event) => ('key' in event.call ? event.call.key : '')));
    expect(keys.size).toBeGreaterThan(CALLS / 2);
    const cards = slack.posted.filter(({ thread_ts }) => thread_ts === undefined);
    expect(cards).toHaveLength(keys.size);
    const cardCalls = slack.calls.filter(
      ({ method, args }) => method === 'chat.update' || (method === 'chat.postMessage' && args.thread_ts === undefined),
    );
    expect(cardCalls.length).toBeLessThanOrEqual(incoming.length);
    expect(slack.calls.filter(({ method }) => method.startsWith('conversations.'))).toEqual([]);
  },
);
