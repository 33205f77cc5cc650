// Times as people read them: in the time zone of the config, exact where one points at them.
import { html } from 'hono/html';
import { offsetMsAt } from '../figures/buckets.ts';
import type { Html } from '../http/route.ts';

const QUARTER_MS = 900_000;
const OFFSETS_MAX = 4_000;

/** By time zone and quarter of an hour: to ask for an offset takes twenty times as long as all else. */
const offsets = new Map<string, number>();

function localIso(atMs: number, timezone: string): string {
  const quarter = Math.floor(atMs / QUARTER_MS);
  const key = `${quarter} ${timezone}`;
  let offsetMs = offsets.get(key);
  if (offsetMs === undefined) {
    if (offsets.size >= OFFSETS_MAX) offsets.clear();
    offsetMs = offsetMsAt(quarter * QUARTER_MS, timezone);
    offsets.set(key, offsetMs);
  }
  return new Date(atMs + offsetMs).toISOString();
}

/** `2026-11-24 10:15:02` in a time zone. */
export function timeText(atMs: number, timezone: string): string {
  const iso = localIso(atMs, timezone);
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

/** `2026-11-24` in a time zone. */
export const dayText = (atMs: number, timezone: string): string => localIso(atMs, timezone).slice(0, 10);

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
