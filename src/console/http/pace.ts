// Pace: pages and answers are made one after the other, and together take a small part of the time in which phones are answered.
import type { Context, MiddlewareHandler } from 'hono';
import type { Clock, Count } from '../../core/ports.ts';
import { type Env, problem } from '../access/gate.ts';

/** Part of the process's time that pages may take in the long run; people who look around stay below it. */
const SHARE = 0.05;
/** What may be taken at once before that counts, ms: some pages one behind the other. */
const BURST_MS = 60;
/** Who waits for a page, in all; more are told to come again. */
const WAITING_MAX = 64;
/** What one costly page may keep the next ones waiting for is bounded: they are not to blame. */
const DEBT_MS_MAX = 100;

/** These wait for themselves, or take long and little of the process's time at once; as does the question `why`, of which there is one at a time. */
const UNPACED = new Set(['/live', '/metrics', '/api/v1/export', '/api/v1/calls.csv']);

export type PaceOptions = {
  clock: Pick<Clock, 'monotonicMs' | 'after'>;
  count: Count;
  /** How long this process's thread has worked so far, ms; what goes on beside a page counts as well: under load pages step back. */
  busyMs(): number;
};

/**
 * Lets questions that only read through, each when its turn comes: a thread that makes a page answers no phone meanwhile. Refuses with
 * 503 and `retry-after` where too many wait.
 */
export function createPace({ clock, count, busyMs }: PaceOptions): MiddlewareHandler<Env> {
  const waiting: (() => void)[] = [];
  let creditMs = BURST_MS;
  let countedMs = clock.monotonicMs();
  let taken = false;
  let armed = false;

  const refill = (): void => {
    const nowMs = clock.monotonicMs();
    creditMs = Math.min(BURST_MS, creditMs + (nowMs - countedMs) * SHARE);
    countedMs = nowMs;
  };
  const later = (delayMs: number): void => {
    armed = true;
    clock.after(Math.ceil(delayMs), () => {
      armed = false;
      next();
    });
  };
  const next = (): void => {
    if (taken || armed || waiting.length === 0) return;
    refill();
    if (creditMs <= 0) {
      later(-creditMs / SHARE + 1);
      return;
    }
    taken = true;
    waiting.shift()?.();
  };
  const isPaced = (c: Context<Env>): boolean =>
    // Who is not known is shown the door, which costs next to nothing, and must not stand in the way of those who are.
    c.get('who') !== undefined &&
    c.req.method === 'GET' &&
    !UNPACED.has(c.req.path) &&
    c.req.query('why') === undefined;
  return async (c, go) => {
    if (!isPaced(c)) return go();
    if (waiting.length >= WAITING_MAX) {
      count('console_refused', { reason: 'busy' });
      return c.json(problem('too many pages are asked for at once; try again in a moment'), 503, {
        'retry-after': '1',
      });
    }
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      next();
    });
    const before = busyMs();
    try {
      return await go();
    } finally {
      refill();
      const costMs = busyMs() - before;
      creditMs = Math.max(-DEBT_MS_MAX, creditMs - costMs);
      taken = false;
      // An answer to a phone takes several turns of the thread: with a page in each of them it would wait for all of these.
      if (!armed) later(Math.min(DEBT_MS_MAX, costMs));
    }
  };
}
