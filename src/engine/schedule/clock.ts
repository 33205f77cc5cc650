// Clock times and dates as people write them ("08:00", "2026-12-24"), and the next moment at which a clock shows one.
import { DAY_MS, dayOf, isMoment, type Zone, zoneOf } from './zone.ts';

/** Minutes after midnight of "HH:MM", 00:00 to 23:59; undefined if it is none. */
export function clockMinutes(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2]);
}

/** Days since 1970-01-01 of "YYYY-MM-DD"; undefined if there is no such date. */
export function dateDay(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // Date.parse rolls "2026-02-30" over into March.
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text) ? undefined : ms / DAY_MS;
}

/**
 * The next moment after `fromMs` (ms since 1970) at which a clock in that zone shows HH:MM. A time that a date does not have
 * because the clock jumps over it is the first moment after the jump; of one that comes twice it is the first; a date that never
 * came (Apia, 2011-12-30) has none. Throws a RangeError for a time, zone or moment that does not exist: they are checked
 * where rules are read.
 */
export function nextClockTime(fromMs: number, time: string, timezone: string): number {
  const zone = zoneOf(timezone);
  const minutes = clockMinutes(time);
  if (zone === undefined || minutes === undefined || !isMoment(fromMs))
    throw new RangeError('nextClockTime: no such time, zone or moment');
  for (let day = dayOf(fromMs + zone.offsetMsAt(fromMs)); ; day++) {
    const atMs = onDate(zone, day, minutes);
    if (atMs !== undefined && atMs > fromMs) return atMs;
  }
}

function onDate(zone: Zone, day: number, minutes: number): number | undefined {
  const shown = zone.shown(day * DAY_MS + minutes * 60_000);
  if ('atMs' in shown) return shown.atMs;
  return zone.hasDate(day) ? shown.jumpMs : undefined;
}
