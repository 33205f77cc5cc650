// What a calendar closes, seen from one zone: dates and spans, worked out by the year when somebody asks, and kept.
import type { Closures } from '../open-time.ts';
import { joinSpans } from '../spans.ts';
import { DAY_MS, dayOf, type Span, type WallMs, type Zone } from '../zone.ts';
import type { CalendarEvent } from './event.ts';
import { type Repeat, repeatDays } from './repeat.ts';
import { momentIn, type Stamp, type ToMoment } from './stamp.ts';

type Year = { dates: ReadonlySet<number>; spans: readonly Span[] };

const YEARS_MAX = 64;
/** Wall time and moments are less than that apart, and a clock that jumps takes no more. */
const MARGIN_DAYS = 2;

/** A time at which an event begins, and how its own zone tells the moment. */
type Begin = { wallMs: WallMs; toMoment: ToMoment };

/** An event as its zone shows it. `lengthDays`, rounded up, bounds how far before a year an event of it may begin. */
type Happening = {
  event: CalendarEvent;
  startDay: number;
  toMoment: ToMoment;
  lengthDays: number;
  isOut: (begin: Begin) => boolean;
};

/** `zone`: where dates and times without a zone are meant. */
export function createClosures(events: readonly CalendarEvent[], zone: Zone): Closures {
  const here = momentIn(zone);
  const happenings = events.map((event) => happeningOf(event, here));
  const years = new Map<number, Year>();

  function yearAt(day: number): Year {
    const number = new Date(day * DAY_MS).getUTCFullYear();
    let year = years.get(number);
    if (year === undefined) {
      if (years.size >= YEARS_MAX) years.clear();
      const first = Date.UTC(number, 0, 1) / DAY_MS;
      year = workOut(happenings, first, Date.UTC(number + 1, 0, 1) / DAY_MS - 1, here);
      years.set(number, year);
    }
    return year;
  }

  return {
    closesDate: (day) => yearAt(day).dates.has(day),
    spans: (fromMs, toMs) =>
      yearAt(Math.floor(fromMs / DAY_MS)).spans.filter((span) => span.fromMs < toMs && span.toMs > fromMs),
  };
}

function happeningOf(event: CalendarEvent, here: ToMoment): Happening {
  const { start, end, except } = event;
  const toMoment = start.place ?? here;
  const dates = new Set(except.filter(({ date }) => date || start.date).map(({ wallMs }) => dayOf(wallMs)));
  const moments = new Set(except.filter(({ date }) => !date).map((one) => momentOf(one, here)));
  let lengthDays: number;
  if ('days' in end) lengthDays = end.days;
  else if ('length' in end) lengthDays = end.length.days + Math.ceil(end.length.ms / DAY_MS);
  else lengthDays = Math.ceil((momentOf(end.until, here) - momentOf(start, here)) / DAY_MS);
  return {
    event,
    startDay: dayOf(start.wallMs),
    toMoment,
    lengthDays: Math.max(0, lengthDays),
    isOut: (begin) =>
      dates.has(dayOf(begin.wallMs)) || (!start.date && moments.size > 0 && moments.has(begin.toMoment(begin.wallMs))),
  };
}

const momentOf = ({ place, wallMs }: Stamp, here: ToMoment): number => (place ?? here)(wallMs);

function workOut(happenings: readonly Happening[], first: number, last: number, here: ToMoment): Year {
  const dates = new Set<number>();
  const spans: Span[] = [];
  for (const happening of happenings) {
    const fromDay = first - happening.lengthDays - MARGIN_DAYS;
    const begins = beginsOf(happening, fromDay, last + MARGIN_DAYS, here);
    if (happening.event.start.date)
      for (const { wallMs } of begins) {
        const day = dayOf(wallMs);
        const end = Math.min(day + happening.lengthDays - 1, last);
        for (let date = Math.max(day, first); date <= end; date++) dates.add(date);
      }
    else for (const begin of begins) spans.push(spanOf(happening, begin, here));
  }
  const [fromMs, toMs] = [first * DAY_MS, (last + 1) * DAY_MS];
  return { dates, spans: joinSpans(spans.filter((span) => span.fromMs < toMs && span.toMs > fromMs)) };
}

/** When the event begins, from one day of its zone to another. */
function beginsOf(
  { event, startDay, toMoment, isOut }: Happening,
  fromDay: number,
  toDay: number,
  here: ToMoment,
): Begin[] {
  const { start, repeats, extra } = event;
  const timeMs = start.wallMs - startDay * DAY_MS;
  const walls = new Set<WallMs>();
  if (repeats.length === 0) walls.add(start.wallMs);
  for (const repeat of repeats)
    for (const day of repeatDays(repeat, startDay, fromDay, toDay)) {
      const wallMs = day * DAY_MS + timeMs;
      if (!isOver(repeat, wallMs, toMoment, start.date)) walls.add(wallMs);
    }
  const begins: Begin[] = [...walls].map((wallMs) => ({ wallMs, toMoment }));
  for (const { wallMs, date, place } of extra)
    if (date) begins.push({ wallMs: wallMs + timeMs, toMoment });
    else begins.push({ wallMs, toMoment: place ?? here });
  return begins.filter((begin) => {
    const day = dayOf(begin.wallMs);
    return day >= fromDay && day <= toDay && !isOut(begin);
  });
}

function isOver({ until }: Repeat, wallMs: number, toMoment: ToMoment, whole: boolean): boolean {
  if (until === undefined) return false;
  if (whole || until.date) return dayOf(wallMs) > dayOf(until.wallMs);
  return toMoment(wallMs) > (until.place ?? toMoment)(until.wallMs);
}

function spanOf({ event }: Happening, { wallMs, toMoment }: Begin, here: ToMoment): Span {
  const { start, end } = event;
  const fromMs = toMoment(wallMs);
  if ('until' in end) return { fromMs, toMs: fromMs + momentOf(end.until, here) - momentOf(start, here) };
  if ('days' in end) return { fromMs, toMs: fromMs };
  // A day of a length is as long as clocks make it, an hour is an hour (RFC 5545 §3.3.6).
  return { fromMs, toMs: toMoment(wallMs + end.length.days * DAY_MS) + end.length.ms };
}
