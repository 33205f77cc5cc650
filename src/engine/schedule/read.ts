// Reading the schedules of a rule file: time zone, windows, and what is closed; every problem with its path.
import { didYouMean, type Path } from '../../core/problems.ts';
import type { Report } from '../rules/compiled.ts';
import { isObject, kindOf, type Raw } from '../rules/tree.ts';
import { createClosures } from './calendar/closures.ts';
import { type CalendarFile, readCalendar } from './calendar/read.ts';
import { dateDay } from './clock.ts';
import { type Closures, createSchedule, type Schedule } from './open-time.ts';
import { readWeek } from './week.ts';
import { type Zone, zoneOf } from './zone.ts';

export type ScheduleContext = {
  report: Report;
  /** Of a schedule that names none. */
  timezone: string;
  /** Texts of the iCalendar files by their names as written. */
  calendars: ReadonlyMap<string, string>;
};

type DateRange = { first: number; last: number };
type Reading = ScheduleContext & { files: Map<string, CalendarFile> };

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const KEYS = ['description', 'timezone', 'open', 'closed'];
const CLOSED_HINT = 'like "2026-12-24", "2026-12-24/2026-12-26" or { "calendar": "holidays.ics" }';

/**
 * Reads the `schedules` object of a rule file that stands at `path`; undefined is none. Every problem is reported with its path;
 * a schedule with any is left out. Never throws, whatever plain data it is given.
 */
export function readSchedules(raw: unknown, path: Path, context: ScheduleContext): Map<string, Schedule> {
  const schedules = new Map<string, Schedule>();
  if (raw === undefined) return schedules;
  if (!isObject(raw)) {
    context.report(path, `must be an object { … }, not ${kindOf(raw)}`, 'like { "office": { "open": [ … ] } }');
    return schedules;
  }
  const files = new Map<string, CalendarFile>();
  for (const [name, entry] of Object.entries(raw)) {
    let good = true;
    const report: Report = (at, message, hint) => {
      good = false;
      context.report(at, message, hint);
    };
    const schedule = readSchedule(name, entry, [...path, name], { ...context, report, files });
    if (good && schedule !== undefined) schedules.set(name, schedule);
  }
  return schedules;
}

/** Names of the iCalendar files that a `schedules` object refers to, as written, each once, in their order. Total. */
export function calendarFilesOf(raw: unknown): string[] {
  const names = new Set<string>();
  for (const schedule of isObject(raw) ? Object.values(raw) : []) {
    const closed: unknown = isObject(schedule) ? schedule.closed : undefined;
    for (const entry of Array.isArray(closed) ? closed : [])
      if (isObject(entry) && typeof entry.calendar === 'string' && entry.calendar !== '') names.add(entry.calendar);
  }
  return [...names];
}

function readSchedule(name: string, raw: unknown, path: Path, reading: Reading): Schedule | undefined {
  const { report } = reading;
  if (!NAME.test(name)) report(path, 'this name is not allowed', 'letters, digits, _ and -, up to 64');
  if (!isObject(raw)) {
    report(path, `must be an object { … }, not ${kindOf(raw)}`, 'like { "open": [ … ] }');
    return undefined;
  }
  for (const key of Object.keys(raw))
    if (!KEYS.includes(key)) report([...path, key], 'unknown key', didYouMean(key, KEYS));
  if (raw.description !== undefined && typeof raw.description !== 'string')
    report([...path, 'description'], `must be text in double quotes, not ${kindOf(raw.description)}`);
  const zone = readZone(raw, path, reading);
  const week = readWeek(raw.open, [...path, 'open'], report);
  const closures = readClosed(raw.closed, [...path, 'closed'], zone, reading);
  return zone === undefined ? undefined : createSchedule(name, zone, week, closures);
}

function readZone(raw: Raw, path: Path, { report, timezone }: Reading): Zone | undefined {
  const name = raw.timezone === undefined ? timezone : raw.timezone;
  if (typeof name !== 'string') {
    report([...path, 'timezone'], `must be text like "Europe/Berlin", not ${kindOf(name)}`);
    return undefined;
  }
  const zone = zoneOf(name);
  if (zone === undefined)
    report(
      [...path, 'timezone'],
      `${JSON.stringify(name.slice(0, 60))} is not a time zone`,
      zoneHint(name.slice(0, 60)),
    );
  return zone;
}

/** "berlin" ends "Europe/Berlin"; "Europe/Berln" is near to it. */
function zoneHint(word: string): string {
  const names = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  const end = `/${word.trim().replaceAll(' ', '_').toLowerCase()}`;
  const whole = names.find((name) => name.toLowerCase().endsWith(end));
  return (
    (whole === undefined ? didYouMean(word, names) : `did you mean "${whole}"?`) ?? 'write it like "Europe/Berlin"'
  );
}

function readClosed(raw: unknown, path: Path, zone: Zone | undefined, reading: Reading): Closures[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) {
    reading.report(path, `must be a list [ … ], not ${kindOf(raw)}`, CLOSED_HINT);
    return [];
  }
  const ranges: DateRange[] = [];
  const closures: Closures[] = [];
  for (let n = 0; n < raw.length; n++) {
    const entry: unknown = raw[n];
    if (typeof entry === 'string') {
      const range = readDates(entry, [...path, n], reading.report);
      if (range !== undefined) ranges.push(range);
    } else if (isObject(entry)) {
      const events = readCalendarEntry(entry, [...path, n], reading);
      if (events !== undefined && zone !== undefined) closures.push(createClosures(events, zone));
    } else reading.report([...path, n], `must be a date or a calendar, not ${kindOf(entry)}`, CLOSED_HINT);
  }
  if (ranges.length === 0) return closures;
  const closesDate = (day: number): boolean => ranges.some(({ first, last }) => day >= first && day <= last);
  return [{ closesDate, spans: () => [] }, ...closures];
}

function readDates(text: string, path: Path, report: Report): DateRange | undefined {
  const ends = text.split('/');
  const days = ends.map(dateDay);
  const bad = days.indexOf(undefined);
  if (bad >= 0 || ends.length > 2) {
    const what = ends.length > 2 ? text : (ends[bad] ?? text);
    report(path, `${JSON.stringify(what.slice(0, 40))} is no date`, CLOSED_HINT);
    return undefined;
  }
  const [first = 0, last = first] = days;
  if (last >= first) return { first, last };
  report(path, `${JSON.stringify(text)} ends before it begins`, `write "${ends[1]}/${ends[0]}"`);
  return undefined;
}

function readCalendarEntry(raw: Raw, path: Path, reading: Reading): CalendarFile['events'] | undefined {
  const { report, calendars, files } = reading;
  for (const key of Object.keys(raw))
    if (key !== 'calendar') report([...path, key], 'unknown key', didYouMean(key, ['calendar']));
  const { calendar: name } = raw;
  const at = [...path, 'calendar'];
  if (typeof name !== 'string' || name === '') {
    const what =
      name === undefined ? 'is missing' : name === '' ? 'must not be empty' : `must be text, not ${kindOf(name)}`;
    report(at, what, 'the name of an iCalendar file, like "holidays.ics"');
    return undefined;
  }
  const shown = JSON.stringify(name.slice(0, 100));
  const text = calendars.get(name);
  if (text === undefined) {
    report(at, `there is no calendar file ${shown}`, didYouMean(name, [...calendars.keys()]));
    return undefined;
  }
  const file = files.get(name) ?? readCalendar(text);
  files.set(name, file);
  for (const { line, message, hint } of file.problems) report(at, `${shown}, line ${line}: ${message}`, hint);
  return file.events;
}
