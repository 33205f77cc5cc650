// Period: which span a page or an API call of figures is about, in days and hours of the house's own time zone.
import { z } from 'zod';
import type { Span } from '../../core/history.ts';
import { dayBegin, firstMomentOf, offsetMsAt, type Step } from './buckets.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A longer span is cut at its begin: it is more than a store keeps by default, and bounds what is asked of it. */
const DAYS_MAX = 400;
/** Up to this many days are shown by the hour. */
const HOURLY_DAYS_MAX = 31;

export const PERIODS = ['24h', '7d', '30d'] as const;

/** By name, or from and to as days, both included; days count where both are given. Nothing: the last 7 days. */
export const figureFilter = z.strictObject({
  period: z.enum(PERIODS).optional().describe('The last 24 hours, 7 days or 30 days, today included.'),
  from: z.iso.date().optional().describe('First day, in the time zone of the config.'),
  to: z.iso.date().optional().describe('Last day.'),
});

export type Period = { span: Span; step: Step };

/** The span that a filter means at `nowMs`. It ends with the present hour or day, or earlier. */
export function periodOf({ period, from, to }: z.output<typeof figureFilter>, nowMs: number, timezone: string): Period {
  const tomorrowMs = dayBegin(nowMs, 1, timezone);
  if (from === undefined && to === undefined) {
    if (period === '24h') return { span: lastDay(nowMs, timezone), step: 'hour' };
    const days = period === '30d' ? 30 : 7;
    return { span: { fromMs: dayBegin(nowMs, 1 - days, timezone), toMs: tomorrowMs }, step: 'hour' };
  }
  const toMs = to === undefined ? tomorrowMs : Math.min(tomorrowMs, firstMomentOf(dayNumber(to) + 1, timezone));
  const lastDayMs = toMs - 1;
  const wantedMs = from === undefined ? dayBegin(lastDayMs, -6, timezone) : firstMomentOf(dayNumber(from), timezone);
  const fromMs = Math.min(
    Math.max(wantedMs, dayBegin(lastDayMs, 1 - DAYS_MAX, timezone)),
    dayBegin(lastDayMs, 0, timezone),
  );
  return { span: { fromMs, toMs }, step: toMs - fromMs > (HOURLY_DAYS_MAX + 1) * DAY_MS ? 'day' : 'hour' };
}

/** The present hour of the wall's clock and the 23 before it. */
function lastDay(nowMs: number, timezone: string): Span {
  const offsetMs = offsetMsAt(nowMs, timezone);
  const hourMs = Math.floor((nowMs + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs;
  return { fromMs: hourMs - 23 * HOUR_MS, toMs: hourMs + HOUR_MS };
}

const dayNumber = (date: string): number => Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS);
