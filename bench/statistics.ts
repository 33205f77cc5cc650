// What a list of samples says in one number.

/** The middle value; the mean of the two middle ones for an even count. NaN for an empty list. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[sorted.length / 2 - 1] ?? Number.NaN) + upper) / 2;
}

/** The smallest sample that `share` (0 to 1) of all samples do not exceed. NaN for an empty list. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? Number.NaN;
}

/** Three significant digits: more than a noisy machine can promise. */
export const rounded = (value: number): number => Number(value.toPrecision(3));
