// Waits that are no failures (a lane's turn, a connection's rate), and how many may wait.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBench } from './fixture.ts';

test.each(['strict', 'none'] as const)(
  '`later`, ordering %s: only that lane waits, no attempt is used, nothing is written, the breaker stays closed',
  async (ordering) => {
    const bench = createBench();
    let turnAt = 5_000;
    const place = await bench.place(
      'a',
      ({ id, atMs }) =>
        id.startsWith('x') && atMs < turnAt
          ? { kind: 'later', error: 'one a second in this channel', afterMs: turnAt - atMs }
          : { kind: 'delivered' },
      { ordering, breakerFailures: 1 },
    );
    bench.outbox.add(['x1', 'x2', 'x3'].map((id) => bench.delivery(id, 'a')));
    await bench.time.advance(100);
    bench.outbox.add(['y1', 'y2'].map((id) => bench.delivery(id, 'a', { order: 'a|other' })));
    await bench.time.advance(1_000);
    expect(place.taken).toEqual(['y1', 'y2']);
    expect(bench.settlements.map(({ id }) => id)).toEqual(['y1', 'y2']);
    expect(bench.outbox.stats().get('a')).toMatchObject({ breaker: 'closed', pausedMs: 0, retries: 0 });
    expect(bench.outbox.stats().get('a')?.lastError).toBeUndefined();
    turnAt = 5_000;
    await bench.time.advance(10_000);
    expect(place.taken.slice(2)).toEqual(['x1', 'x2', 'x3']);
    // Asked once, and once more when its turn had come.
    expect(place.sent.filter(({ id }) => id === 'x1')).toMatchObject([{ attempt: 1 }, { attempt: 1, atMs: 5_000 + 5 }]);
    expect(place.sent.filter(({ id }) => id === 'x2')).toHaveLength(1);
    expect(bench.last('x1')).toMatchObject({ state: 'delivered', attempts: 1 });
  },
);

test('`later` in 0 ms is no loop, and one of a month is cut to what a peer is granted', async () => {
  const bench = createBench();
  let afterMs = 0;
  const place = await bench.place('a', () => ({ kind: 'later', error: 'no', afterMs }), { retryAfterMsMax: 60_000 });
  bench.outbox.add([bench.delivery('d', 'a')]);
  await bench.time.advance(1_000);
  expect(place.sent.length).toBeLessThan(200);
  afterMs = 30 * 86_400_000;
  await bench.time.advance(100);
  place.sent.length = 0;
  place.answer = () => ({ kind: 'delivered' });
  await bench.time.advance(60_100);
  expect(place.taken).toEqual(['d']);
});

test('`later` as the answer to a probe: the next lane looks whether the peer is back', async () => {
  const bench = createBench();
  const place = await bench.place('a', () => ({ kind: 'unavailable', error: 'down' }));
  bench.outbox.add([bench.delivery('x', 'a'), bench.delivery('y', 'a', { order: 'a|y' })]);
  await bench.time.advance(100);
  place.answer = ({ id }) => (id === 'x' ? { kind: 'later', error: 'no', afterMs: 600_000 } : { kind: 'delivered' });
  await bench.time.advance(40_000);
  expect(place.taken).toEqual(['y']);
  expect(bench.outbox.stats().get('a')).toMatchObject({ breaker: 'closed', waiting: 1 });
});

test('a rate: never more than a burst and what has come in since, in any span; nothing counts as failed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 50, max: 60_000 }),
      async (seed, max, perMs) => {
        const bench = createBench({ seed });
        const place = await bench.place('a', undefined, { rate: { max, perMs }, concurrency: 50 });
        const count = max * 3;
        bench.outbox.add(Array.from({ length: count }, (_, n) => bench.delivery(`d${n}`, 'a', { order: `a|${n}` })));
        await bench.time.advance(3 * perMs);
        const times = place.sent.map(({ atMs }) => atMs);
        expect(times).toHaveLength(count);
        for (const [n, atMs] of times.entries()) {
          const within = times.slice(0, n + 1).filter((other) => atMs - other <= perMs / 2).length;
          expect(within).toBeLessThanOrEqual(max + (max * (perMs / 2)) / perMs + 1);
        }
        // The burst at once, the rest evenly: the last one not before its time.
        expect(times.filter((atMs) => atMs === 0)).toHaveLength(max);
        expect(times.at(-1)).toBeGreaterThanOrEqual(Math.floor((2 * max * perMs) / max) - 1);
        expect(bench.outbox.stats().get('a')).toMatchObject({ retries: 0, breaker: 'closed', delivered: count });
      },
    ),
    { numRuns: 40 },
  );
});

test('a rate over a reload: the same one gives no second burst; what was not tried is given back', async () => {
  const bench = createBench();
  const settings = { rate: { max: 5, perMs: 60_000 } };
  const first = await bench.place('a', undefined, settings);
  const some = (from: number) =>
    Array.from({ length: 5 }, (_, n) => bench.delivery(`d${from + n}`, 'a', { order: `a|${from + n}` }));
  bench.outbox.add(some(0));
  await bench.time.advance(100);
  expect(first.sent).toHaveLength(5);
  const next = await bench.place('a', undefined, settings);
  bench.outbox.add(some(5));
  await bench.time.advance(11_000);
  expect(next.sent).toHaveLength(0);
  await bench.time.advance(1_000);
  expect(next.sent).toHaveLength(1);
  const down = createBench();
  const place = await down.place('a', () => ({ kind: 'unavailable', error: 'down' }), settings);
  down.outbox.add(some(0));
  await down.time.advance(300_000);
  place.answer = () => ({ kind: 'delivered' });
  place.ready();
  await down.time.advance(100);
  expect(place.taken).toHaveLength(5);
});

test('as many wait as may: the newest is dead from birth, says why, and can be sent again later', async () => {
  const bench = createBench();
  const place = await bench.place('a', () => ({ kind: 'unavailable', error: 'down' }), { queueMax: 3 });
  const all = Array.from({ length: 5 }, (_, n) => bench.delivery(`d${n}`, 'a'));
  bench.outbox.add(all);
  await bench.time.advance(0);
  expect(bench.settlements.map(({ id, state, attempts }) => [id, state, attempts])).toEqual([
    ['d3', 'dead', 0],
    ['d4', 'dead', 0],
  ]);
  expect(bench.last('d3')?.error).toBe(
    '3 deliveries to a wait already, as many as its delivery.queue allows; `hookswitch retry --to a` once they are fewer',
  );
  expect(bench.counts.get('outbox_queue_full a')).toBe(2);
  expect(bench.counts.get('outbox_dead a')).toBe(2);
  expect(bench.logs.filter(({ event }) => event === 'queue_full')).toHaveLength(1);
  // A newer one of a slot takes an older one's place.
  void bench.outbox.cancel(['d2']);
  bench.outbox.add([bench.delivery('s1', 'a', { slot: 's' }), bench.delivery('s2', 'a', { slot: 's' })]);
  await bench.time.advance(0);
  expect(bench.last('s1')?.state).toBe('replaced');
  place.answer = () => ({ kind: 'delivered' });
  await bench.time.advance(30_000);
  expect(place.taken).toEqual(['d0', 'd1', 's2']);
  bench.outbox.retry(all.slice(3));
  await bench.time.advance(100);
  expect(place.taken.slice(3)).toEqual(['d3', 'd4']);
});
