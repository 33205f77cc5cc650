// The pump: what is answered is stored, what is decided is decided once, and a store that refuses delays but loses nothing.
import { describe, expect, test } from 'vitest';
import type { Settlement } from '../src/core/delivery.ts';
import { StoreError } from '../src/core/store.ts';
import { createBench, createRunningBench, delivery, entry, event } from './support/pump-bench.ts';

test('a hit is answered when it is stored, decided afterwards, and its deliveries leave when they are stored', async () => {
  const bench = await createRunningBench();
  let answered = false;
  void bench.pump.accept([entry('a')]).then(() => {
    answered = true;
  });
  await bench.time.advance(4);
  expect({ answered, stepped: bench.stepped }).toEqual({ answered: false, stepped: [] });
  await bench.time.advance(1);
  expect({ answered, added: bench.added }).toEqual({ answered: true, added: [] });
  await bench.time.advance(10);
  expect(bench.added).toEqual(['a/old/0']);
  expect(bench.units).toMatchObject([{ processed: [101], state: [{ kind: 'count', key: 'all', value: 1 }], epoch: 1 }]);
});

test('what arrives while a unit is being stored goes into the next one, whole, with the last value of each state row', async () => {
  const bench = await createRunningBench();
  for (let n = 0; n < 9; n++) void bench.pump.accept([entry(`e${n}`)]);
  await bench.time.advance(6);
  const settlement: Settlement = { id: 'x', state: 'delivered', attempts: 1, dueAtMs: 0 };
  let settled = false;
  void bench.pump.settle([settlement]).then(() => {
    settled = true;
  });
  for (let n = 9; n < 12; n++) void bench.pump.accept([entry(`e${n}`)]);
  await bench.time.advance(9);
  expect(settled).toBe(false);
  expect(bench.pump.backlog()).toBe(11);
  await bench.time.advance(40);
  expect(settled).toBe(true);
  expect(bench.units.flatMap(({ processed }) => processed)).toEqual(Array.from({ length: 12 }, (_, n) => 101 + n));
  expect(bench.units.length).toBeLessThan(5);
  expect(bench.units.at(-1)?.state).toEqual([{ kind: 'count', key: 'all', value: 12 }]);
  expect(bench.units.flatMap(({ settled }) => settled)).toEqual([settlement]);
  expect(bench.pump.backlog()).toBe(0);
});

test('a store that is full or busy: the same unit again until it is stored; nothing is decided twice, nothing skipped', async () => {
  const full = new StoreError('full', 'quota reached');
  const bench = await createRunningBench({
    commits: [full, new StoreError('busy', 'too much waits'), full, full, undefined],
  });
  void bench.pump.accept(['a', 'b'].map(entry));
  await bench.time.advance(6);
  void bench.pump.accept([entry('c')]);
  let idle = false;
  void bench.pump.idle().then(() => {
    idle = true;
  });
  await bench.time.advance(60);
  expect({ idle, added: bench.added }).toEqual({ idle: false, added: [] });
  await bench.time.advance(60_000);
  expect(idle).toBe(true);
  expect(bench.stepped).toEqual(['a', 'b', 'c']);
  expect(bench.units.map(({ processed }) => processed)).toEqual([[101, 102], [103]]);
  expect(bench.added).toEqual(['a/old/0', 'b/old/0', 'c/old/0']);
  expect(bench.fatal).toEqual([]);
});

test.each(['io', 'corrupt', 'fenced'] as const)(
  '%s is fatal: reported once, nothing is stored or sent afterwards',
  async (code) => {
    const bench = await createRunningBench({ commits: [new StoreError(code, 'no')] });
    void bench.pump.accept([entry('a')]);
    await bench.time.advance(60);
    void bench.pump.accept([entry('b')]);
    await bench.time.advance(60_000);
    expect(bench.fatal).toMatchObject([{ code }]);
    expect({ units: bench.units, added: bench.added }).toEqual({ units: [], added: [] });
  },
);

test('at start: state first, deliveries to the outbox, events in the order of the journal, each once', async () => {
  const waiting = Array.from({ length: 1_200 }, (_, n) => delivery(`d${n}`, 'old'));
  const bench = createBench({
    pending: [
      { kind: 'state', site: 'default', change: { kind: 'count', key: 'all', value: 40 } },
      { kind: 'event', seq: 90, event: event('left') },
      { kind: 'event', seq: 101, event: event('early') },
      ...waiting.map((d) => ({ kind: 'delivery' as const, delivery: d })),
    ],
  });
  // A hit that is stored while the rest is still being loaded is in both.
  void bench.pump.accept([entry('early')]);
  void bench.pump.start();
  await bench.time.advance(60);
  expect(bench.stepped).toEqual(['left', 'early']);
  expect(bench.units[0]?.state).toEqual([{ kind: 'count', key: 'all', value: 42 }]);
  expect(bench.added.slice(0, 1_200)).toEqual(waiting.map(({ id }) => id));
  expect(bench.added.slice(1_200)).toEqual(['left/old/0', 'early/old/0']);
});

test('a hit accepted before the start is complete waits for what was there before it', async () => {
  const bench = createBench({ pending: [{ kind: 'event', seq: 7, event: event('left') }] });
  void bench.pump.accept([entry('new')]);
  await bench.time.advance(100);
  expect(bench.stepped).toEqual([]);
  void bench.pump.start();
  await bench.time.advance(60);
  expect(bench.stepped).toEqual(['left', 'new']);
});

test('a known id is not decided again', async () => {
  const processed: number[] = [];
  const duplicate = createBench({
    extra: {
      store: {
        append: async () => [{ seq: 3, duplicate: true }],
        commit: async (unit) => void processed.push(...unit.processed),
        async *load() {},
      },
    },
  });
  void duplicate.pump.start();
  expect(await duplicate.pump.accept([entry('a')])).toEqual([{ seq: 3, duplicate: true }]);
  await duplicate.time.advance(100);
  expect({ stepped: duplicate.stepped, processed, fatal: duplicate.fatal }).toEqual({
    stepped: [],
    processed: [],
    fatal: [],
  });
});

describe('rules that change', () => {
  test('each event sees one generation; what was decided stays', async () => {
    const bench = await createRunningBench();
    void bench.pump.accept([entry('a')]);
    await bench.time.advance(6);
    bench.pump.swap('new');
    void bench.pump.accept([entry('b')]);
    await bench.time.advance(100);
    expect(bench.added).toEqual(['a/old/0', 'b/new/0']);
  });
});

test('an event that breaks the engine is marked and counted, and does not hold up the others or come back at a restart', async () => {
  const bench = await createRunningBench();
  void bench.pump.accept(['a', 'poison', 'b'].map(entry));
  await bench.time.advance(60);
  expect(bench.units.flatMap(({ processed }) => processed)).toEqual([101, 102, 103]);
  expect(bench.added).toEqual(['a/old/0', 'b/old/0']);
  expect(bench.counts).toContain('engine_failures');
});

test('an append that the store refuses rejects, and nothing is decided', async () => {
  const bench = createBench({
    extra: {
      store: {
        append: () => Promise.reject(new StoreError('full', 'quota reached')),
        commit: async () => {},
        async *load() {},
      },
    },
  });
  void bench.pump.start();
  await expect(bench.pump.accept([entry('a')])).rejects.toMatchObject({ code: 'full' });
  await bench.time.advance(100);
  expect(bench.stepped).toEqual([]);
});
