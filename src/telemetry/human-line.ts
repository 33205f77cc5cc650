// One log line for human eyes: time, level, event, fields.
import { escapeUnprintable } from '../core/printable.ts';

const COLORS: Record<string, string> = {
  debug: '\u001b[2m',
  info: '\u001b[32m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
};
const PLAIN = '\u001b[0m';

/** `09:15:02.412 WARN  connection_lost  connection=house code=ECONNRESET`; times in UTC. */
export function humanLine(line: Record<string, unknown>, color: boolean): string {
  const { level, time, event, ...fields } = line;
  const label = String(level).toUpperCase().padEnd(5);
  const shownLevel = color ? `${COLORS[String(level)] ?? ''}${label}${PLAIN}` : label;
  const rest = Object.entries(fields).map(([key, value]) => `${escapeUnprintable(key)}=${shown(value)}`);
  const head = `${String(time).slice(11, 23)} ${shownLevel} ${escapeUnprintable(String(event))}`;
  return `${[head, ...rest].join('  ')}\n`;
}

/** Quotes only where they are needed to see where a value ends. */
function shown(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  return /^[^\s"=\\]+$/.test(value)
    ? escapeUnprintable(value)
    : `"${escapeUnprintable(value.replace(/["\\]/g, '\\$&'))}"`;
}
