// Settings that hold a span of time or a size: "15m", "72h", "1GB".
import { z } from 'zod';
import { DURATION_MS_MAX, formatDuration, parseBytes, parseDurationMs } from './core/durations.ts';

export { formatDuration, parseBytes, parseDurationMs } from './core/durations.ts';

const written = (value: unknown): string =>
  typeof value === 'string' ? 'this text' : (JSON.stringify(value) ?? 'nothing');

/** A setting that holds a span of time; `example` is what the error shows. Its value is in milliseconds. */
export const duration = (example: string, limits: { minMs?: number; maxMs?: number } = {}) =>
  z
    .string({
      error: (issue) =>
        issue.input === undefined ? undefined : `must be text like "${example}", not ${written(issue.input)}`,
    })
    .transform((text, context) => {
      const ms = parseDurationMs(text);
      if (ms === undefined) {
        context.addIssue(
          `${JSON.stringify(text.slice(0, 40))} is no span of time; write it like "${example}" (units: ms, s, m, h, d, w)`,
        );
        return z.NEVER;
      }
      if (ms < (limits.minMs ?? 0)) context.addIssue(`is too short; at least ${formatDuration(limits.minMs ?? 0)}`);
      if (ms > (limits.maxMs ?? DURATION_MS_MAX))
        context.addIssue(`is too long; at most ${formatDuration(limits.maxMs ?? 0)}`);
      return ms;
    });

/** A setting that holds a size; its value is in bytes. */
export const size = (example: string, limits: { minBytes: number }) =>
  z
    .string({
      error: (issue) =>
        issue.input === undefined ? undefined : `must be text like "${example}", not ${written(issue.input)}`,
    })
    .transform((text, context) => {
      const bytes = parseBytes(text);
      if (bytes === undefined) {
        context.addIssue(
          `${JSON.stringify(text.slice(0, 40))} is no size; write it like "${example}" (units: B, KB, MB, GB, TB)`,
        );
        return z.NEVER;
      }
      const [unit, unitBytes] = limits.minBytes < 2 ** 20 ? ['KB', 2 ** 10] : ['MB', 2 ** 20];
      if (bytes < limits.minBytes)
        context.addIssue(`is too small; at least ${Math.round(limits.minBytes / Number(unitBytes))}${unit}`);
      return bytes;
    });
