// A VEVENT as far as it closes something: when it begins, how long it lasts, how it repeats and when it does not.
import type { WallMs } from '../zone.ts';
import { DAY_MS, dayOf } from '../zone.ts';
import type { Line, Part } from './lines.ts';
import { everFalls, type Repeat, readRepeat } from './repeat.ts';
import { type Length, readDuration, readProperty, readStamps, type Stamp, Unusable } from './stamp.ts';
import type { ZonesOf } from './zones.ts';

export type CalendarEvent = {
  uid: string;
  start: Stamp;
  /** Whole dates for an event of whole dates; else until when, or for how long. */
  end: { days: number } | { until: Stamp } | { length: Length };
  repeats: readonly Repeat[];
  /** Further beginnings (RDATE). */
  extra: readonly Stamp[];
  /** Beginnings that do not count (EXDATE, and those that another event replaces). */
  except: Stamp[];
  /** The beginning of the same UID that this event replaces (RECURRENCE-ID). */
  replaces: Stamp | undefined;
  cancelled: boolean;
};

/** An event that comes again and lasts longer is a mistake, and would have to be looked for in every year. */
const REPEATED_DAYS_MAX = 366;
/** EXDATE and RDATE of one event. */
const STAMPS_MAX = 10_000;

/** Reads one VEVENT. Throws Unusable for the first line that is wrong. */
export function readEvent(part: Part, zonesOf: ZonesOf): CalendarEvent {
  const all = (name: string): Line[] => part.lines.filter((line) => line.name === name);
  const [startLine] = all('DTSTART');
  const begin = { line: part.line, name: 'DTSTART', text: '' };
  if (startLine === undefined) throw new Unusable(begin, 'is missing');
  const [start] = readStamps(startLine, zonesOf);
  if (start === undefined) throw new Unusable(startLine, 'is empty');
  const [exrule] = all('EXRULE');
  if (exrule !== undefined) throw new Unusable(exrule, 'cannot be used here', 'use EXDATE');
  const replaces = readReplaced(all('RECURRENCE-ID')[0], zonesOf);
  const repeats = all('RRULE').map((line) => {
    const repeat = readRepeat(line, start.place);
    if (!everFalls(repeat, dayOf(start.wallMs))) throw new Unusable(line, 'never falls on a day');
    return repeat;
  });
  const extra = all('RDATE').flatMap((line) => readStamps(line, zonesOf));
  const end = readEnd(start, all('DTEND')[0], all('DURATION')[0], zonesOf);
  if (repeats.length > 0 || extra.length > 0) {
    const days =
      'days' in end ? end.days : 'length' in end ? end.length.days : (end.until.wallMs - start.wallMs) / DAY_MS;
    if (days > REPEATED_DAYS_MAX) throw new Unusable(startLine, 'begins an event that repeats and lasts over a year');
  }
  const except = all('EXDATE').flatMap((line) => readStamps(line, zonesOf));
  if (extra.length + except.length > STAMPS_MAX)
    throw new Unusable(startLine, `has more than ${STAMPS_MAX} exceptions`);
  const status = all('STATUS')[0]?.text.split(':')[1]?.trim().toUpperCase();
  return { uid: uidOf(part), start, end, repeats, extra, except, replaces, cancelled: status === 'CANCELLED' };
}

/** What stands in UID, as far as it can be shown. Total. */
export function uidOf(part: Part): string {
  const text = part.lines.find(({ name }) => name === 'UID')?.text ?? '';
  return text.slice(text.indexOf(':') + 1).trim();
}

function readReplaced(line: Line | undefined, zonesOf: ZonesOf): Stamp | undefined {
  if (line === undefined) return undefined;
  if (readProperty(line).params.range !== undefined)
    throw new Unusable(
      line,
      'changes all later dates (RANGE), which cannot be used here',
      'export them as an event of their own',
    );
  return readStamps(line, zonesOf)[0];
}

function readEnd(
  start: Stamp,
  endLine: Line | undefined,
  lengthLine: Line | undefined,
  zonesOf: ZonesOf,
): CalendarEvent['end'] {
  if (endLine !== undefined) {
    const [until] = readStamps(endLine, zonesOf);
    if (until === undefined) throw new Unusable(endLine, 'is empty');
    if (until.date !== start.date) throw new Unusable(endLine, 'must be a date or a time, as DTSTART is');
    if (isBefore(until, start)) throw new Unusable(endLine, 'comes before DTSTART');
    // The end of whole dates is the date after the last; some programs write the last.
    return start.date ? { days: Math.max(1, dayOf(until.wallMs) - dayOf(start.wallMs)) } : { until };
  }
  if (lengthLine !== undefined) {
    const length = readDuration(lengthLine);
    if (!start.date) return { length };
    if (length.ms > 0 || length.days < 1) throw new Unusable(lengthLine, 'must be whole days, as DTSTART is a date');
    return { days: length.days };
  }
  return start.date ? { days: 1 } : { length: { days: 0, ms: 0 } };
}

/** As far as that can be told: a time without a zone may be anywhere. */
function isBefore(a: Stamp, b: Stamp): boolean {
  const at = ({ place, wallMs }: Stamp): WallMs => (place === undefined ? wallMs : place(wallMs));
  const bothKnown = (a.place === undefined) === (b.place === undefined);
  return bothKnown && at(a) < at(b);
}
