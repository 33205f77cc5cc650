// The lines of an iCalendar file (RFC 5545 §3.1): unfolded, with the number each has in the file, by component.

/** One content line, unfolded. `line`: where it begins in the file, from 1. */
export type Line = { line: number; name: string; text: string };

/** VEVENT, VTIMEZONE and what stands in them; only the lines that are named in `wanted` are kept. */
export type Part = { kind: string; line: number; lines: Line[]; parts: Part[] };

/** What is wrong with a calendar file; `line` from 1. */
export type CalendarProblem = { line: number; message: string; hint?: string };

/** Components stand in each other three deep (calendar, time zone, daylight time); more is noise. */
const DEPTH_MAX = 8;

const WANTED: ReadonlySet<string> = new Set(
  'UID STATUS DTSTART DTEND DURATION RRULE RDATE EXDATE EXRULE RECURRENCE-ID TZID TZOFFSETFROM TZOFFSETTO'.split(' '),
);

/**
 * The components right inside VCALENDAR, in their order. Lines that mean nothing here (a description, whatever it holds) are passed
 * over; components that do not close are reported.
 */
export function readParts(text: string): { parts: Part[]; problems: CalendarProblem[] } {
  const problems: CalendarProblem[] = [];
  const root: Part = { kind: '', line: 0, lines: [], parts: [] };
  const open: Part[] = [root];
  for (const one of unfold(text)) {
    const inside = open.at(-1) ?? root;
    const value = one.text
      .slice(one.text.indexOf(':') + 1)
      .trim()
      .toUpperCase();
    if (one.name === 'BEGIN') {
      const part: Part = { kind: value, line: one.line, lines: [], parts: [] };
      if (open.length <= DEPTH_MAX) inside.parts.push(part);
      open.push(part);
    } else if (one.name === 'END') {
      if (open.length > 1 && inside.kind === value) open.pop();
      else problems.push({ line: one.line, message: `END:${value.slice(0, 40)} ends nothing that began` });
    } else if (WANTED.has(one.name)) inside.lines.push(one);
    if (problems.length > 0) break;
  }
  if (problems.length === 0)
    for (const part of open.slice(1))
      problems.push({
        line: part.line,
        message: `BEGIN:${part.kind.slice(0, 40)} has no end`,
        hint: 'is the file whole?',
      });
  const calendars = root.parts.filter(({ kind }) => kind === 'VCALENDAR');
  if (calendars.length === 0)
    return {
      parts: [],
      problems: [{ line: 1, message: 'is not an iCalendar file', hint: 'it begins with BEGIN:VCALENDAR' }],
    };
  return { parts: calendars.flatMap(({ parts }) => parts), problems };
}

/** A line that begins with a space or tab goes on with the one before. */
function* unfold(text: string): Generator<Line> {
  let current: { line: number; pieces: string[] } | undefined;
  let line = 0;
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    line += 1;
    if ((raw.startsWith(' ') || raw.startsWith('\t')) && current !== undefined) current.pieces.push(raw.slice(1));
    else {
      if (current !== undefined) yield lineOf(current);
      current = { line, pieces: [raw] };
    }
  }
  if (current !== undefined) yield lineOf(current);
}

function lineOf({ line, pieces }: { line: number; pieces: string[] }): Line {
  const text = pieces.join('');
  return { line, name: (/^[A-Za-z-]+(?=[:;])/.exec(text)?.[0] ?? '').toUpperCase(), text };
}
