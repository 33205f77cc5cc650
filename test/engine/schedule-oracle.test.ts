// Any schedule in any week, also those in which clocks change, against a clock that is read minute by minute.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextClockTime } from '../../src/engine/schedule/index.ts';
import { scheduleOf } from './schedule-fixture.ts';
import { type NaiveSchedule, nextShown, openMinutes } from './schedule-naive.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Weeks with a change of the clock in the middle, and the zone where it changes; then plain weeks. */
const WEEKS: readonly [timezone: string, middle: string][] = [
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['Europe/Berlin', '2027-03-28'],
  ['Europe/Berlin', '2027-10-31'],
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['America/New_York', '2027-03-14'],
  ['America/New_York', '2027-11-07'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Australia/Lord_Howe', '2027-04-04'],
  ['Africa/Cairo', '2026-04-24'], // 00:00 does not exist
  ['Africa/Cairo', '2026-10-29'], // 23:00 comes twice
  ['America/Havana', '2026-11-01'], // back from 01:00 to 00:00
  ['America/St_Johns', '2010-11-07'], // back from 00:01 to 23:01 of the date before
  ['Antarctica/Casey', '2010-03-05'], // back by three hours, over midnight
  ['Antarctica/Troll', '2026-03-29'], // two hours at once
  ['Pacific/Apia', '2011-12-30'], // a date that never came
  ['Pacific/Kwajalein', '1993-08-21'], // another
  ['Pacific/Chatham', '2026-09-27'], // 12:45 hours from UTC
  ['Asia/Kolkata', '2026-06-15'],
  ['UTC', '2027-01-01'],
];

const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 1, 15, 30, 45, 59))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const window = fc
  .record({
    days: fc.oneof(fc.subarray(DAYS, { minLength: 1 }), fc.constant(DAYS)),
    from: fc.oneof(time, fc.constantFrom('00:00', '01:00', '02:00', '02:30', '22:00')),
    to: fc.oneof(time, fc.constantFrom('24:00', '02:30', '03:00', '06:00', '00:00')),
  })
  .filter(({ from, to }) => from !== to);

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const week = fc
  .record({
    place: fc.constantFrom(...WEEKS),
    open: fc.array(window, { minLength: 1, maxLength: 4 }),
    closed: fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 2 })), { maxLength: 2 }),
    minutesOff: fc.integer({ min: 0, max: 1_439 }),
  })
  .map(({ place: [timezone, middle], open, closed, minutesOff }) => {
    const middleMs = Date.parse(`${middle}T00:00:00Z`);
    const ranges = closed.map(([first, length]) =>
      [first, first + length].map((day) => dateOf(middleMs + day * DAY_MS)).join('/'),
    );
    const naive: NaiveSchedule = { timezone, open, closed: ranges };
    return { naive, startMs: middleMs - 4 * DAY_MS + minutesOff * MINUTE_MS };
  });

const MINUTES = 7 * 24 * 60;

/** As the language writes it. */
const written = ({ timezone, open, closed }: NaiveSchedule) =>
  scheduleOf({ timezone, open: open.map(({ days, from, to }) => ({ days: days.join(','), from, to })), closed });

describe('a schedule says what a clock on the wall says', () => {
  test('at every minute of a week, and in every second of the minute', () => {
    fc.assert(
      fc.property(week, fc.integer({ min: 0, max: 59_999 }), ({ naive, startMs }, ms) => {
        const schedule = written(naive);
        const expected = openMinutes(naive, startMs, MINUTES);
        const found = expected.map((_, n) => schedule.isOpen(startMs + n * MINUTE_MS + (n % 7 === 0 ? ms : 0)));
        expect(found).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('in the open time between any two minutes, and when so much of it has passed', () => {
    fc.assert(
      fc.property(
        week,
        fc.array(fc.tuple(fc.integer({ min: 0, max: MINUTES - 1 }), fc.integer({ min: 0, max: MINUTES - 1 })), {
          minLength: 20,
          maxLength: 20,
        }),
        ({ naive, startMs }, pairs) => {
          const schedule = written(naive);
          const minutes = openMinutes(naive, startMs, MINUTES);
          const opened = [0];
          for (const open of minutes) opened.push((opened.at(-1) ?? 0) + (open ? 1 : 0));
          for (const [from, to] of pairs) {
            const fromMs = startMs + from * MINUTE_MS;
            const between = Math.max(0, (opened[to] ?? 0) - (opened[from] ?? 0));
            expect(schedule.openBetween(fromMs, startMs + to * MINUTE_MS)).toBe(between * MINUTE_MS);
            if (between === 0) continue;
            const last = opened.findIndex((sum, n) => n > from && sum - (opened[from] ?? 0) === between);
            expect(schedule.afterOpen(fromMs, between * MINUTE_MS)).toBe(startMs + last * MINUTE_MS);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('in the next moment at which it opens or closes', () => {
    fc.assert(
      fc.property(week, ({ naive, startMs }) => {
        const schedule = written(naive);
        const minutes = openMinutes(naive, startMs, MINUTES);
        const changes = minutes.flatMap((open, n) =>
          n > 0 && open !== minutes[n - 1] ? [startMs + n * MINUTE_MS] : [],
        );
        const found: number[] = [];
        for (let ms = schedule.nextChange(startMs); ms !== undefined; ms = schedule.nextChange(ms)) {
          if (ms >= startMs + MINUTES * MINUTE_MS) break;
          found.push(ms);
        }
        expect(found).toEqual(changes);
      }),
      { numRuns: 25 },
    );
  });
});

test('the next time a clock shows HH:MM is the minute at which a date reaches it, also over a jump', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...WEEKS),
      time,
      fc.integer({ min: 0, max: 3 * 1_440 }),
      ([timezone, middle], text, off) => {
        const fromMs = Date.parse(`${middle}T00:00:00Z`) - 2 * DAY_MS + off * MINUTE_MS;
        expect(nextClockTime(fromMs, text, timezone)).toBe(nextShown(fromMs, text, timezone));
      },
    ),
    { numRuns: 150 },
  );
});
