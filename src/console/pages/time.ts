// Times as people read them: in the time zone of the config, exact where one points at them.
import { html } from 'hono/html';
import type { Html } from '../http/route.ts';

const formats = new Map<string, { day: Intl.DateTimeFormat; time: Intl.DateTimeFormat }>();

function formatsOf(timezone: string) {
  let found = formats.get(timezone);
  if (found === undefined) {
    found = {
      day: new Intl.DateTimeFormat('en-CA', { timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit' }),
      time: new Intl.DateTimeFormat('en-GB', {
        timeZone: timezone,
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
      }),
    };
    formats.set(timezone, found);
  }
  return found;
}

/** `2026-11-24 10:15:02` in a time zone. */
export function timeText(atMs: number, timezone: string): string {
  const { day, time } = formatsOf(timezone);
  return `${day.format(atMs)} ${time.format(atMs)}`;
}

/** `2026-11-24` in a time zone. */
export const dayText = (atMs: number, timezone: string): string => formatsOf(timezone).day.format(atMs);

/** A time with its exact form for machines; '' for no time. */
export function timeTag(at: string | number | null, timezone: string): Html {
  const atMs = typeof at === 'number' ? at : Date.parse(at ?? '');
  if (Number.isNaN(atMs)) return html``;
  return html`<time datetime="${new Date(atMs).toISOString()}">${timeText(atMs, timezone)}</time>`;
}

/** `7 s`, `3 min 5 s`, `2 h 4 min`; '' for null. */
export function secondsText(seconds: number | null): string {
  if (seconds === null) return '';
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  const minutes = Math.floor((seconds % 3600) / 60);
  return `${Math.floor(seconds / 3600)} h${minutes === 0 ? '' : ` ${minutes} min`}`;
}
