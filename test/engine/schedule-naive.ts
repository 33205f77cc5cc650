// The oracle of the schedules: looks at a clock on the wall, minute by minute, and knows nothing of offsets.

export type NaiveWindow = { days: readonly string[]; from: string; to: string };
export type NaiveSchedule = { timezone: string; open: readonly NaiveWindow[]; closed: readonly string[] };

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE_MS = 60_000;

type Clock = { formatter: Intl.DateTimeFormat; seen: Map<number, string> };
const clocks = new Map<string, Clock>();

const clockOf = (timeZone: string): Clock => ({
  formatter: new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }),
  seen: new Map(),
});

/** "2026-03-29", "03:00": what a clock there shows. What was seen once is remembered: the same weeks come again and again. */
function shown(atMs: number, timezone: string): [date: string, time: string] {
  const clock = clocks.get(timezone) ?? clockOf(timezone);
  clocks.set(timezone, clock);
  const text = clock.seen.get(atMs) ?? clock.formatter.format(atMs);
  clock.seen.set(atMs, text);
  return [text.slice(0, 10), text.slice(11)];
}

const dayOfWeek = (date: string): string => DAYS[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? '';

function isClosed(date: string, closed: readonly string[]): boolean {
  return closed.some((entry) => {
    const [first = '', last = first] = entry.split('/');
    return date >= first && date <= last;
  });
}

/** For each minute from `startMs` on whether the schedule is open; `startMs` is a whole minute. */
export function openMinutes({ timezone, open, closed }: NaiveSchedule, startMs: number, count: number): boolean[] {
  const dates = new Set<string>();
  for (let atMs = startMs - 4 * 86_400_000; atMs < startMs + (count + 30) * MINUTE_MS; atMs += 30 * MINUTE_MS)
    dates.add(shown(atMs, timezone)[0]);
  const sorted = [...dates].sort();
  const before = new Map(sorted.map((date, n) => [date, sorted[n - 1] ?? '']));
  return Array.from({ length: count }, (_, n) => {
    const [date, time] = shown(startMs + n * MINUTE_MS, timezone);
    const yesterday = before.get(date) ?? '';
    return open.some(({ days, from, to }) => {
      const begins = days.includes(dayOfWeek(date)) && !isClosed(date, closed);
      if (from < to) return begins && time >= from && time < to;
      const began = days.includes(dayOfWeek(yesterday)) && !isClosed(yesterday, closed);
      return (begins && time >= from) || (began && time < to);
    });
  });
}

/** The first minute after `fromMs` (a whole minute) at which a date there has reached that time for the first time. */
export function nextShown(fromMs: number, time: string, timezone: string): number | undefined {
  const reached = new Map<string, number>();
  for (let atMs = fromMs - 2 * 86_400_000; atMs < fromMs + 3 * 86_400_000; atMs += MINUTE_MS) {
    const [date, now] = shown(atMs, timezone);
    if (now >= time && !reached.has(date)) reached.set(date, atMs);
  }
  // The first date that was looked at had perhaps reached it long before.
  return [...reached.values()].slice(1).find((atMs) => atMs > fromMs);
}
