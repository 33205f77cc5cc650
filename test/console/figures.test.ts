// Figures: hours and days of a time zone across changes of the clock, sums without gaps, percentiles.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketsOf, dayBegin, firstMomentOf, offsetMsAt, placeOf } from '../../src/console/figures/buckets.ts';
import { figureFilter, periodOf } from '../../src/console/figures/period.ts';
import { figuresOf, percentileOf } from '../../src/console/figures/sums.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const at = (iso: string): number => Date.parse(iso);
const iso = (ms: number): string => new Date(ms).toISOString();

describe('days', () => {
  test('the day on which clocks go forward has 23 hours, the one on which they go back 25', () => {
    const spring = { fromMs: at('2026-03-29T00:00+01:00'), toMs: at('2026-03-30T00:00+02:00') };
    expect(bucketsOf(spring, 'day', 'Europe/Berlin')).toEqual([spring.fromMs]);
    expect(bucketsOf(spring, 'hour', 'Europe/Berlin')).toHaveLength(23);
    const autumn = { fromMs: at('2026-10-25T00:00+02:00'), toMs: at('2026-10-26T00:00+01:00') };
    expect(bucketsOf(autumn, 'day', 'Europe/Berlin')).toEqual([autumn.fromMs]);
    expect(bucketsOf(autumn, 'hour', 'Europe/Berlin')).toHaveLength(25);
  });

  test('an hour that the clock shows twice is two hours', () => {
    const hours = bucketsOf(
      { fromMs: at('2026-10-25T00:00Z'), toMs: at('2026-10-25T03:00Z') },
      'hour',
      'Europe/Berlin',
    );
    expect(hours.map(iso)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ]);
  });

  test('days begin at midnight of the zone, also in zones that are half hours away', () => {
    expect(iso(dayBegin(at('2026-11-24T12:00Z'), 0, 'Asia/Kolkata'))).toBe('2026-11-23T18:30:00.000Z');
    expect(iso(dayBegin(at('2026-11-24T12:00Z'), 1, 'Asia/Kathmandu'))).toBe('2026-11-24T18:15:00.000Z');
    const hours = bucketsOf({ fromMs: at('2026-11-24T00:00Z'), toMs: at('2026-11-24T02:00Z') }, 'hour', 'Asia/Kolkata');
    expect(hours.map(iso)).toEqual([
      '2026-11-24T00:00:00.000Z',
      '2026-11-24T00:30:00.000Z',
      '2026-11-24T01:30:00.000Z',
    ]);
  });

  test('a midnight that the clock jumps over: the day begins behind the jump', () => {
    // Beirut goes from 00:00 to 01:00 on 2026-03-29 (tz database).
    expect(offsetMsAt(at('2026-03-28T21:59Z'), 'Asia/Beirut')).toBe(2 * HOUR_MS);
    const day = at('2026-03-29T00:00Z') / DAY_MS;
    expect(iso(firstMomentOf(day, 'Asia/Beirut'))).toBe('2026-03-28T22:00:00.000Z');
  });

  test('in any zone every moment lies in one bucket, and buckets rise and fill the span', () => {
    const zones = ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Kathmandu', 'UTC'];
    const arbitrary = fc.record({
      zone: fc.constantFrom(...zones),
      fromMs: fc.integer({ min: at('2011-01-01T00:00Z') / 900_000, max: at('2030-01-01T00:00Z') / 900_000 }),
      days: fc.integer({ min: 1, max: 40 }),
      step: fc.constantFrom('hour' as const, 'day' as const),
      share: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    fc.assert(
      fc.property(arbitrary, ({ zone, fromMs: quarter, days, step, share }) => {
        const fromMs = quarter * 900_000;
        const toMs = fromMs + days * DAY_MS;
        const begins = bucketsOf({ fromMs, toMs }, step, zone);
        expect(begins[0]).toBe(fromMs);
        for (const [n, begin] of begins.entries()) {
          const end = begins[n + 1] ?? toMs;
          expect(end).toBeGreaterThan(begin);
          expect(end - begin).toBeLessThanOrEqual(step === 'hour' ? HOUR_MS : DAY_MS + HOUR_MS);
          // Within a bucket the clock on the wall shows the same hour, or day.
          const size = step === 'hour' ? HOUR_MS : DAY_MS;
          const shown = (ms: number): number => Math.floor((ms + offsetMsAt(ms, zone)) / size);
          expect(shown(end - 1)).toBe(shown(begin));
        }
        const moment = Math.floor(fromMs + share * (toMs - fromMs));
        const place = placeOf(begins, moment);
        expect(begins[place] as number).toBeLessThanOrEqual(moment);
        expect(begins[place + 1] ?? toMs).toBeGreaterThan(moment);
      }),
      { numRuns: 60 },
    );
  });
});

describe('period', () => {
  const now = at('2026-10-25T12:20+01:00');
  const of = (query: Record<string, string>) => {
    const { span, step } = periodOf(figureFilter.parse(query), now, 'Europe/Berlin');
    return { from: iso(span.fromMs), to: iso(span.toMs), step };
  };

  test('7 days are whole days, today included, whatever the clock did meanwhile', () => {
    const week = { from: '2026-10-18T22:00:00.000Z', to: '2026-10-25T23:00:00.000Z', step: 'hour' };
    expect(of({})).toEqual(week);
    expect(of({ period: '7d' })).toEqual(week);
  });

  test('24 hours end with the present one', () => {
    expect(of({ period: '24h' })).toEqual({
      from: '2026-10-24T12:00:00.000Z',
      to: '2026-10-25T12:00:00.000Z',
      step: 'hour',
    });
  });

  test('from and to are days of the zone and both count; none ends after today, and the longest is 400 days', () => {
    expect(of({ from: '2026-03-28', to: '2026-03-29' })).toEqual({
      from: '2026-03-27T23:00:00.000Z',
      to: '2026-03-29T22:00:00.000Z',
      step: 'hour',
    });
    expect(of({ from: '2026-10-20', to: '2099-01-01' }).to).toBe('2026-10-25T23:00:00.000Z');
    expect(of({ from: '1999-01-01' })).toMatchObject({ from: '2025-09-20T22:00:00.000Z', step: 'day' });
    expect(of({ from: '2026-10-25', to: '2026-10-01' })).toMatchObject({ from: '2026-09-30T22:00:00.000Z' });
  });
});

describe('sums', () => {
  const period = {
    span: { fromMs: at('2026-11-24T23:00Z'), toMs: at('2026-11-26T23:00Z') },
    step: 'hour' as const,
  };
  const nothing = { calls: [], rings: [], phones: [], deliveries: [], hits: [] };
  const shown = (counted: Partial<Parameters<typeof figuresOf>[1]>, nowMs = period.span.toMs) =>
    figuresOf(period, { ...nothing, ...counted }, { nowMs, timezone: 'Europe/Berlin', nameOf: (id) => `(${id})` });

  test('a gap is 0, and what lies at a border belongs to the hour that begins there', () => {
    const quarter = (text: string, calls: number) => ({
      atMs: at(text),
      state: 'missed' as const,
      direction: 'in' as const,
      calls,
      returned: 1,
    });
    const { calls, missed } = shown({
      calls: [quarter('2026-11-24T23:45Z', 2), quarter('2026-11-25T00:00Z', 3), quarter('2026-11-25T22:45Z', 5)],
    });
    expect(calls.at).toHaveLength(48);
    expect(calls.missed.slice(0, 3)).toEqual([2, 3, 0]);
    expect(calls.missed[23]).toBe(5);
    expect(calls.answered.every((n) => n === 0)).toBe(true);
    expect(missed).toMatchObject({ missed: [10, 0], returned: [3, 0] });
  });

  test('time to answer: median and 90 % by day, nothing where no call was answered', () => {
    const rings = [3, 4, 5, 6, 60].map((ringSeconds) => ({ atMs: period.span.fromMs, ringSeconds, calls: 2 }));
    expect(shown({ rings }).answer).toMatchObject({ calls: [10, 0], median: [5, null], p90: [60, null] });
  });

  test('deliveries: what was given up is not what was replaced; the busiest first', () => {
    const one = (to: string, state: string, deliveries: number) => ({ atMs: 0, to, state, deliveries });
    const { deliveries } = shown({
      deliveries: [one('a', 'dead', 1), one('a', 'expired', 2), one('b', 'delivered', 9), one('a', 'replaced', 4)],
    });
    expect(deliveries).toEqual([
      { to: 'b', delivered: 9, failed: 0, other: 0 },
      { to: 'a', delivered: 0, failed: 3, other: 4 },
    ]);
  });

  test('an hour that goes on is measured by what of it is over', () => {
    const { hits } = shown({ hits: [{ atMs: at('2026-11-25T10:00Z'), hits: 300 }] }, at('2026-11-25T10:05Z'));
    expect(hits.perMinute[11]).toBe(60);
    expect(hits.perMinute[12]).toBe(0);
  });

  test('phones have the names that people gave them', () => {
    expect(shown({ phones: [{ phone: 'desk', rang: 3, answered: 1 }] }).phones).toEqual([
      { id: 'desk', name: '(desk)', rang: 3, answered: 1 },
    ]);
  });

  test('a percentile is one of the values, and that share does not exceed it', () => {
    const values = fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
        const counts = new Map<number, number>();
        for (const value of list) counts.set(value, (counts.get(value) ?? 0) + 1);
        const found = percentileOf(counts, percent / 100) as number;
        expect(list).toContain(found);
        expect(list.filter((value) => value <= found).length * 100).toBeGreaterThanOrEqual(
          list.length * percent - 1e-6,
        );
        expect(list.filter((value) => value < found).length * 100).toBeLessThan(list.length * percent + 1e-6);
      }),
    );
    expect(percentileOf(new Map(), 0.5)).toBeNull();
  });
});
