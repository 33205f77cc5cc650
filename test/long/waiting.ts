// Waiting for something that must become true, and the numbers that tests compare.
import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is true; after `spanMs` it throws and says what did not come true. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  spanMs: number,
  what: string | (() => string),
  everyMs = 20,
): Promise<void> {
  const endMs = performance.now() + spanMs;
  while (!(await holds())) {
    if (performance.now() > endMs)
      throw new Error(`not within ${spanMs} ms: ${typeof what === 'string' ? what : what()}`);
    await sleep(everyMs);
  }
}

/** The smallest sample that `share` (0 to 1) of all samples do not exceed. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Numbers in [0, 1) that a seed fixes (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from the environment, for longer runs by hand. */
export function setting(name: string, otherwise: number): number {
  const text = process.env[name];
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`${name}: must be a whole number above 0, not ${text}`);
  return value;
}
