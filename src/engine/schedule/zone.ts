// A time zone as stretches of one offset from UTC, worked out from Intl and kept; wall time to moments and back.

export const DAY_MS = 86_400_000;

/** Moments further from 1970 than this (273,000 years) are none that a clock shows. */
const MOMENT_MS_MAX = 8.63e15;
/** Days that are worked out at once. */
const CHUNK_DAYS = 32;
const CHUNK_MS = CHUNK_DAYS * DAY_MS;
/** About 50 years. */
const CHUNKS_MAX = 600;
/** No place was ever further from UTC than this. */
const OFFSET_MS_MAX = 16 * 3_600_000;

/** A time as a clock on the wall shows it: the ms since 1970 that a clock in UTC would show the same at. */
export type WallMs = number;

/** Time from one moment up to another, the second not included; ms since 1970. */
export type Span = { fromMs: number; toMs: number };

/** A span in which the wall time is the moment plus `offsetMs`. */
export type Stretch = Span & { offsetMs: number };

/** When a clock shows a wall time: first at `atMs`, or never, because the clock jumped over it at `jumpMs`. */
export type Shown = { atMs: number } | { jumpMs: number; offsetBeforeMs: number };

export type Zone = {
  name: string;
  offsetMsAt(atMs: number): number;
  /** The stretches that make up a span of at most a few days, in their order. */
  stretches(fromMs: number, toMs: number): Stretch[];
  shown(wallMs: WallMs): Shown;
  /** Whether that local date (days since 1970-01-01) ever came: Apia had no 2011-12-30. */
  hasDate(day: number): boolean;
};

export const isMoment = (atMs: number): boolean => Math.abs(atMs) <= MOMENT_MS_MAX;

/** The local date of a wall time, in days since 1970-01-01. */
export const dayOf = (wallMs: WallMs): number => Math.floor(wallMs / DAY_MS);

const zones = new Map<string, Zone>();

/** The zone of an IANA name, undefined if there is none; "+02:00" is not one. */
export function zoneOf(name: string): Zone | undefined {
  const known = zones.get(name);
  if (known !== undefined) return known;
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    const formatter = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    const zone = createZone(name, formatter);
    zones.set(name, zone);
    return zone;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function createZone(name: string, formatter: Intl.DateTimeFormat): Zone {
  const chunks = new Map<number, readonly Stretch[]>();

  function chunkOf(number: number): readonly Stretch[] {
    let chunk = chunks.get(number);
    if (chunk === undefined) {
      if (chunks.size >= CHUNKS_MAX) chunks.clear();
      chunk = stretchesOf(number * CHUNK_MS, (atMs) => readOffset(formatter.format(atMs)));
      chunks.set(number, chunk);
    }
    return chunk;
  }

  function stretches(fromMs: number, toMs: number): Stretch[] {
    const found: Stretch[] = [];
    for (let number = Math.floor(fromMs / CHUNK_MS); number * CHUNK_MS < toMs; number++)
      for (const one of chunkOf(number)) {
        if (one.toMs <= fromMs || one.fromMs >= toMs) continue;
        const last = found.at(-1);
        if (last?.offsetMs === one.offsetMs) last.toMs = Math.min(one.toMs, toMs);
        else found.push({ ...one, fromMs: Math.max(one.fromMs, fromMs), toMs: Math.min(one.toMs, toMs) });
      }
    return found;
  }

  return {
    name,
    stretches,
    offsetMsAt: (atMs) =>
      chunkOf(Math.floor(atMs / CHUNK_MS)).find((one) => atMs >= one.fromMs && atMs < one.toMs)?.offsetMs ?? 0,
    shown: (wallMs) => shownIn(stretches(wallMs - OFFSET_MS_MAX, wallMs + OFFSET_MS_MAX + 1), wallMs),
    hasDate: (day) =>
      stretches(day * DAY_MS - OFFSET_MS_MAX, (day + 1) * DAY_MS + OFFSET_MS_MAX).some(
        ({ fromMs, toMs, offsetMs }) => fromMs + offsetMs < (day + 1) * DAY_MS && toMs + offsetMs > day * DAY_MS,
      ),
  };
}

function shownIn(stretches: readonly Stretch[], wallMs: WallMs): Shown {
  let before: Stretch | undefined;
  for (const one of stretches) {
    const atMs = wallMs - one.offsetMs;
    if (atMs < one.fromMs) return { jumpMs: one.fromMs, offsetBeforeMs: before?.offsetMs ?? one.offsetMs };
    if (atMs < one.toMs) return { atMs };
    before = one;
  }
  return { atMs: wallMs - (before?.offsetMs ?? 0) };
}

/** The stretches of one chunk: the offset is asked once a day, and where it differs the moment of change is searched. */
function stretchesOf(startMs: number, offsetAt: (atMs: number) => number): Stretch[] {
  const found: Stretch[] = [];
  let current: Stretch = { fromMs: startMs, toMs: startMs + CHUNK_MS, offsetMs: offsetAt(startMs) };
  for (let day = 1; day <= CHUNK_DAYS; day++) {
    const endMs = startMs + day * DAY_MS;
    const offsetMs = offsetAt(endMs);
    // More than one change in a day is taken one after the other.
    while (offsetMs !== current.offsetMs) {
      const atMs = changeBetween(Math.max(current.fromMs, endMs - DAY_MS), endMs, current.offsetMs, offsetAt);
      if (atMs >= startMs + CHUNK_MS) break;
      found.push({ ...current, toMs: atMs });
      current = { fromMs: atMs, toMs: startMs + CHUNK_MS, offsetMs: offsetAt(atMs) };
    }
  }
  found.push(current);
  return found;
}

/** The first moment whose offset is another; zones change at whole seconds. */
function changeBetween(fromMs: number, toMs: number, offsetMs: number, offsetAt: (atMs: number) => number): number {
  let [low, high] = [Math.floor(fromMs / 1_000), Math.ceil(toMs / 1_000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * 1_000) === offsetMs) low = middle;
    else high = middle;
  }
  return high * 1_000;
}

/** "3/29/2026, GMT+02:00", "…, GMT-00:44:30", "…, GMT" → ms east of UTC. */
function readOffset(text: string): number {
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text) ?? [];
  const ms = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
  return sign === '-' ? -ms : ms;
}
