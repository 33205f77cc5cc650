// A connection's rate: at most so many attempts in such a span, some at once; spans of the monotonic clock.

/** `max` attempts per `perMs` ms. */
export type Rate = { max: number; perMs: number };

export type Limiter = {
  rate: Rate;
  /** Monotonic ms from which one more attempt may begin. */
  mayAt(): number;
  take(): void;
  /** The one that was taken last was not made. */
  giveBack(): void;
};

/**
 * A token bucket that is full, written as the moment at which it would be full again (the "theoretical arrival time" of the
 * generic cell rate algorithm, ITU-T I.371): one number, and no rounding that adds up.
 */
export function createLimiter(rate: Rate, nowMs: () => number): Limiter {
  const intervalMs = rate.perMs / rate.max;
  const burstMs = rate.perMs - intervalMs;
  let fullAt = Number.NEGATIVE_INFINITY;
  return {
    rate,
    mayAt: () => Math.ceil(fullAt - burstMs - 1e-6),
    take() {
      fullAt = Math.max(fullAt, nowMs()) + intervalMs;
    },
    giveBack() {
      fullAt -= intervalMs;
    },
  };
}
