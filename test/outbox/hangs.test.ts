// Attempts that do not end: aborted, then their client is destroyed and opened anew; never two attempts of one delivery.
import { expect, test } from 'vitest';
import { createBench, createPlace, type Place } from './fixture.ts';

test('an attempt past its time is aborted, and is over only when it has ended', async () => {
  const bench = createBench();
  let hang = true;
  const place = await bench.place('a', () => (hang ? 'hang' : { kind: 'delivered' }));
  bench.outbox.add([bench.delivery('d', 'a')]);
  await bench.time.advance(9_999);
  expect(bench.settlements).toEqual([]);
  hang = false;
  await bench.time.advance(3_000);
  expect(bench.settlements[0]).toMatchObject({
    state: 'waiting',
    attempts: 1,
    error: 'timeout',
    attempt: { tookMs: 10_000 },
  });
  expect(place.taken).toEqual(['d']);
});

test('a client that ignores the abort is closed and opened anew before anything is sent again', async () => {
  const replacements: Place[] = [];
  let closedBefore = false;
  const bench = createBench({
    reopen: async () => {
      const fresh = createPlace(bench.time);
      closedBefore = stuck.closed;
      replacements.push(fresh);
      return fresh.connection;
    },
  });
  const stuck = await bench.place('a', () => 'hang for ever');
  bench.outbox.add(Array.from({ length: 6 }, (_, n) => bench.delivery(`d${n}`, 'a', { order: `a|${n}` })));
  await bench.time.advance(14_000);
  expect(stuck.sent).toHaveLength(4);
  expect(bench.outbox.stats().get('a')).toMatchObject({ inFlight: 4, waiting: 2 });
  await bench.time.advance(20_000);
  expect(replacements).toHaveLength(1);
  expect(closedBefore).toBe(true);
  expect(replacements[0]?.taken.toSorted()).toEqual(['d0', 'd1', 'd2', 'd3', 'd4', 'd5']);
  expect(bench.counts.get('outbox_connections_stuck a')).toBe(1);
  expect(bench.logs.filter(({ event }) => event === 'connection_stuck')).toHaveLength(1);
});

test('opening anew is tried until it works; meanwhile the connection shows as stuck', async () => {
  let failures = 3;
  const bench = createBench({
    reopen: async () => {
      if (failures-- > 0) throw new Error('no');
      return fresh.connection;
    },
  });
  const fresh = createPlace(bench.time);
  await bench.place('a', () => 'hang for ever');
  bench.outbox.add([bench.delivery('d', 'a')]);
  await bench.time.advance(16_000);
  expect(bench.outbox.stats().get('a')).toMatchObject({ connection: 'stuck', waiting: 1 });
  await bench.time.advance(20_000);
  expect(fresh.taken).toEqual(['d']);
  expect(bench.outbox.stats().get('a')).toMatchObject({ connection: 'open' });
});

test('a client that does not even close is left behind after the grace; its late answer is counted, not believed', async () => {
  const bench = createBench({ reopen: async () => fresh.connection });
  const fresh = createPlace(bench.time);
  let answerLate = (): void => {};
  await bench.outbox.connect('a', {
    destination: { type: 'test', concurrency: 1, timeoutMs: 1_000 },
    connection: {
      send: () =>
        new Promise((resolve) => {
          answerLate = () => resolve({ kind: 'delivered' });
        }),
      close: () => new Promise(() => {}),
    },
  });
  bench.outbox.add([bench.delivery('d', 'a')]);
  await bench.time.advance(20_000);
  expect(fresh.taken).toEqual(['d']);
  answerLate();
  await bench.time.advance(10);
  expect(bench.counts.get('outbox_late_outcomes a')).toBe(1);
  expect(bench.settlements.filter(({ state }) => state === 'delivered')).toHaveLength(1);
});

test('a destination that throws or rejects counts as a failed attempt, and its error text goes nowhere', async () => {
  const bench = createBench();
  let mode = 0;
  await bench.outbox.connect('a', {
    destination: { type: 'test', concurrency: 1, timeoutMs: 1_000 },
    connection: {
      send() {
        mode += 1;
        if (mode === 1) throw new Error('token=hunter2');
        if (mode === 2) return Promise.reject(new Error('token=hunter2'));
        return Promise.resolve({ kind: 'delivered' });
      },
      close: async () => {},
    },
  });
  bench.outbox.add([bench.delivery('d', 'a')]);
  await bench.time.advance(10_000);
  expect(bench.settlements.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'delivered']);
  expect(JSON.stringify([bench.settlements, bench.logs])).not.toContain('hunter2');
});
