// Open time: a week's windows in a zone, without what is closed, as spans of moments; worked out by the day and kept.
import { cutSpans, joinSpans } from './spans.ts';
import { type Week, weekdayOf } from './week.ts';
import { DAY_MS, dayOf, isMoment, type Span, type Zone } from './zone.ts';

/** All moments and spans of time in ms, moments since 1970. None of these throws; a moment that is no number is never open. */
export type Schedule = {
  name: string;
  isOpen(atMs: number): boolean;
  /**
   * The first moment at which `openMs` of open time have passed since `fromMs`; `fromMs` itself if that is nothing. Undefined if
   * that is not within 2 years (731 days).
   */
  afterOpen(fromMs: number, openMs: number): number | undefined;
  /** Open time between two moments. What lies more than 100 years before `toMs` does not count. */
  openBetween(fromMs: number, toMs: number): number;
  /** The next moment after `fromMs` at which it opens or closes; undefined if that is not within 2 years (731 days). */
  nextChange(fromMs: number): number | undefined;
};

/** What is closed: local dates (days since 1970-01-01), and spans of moments. */
export type Closures = {
  closesDate(day: number): boolean;
  /** Those that touch the span, in no order. */
  spans(fromMs: number, toMs: number): readonly Span[];
};

const AHEAD_DAYS = 731;
const BACK_MS = 36_525 * DAY_MS;
/** Days are kept by the page, because most questions are about days that follow each other; in all about 11 years. */
const PAGE_DAYS = 64;
const PAGES_MAX = 64;

/** One day of UTC. `edges`: opens, closes, opens, closes … */
type Block = { edges: readonly number[]; openMs: number };
const SHUT: Block = { edges: [], openMs: 0 };

/** The blocks of a schedule by the day of UTC, each worked out when somebody first asks. */
function createBlocks(buildDay: (day: number) => Block): (day: number) => Block {
  const pages = new Map<number, (Block | undefined)[]>();
  let lastNumber = Number.NaN;
  let lastPage: (Block | undefined)[] = [];

  return (day) => {
    const number = Math.floor(day / PAGE_DAYS);
    if (number !== lastNumber) {
      if (!isMoment(day * DAY_MS)) return SHUT;
      if (pages.size >= PAGES_MAX) pages.clear();
      lastPage = pages.get(number) ?? new Array<Block | undefined>(PAGE_DAYS).fill(undefined);
      pages.set(number, lastPage);
      lastNumber = number;
    }
    const place = day - number * PAGE_DAYS;
    let block = lastPage[place];
    if (block === undefined) {
      block = buildDay(day);
      lastPage[place] = block;
    }
    return block;
  };
}

/**
 * A schedule is open at a moment whose wall time lies in one of the windows. So a time that a clock shows twice is open twice, and
 * one that it jumps over never comes. A window over midnight belongs to the date on which it begins: if that date is closed,
 * so is all of the window, and a closed date leaves alone what came over from the date before. Spans that are closed are
 * closed whatever the windows say.
 */
export function createSchedule(name: string, zone: Zone, week: Week, closures: readonly Closures[]): Schedule {
  const blockOf = createBlocks((day) => build(day * DAY_MS, zone, week, closures));

  /** Where one day's last span goes on in the next day, nothing changes. */
  function isSeam(edge: number, day: number): boolean {
    if (edge === day * DAY_MS) return blockOf(day - 1).edges.at(-1) === edge;
    return edge === (day + 1) * DAY_MS && blockOf(day + 1).edges[0] === edge;
  }

  return {
    name,
    isOpen(atMs) {
      const { edges } = blockOf(Math.floor(atMs / DAY_MS));
      let passed = 0;
      while (passed < edges.length && (edges[passed] as number) <= atMs) passed += 1;
      return passed % 2 === 1;
    },
    afterOpen(fromMs, openMs) {
      if (!isMoment(fromMs)) return undefined;
      if (!(openMs > 0)) return fromMs;
      let restMs = openMs;
      const first = Math.floor(fromMs / DAY_MS);
      for (let day = first; day <= first + AHEAD_DAYS; day++) {
        const block = blockOf(day);
        if (day > first && block.openMs < restMs) restMs -= block.openMs;
        else {
          const atMs = within(block, fromMs, restMs);
          if (atMs !== undefined) return atMs - fromMs <= AHEAD_DAYS * DAY_MS ? atMs : undefined;
          restMs -= openIn(block, fromMs, Number.POSITIVE_INFINITY);
        }
      }
      return undefined;
    },
    openBetween(fromMs, toMs) {
      if (!isMoment(toMs) || !(fromMs < toMs)) return 0;
      const beginMs = Math.max(fromMs, toMs - BACK_MS);
      let openMs = 0;
      const [first, last] = [Math.floor(beginMs / DAY_MS), Math.floor(toMs / DAY_MS)];
      for (let day = first; day <= last; day++) {
        const block = blockOf(day);
        openMs += day > first && day < last ? block.openMs : openIn(block, beginMs, toMs);
      }
      return openMs;
    },
    nextChange(fromMs) {
      if (!isMoment(fromMs)) return undefined;
      const first = Math.floor(fromMs / DAY_MS);
      for (let day = first; day <= first + AHEAD_DAYS; day++)
        for (const edge of blockOf(day).edges) {
          if (edge <= fromMs || isSeam(edge, day)) continue;
          return edge - fromMs <= AHEAD_DAYS * DAY_MS ? edge : undefined;
        }
      return undefined;
    },
  };
}

/** The moment at which `restMs` have passed in this block since `fromMs`; undefined if they do not. */
function within({ edges }: Block, fromMs: number, restMs: number): number | undefined {
  let leftMs = restMs;
  for (let n = 0; n < edges.length; n += 2) {
    const beginMs = Math.max(edges[n] as number, fromMs);
    const lengthMs = (edges[n + 1] as number) - beginMs;
    if (lengthMs <= 0) continue;
    if (leftMs <= lengthMs) return beginMs + leftMs;
    leftMs -= lengthMs;
  }
  return undefined;
}

function openIn({ edges }: Block, fromMs: number, toMs: number): number {
  let openMs = 0;
  for (let n = 0; n < edges.length; n += 2)
    openMs += Math.max(0, Math.min(edges[n + 1] as number, toMs) - Math.max(edges[n] as number, fromMs));
  return openMs;
}

function build(fromMs: number, zone: Zone, week: Week, closures: readonly Closures[]): Block {
  const toMs = fromMs + DAY_MS;
  const open: Span[] = [];
  for (const stretch of zone.stretches(fromMs, toMs)) {
    const last = dayOf(stretch.toMs - 1 + stretch.offsetMs);
    for (let day = dayOf(stretch.fromMs + stretch.offsetMs); day <= last; day++) {
      const midnightMs = day * DAY_MS - stretch.offsetMs;
      for (const window of windowsOf(day, zone, week, closures))
        open.push({
          fromMs: Math.max(midnightMs + window.fromMs, stretch.fromMs),
          toMs: Math.min(midnightMs + window.toMs, stretch.toMs),
        });
    }
  }
  const shut = closures.flatMap((one) => one.spans(fromMs, toMs));
  const spans = cutSpans(joinSpans(open), shut);
  const edges = spans.flatMap((span) => [span.fromMs, span.toMs]);
  return { edges, openMs: spans.reduce((sum, span) => sum + span.toMs - span.fromMs, 0) };
}

/** The windows of a local date, those that came over midnight with them. */
function windowsOf(day: number, zone: Zone, week: Week, closures: readonly Closures[]): readonly Span[] {
  const closed = (date: number): boolean => closures.some((one) => one.closesDate(date));
  const own = closed(day) ? [] : (week.own[weekdayOf(day)] ?? []);
  if (week.after.every((windows) => windows.length === 0)) return own;
  let before = day - 1;
  while (!zone.hasDate(before)) before -= 1;
  const over = week.after[weekdayOf(before)] ?? [];
  return over.length === 0 || closed(before) ? own : [...own, ...over];
}
