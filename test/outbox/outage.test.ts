// An outage of minutes with a thousand deliveries waiting: every event arrives once, no attempt is used up, and it flows at once.
import { expect, test } from 'vitest';
import { createBench } from './fixture.ts';

test.each([
  ['nobody connects', { kind: 'unavailable' as const, error: 'not connected' }],
  ['the peer refuses', { kind: 'retry' as const, error: 'refused' }],
])('a broker down for 5 minutes, %s, 1,000 queued: 1.00 copies per event afterwards', async (_how, outcome) => {
  const bench = createBench();
  let down = true;
  const place = await bench.place('a', () => (down ? outcome : { kind: 'delivered' }));
  const all = Array.from({ length: 1_000 }, (_, n) =>
    bench.delivery(`d${String(n).padStart(4, '0')}`, 'a', { order: `a|${n % 40}` }),
  );
  for (let n = 0; n < all.length; n += 10) {
    bench.outbox.add(all.slice(n, n + 10));
    await bench.time.advance(3_000);
  }
  expect(bench.time.nowMs()).toBe(300_000);
  expect(bench.outbox.stats().get('a')?.waiting).toBeGreaterThanOrEqual(999);
  const tries = place.sent.length;
  // Probes only: one each 7.5 to 15 s, after the first failures.
  expect(tries).toBeLessThan(60);
  down = false;
  await bench.time.advance(30_000);
  expect(place.taken).toHaveLength(1_000);
  expect(new Set(place.taken).size).toBe(1_000);
  expect(place.sent.length - tries).toBe(1_000);
  for (let lane = 0; lane < 40; lane++) {
    const taken = place.taken.filter((id) => Number(id.slice(1)) % 40 === lane);
    expect(taken).toEqual(taken.toSorted());
  }
  const attempts = bench.settlements.filter(({ state }) => state === 'delivered').map((one) => one.attempts);
  expect(Math.max(...attempts)).toBeLessThanOrEqual(6);
  expect(bench.outbox.stats().get('a')).toMatchObject({ waiting: 0, dead: 0, expired: 0, breaker: 'closed' });
});

test('a connection that says it is back is used at once, and nothing is sent twice', async () => {
  const bench = createBench();
  let down = true;
  const answer = () => (down ? { kind: 'unavailable' as const, error: 'down' } : { kind: 'delivered' as const });
  const place = await bench.place('a', answer);
  bench.outbox.add(Array.from({ length: 1_000 }, (_, n) => bench.delivery(`d${n}`, 'a', { order: `a|${n % 40}` })));
  await bench.time.advance(300_000);
  const tries = place.sent.length;
  down = false;
  place.ready();
  await bench.time.advance(2_000);
  expect(place.taken).toHaveLength(1_000);
  expect(place.sent.length - tries).toBe(1_000);
});
