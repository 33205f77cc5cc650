// Times in templates: ISO 8601 → text by a format, in a named zone. The same event gives the same text on every machine.

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;
const DIRECTIVE = /%(-?)([A-Za-z%])/g;

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** Wall-clock time in a zone. `offsetMinutes`: east of UTC. */
type Wall = {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  atMs: number;
  offsetMinutes: number;
  zone: string;
};

const two = (value: number, pad: boolean): string => String(value).padStart(pad ? 2 : 1, '0');
const twelve = (hour: number): number => hour % 12 || 12;
const weekday = (wall: Wall): string => DAYS[new Date(Date.UTC(wall.year, wall.month - 1, wall.day)).getUTCDay()] ?? '';
const month = (wall: Wall): string => MONTHS[wall.month - 1] ?? '';
const dayOfYear = (wall: Wall): number =>
  (Date.UTC(wall.year, wall.month - 1, wall.day) - Date.UTC(wall.year, 0, 1)) / 86_400_000 + 1;

function offset({ offsetMinutes }: Wall): string {
  const minutes = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60), true)}${two(minutes % 60, true)}`;
}

/** The letters of strftime that make sense here. */
const DIRECTIVES: Readonly<Record<string, (wall: Wall, pad: boolean) => string>> = {
  Y: (wall) => String(wall.year),
  y: (wall, pad) => two(wall.year % 100, pad),
  m: (wall, pad) => two(wall.month, pad),
  d: (wall, pad) => two(wall.day, pad),
  e: (wall) => String(wall.day),
  j: (wall, pad) => String(dayOfYear(wall)).padStart(pad ? 3 : 1, '0'),
  H: (wall, pad) => two(wall.hour, pad),
  k: (wall) => String(wall.hour),
  I: (wall, pad) => two(twelve(wall.hour), pad),
  l: (wall) => String(twelve(wall.hour)),
  M: (wall, pad) => two(wall.minute, pad),
  S: (wall, pad) => two(wall.second, pad),
  L: (wall) => String(wall.ms).padStart(3, '0'),
  p: (wall) => (wall.hour < 12 ? 'AM' : 'PM'),
  P: (wall) => (wall.hour < 12 ? 'am' : 'pm'),
  A: weekday,
  a: (wall) => weekday(wall).slice(0, 3),
  B: month,
  b: (wall) => month(wall).slice(0, 3),
  F: (wall) => `${wall.year}-${two(wall.month, true)}-${two(wall.day, true)}`,
  T: (wall) => `${two(wall.hour, true)}:${two(wall.minute, true)}:${two(wall.second, true)}`,
  R: (wall) => `${two(wall.hour, true)}:${two(wall.minute, true)}`,
  s: (wall) => String(Math.floor(wall.atMs / 1000)),
  z: offset,
  Z: (wall) => wall.zone,
  '%': () => '%',
};

/** Every letter that a format may have behind its %. */
export const FORMAT_LETTERS: readonly string[] = Object.keys(DIRECTIVES);

/** A `%` in a format that means nothing, as a sentence; undefined if there is none. */
export function formatProblem(format: string): { message: string; hint: string } | undefined {
  const left = format.replace(DIRECTIVE, (all, _flag, letter: string) =>
    Object.hasOwn(DIRECTIVES, letter) ? '' : all,
  );
  const bad = /%.{0,2}/s.exec(left)?.[0];
  if (bad === undefined) return undefined;
  const known = FORMAT_LETTERS.map((letter) => `%${letter}`);
  return { message: `the format has ${JSON.stringify(bad)}, which means nothing`, hint: `known: ${known.join(' ')}` };
}

/** Why a text names no time zone, or undefined. */
export function zoneProblem(zone: string): { message: string; hint: string } | undefined {
  try {
    formatterOf(zone);
    return undefined;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { message: `${JSON.stringify(zone.slice(0, 40))} is not a time zone`, hint: 'like "Europe/Berlin"' };
  }
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Throws a RangeError for a zone that does not exist. */
function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** The time in a format of strftime's letters; a text that is no ISO 8601 time comes back as it is. */
export function formatTime(text: string, format: string, zone: string): string {
  const atMs = ISO.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) return text;
  const wall = wallAt(atMs, zone);
  return format.replace(DIRECTIVE, (all, flag: string, letter: string) =>
    Object.hasOwn(DIRECTIVES, letter) ? (DIRECTIVES[letter]?.(wall, flag === '') ?? all) : all,
  );
}

function wallAt(atMs: number, zone: string): Wall {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(atMs)) parts[type] = Number(value);
  const { year = 0, month: monthOf = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const ms = ((atMs % 1000) + 1000) % 1000;
  const offsetMinutes = Math.round((Date.UTC(year, monthOf - 1, day, hour, minute, second, ms) - atMs) / 60_000);
  return { year, month: monthOf, day, hour, minute, second, ms, atMs, offsetMinutes, zone };
}
