// Sums: from counts by quarter of an hour to the lists that a chart and its table show. A bucket without anything is 0, not left out.
import type {
  CallFigure,
  CallRecord,
  DeliveryFigure,
  HitFigure,
  PhoneFigure,
  RingFigure,
  Span,
} from '../../core/history.ts';
import { bucketsOf, placeOf } from './buckets.ts';
import type { Period } from './period.ts';

/** In the order in which they are stacked. */
export const OUTCOMES = [
  'answered',
  'missed',
  'rejected',
  'forwarded',
  'ended',
  'open',
] as const satisfies readonly CallRecord['state'][];

/** Lists of one length each; `at`: begins of the buckets, seconds since 1970. */
export type Figures = {
  from: number;
  to: number;
  step: Period['step'];
  timezone: string;
  calls: { at: number[] } & Record<(typeof OUTCOMES)[number], number[]>;
  /** By day: calls that nobody took, and how many of them were called back. */
  missed: { at: number[]; missed: number[]; returned: number[] };
  /** By day: incoming calls that were answered, and after how many seconds; null where there was none. */
  answer: { at: number[]; calls: number[]; median: (number | null)[]; p90: (number | null)[] };
  phones: { id: string; name: string; rang: number; answered: number }[];
  deliveries: { to: string; delivered: number; failed: number; other: number }[];
  hits: { at: number[]; hits: number[]; perMinute: number[] };
};

export type Counted = {
  calls: readonly CallFigure[];
  rings: readonly RingFigure[];
  phones: readonly PhoneFigure[];
  deliveries: readonly DeliveryFigure[];
  hits: readonly HitFigure[];
};

/** Phones and destinations that are shown: the busiest. */
const SHOWN_MAX = 25;

const zeros = (length: number): number[] => new Array<number>(length).fill(0);

/** All figures of a period as they stand at `nowMs`. `nameOf`: what people call a phone. */
export function figuresOf(
  { span, step }: Period,
  counted: Counted,
  { nowMs, timezone, nameOf }: { nowMs: number; timezone: string; nameOf(phone: string): string },
): Figures {
  const buckets = bucketsOf(span, step, timezone);
  const days = step === 'day' ? buckets : bucketsOf(span, 'day', timezone);
  return {
    from: span.fromMs / 1000,
    to: span.toMs / 1000,
    step,
    timezone,
    calls: callsBy(buckets, counted.calls),
    missed: missedBy(days, counted.calls),
    answer: answerBy(days, counted.rings),
    phones: counted.phones
      .slice(0, SHOWN_MAX)
      .map(({ phone, rang, answered }) => ({ id: phone, name: nameOf(phone), rang, answered })),
    deliveries: deliveriesOf(counted.deliveries),
    hits: hitsBy(buckets, counted.hits, { ...span, toMs: Math.min(span.toMs, Math.max(nowMs, span.fromMs)) }),
  };
}

const seconds = (begins: readonly number[]): number[] => begins.map((atMs) => atMs / 1000);

function callsBy(begins: readonly number[], figures: readonly CallFigure[]): Figures['calls'] {
  const lists = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, zeros(begins.length)])) as Omit<
    Figures['calls'],
    'at'
  >;
  for (const { atMs, state, calls } of figures) add(lists[state], placeOf(begins, atMs), calls);
  return { at: seconds(begins), ...lists };
}

function missedBy(begins: readonly number[], figures: readonly CallFigure[]): Figures['missed'] {
  const [missed, returned] = [zeros(begins.length), zeros(begins.length)];
  for (const figure of figures) {
    if (figure.state !== 'missed') continue;
    const place = placeOf(begins, figure.atMs);
    add(missed, place, figure.calls);
    add(returned, place, figure.returned);
  }
  return { at: seconds(begins), missed, returned };
}

function answerBy(begins: readonly number[], figures: readonly RingFigure[]): Figures['answer'] {
  const days: Map<number, number>[] = begins.map(() => new Map());
  for (const { atMs, ringSeconds, calls } of figures) {
    const day = days[placeOf(begins, atMs)];
    day?.set(ringSeconds, (day.get(ringSeconds) ?? 0) + calls);
  }
  return {
    at: seconds(begins),
    calls: days.map((day) => total(day)),
    median: days.map((day) => percentileOf(day, 0.5)),
    p90: days.map((day) => percentileOf(day, 0.9)),
  };
}

const total = (counts: ReadonlyMap<number, number>): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

/** The smallest value that `share` (above 0, up to 1) of all do not exceed; `counts`: how often each value came. Null: none came. */
export function percentileOf(counts: ReadonlyMap<number, number>, share: number): number | null {
  const rank = Math.max(1, Math.ceil(total(counts) * share));
  let seen = 0;
  for (const [value, n] of [...counts].sort(([a], [b]) => a - b)) {
    seen += n;
    if (seen >= rank) return value;
  }
  return null;
}

/** By destination: `failed` are those that were given up, `other` those that were replaced or called off. */
function deliveriesOf(figures: readonly DeliveryFigure[]): Figures['deliveries'] {
  const found = new Map<string, Figures['deliveries'][number]>();
  for (const { to, state, deliveries } of figures) {
    const one = found.get(to) ?? { to, delivered: 0, failed: 0, other: 0 };
    if (state === 'delivered') one.delivered += deliveries;
    else if (state === 'dead' || state === 'expired') one.failed += deliveries;
    else one.other += deliveries;
    found.set(to, one);
  }
  const sum = ({ delivered, failed, other }: Figures['deliveries'][number]): number => delivered + failed + other;
  return [...found.values()].sort((a, b) => sum(b) - sum(a) || (a.to < b.to ? -1 : 1)).slice(0, SHOWN_MAX);
}

/** `span.toMs`: now, so that an hour that goes on is measured by what of it is over. */
function hitsBy(begins: readonly number[], figures: readonly HitFigure[], span: Span): Figures['hits'] {
  const hits = zeros(begins.length);
  for (const each of figures) add(hits, placeOf(begins, each.atMs), each.hits);
  const perMinute = hits.map((n, place) => {
    const beganMs = begins[place] as number;
    const minutes = (Math.min(begins[place + 1] ?? span.toMs, span.toMs) - beganMs) / 60_000;
    return minutes <= 0 ? 0 : Math.round((n / Math.max(1, minutes)) * 100) / 100;
  });
  return { at: seconds(begins), hits, perMinute };
}

function add(list: number[] | undefined, place: number, n: number): void {
  if (list !== undefined && place >= 0) list[place] = (list[place] ?? 0) + n;
}
