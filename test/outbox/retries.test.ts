// Waiting and giving up: jitter, Retry-After, horizons, attempts, and clocks that jump.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/core/delivery.ts';
import { backoffMs, endOf, remainingMs } from '../../src/outbox/backoff.ts';
import { DELIVERY_SETTINGS } from '../../src/outbox/index.ts';
import { createDraw } from '../support/virtual-clock.ts';
import { createBench } from './fixture.ts';

const FAIL: Outcome = { kind: 'retry', error: 'no', code: '500' };
const HOUR_MS = 3_600_000;
/** Tests of the row's own backoff keep the breaker out of the way. */
const CLOSED = { breakerFailures: 1_000_000 };

test('full jitter: between 0 and min(5 min, 1 s · 2^n), all of it used', () => {
  const draw = createDraw(7);
  for (const [attempts, ceilingMs] of [
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [9, 256_000],
    [10, 300_000],
    [500, 300_000],
  ] as const) {
    const waits = Array.from({ length: 2_000 }, () => backoffMs(attempts, DELIVERY_SETTINGS, draw()));
    expect(Math.max(...waits)).toBeLessThanOrEqual(ceilingMs);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    expect(Math.abs(mean / ceilingMs - 0.5)).toBeLessThan(0.03);
    expect(waits.filter((wait) => wait < ceilingMs / 10).length).toBeGreaterThan(120);
    expect(waits.filter((wait) => wait > (ceilingMs * 9) / 10).length).toBeGreaterThan(120);
  }
});

test('a failed attempt is written down with what the peer said, and tried again within its ceiling', async () => {
  const bench = createBench();
  let failures = 4;
  const place = await bench.place('a', () => (failures-- > 0 ? FAIL : { kind: 'delivered', code: '204' }), CLOSED);
  bench.outbox.add([bench.delivery('d', 'a')]);
  await bench.time.until(() => place.taken.length === 1, 20_000);
  await bench.time.advance(10);
  expect(place.sent.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
  expect(bench.settlements.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual([
    'waiting 1',
    'waiting 2',
    'waiting 3',
    'waiting 4',
    'delivered 5',
  ]);
  expect(bench.settlements[0]).toMatchObject({ error: 'no', code: '500', attempt: { tookMs: 5 } });
  expect(bench.settlements[4]).toMatchObject({ code: '204' });
  place.sent.slice(1).forEach((sent, n) => {
    const waitMs = sent.atMs - (place.sent[n]?.atMs ?? 0) - 5;
    expect(waitMs).toBeLessThanOrEqual(1_000 * 2 ** n);
    expect(bench.settlements[n]?.dueAtMs).toBe(bench.time.clock.wallMs() - bench.time.nowMs() + sent.atMs);
  });
});

describe('Retry-After', () => {
  test.each([
    { kind: 'retry', error: 'slow down', code: '429', afterMs: 90_000 },
    { kind: 'unavailable', error: 'slow down', code: '429', afterMs: 90_000 },
  ] satisfies Outcome[])('$kind: nobody is sent before, everybody after', async (answer) => {
    const bench = createBench();
    const place = await bench.place('a', ({ atMs }) => (atMs < 90_000 ? answer : { kind: 'delivered' }));
    bench.outbox.add([bench.delivery('one', 'a')]);
    await bench.time.advance(10);
    bench.outbox.add(Array.from({ length: 20 }, (_, n) => bench.delivery(`d${n}`, 'a', { order: `a|${n}` })));
    place.ready();
    await bench.time.advance(89_990);
    expect(place.sent).toHaveLength(1);
    expect(bench.outbox.stats().get('a')).toMatchObject({ waiting: 21, pausedMs: 5 });
    await bench.time.advance(2_000);
    expect(place.taken).toHaveLength(21);
  });

  test('is granted for an hour at most', async () => {
    const bench = createBench();
    let asked = false;
    const place = await bench.place('a', () => {
      if (asked) return { kind: 'delivered' };
      asked = true;
      return { ...FAIL, afterMs: 30 * 24 * HOUR_MS } as Outcome;
    });
    bench.outbox.add([bench.delivery('d', 'a')]);
    await bench.time.advance(HOUR_MS);
    expect(place.sent).toHaveLength(1);
    await bench.time.advance(1_000);
    expect(place.taken).toEqual(['d']);
  });
});

describe('giving up', () => {
  test('a permanent refusal is dead after one attempt, and its follower leaves within a second', async () => {
    const bench = createBench();
    const place = await bench.place('a', ({ id }) =>
      id === 'poison' ? { kind: 'dead', error: 'no such channel', code: 'channel_not_found' } : { kind: 'delivered' },
    );
    bench.outbox.add([bench.delivery('poison', 'a'), bench.delivery('good', 'a')]);
    await bench.time.advance(1_000);
    expect(place.taken).toEqual(['good']);
    expect(bench.last('poison')).toMatchObject({ state: 'dead', attempts: 1, code: 'channel_not_found' });
    expect(bench.counts.get('outbox_dead a')).toBe(1);
  });

  test('what is dead from birth is counted and not sent', async () => {
    const bench = createBench();
    const place = await bench.place('a');
    bench.outbox.add([bench.delivery('d', 'a', { state: 'dead' })]);
    await bench.time.advance(1_000);
    expect(place.sent).toEqual([]);
    expect(bench.settlements).toEqual([]);
    expect(bench.outbox.stats().get('a')).toMatchObject({ dead: 1, waiting: 0 });
  });

  test('attemptsMax makes dead', async () => {
    const bench = createBench();
    const place = await bench.place('a', ({ id }) => (id === 'bad' ? FAIL : { kind: 'delivered' }), {
      ...CLOSED,
      attemptsMax: 3,
    });
    bench.outbox.add([bench.delivery('bad', 'a'), bench.delivery('good', 'a')]);
    await bench.time.advance(60_000);
    expect(place.sent.map(({ id }) => id)).toEqual(['bad', 'bad', 'bad', 'good']);
    expect(bench.last('bad')).toMatchObject({ state: 'dead', attempts: 3, error: 'no' });
  });

  test('the time to live makes expired, also behind an open breaker, also of followers, and is never sent afterwards', async () => {
    const bench = createBench();
    const place = await bench.place('a', ({ atMs }) =>
      atMs < 120_000 ? { kind: 'unavailable', error: 'down' } : { kind: 'delivered' },
    );
    const wallMs = bench.time.clock.wallMs();
    bench.outbox.add([
      bench.delivery('head', 'a'),
      bench.delivery('doorbell', 'a', { expiresAtMs: wallMs + 60_000 }),
      bench.delivery('tail', 'a'),
    ]);
    await bench.time.advance(60_000);
    expect(bench.last('doorbell')).toMatchObject({ state: 'expired', attempts: 0 });
    await bench.time.advance(80_000);
    expect(place.taken).toEqual(['head', 'tail']);
    expect(bench.outbox.stats().get('a')).toMatchObject({ expired: 1, delivered: 2 });
  });

  test('a life as long as the horizon of 72 h ends as dead', async () => {
    const bench = createBench();
    await bench.place('a', () => ({ kind: 'unavailable', error: 'down' }), {
      probeMsMax: 15 * 60_000,
      backoffMs: 15 * 60_000,
    });
    bench.outbox.add([bench.delivery('d', 'a', { expiresAtMs: bench.time.clock.wallMs() + 72 * HOUR_MS })]);
    await bench.time.advance(72 * HOUR_MS - 10);
    expect(bench.last('d')).toBeUndefined();
    await bench.time.advance(20);
    expect(bench.last('d')).toMatchObject({ state: 'dead', attempts: 0 });
  });

  test('replayed: attempts start again, and the horizon too', async () => {
    const bench = createBench();
    let dead = true;
    const place = await bench.place('a', () => (dead ? { kind: 'dead', error: 'no' } : { kind: 'delivered' }));
    const first = bench.delivery('d', 'a');
    bench.outbox.add([first]);
    await bench.time.advance(100 * HOUR_MS);
    dead = false;
    const wallMs = bench.time.clock.wallMs();
    bench.outbox.retry([{ ...first, attempts: 0, dueAtMs: wallMs, expiresAtMs: wallMs + 72 * HOUR_MS }]);
    await bench.time.advance(100);
    expect(place.sent.map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(bench.last('d')).toMatchObject({ state: 'delivered', attempts: 1 });
  });
});

describe('clocks', () => {
  test.each([-2 * HOUR_MS, 2 * HOUR_MS])(
    'a jump of the wall clock by %i ms neither fires nor starves a retry',
    async (jumpMs) => {
      const bench = createBench();
      const place = await bench.place('a', ({ attempt }) => (attempt < 8 ? FAIL : { kind: 'delivered' }), CLOSED);
      bench.outbox.add([bench.delivery('d', 'a')]);
      await bench.time.advance(1_500);
      bench.time.jump(jumpMs);
      const before = place.sent.length;
      await bench.time.advance(1);
      expect(place.sent.length).toBeLessThanOrEqual(before + 1);
      await bench.time.advance(130_000);
      expect(place.taken).toEqual(['d']);
      expect(bench.outbox.stats().get('a')?.oldestAgeMs).toBe(0);
    },
  );

  test('a short time to live survives a jump in the running process', async () => {
    const bench = createBench();
    let down = true;
    const place = await bench.place('a', () => (down ? { kind: 'unavailable', error: 'down' } : { kind: 'delivered' }));
    bench.outbox.add([bench.delivery('d', 'a', { expiresAtMs: bench.time.clock.wallMs() + 60_000 })]);
    await bench.time.advance(1_000);
    bench.time.jump(2 * HOUR_MS);
    down = false;
    await bench.time.advance(15_000);
    expect(place.taken).toEqual(['d']);
  });

  test('after a restart a due time is what remains, and never beyond what it was set to', () => {
    const made = createBench().delivery('d', 'a');
    const at = made.madeAtMs;
    const left = (attempts: number, dueMs: number, wallMs: number) =>
      remainingMs({ ...made, attempts, dueAtMs: at + dueMs }, at + wallMs, DELIVERY_SETTINGS);
    expect(left(3, 4_000, 1_000)).toBe(3_000);
    expect(left(3, 4_000, 9_000)).toBe(0);
    // More than the ceiling of its attempts: the clock was set back.
    expect(left(3, 4_000, -60_000)).toBe(4_000);
    expect(left(3, 4_000, -2 * HOUR_MS)).toBe(4_000);
    expect(left(12, 4_000, -48 * HOUR_MS)).toBe(300_000);
    // A first attempt waits at most as long as it was made to wait, however far its moment lies ahead of the clock.
    expect(left(0, 0, -2 * HOUR_MS)).toBe(0);
    expect(left(0, 30_000, -2 * HOUR_MS)).toBe(30_000);
  });

  test('property: whatever the clock says, no wait and no life is longer than its nominal span or negative', () => {
    const base = createBench().delivery('d', 'a');
    const spanMs = fc.integer({ min: 0, max: 200 * HOUR_MS });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        spanMs,
        spanMs,
        fc.integer({ min: -(10 ** 13), max: 10 ** 13 }),
        (attempts, dueMs, lifeMs, jumpMs) => {
          const delivery = { ...base, attempts, dueAtMs: base.madeAtMs + dueMs, expiresAtMs: base.madeAtMs + lifeMs };
          const waitMs = remainingMs(delivery, base.madeAtMs + jumpMs, DELIVERY_SETTINGS);
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(attempts === 0 ? dueMs : 300_000);
          const end = endOf(delivery, base.madeAtMs + jumpMs, DELIVERY_SETTINGS);
          expect(end.afterMs).toBeGreaterThanOrEqual(0);
          expect(end.afterMs).toBeLessThanOrEqual(lifeMs);
        },
      ),
    );
  });
});
