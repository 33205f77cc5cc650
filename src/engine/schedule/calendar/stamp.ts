// Dates and times of a calendar file (RFC 5545 §3.3.4, §3.3.5): what was written, checked, and in which zone it is meant.
import ICAL from 'ical.js';
import type { WallMs, Zone } from '../zone.ts';
import type { Line } from './lines.ts';

/** Wall time → moment, both ms. A time that the clock jumps over counts from the offset before (RFC 5545 §3.3.5). */
export type ToMoment = (wallMs: WallMs) => number;

/** The zone in which a time is meant; undefined: whatever the clock shows where the calendar is used. */
export type Place = ToMoment | undefined;

/** `date`: a whole date, its `wallMs` is midnight. */
export type Stamp = { wallMs: WallMs; date: boolean; place: Place };

/** A line of an event that cannot be used; the message is for people, and begins with the name of the property. */
export class Unusable extends Error {
  override name = 'Unusable';
  readonly line: number;
  readonly hint: string | undefined;
  constructor({ line, name }: Line, message: string, hint?: string) {
    super(`${name} ${message}`);
    this.line = line;
    this.hint = hint;
  }
}

type Property = { params: Record<string, unknown>; type: string; values: unknown[] };

/** Outside these years something is wrong with the file, and there is no end to reckoning from there. */
const YEAR_MIN = 1900;
const YEAR_MAX = 2200;
const inUtc: ToMoment = (wallMs) => wallMs;

/** The moment of a wall time in a zone of Intl's. */
export const momentIn =
  (zone: Zone): ToMoment =>
  (wallMs) => {
    const shown = zone.shown(wallMs);
    return 'atMs' in shown ? shown.atMs : wallMs - shown.offsetBeforeMs;
  };

/** The parts of one line. Throws Unusable. */
export function readProperty(line: Line): Property {
  let jcal: unknown;
  try {
    jcal = ICAL.parse.property(line.text);
  } catch {
    // The library throws errors of many kinds, and says what stood in the line.
    throw new Unusable(line, 'cannot be read');
  }
  if (!Array.isArray(jcal) || jcal.length < 4) throw new Unusable(line, 'is empty');
  const [, params, type, ...values] = jcal as [string, Record<string, unknown>, string, ...unknown[]];
  return { params, type, values };
}

/** The dates or times of one line. `placeOf`: the zone of a TZID, or why there is none. Throws Unusable. */
export function readStamps(line: Line, placeOf: (tzid: string) => ToMoment | undefined, yearMin = YEAR_MIN): Stamp[] {
  const { params, type, values } = readProperty(line);
  const tzid = params.tzid;
  let place: Place;
  if (typeof tzid === 'string' && type === 'date-time') {
    place = placeOf(tzid);
    if (place === undefined)
      throw new Unusable(
        line,
        `names the time zone ${JSON.stringify(tzid.slice(0, 60))}, which nobody knows`,
        ZONE_HINT,
      );
  }
  return values.map((value) => stampOf(line, type, value, place, yearMin));
}

/** The end of a repetition: `2026-12-31`, `2026-12-31T22:59:59Z`. A year beyond all others is no end. Throws Unusable. */
export function readUntil(line: Line, value: unknown, place: Place): Stamp | undefined {
  const text = String(value);
  if (Number(text.slice(0, 4)) > YEAR_MAX) return undefined;
  return stampOf(line, text.includes('T') ? 'date-time' : 'date', text, place, 0);
}

const ZONE_HINT = 'use an IANA name such as "Europe/Berlin", or export the VTIMEZONE with it';

function stampOf(line: Line, type: string, value: unknown, place: Place, yearMin: number): Stamp {
  if (type !== 'date' && type !== 'date-time') throw new Unusable(line, 'is neither a date nor a time');
  // "DTSTART:20261224" without VALUE=DATE is common; the library makes "2026-12-24T::" of it.
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(?:::|(\d\d):(\d\d):(\d\d)(Z?)))?$/.exec(String(value));
  if (match === null) throw new Unusable(line, 'is no date or time');
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((digits) => Number(digits ?? 0)) as number[];
  const dateMs = Date.UTC(year as number, (month as number) - 1, day);
  // 2026-02-30 would become a day in March.
  if (new Date(dateMs).getUTCDate() !== day || new Date(dateMs).getUTCMonth() + 1 !== month)
    throw new Unusable(line, 'is a date that does not exist');
  const seconds = (hour as number) * 3_600 + (minute as number) * 60 + (second as number);
  // 23:59:60 is a leap second.
  if ((hour as number) > 23 || (minute as number) > 59 || (second as number) > 60)
    throw new Unusable(line, 'is a time that does not exist');
  if ((year as number) < yearMin || (year as number) > YEAR_MAX)
    throw new Unusable(line, `is in the year ${year}`, `years from ${yearMin} to ${YEAR_MAX} can be used`);
  return { wallMs: dateMs + seconds * 1_000, date: match[4] === undefined, place: match[7] === 'Z' ? inUtc : place };
}

export type Length = { days: number; ms: number };

/** "P1D", "PT90M" as days that clocks count and ms that pass. Throws Unusable. */
export function readDuration(line: Line): Length {
  const text = String(readProperty(line).values[0]);
  if (!/^\+?P(?=.)(?:\d{1,5}W|(?:\d{1,5}D)?(?:T(?=.)(?:\d{1,6}H)?(?:\d{1,6}M)?(?:\d{1,8}S)?)?)$/.test(text))
    throw new Unusable(line, 'is no length of time', 'like "P1D" or "PT90M"');
  const { weeks, days, hours, minutes, seconds } = ICAL.Duration.fromString(text);
  return { days: weeks * 7 + days, ms: ((hours * 60 + minutes) * 60 + seconds) * 1_000 };
}
