// Buckets: the hours and days of a time zone as stretches of real time, right where clocks are put forward or back.
import type { Span } from '../../core/history.ts';

/** `hour`: each hour that a clock on the wall shows, twice where it shows it twice. `day`: from midnight to midnight, 23 to 25 hours. */
export type Step = 'hour' | 'day';

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** From `fromMs` on the wall's clock is `offsetMs` ahead of UTC. */
type Stretch = { fromMs: number; offsetMs: number };

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
    formats.set(timezone, format);
  }
  return format;
}

/** How far the wall's clock is ahead of UTC at a moment, in ms. */
export function offsetMsAt(atMs: number, timezone: string): number {
  const [, sign, hours = '0', minutes = '0'] =
    /GMT(?:([+-])(\d\d):(\d\d))?/.exec(formatOf(timezone).format(atMs)) ?? [];
  const ms = Number(hours) * HOUR_MS + Number(minutes) * 60_000;
  return sign === '-' ? -ms : ms;
}

/** The offsets of a span: asked once a day, and where it changed in between, the quarter of an hour of the change is searched. */
function stretchesOf({ fromMs, toMs }: Span, timezone: string): Stretch[] {
  const found: Stretch[] = [{ fromMs, offsetMs: offsetMsAt(fromMs, timezone) }];
  for (let atMs = fromMs; atMs < toMs; atMs += DAY_MS) {
    const endMs = Math.min(atMs + DAY_MS, toMs);
    const before = (found.at(-1) as Stretch).offsetMs;
    const after = offsetMsAt(endMs, timezone);
    if (after === before) continue;
    let [low, high] = [Math.floor(atMs / QUARTER_MS), Math.ceil(endMs / QUARTER_MS)];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetMsAt(middle * QUARTER_MS, timezone) === before) low = middle;
      else high = middle;
    }
    found.push({ fromMs: high * QUARTER_MS, offsetMs: after });
  }
  return found;
}

/** Begins of the hours or days of a span, ms since 1970, in their order; the first is the span's own begin. */
export function bucketsOf(span: Span, step: Step, timezone: string): number[] {
  const sizeMs = step === 'hour' ? HOUR_MS : DAY_MS;
  const stretches = stretchesOf(span, timezone);
  const begins: number[] = [];
  let last: string | undefined;
  for (let atMs = span.fromMs; atMs < span.toMs; atMs = (Math.floor(atMs / QUARTER_MS) + 1) * QUARTER_MS) {
    while (stretches.length > 1 && (stretches[1] as Stretch).fromMs <= atMs) stretches.shift();
    const { offsetMs } = stretches[0] as Stretch;
    const count = Math.floor((atMs + offsetMs) / sizeMs);
    // An hour that the clock shows a second time is another hour; a day stays one, however long.
    const name = step === 'hour' ? `${count} ${offsetMs}` : String(count);
    if (name !== last) begins.push(atMs);
    last = name;
  }
  return begins;
}

/** The first moment of the local day that a moment lies in, `days` days later (or, below 0, before). */
export function dayBegin(atMs: number, days: number, timezone: string): number {
  const day = Math.floor((atMs + offsetMsAt(atMs, timezone)) / DAY_MS) + days;
  return firstMomentOf(day, timezone);
}

/** Of a day counted from 1970-01-01: where midnight was jumped over, the moment after the jump. */
export function firstMomentOf(day: number, timezone: string): number {
  const about = day * DAY_MS - offsetMsAt(day * DAY_MS, timezone);
  const isBefore = (atMs: number): boolean => Math.floor((atMs + offsetMsAt(atMs, timezone)) / DAY_MS) < day;
  // A change of the clock lies within three hours of that guess.
  let atMs = about - 3 * HOUR_MS;
  while (isBefore(atMs)) atMs += QUARTER_MS;
  return atMs;
}

/** The place of a moment among begins in rising order; -1 before the first. */
export function placeOf(begins: readonly number[], atMs: number): number {
  let [low, high] = [0, begins.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((begins[middle] as number) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
