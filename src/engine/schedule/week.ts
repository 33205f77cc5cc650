// The week of a schedule: "mon-fri", "09:00" to "17:30" as windows of each weekday, those over midnight in two parts.
import { didYouMean, type Path } from '../../core/problems.ts';
import type { Report } from '../rules/compiled.ts';
import { isObject, kindOf } from '../rules/tree.ts';
import { clockMinutes } from './clock.ts';
import { joinSpans } from './spans.ts';
import { DAY_MS, type Span } from './zone.ts';

/** Windows by weekday (0 is Monday), in ms after midnight. `after`: the part on the date that follows. */
export type Week = { own: readonly Span[][]; after: readonly Span[][] };

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const KEYS = ['days', 'from', 'to'];
const DAYS_HINT = 'write it like "mon-fri", "sat,sun" or "daily"';

/** 0 is Monday. `day`: days since 1970-01-01, which was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** Reads `open`: a list of windows. Every problem is reported; what is returned then is of no use. */
export function readWeek(raw: unknown, path: Path, report: Report): Week {
  const own: Span[][] = DAYS.map(() => []);
  const after: Span[][] = DAYS.map(() => []);
  if (!Array.isArray(raw)) {
    if (raw === undefined) report(path, 'is missing', 'it must be a list [ … ]');
    else report(path, `must be a list [ … ], not ${kindOf(raw)}`);
    return { own, after };
  }
  if (raw.length === 0) report(path, 'is an empty list', 'write at least one window');
  for (let n = 0; n < raw.length; n++) {
    const window = readWindow(raw[n], [...path, n], report);
    if (window === undefined) continue;
    for (const weekday of window.weekdays) {
      const over = window.fromMs > window.toMs;
      own[weekday]?.push({ fromMs: window.fromMs, toMs: over ? DAY_MS : window.toMs });
      if (over) after[weekday]?.push({ fromMs: 0, toMs: window.toMs });
    }
  }
  return { own: own.map(joinSpans), after: after.map(joinSpans) };
}

function readWindow(raw: unknown, path: Path, report: Report): (Span & { weekdays: Set<number> }) | undefined {
  if (!isObject(raw)) {
    report(
      path,
      `must be an object { … }, not ${kindOf(raw)}`,
      'like { "days": "mon-fri", "from": "09:00", "to": "17:30" }',
    );
    return undefined;
  }
  for (const key of Object.keys(raw))
    if (!KEYS.includes(key)) report([...path, key], 'unknown key', didYouMean(key, KEYS));
  const weekdays = readDays(raw.days, [...path, 'days'], report);
  const from = readTime(raw.from, [...path, 'from'], report, '09:00');
  const to = raw.to === '24:00' ? 24 * 60 : readTime(raw.to, [...path, 'to'], report, '17:30');
  if (from === undefined || to === undefined) return undefined;
  if (from === to) {
    report(path, 'begins and ends at the same time', 'write "00:00" and "24:00" for the whole day');
    return undefined;
  }
  return { weekdays, fromMs: from * 60_000, toMs: to * 60_000 };
}

function readTime(raw: unknown, path: Path, report: Report, example: string): number | undefined {
  if (raw === undefined) report(path, 'is missing', `it must be a time like "${example}"`);
  else if (typeof raw !== 'string') report(path, `must be text like "${example}", not ${kindOf(raw)}`);
  else {
    const minutes = clockMinutes(raw);
    if (minutes !== undefined) return minutes;
    const what = raw === '24:00' ? 'is the end of a date, where nothing begins' : 'is no time of day';
    const right = raw === '24:00' ? '"00:00"' : `"${clockLike(raw) ?? example}"`;
    report(path, `${JSON.stringify(raw.slice(0, 20))} ${what}`, `write it like ${right}`);
  }
  return undefined;
}

/** "9:00", "9.30", "9 h" … → what was meant, if that is plain. */
function clockLike(text: string): string | undefined {
  const match = /^\s*(\d{1,2})(?:[:.h](\d\d))?\s*h?\s*$/i.exec(text);
  if (match === null) return undefined;
  const likely = `${match[1]?.padStart(2, '0')}:${match[2] ?? '00'}`;
  return clockMinutes(likely) === undefined ? undefined : likely;
}

function readDays(raw: unknown, path: Path, report: Report): Set<number> {
  const weekdays = new Set<number>();
  if (Array.isArray(raw)) {
    if (raw.length === 0) report(path, 'is an empty list', DAYS_HINT);
    for (let n = 0; n < raw.length; n++) addDays(raw[n], weekdays, [...path, n], report);
  } else if (raw === undefined) report(path, 'is missing', DAYS_HINT);
  else addDays(raw, weekdays, path, report);
  return weekdays;
}

function addDays(raw: unknown, weekdays: Set<number>, path: Path, report: Report): void {
  if (typeof raw !== 'string') {
    report(path, `must be text, not ${kindOf(raw)}`, DAYS_HINT);
    return;
  }
  for (const part of raw.split(',').map((text) => text.trim())) {
    if (part === 'daily') {
      for (let day = 0; day < 7; day++) weekdays.add(day);
      continue;
    }
    const words = part.split('-').map((text) => text.trim());
    const bad = words.find((word) => !DAYS.includes(word));
    const [first, last] = [DAYS.indexOf(words[0] ?? ''), DAYS.indexOf(words.at(-1) ?? '')];
    if (bad !== undefined) report(path, `${JSON.stringify(bad.slice(0, 20))} is not a day`, dayHint(bad));
    else if (words.length > 2) report(path, `${JSON.stringify(part.slice(0, 40))} has more than two ends`, DAYS_HINT);
    // "fri-mon" goes on over Sunday.
    else for (let n = 0; n <= (last - first + 7) % 7; n++) weekdays.add((first + n) % 7);
  }
}

/** "Monday" begins as "mon" does; "mno" is near to it. */
function dayHint(word: string): string | undefined {
  const begins = DAYS.find((day) => word.toLowerCase().startsWith(day));
  return begins === undefined ? didYouMean(word, [...DAYS, 'daily']) : `did you mean "${begins}"?`;
}
