// Connections, sites, outbox and store together: what is remembered of a connection is stored with the deliveries, survives the
// process, and is given up when the connection's settings change.
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { Config } from '../src/config.ts';
import { createConnections } from '../src/connections.ts';
import type { Delivery, Outcome } from '../src/core/delivery.ts';
import { defineDestination, type SendMeta } from '../src/core/destination.ts';
import type { Ports } from '../src/core/ports.ts';
import { Secret } from '../src/core/secret.ts';
import { createProgram } from '../src/engine/index.ts';
import { createOutbox } from '../src/outbox/index.ts';
import { createArrivals } from '../src/receiver/index.ts';
import { createSites } from '../src/sites.ts';
import { openInlineStore, openMemoryDatabase } from '../src/store/index.ts';
import { sampleDelivery, sampleEvent, sampleUnit } from './support/store-samples.ts';
import { createVirtualTime, START_WALL_MS } from './support/virtual-clock.ts';

const GONE: Outcome = { kind: 'gone', error: 'gone for good', code: '410' };
const program = createProgram({ rules: [], phones: [], connections: new Map() });

const configWith = (password: string, url = 'http://one'): Config =>
  ({
    connections: new Map([
      ['hook', { type: 'place', dryRun: false, settings: { url, password: new Secret(password) }, delivery: {} }],
    ]),
  }) as unknown as Config;

/** One disk and the processes that follow each other on it. `answer` is the peer. */
function world() {
  const database = openMemoryDatabase();
  onTestFinished(() => database.close());
  const time = createVirtualTime();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const ports: Ports = { clock: time.clock, random: time.random, count: () => {}, log };
  const peer = { answer: (_meta: SendMeta): Outcome => GONE, sent: [] as string[] };
  const place = defineDestination({
    type: 'place',
    summary: 'A place.',
    settings: z.strictObject({}),
    message: z.strictObject({}),
    templates: {},
    trial: () => ({}),
    concurrency: 1,
    timeoutMs: 1_000,
    example: { settings: {}, message: {} },
    open: async () => ({
      async send(_message, meta) {
        peer.sent.push(meta.id);
        return peer.answer(meta);
      },
      close: async () => {},
    }),
  });
  let made = 0;
  const boot = async (config: Config, siteNames = ['default']) => {
    const store = openInlineStore({ database });
    const outbox = createOutbox({ ports, settle: (settlements, changes) => sites.settle(settlements, changes) });
    const sites = createSites({
      ports,
      store,
      arrivals: createArrivals(new Map()),
      add: outbox.add,
      restore: outbox.restore,
      onFatal: (error) => {
        throw error;
      },
      stepped: () => undefined,
    });
    const connections = createConnections(outbox, [place], ports);
    for (const site of siteNames) sites.open(site, program);
    await sites.start();
    const applied = connections.apply(config);
    await time.advance(10);
    await applied;
    const deliver = async (): Promise<Delivery> => {
      const madeAtMs = START_WALL_MS + made;
      const ages = { madeAtMs, dueAtMs: madeAtMs, expiresAtMs: madeAtMs + 3_600_000 };
      const delivery = sampleDelivery(sampleEvent(made++), 0, { to: 'hook', type: 'place', order: 'hook|1', ...ages });
      await store.commit(sampleUnit({ deliveries: [delivery] }));
      outbox.add([delivery]);
      await time.advance(100);
      return delivery;
    };
    const rows = () =>
      database
        .prepare('SELECT site, kind, key, value FROM state')
        .all()
        .filter(({ kind }) => kind === 'kept' || kind === 'disabled');
    const stateOf = async ({ id }: Delivery) => (await store.deliveries({ ids: [id], limit: 1 }))[0];
    const connectionOf = () => outbox.stats().get('hook')?.connection;
    return { store, outbox, sites, connections, deliver, rows, stateOf, connectionOf };
  };
  return { time, peer, boot };
}

test('gone for good: over a restart with the same settings nothing is sent; the secret stands nowhere', async () => {
  const { peer, boot } = world();
  const first = await boot(configWith('hush-hush'));
  await first.deliver();
  expect(first.connectionOf()).toBe('disabled');
  expect(first.rows()).toMatchObject([{ kind: 'disabled', key: 'hook' }]);
  expect(JSON.stringify(first.rows())).not.toContain('hush-hush');
  const next = await boot(configWith('hush-hush'));
  const late = await next.deliver();
  expect(peer.sent).toHaveLength(1);
  expect(next.connectionOf()).toBe('disabled');
  expect(await next.stateOf(late)).toMatchObject({
    state: 'dead',
    attempts: 0,
    lastError: expect.stringContaining('hook'),
  });
});

test.each([
  ['another url', configWith('hush-hush', 'http://two')],
  ['another secret', configWith('psst')],
])('gone for good: %s is tried, at a restart and at a reload', async (_what, changed) => {
  for (const how of ['restart', 'reload'] as const) {
    const { time, peer, boot } = world();
    const first = await boot(configWith('hush-hush'));
    await first.deliver();
    peer.answer = () => ({ kind: 'delivered' });
    let now = first;
    if (how === 'restart') now = await boot(changed);
    else {
      const applied = first.connections.apply(changed);
      await time.advance(10);
      await applied;
    }
    expect(await now.stateOf(await now.deliver())).toMatchObject({ state: 'delivered' });
    expect(now.connectionOf()).toBe('open');
    expect(now.rows()).toEqual([]);
  }
});

test('gone for good: what a person sends again goes out, also when that was said while no daemon ran', async () => {
  for (const live of [true, false]) {
    const { time, peer, boot } = world();
    const first = await boot(configWith('a'));
    const dead = await first.deliver();
    peer.answer = () => ({ kind: 'delivered' });
    const again = await first.store.replay([dead.id], time.clock.wallMs());
    if (live) first.outbox.retry(again);
    const now = live ? first : await boot(configWith('a'));
    await time.advance(100);
    expect(await now.stateOf(dead)).toMatchObject({ state: 'delivered' });
    expect(now.rows()).toEqual([]);
    expect(now.connectionOf()).toBe('open');
  }
});

test('what a destination keeps is there after a restart, also where the order of the sites changed meanwhile', async () => {
  const { peer, boot } = world();
  const untilMs = START_WALL_MS + 86_400_000;
  peer.answer = ({ id }) => ({ kind: 'delivered', keep: { key: 'thread', value: { ts: id }, untilMs } });
  const first = await boot(configWith('a'), ['north', 'south']);
  const one = await first.deliver();
  expect(first.rows()).toMatchObject([{ site: 'north', kind: 'kept', key: 'hook\nthread' }]);
  const seen: unknown[] = [];
  peer.answer = ({ kept }) => {
    seen.push(kept?.('thread'));
    return { kind: 'delivered' };
  };
  const next = await boot(configWith('a'), ['south', 'north']);
  await next.deliver();
  expect(seen).toEqual([{ ts: one.id }]);
  expect(next.rows()).toMatchObject([{ site: 'south', kind: 'kept', key: 'hook\nthread' }]);
  peer.answer = () => ({ kind: 'delivered', keep: { key: 'thread', value: null, untilMs } });
  await next.deliver();
  expect(next.rows()).toEqual([]);
});
