// Repetition (RFC 5545 §3.3.10): the days on which an RRULE falls, reckoned by the period, so that any year can be asked at once.
import ICAL from 'ical.js';
import { weekdayOf } from '../week.ts';
import { DAY_MS } from '../zone.ts';
import type { Line } from './lines.ts';
import { type Place, readProperty, readUntil, type Stamp, Unusable } from './stamp.ts';

type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
/** `nth` of the month or year, from its end if negative; 0: each of them. `weekday`: 0 is Monday. */
type NthWeekday = { nth: number; weekday: number };

export type Repeat = {
  frequency: Frequency;
  interval: number;
  /** Weekday with which a week begins, 0 is Monday. */
  weekStart: number;
  count: number | undefined;
  until: Stamp | undefined;
  months: readonly number[] | undefined;
  monthDays: readonly number[] | undefined;
  yearDays: readonly number[] | undefined;
  weekdays: readonly NthWeekday[] | undefined;
  /** Which days of a period count, from 1, from the end if negative. */
  positions: readonly number[] | undefined;
};

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const FREQUENCIES: readonly unknown[] = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const KEYS = 'freq interval wkst count until bymonth bymonthday byyearday byday bysetpos'.split(' ');
const INTERVAL_MAX = 1_000;
/** Nothing is reckoned beyond the year 2200. */
const LAST_DAY = Date.UTC(2201, 0, 1) / DAY_MS - 1;

/** Reads the RRULE of an event that begins in `place`. Throws Unusable for what cannot be reckoned, rather than close wrong days. */
export function readRepeat(line: Line, place: Place): Repeat {
  // Some programs write the words in lower case, which the library does not take.
  const { values } = readProperty({ ...line, text: line.text.toUpperCase() });
  const data = values[0] as Record<string, unknown>;
  const unknown = Object.keys(data).find((key) => !KEYS.includes(key));
  if (unknown !== undefined)
    throw new Unusable(line, `repeats by ${unknown.toUpperCase().slice(0, 20)}, which cannot be used here`, ALLOWED);
  if (!FREQUENCIES.includes(data.freq))
    throw new Unusable(line, 'does not repeat by the day, week, month or year', ALLOWED);
  const { weekdays, interval, count } = {
    weekdays: listOf(data.byday)?.map((text) => nthWeekday(String(text))),
    interval: Number(data.interval ?? 1),
    count: data.count === undefined ? undefined : Number(data.count),
  };
  const repeat: Repeat = {
    frequency: data.freq as Frequency,
    interval,
    weekStart: weekStartOf(data.wkst),
    count,
    until: data.until === undefined ? undefined : readUntil(line, data.until, place),
    months: numbersOf(data.bymonth),
    monthDays: numbersOf(data.bymonthday),
    yearDays: numbersOf(data.byyearday),
    weekdays,
    positions: numbersOf(data.bysetpos),
  };
  const wrong = contradictionIn(repeat);
  if (wrong !== undefined) throw new Unusable(line, wrong);
  return repeat;
}

const ALLOWED = 'FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, with BYMONTH, BYMONTHDAY, BYYEARDAY, BYDAY and BYSETPOS';

const listOf = (value: unknown): unknown[] | undefined =>
  value === undefined ? undefined : Array.isArray(value) ? value : [value];
const numbersOf = (value: unknown): number[] | undefined => listOf(value)?.map(Number);
/** The library counts weekdays from Sunday, which is 1. */
const weekStartOf = (value: unknown): number =>
  value === undefined ? 0 : WEEKDAYS.indexOf(ICAL.Recur.numericDayToIcalDay(Number(value)));
const nthWeekday = (text: string): NthWeekday => ({
  nth: Number(text.slice(0, -2)),
  weekday: WEEKDAYS.indexOf(text.slice(-2)),
});

/** What RFC 5545 forbids, and what would have no end. */
function contradictionIn(repeat: Repeat): string | undefined {
  const { frequency, interval, count, until, monthDays, yearDays, weekdays, positions, months } = repeat;
  const nth = weekdays?.some((one) => one.nth !== 0) ?? false;
  if (interval > INTERVAL_MAX) return `has an INTERVAL of more than ${INTERVAL_MAX}`;
  if (count !== undefined && until !== undefined) return 'has both COUNT and UNTIL';
  if (count !== undefined && count < 1) return 'has a COUNT below 1';
  if ([monthDays, yearDays, positions].some((list) => list?.includes(0))) return 'names a day 0';
  if (yearDays !== undefined && frequency !== 'YEARLY') return 'has BYYEARDAY, which goes with FREQ=YEARLY only';
  if (monthDays !== undefined && frequency === 'WEEKLY') return 'has BYMONTHDAY, which does not go with FREQ=WEEKLY';
  if (nth && (frequency === 'WEEKLY' || frequency === 'DAILY'))
    return 'has a BYDAY with a number, which goes with FREQ=MONTHLY and FREQ=YEARLY only';
  if (positions !== undefined && [months, monthDays, yearDays, weekdays].every((list) => list === undefined))
    return 'has BYSETPOS, which goes with another BY… only';
  return undefined;
}

/**
 * The days (since 1970-01-01) from `fromDay` to `toDay`, both included, on which the rule falls for an event that begins on
 * `startDay`, in their order. UNTIL is not looked at. A first day that does not fit the rule does not count (RFC 5545 leaves
 * that open).
 */
export function repeatDays(repeat: Repeat, startDay: number, fromDay: number, toDay: number): number[] {
  if (repeat.count === undefined) return uncounted(repeat, startDay, fromDay, toDay, Number.POSITIVE_INFINITY);
  return uncounted(repeat, startDay, startDay, toDay, repeat.count).filter((day) => day >= fromDay);
}

/** Whether the rule ever falls on a day, before 2201. */
export const everFalls = (repeat: Repeat, startDay: number): boolean =>
  uncounted(repeat, startDay, startDay, LAST_DAY, 1).length > 0;

function uncounted(repeat: Repeat, startDay: number, fromDay: number, toDay: number, most: number): number[] {
  const days: number[] = [];
  const end = Math.min(toDay, LAST_DAY);
  const first = Math.max(0, Math.floor(periodOf(repeat, startDay, fromDay) / repeat.interval)) * repeat.interval;
  for (let period = first; ; period += repeat.interval) {
    const { beginDay, candidates } = candidatesIn(repeat, startDay, period);
    if (beginDay > end) return days;
    const fitting = candidates.filter((day) => fits(repeat, day));
    for (const day of positioned(repeat, fitting)) {
      if (day < startDay || day < fromDay || day > end) continue;
      days.push(day);
      if (days.length >= most) return days;
    }
  }
}

function positioned({ positions }: Repeat, days: readonly number[]): readonly number[] {
  if (positions === undefined) return days;
  return days.filter((_, n) => positions.includes(n + 1) || positions.includes(n - days.length));
}

type YearMonthDay = { year: number; month: number; date: number };
function dateOf(day: number): YearMonthDay {
  const at = new Date(day * DAY_MS);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, date: at.getUTCDate() };
}
/** Month 13 is January of the year after. */
const firstOf = (year: number, month: number): number => Date.UTC(year, month - 1, 1) / DAY_MS;
const weekOf = (day: number, weekStart: number): number => Math.floor((day + 3 - weekStart) / 7);

/** In which day, week, month or year after that of the start a day lies. */
function periodOf({ frequency, weekStart }: Repeat, startDay: number, day: number): number {
  const [start, at] = [dateOf(startDay), dateOf(day)];
  if (frequency === 'YEARLY') return at.year - start.year;
  if (frequency === 'MONTHLY') return (at.year - start.year) * 12 + at.month - start.month;
  if (frequency === 'WEEKLY') return weekOf(day, weekStart) - weekOf(startDay, weekStart);
  return day - startDay;
}

/** The days of a period that may fit, in their order: those of the start, where the rule names none. */
function candidatesIn(repeat: Repeat, startDay: number, period: number): { beginDay: number; candidates: number[] } {
  const { frequency, weekStart, weekdays } = repeat;
  const start = dateOf(startDay);
  if (frequency === 'DAILY') return { beginDay: startDay + period, candidates: [startDay + period] };
  if (frequency === 'WEEKLY') {
    const beginDay = (weekOf(startDay, weekStart) + period) * 7 - 3 + weekStart;
    const days = Array.from({ length: 7 }, (_, n) => beginDay + n);
    return {
      beginDay,
      candidates: days.filter((day) => weekdays !== undefined || weekdayOf(day) === weekdayOf(startDay)),
    };
  }
  if (frequency === 'MONTHLY') {
    const month = start.month - 1 + period;
    const [year, inYear] = [start.year + Math.floor(month / 12), (month % 12) + 1];
    return { beginDay: firstOf(year, inYear), candidates: daysOfMonth(repeat, start, year, inYear) };
  }
  const year = start.year + period;
  const all = Array.from({ length: 12 }, (_, n) => n + 1);
  const free = repeat.monthDays !== undefined || repeat.yearDays !== undefined || weekdays !== undefined;
  const months = repeat.months?.toSorted((a, b) => a - b) ?? (free ? all : [start.month]);
  return { beginDay: firstOf(year, 1), candidates: months.flatMap((month) => daysOfMonth(repeat, start, year, month)) };
}

function daysOfMonth(repeat: Repeat, start: YearMonthDay, year: number, month: number): number[] {
  const first = firstOf(year, month);
  const length = firstOf(year, month + 1) - first;
  const { monthDays, yearDays, weekdays } = repeat;
  const any = monthDays !== undefined || yearDays !== undefined || weekdays !== undefined;
  if (!any) return start.date <= length ? [first + start.date - 1] : [];
  return Array.from({ length }, (_, n) => first + n);
}

function fits(repeat: Repeat, day: number): boolean {
  const { frequency, months, monthDays, yearDays, weekdays } = repeat;
  const { year, month, date } = dateOf(day);
  if (months !== undefined && !months.includes(month)) return false;
  const first = firstOf(year, month);
  const monthLength = firstOf(year, month + 1) - first;
  if (monthDays !== undefined && !monthDays.some((n) => (n > 0 ? n : monthLength + 1 + n) === date)) return false;
  const newYear = firstOf(year, 1);
  const yearLength = firstOf(year + 1, 1) - newYear;
  const dayOfYear = day - newYear + 1;
  if (yearDays !== undefined && !yearDays.some((n) => (n > 0 ? n : yearLength + 1 + n) === dayOfYear)) return false;
  if (weekdays === undefined) return true;
  const ofMonth = frequency === 'MONTHLY' || months !== undefined;
  const [place, length] = ofMonth ? [date, monthLength] : [dayOfYear, yearLength];
  const weekday = weekdayOf(day);
  return weekdays.some(
    ({ nth, weekday: wanted }) =>
      wanted === weekday &&
      (nth === 0 || nth === (nth > 0 ? Math.ceil(place / 7) : -Math.ceil((length - place + 1) / 7))),
  );
}
