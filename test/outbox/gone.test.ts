// A peer that says it is gone for good: what waits dies at once, also after a restart, until somebody changes that.
import { expect, test } from 'vitest';
import type { Outcome } from '../../src/core/delivery.ts';
import type { StateChange } from '../../src/core/store.ts';
import { type Bench, createBench } from './fixture.ts';

const GONE: Outcome = { kind: 'gone', error: 'the endpoint says that it is gone for good (410)', code: '410' };
const ERROR =
  'the endpoint of connection hook is gone for good; change its url, or `hookswitch retry --to hook` once it is back';

/** A bench on which `hook` is gone; what stood behind is dead. */
async function afterGone(): Promise<Bench> {
  const bench = createBench();
  await bench.place('hook', ({ id }) => (id === 'slow' ? 'hang' : GONE));
  bench.outbox.add([bench.delivery('slow', 'hook', { order: 'hook|0' })]);
  for (const lane of [1, 2, 3])
    for (const n of [1, 2]) bench.outbox.add([bench.delivery(`${lane}:${n}`, 'hook', { order: `hook|${lane}` })]);
  await bench.time.advance(1_000);
  return bench;
}

/** The same rows, as a process finds them that starts now. */
const restarted = (bench: Bench): Bench => {
  const next = createBench({ seed: 2 });
  for (const [name, value] of bench.rows) {
    const [kind = '', key = ''] = name.split(' ');
    if (value !== null) next.outbox.restore({ kind, key, value });
  }
  return next;
};

test('what waits dies at once with a reason, the one that was told keeps its answer; told and counted once', async () => {
  const bench = await afterGone();
  const told = bench.settlements.filter(({ attempt }) => attempt !== undefined);
  expect(told.length).toBeGreaterThan(0);
  for (const settlement of told) expect(settlement).toMatchObject({ state: 'dead', code: '410', attempts: 1 });
  const rest = bench.settlements.filter(({ attempt }) => attempt === undefined);
  for (const settlement of rest) expect(settlement).toMatchObject({ state: 'dead', error: ERROR, attempts: 0 });
  expect(told.length + rest.length).toBe(6);
  expect(bench.logs.filter(({ event }) => event === 'connection_gone')).toHaveLength(1);
  expect(bench.counts.get('outbox_connections_gone hook')).toBe(1);
  expect(bench.outbox.stats().get('hook')).toMatchObject({ connection: 'disabled', dead: 6, waiting: 0, inFlight: 1 });
  bench.outbox.add([bench.delivery('new', 'hook')]);
  // What was under way when it was told is not tried again either.
  await bench.time.advance(30_000);
  expect(bench.last('new')).toMatchObject({ state: 'dead', error: ERROR });
  expect(bench.last('slow')).toMatchObject({ state: 'dead', error: ERROR, attempts: 1 });
});

test('another connection is no concern of it', async () => {
  const bench = await afterGone();
  const other = await bench.place('other');
  bench.outbox.add([bench.delivery('x', 'other')]);
  await bench.time.advance(100);
  expect(other.taken).toEqual(['x']);
});

test('survives a restart with the same settings: nothing is sent, what waited meanwhile dies', async () => {
  const next = restarted(await afterGone());
  next.outbox.add([next.delivery('left', 'hook')]);
  await next.time.advance(1_000);
  // Not known yet which settings it will have.
  expect(next.settlements).toEqual([]);
  const place = await next.place('hook');
  next.outbox.add([next.delivery('new', 'hook')]);
  await next.time.advance(60_000);
  expect(place.sent).toEqual([]);
  expect([next.last('left')?.error, next.last('new')?.error]).toEqual([ERROR, ERROR]);
  expect(next.outbox.stats().get('hook')?.connection).toBe('disabled');
});

test.each(['at a reload', 'at a restart'])('ends with other settings, %s: what waits is sent', async (when) => {
  const before = await afterGone();
  const bench = when === 'at a reload' ? before : restarted(before);
  const connected = bench.place('hook', undefined, {}, 'another url');
  bench.outbox.add([bench.delivery('left', 'hook')]);
  await bench.time.advance(20_000);
  const place = await connected;
  await bench.time.advance(100);
  expect(place.taken).toContain('left');
  expect(bench.rows.get('disabled hook')).toBeNull();
  expect(bench.outbox.stats().get('hook')?.connection).toBe('open');
});

test('the same settings again, by a reload, change nothing', async () => {
  const bench = await afterGone();
  await bench.time.advance(20_000);
  const place = await bench.place('hook');
  bench.outbox.add([bench.delivery('new', 'hook')]);
  await bench.time.advance(1_000);
  expect(place.sent).toEqual([]);
});

test('ends when somebody sends one of its deliveries again; gone once more, it is told once more', async () => {
  const bench = await afterGone();
  await bench.time.advance(20_000);
  const place = await bench.place('hook');
  bench.outbox.retry([bench.delivery('1:1', 'hook')]);
  bench.outbox.add([bench.delivery('new', 'hook', { order: 'hook|1' })]);
  await bench.time.advance(100);
  expect(place.taken.toSorted()).toEqual(['1:1', 'new']);
  expect(bench.rows.get('disabled hook')).toBeNull();
  place.answer = () => GONE;
  bench.outbox.add([bench.delivery('newer', 'hook')]);
  await bench.time.advance(100);
  expect(bench.rows.get('disabled hook')).toMatchObject({ sinceMs: expect.any(Number) });
  expect(bench.counts.get('outbox_connections_gone hook')).toBe(2);
});

test('while other settings are on their way, what waits is not given up for what the old ones heard', async () => {
  const bench = createBench();
  const old = await bench.place('hook', () => GONE);
  old.tookMs = 1_000;
  bench.outbox.add([bench.delivery('one', 'hook'), bench.delivery('two', 'hook')]);
  await bench.time.advance(10);
  const connected = bench.place('hook', undefined, {}, 'another url');
  await bench.time.advance(5_000);
  expect((await connected).taken).toEqual(['two']);
});

test('a row that is damaged, or none of ours, is passed over', async () => {
  const bench = createBench();
  const rows: StateChange[] = [
    { kind: 'disabled', key: 'hook', value: 7 },
    { kind: 'disabled', key: 'hook', value: { fingerprint: 'as it is' } },
    { kind: 'kept', key: 'no line feed', value: { value: 1, untilMs: 1 } },
    { kind: 'phone', key: 'x', value: { fingerprint: 'as it is', sinceMs: 1 } },
  ];
  for (const row of rows) bench.outbox.restore(row);
  const place = await bench.place('hook');
  bench.outbox.add([bench.delivery('d', 'hook')]);
  await bench.time.advance(100);
  expect(place.taken).toEqual(['d']);
});
