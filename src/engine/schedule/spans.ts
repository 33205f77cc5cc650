// Sets of spans of time: joined where they touch, and one cut out of another.
import type { Span } from './zone.ts';

/** The same time in spans that neither overlap nor touch, in their order; empty ones go. */
export function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const { fromMs, toMs } of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    if (toMs <= fromMs) continue;
    const last = joined.at(-1);
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else joined.push({ fromMs, toMs });
  }
  return joined;
}

/** What of joined spans lies in none of the others. */
export function cutSpans(spans: readonly Span[], others: readonly Span[]): Span[] {
  let left: Span[] = [...spans];
  for (const other of others)
    left = left.flatMap(({ fromMs, toMs }) => {
      if (other.toMs <= fromMs || other.fromMs >= toMs) return [{ fromMs, toMs }];
      return [
        { fromMs, toMs: other.fromMs },
        { fromMs: other.toMs, toMs },
      ].filter((part) => part.fromMs < part.toMs);
    });
  return left;
}
