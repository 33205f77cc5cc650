// A wall clock that never goes back: where the system's is set back, it goes on by the clock that never jumps until that caught up.
import type { Clock } from './core/ports.ts';

/**
 * What was said is dated by it, what waits ends by it, what is due is sent by it: all by the same, or a clock that is set back by an
 * hour would hold everything up for that hour. `fromMs`: the newest moment that is known from before, ms since 1970.
 */
export function steadyClock(clock: Clock, fromMs: number): Clock {
  let lastMs = fromMs;
  let atMs = clock.monotonicMs();
  return {
    ...clock,
    wallMs() {
      const nowMs = clock.monotonicMs();
      lastMs = Math.max(clock.wallMs(), lastMs + Math.max(0, nowMs - atMs));
      atMs = nowMs;
      return Math.floor(lastMs);
    },
  };
}
