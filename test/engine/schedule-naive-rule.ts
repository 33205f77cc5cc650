// The oracle of repetition: asks of every single day whether RFC 5545 puts the rule on it.

export type NaiveRule = {
  freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  interval: number;
  wkst: string;
  bymonth?: readonly number[] | undefined;
  bymonthday?: readonly number[] | undefined;
  byyearday?: readonly number[] | undefined;
  byday?: readonly string[] | undefined;
  bysetpos?: readonly number[] | undefined;
};

const DAY_MS = 86_400_000;
const NAMES = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

function facts(day: number) {
  const at = new Date(day * DAY_MS);
  const [year, month, date] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  const dayOfYear = day - Date.UTC(year, 0, 1) / DAY_MS + 1;
  const monthLength = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const yearLength = (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / DAY_MS;
  return { year, month, date, dayOfYear, monthLength, yearLength, name: NAMES[at.getUTCDay()] ?? '' };
}

/** The last day before or on this one with which a week begins. */
function weekOf(day: number, wkst: string): number {
  let first = day;
  while (facts(first).name !== wkst) first -= 1;
  return first / 7;
}

function periodOf({ freq, wkst }: NaiveRule, day: number): number {
  const { year, month } = facts(day);
  if (freq === 'YEARLY') return year;
  if (freq === 'MONTHLY') return year * 12 + month;
  return freq === 'WEEKLY' ? Math.round(weekOf(day, wkst)) : day;
}

function isOn(rule: NaiveRule, start: number, day: number): boolean {
  const { freq, bymonth, bymonthday, byyearday, byday } = rule;
  const [first, it] = [facts(start), facts(day)];
  const counts = (list: readonly number[] | undefined, place: number, length: number): boolean =>
    list === undefined || list.includes(place) || list.includes(place - length - 1);
  if (bymonth !== undefined && !bymonth.includes(it.month)) return false;
  if (!counts(bymonthday, it.date, it.monthLength) || !counts(byyearday, it.dayOfYear, it.yearLength)) return false;
  if (byday !== undefined) {
    const inMonth = freq === 'MONTHLY' || bymonth !== undefined;
    const [place, length] = inMonth ? [it.date, it.monthLength] : [it.dayOfYear, it.yearLength];
    const [nth, last] = [Math.floor((place - 1) / 7) + 1, -(Math.floor((length - place) / 7) + 1)];
    return [it.name, `${nth}${it.name}`, `${last}${it.name}`].some((name) => byday.includes(name));
  }
  // What the rule leaves open comes from the first day.
  if (bymonthday !== undefined || byyearday !== undefined || freq === 'DAILY') return true;
  if (freq === 'WEEKLY') return it.name === first.name;
  if (it.date !== first.date) return false;
  return freq === 'MONTHLY' || bymonth !== undefined || it.month === first.month;
}

/** The days from one to another, both included, on which a rule falls that begins at `start`. */
export function naiveDays(rule: NaiveRule, start: number, from: number, to: number): number[] {
  const periods = new Map<number, number[]>();
  const firstPeriod = periodOf(rule, start);
  for (let day = Math.max(from, start) - 370; day <= to + 370; day++) {
    const away = periodOf(rule, day) - firstPeriod;
    if (away < 0 || away % rule.interval !== 0 || !isOn(rule, start, day)) continue;
    periods.set(away, [...(periods.get(away) ?? []), day]);
  }
  const { bysetpos } = rule;
  return [...periods.values()]
    .flatMap((days) =>
      days.filter((_, n) => !bysetpos || bysetpos.includes(n + 1) || bysetpos.includes(n - days.length)),
    )
    .filter((day) => day >= start && day >= from && day <= to);
}
