// Reading an iCalendar file: its events, or what is wrong with it and on which line.
import { type CalendarEvent, readEvent, uidOf } from './event.ts';
import { type CalendarProblem, type Part, readParts } from './lines.ts';
import { Unusable } from './stamp.ts';
import { createZones } from './zones.ts';

export type CalendarFile = { events: readonly CalendarEvent[]; problems: readonly CalendarProblem[] };

const TEXT_LENGTH_MAX = 10_000_000;
const EVENTS_MAX = 10_000;
/** More than a person reads at once; the rest of such a file is not looked at. */
const PROBLEMS_MAX = 20;

/** Events that cannot be used are left out, each with a problem. Never throws, whatever the text is. */
export function readCalendar(text: string): CalendarFile {
  if (text.length > TEXT_LENGTH_MAX) return refused('is too large', `at most ${TEXT_LENGTH_MAX / 1_000_000} MB`);
  const { parts, problems } = readParts(text);
  if (problems.length > 0) return { events: [], problems };
  const vevents = parts.filter(({ kind }) => kind === 'VEVENT');
  if (vevents.length > EVENTS_MAX) return refused(`holds ${vevents.length} events`, `at most ${EVENTS_MAX}`);
  const zonesOf = createZones(parts.filter(({ kind }) => kind === 'VTIMEZONE'));
  const events: CalendarEvent[] = [];
  for (const part of vevents) {
    if (problems.length >= PROBLEMS_MAX) break;
    try {
      events.push(readEvent(part, zonesOf));
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      problems.push(problemOf(part, error));
    }
  }
  if (problems.length >= PROBLEMS_MAX)
    problems.push({ line: problems.at(-1)?.line ?? 1, message: 'and what follows in this file was not looked at' });
  return { events: settle(events), problems };
}

const refused = (message: string, hint: string): CalendarFile => ({
  events: [],
  problems: [{ line: 1, message, hint }],
});

function problemOf(part: Part, { line, message, hint }: Unusable): CalendarProblem {
  const uid = uidOf(part);
  const whose = uid === '' ? '' : ` (event ${JSON.stringify(uid.slice(0, 60))})`;
  return { line, message: `${message}${whose}`, ...(hint === undefined ? {} : { hint }) };
}

/** An event that replaces one date of another takes it out there; what is cancelled closes nothing. */
function settle(events: readonly CalendarEvent[]): CalendarEvent[] {
  const series = new Map<string, CalendarEvent[]>();
  for (const event of events) {
    if (event.replaces !== undefined) continue;
    const list = series.get(event.uid);
    if (list === undefined) series.set(event.uid, [event]);
    else list.push(event);
  }
  for (const { replaces, uid } of events)
    if (replaces !== undefined) for (const event of series.get(uid) ?? []) event.except.push(replaces);
  return events.filter(({ cancelled }) => !cancelled);
}
