// What the tests of schedules share: short ways to read one, moments as people write them, and iCalendar files.
import { formatPath } from '../../src/core/problems.ts';
import { readSchedules, type Schedule } from '../../src/engine/schedule/index.ts';

/** What a `schedules` object becomes, and every problem as a line. */
export function readAll(
  raw: unknown,
  calendars: Record<string, string> = {},
  timezone = 'UTC',
): { schedules: Map<string, Schedule>; problems: string[] } {
  const problems: string[] = [];
  const schedules = readSchedules(raw, ['schedules'], {
    report: (path, message, hint) =>
      void problems.push(`${formatPath(path)}: ${message}${hint === undefined ? '' : `; ${hint}`}`),
    timezone,
    calendars: new Map(Object.entries(calendars)),
  });
  return { schedules, problems };
}

/** One schedule that holds no mistake. */
export function scheduleOf(raw: object, calendars: Record<string, string> = {}, timezone = 'UTC'): Schedule {
  const { schedules, problems } = readAll({ it: raw }, calendars, timezone);
  const schedule = schedules.get('it');
  if (schedule === undefined || problems.length > 0) throw new Error(problems.join('\n'));
  return schedule;
}

/** `2026-03-29T01:30:00+01:00` → ms since 1970. */
export function at(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || !/(?:Z|[+-]\d\d:\d\d)$/.test(text)) throw new Error(`no moment: ${text}`);
  return ms;
}

/** A calendar file with these lines as events; each event is a list of its lines. */
export const icsOf = (...events: string[][]): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//test//EN',
    ...events.flatMap((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']),
    'END:VCALENDAR',
    '',
  ].join('\r\n');

/** The UTC dates at whose noon a schedule that is open day and night is closed, from one date to another. */
export function closedDates(schedule: Schedule, from: string, to: string): string[] {
  const dates: string[] = [];
  for (let ms = at(`${from}T12:00:00Z`); ms <= at(`${to}T12:00:00Z`); ms += 86_400_000)
    if (!schedule.isOpen(ms)) dates.push(new Date(ms).toISOString().slice(0, 10));
  return dates;
}

export const ALWAYS = [{ days: 'daily', from: '00:00', to: '24:00' }];
