// Spans of time and sizes as people write them: "15m", "72h", "1GB". One parser for every setting.
import { z } from 'zod';

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const UNIT_BYTES: Record<string, number> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };
/** 100 years. Beyond that it is a slip of the finger, and dates stop being dates. */
const DURATION_MS_MAX = 100 * 365 * 86_400_000;

/** "90s", "1h30m", "30d" → milliseconds; undefined if it is not a span. Units ms s m h d w, largest first, each once. */
export function parseDurationMs(text: string): number | undefined {
  if (!/^(?:\d{1,9}w)?(?:\d{1,9}d)?(?:\d{1,9}h)?(?:\d{1,9}m(?!s))?(?:\d{1,9}s)?(?:\d{1,9}ms)?$/.test(text))
    return undefined;
  let totalMs = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+)(ms|[smhdw])/g))
    totalMs += Number(digits) * (UNIT_MS[unit ?? ''] ?? 0);
  return text === '' || totalMs > DURATION_MS_MAX ? undefined : totalMs;
}

/** "512MB", "1GB" → bytes (1 KB = 1,024 B); undefined if it is not a size. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,9})(B|KB|MB|GB|TB)$/i.exec(text);
  if (match === null) return undefined;
  const bytes = Number(match[1]) * (UNIT_BYTES[(match[2] ?? '').toUpperCase()] ?? 1);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

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
      if (bytes < limits.minBytes)
        context.addIssue(`is too small; at least ${Math.round(limits.minBytes / 2 ** 20)}MB`);
      return bytes;
    });

/** Milliseconds as the shortest text that `parseDurationMs` reads back: 5400000 → "1h30m". */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms));
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const count = Math.floor(rest / (UNIT_MS[unit] ?? 1));
    if (count > 0) text += `${count}${unit}`;
    rest -= count * (UNIT_MS[unit] ?? 1);
  }
  return text === '' ? '0s' : text;
}
