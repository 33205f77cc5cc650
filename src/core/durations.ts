// Durations: spans of time as people write them ("15m", "72h"), and sizes ("1GB"). One parser for every setting and every rule.

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const UNIT_BYTES: Record<string, number> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };
/** 100 years. Beyond that it is a slip of the finger, and dates stop being dates. */
export const DURATION_MS_MAX = 100 * 365 * 86_400_000;

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
