// The zones of a calendar file: a TZID that Intl knows, or the VTIMEZONE that the file brings along (Outlook's own names).
import { DAY_MS, zoneOf } from '../zone.ts';
import type { Line, Part } from './lines.ts';
import { readRepeat, repeatDays } from './repeat.ts';
import { momentIn, readProperty, readStamps, type ToMoment, Unusable } from './stamp.ts';

/** From this wall time on (in the old offset) the zone is `afterMs` from UTC instead of `beforeMs`. */
type Onset = { wallMs: number; beforeMs: number; afterMs: number };

/** Outlook lets its rules begin in 1601. */
const YEAR_MIN = 1600;
const LAST_DAY = Date.UTC(2201, 0, 1) / DAY_MS;
const ONSETS_MAX = 10_000;

/** The zone of a TZID; throws Unusable (of a line of the VTIMEZONE) if that cannot be used. */
export type ZonesOf = (tzid: string) => ToMoment | undefined;

/** Zones are read when an event first names them. */
export function createZones(parts: readonly Part[]): ZonesOf {
  const known = new Map<string, ToMoment | undefined>();
  return (tzid) => {
    if (!known.has(tzid)) known.set(tzid, ianaZone(tzid) ?? ownZone(tzid, parts));
    return known.get(tzid);
  };
}

/** "Europe/Berlin", also with what some programs put before it: "/freeassociation.sourceforge.net/Europe/Berlin". */
function ianaZone(tzid: string): ToMoment | undefined {
  const steps = tzid.slice(0, 200).split('/');
  const tails = tzid.startsWith('/') ? [steps.slice(-2), steps.slice(-3)] : [steps];
  for (const tail of tails) {
    const zone = zoneOf(tail.join('/'));
    if (zone !== undefined) return momentIn(zone);
  }
  return undefined;
}

function ownZone(tzid: string, parts: readonly Part[]): ToMoment | undefined {
  const part = parts.find(({ lines }) => {
    const line = lines.find(({ name }) => name === 'TZID');
    return line !== undefined && line.text.slice(line.text.indexOf(':') + 1).trim() === tzid;
  });
  if (part === undefined) return undefined;
  const onsets = part.parts.flatMap(onsetsOf).sort((a, b) => a.wallMs - b.wallMs);
  const [first] = onsets;
  if (first === undefined) return undefined;
  return (wallMs) => {
    let [low, high] = [0, onsets.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((onsets[middle]?.wallMs ?? 0) <= wallMs) low = middle + 1;
      else high = middle;
    }
    const onset = onsets[low - 1];
    if (onset === undefined) return wallMs - first.beforeMs;
    // What the clock jumps over counts from the offset before.
    const jumped = wallMs < onset.wallMs + onset.afterMs - onset.beforeMs;
    return wallMs - (jumped ? onset.beforeMs : onset.afterMs);
  };
}

/** When a STANDARD or DAYLIGHT of a zone begins. */
function onsetsOf({ lines }: Part): Onset[] {
  const find = (name: string): Line | undefined => lines.find((line) => line.name === name);
  const [start, from, to] = [find('DTSTART'), find('TZOFFSETFROM'), find('TZOFFSETTO')];
  if (start === undefined || from === undefined || to === undefined) return [];
  const [beforeMs, afterMs] = [readOffset(from), readOffset(to)];
  const [first] = readStamps(start, () => undefined, YEAR_MIN);
  if (first === undefined) return [];
  const startDay = Math.floor(first.wallMs / DAY_MS);
  const timeMs = first.wallMs - startDay * DAY_MS;
  const walls = new Set<number>([first.wallMs]);
  for (const line of lines) {
    if (line.name === 'RDATE') for (const { wallMs } of readStamps(line, () => undefined, YEAR_MIN)) walls.add(wallMs);
    if (line.name !== 'RRULE') continue;
    const repeat = readRepeat(line, undefined);
    if (repeat.frequency !== 'YEARLY') throw new Unusable(line, 'of a time zone must have FREQ=YEARLY');
    // UNTIL of a zone is in UTC, reckoned from the offset before.
    const { until } = repeat;
    const untilMs = until === undefined ? Number.POSITIVE_INFINITY : until.wallMs + (until.place ? beforeMs : 0);
    for (const day of repeatDays(repeat, startDay, startDay, LAST_DAY))
      if (day * DAY_MS + timeMs <= untilMs) walls.add(day * DAY_MS + timeMs);
  }
  return [...walls].slice(0, ONSETS_MAX).map((wallMs) => ({ wallMs, beforeMs, afterMs }));
}

function readOffset(line: Line): number {
  const match = /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(String(readProperty(line).values[0]));
  if (match === null) throw new Unusable(line, 'is no offset from UTC', 'like "+0100"');
  const ms = (Number(match[2]) * 3_600 + Number(match[3]) * 60 + Number(match[4] ?? 0)) * 1_000;
  return match[1] === '-' ? -ms : ms;
}
