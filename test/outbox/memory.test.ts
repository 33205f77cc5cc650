// What destinations remember: there for the very next message, stored with its delivery, over restarts, for a time, in bounds.
import { expect, test } from 'vitest';
import type { Json, Settlement } from '../../src/core/delivery.ts';
import type { StateChange } from '../../src/core/store.ts';
import { type Bench, createBench } from './fixture.ts';

const DAY_MS = 86_400_000;

const keeping = (bench: Bench, key: string, value: Json, ms = DAY_MS) => ({
  kind: 'delivered' as const,
  keep: { key, value, untilMs: bench.time.clock.wallMs() + ms },
});

test('is there for the next attempt, though the store has not written it yet; each connection has its own', async () => {
  const bench = createBench({ settle: () => new Promise(() => {}) });
  const seen: unknown[] = [];
  const place = await bench.place('a', ({ id }) => {
    seen.push([id, place.meta?.kept?.('thread')]);
    return keeping(bench, 'thread', { ts: id });
  });
  const other = await bench.place('b');
  bench.outbox.add([bench.delivery('one', 'a'), bench.delivery('two', 'a'), bench.delivery('three', 'a')]);
  await bench.time.advance(100);
  expect(seen).toEqual([
    ['one', undefined],
    ['two', { ts: 'one' }],
    ['three', { ts: 'two' }],
  ]);
  bench.outbox.add([bench.delivery('x', 'b')]);
  await bench.time.advance(100);
  expect(other.meta?.kept?.('thread')).toBeUndefined();
});

test('is handed to the store not later than the delivery it came with, also when that is refused at first', async () => {
  const batches: [Settlement[], StateChange[]][] = [];
  let refusals = 2;
  const bench = createBench({
    limits: { settleMax: 2 },
    settle: async (settlements, changes) => {
      if (refusals-- > 0) throw new Error('full');
      batches.push([settlements, changes]);
    },
  });
  await bench.place('a', ({ id }) => keeping(bench, id, id));
  bench.outbox.add(Array.from({ length: 9 }, (_, n) => bench.delivery(`d${n}`, 'a', { order: `a|${n}` })));
  await bench.time.advance(10_000);
  const stored = new Set<string>();
  for (const [settlements, changes] of batches) {
    for (const { kind, key } of changes) stored.add(`${kind} ${key}`);
    for (const { id, keep } of settlements) {
      expect(stored).toContain(`kept a\n${id}`);
      expect(keep).toMatchObject({ key: id, value: id });
    }
  }
  expect(stored.size).toBe(9);
});

test('survives a restart, is forgotten after its time, and a removed one at once', async () => {
  const bench = createBench();
  const place = await bench.place('a', ({ id }) => keeping(bench, id, [id, 1], id === 'short' ? 60_000 : DAY_MS));
  bench.outbox.add(['short', 'long', 'removed'].map((id) => bench.delivery(id, 'a')));
  await bench.time.advance(100);
  expect(place.meta?.kept?.('short')).toEqual(['short', 1]);
  await bench.time.advance(60_000);
  expect(place.meta?.kept?.('short')).toBeUndefined();
  place.answer = () => keeping(bench, 'removed', null);
  bench.outbox.add([bench.delivery('again', 'a')]);
  await bench.time.advance(100);
  expect(bench.rows.get('kept a\nremoved')).toBeNull();
  const next = createBench();
  for (const [name, value] of bench.rows)
    if (value !== null) next.outbox.restore({ kind: 'kept', key: name.slice('kept '.length), value });
  const again = await next.place('a');
  next.time.jump(61_000);
  next.outbox.add([next.delivery('d', 'a')]);
  await next.time.advance(100);
  expect(['short', 'long', 'removed'].map((key) => again.meta?.kept?.(key))).toEqual([
    undefined,
    ['long', 1],
    undefined,
  ]);
});

test('rows whose time is over are removed from the store before long', async () => {
  const bench = createBench();
  const place = await bench.place('a', ({ id }) => keeping(bench, id, 1, 60_000));
  bench.outbox.add([bench.delivery('old', 'a')]);
  await bench.time.advance(100);
  expect(bench.rows.get('kept a\nold')).not.toBeNull();
  await bench.time.advance(DAY_MS / 24);
  bench.outbox.add([bench.delivery('new', 'a')]);
  await bench.time.advance(100);
  expect(bench.rows.get('kept a\nold')).toBeNull();
  expect(place.meta?.kept?.('new')).toBe(1);
});

test('is bounded: the oldest goes first, in the store too, and what is too long is refused and counted', async () => {
  const bench = createBench({ limits: { keptMax: 3, keptBytesMax: 100 } });
  const place = await bench.place('a', ({ id }) =>
    id === 'long' ? keeping(bench, id, 'x'.repeat(100)) : keeping(bench, id.slice(0, 2), id),
  );
  // k1 is kept anew, so k2 is the oldest.
  bench.outbox.add(['k1', 'k2', 'k3', 'k1b', 'k4', 'long'].map((id) => bench.delivery(id, 'a')));
  await bench.time.advance(1_000);
  expect(['k1', 'k2', 'k3', 'k4', 'long'].map((key) => place.meta?.kept?.(key))).toEqual([
    'k1b',
    undefined,
    'k3',
    'k4',
    undefined,
  ]);
  expect([...bench.rows].filter(([, value]) => value !== null)).toHaveLength(3);
  expect(bench.counts.get('outbox_kept_dropped a')).toBe(1);
  expect(bench.counts.get('outbox_kept_refused a')).toBe(1);
  expect(place.taken).toHaveLength(6);
});
