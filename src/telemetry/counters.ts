// Counters: what happened how often, by name and labels, since the process began.
import type { Count } from '../core/ports.ts';

export type Counter = { name: string; labels: Record<string, string>; value: number };

export type Counters = {
  count: Count;
  /** Every counter, sorted by name and labels. */
  snapshot(): Counter[];
};

/** Labels come from the config, but a slip must not fill the memory. */
const SERIES_MAX = 10_000;
const OVERFLOW = 'counters_overflow';

/** Counters that stand at nothing. `by` may be any finite number; what is not is ignored. */
export function createCounters(): Counters {
  const series = new Map<string, Counter>();
  const seriesOf = (name: string, labels: Record<string, string>): Counter => {
    const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const key = JSON.stringify([name, ...sorted]);
    const found = series.get(key);
    if (found !== undefined) return found;
    if (series.size >= SERIES_MAX && name !== OVERFLOW) return seriesOf(OVERFLOW, {});
    const counter = { name, labels: Object.fromEntries(sorted), value: 0 };
    series.set(key, counter);
    return counter;
  };
  return {
    count(name, labels = {}, by = 1) {
      if (Number.isFinite(by)) seriesOf(name, labels).value += by;
    },
    snapshot: () =>
      [...series.entries()]
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([, counter]) => ({ ...counter, labels: { ...counter.labels } })),
  };
}
