// The log: one line of printable ASCII per event, as JSON or for human eyes, without secrets and with numbers masked.
import { type Logger, pino } from 'pino';
import type { Clock, Log, LogFields } from '../core/ports.ts';
import { escapeToAscii } from '../core/printable.ts';
import { humanLine } from './human-line.ts';
import { maskNumber } from './mask.ts';
import { createRedactor } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogOptions = {
  level: LogLevel;
  /** Takes one whole line with its line end. */
  write(line: string): void;
  clock: Pick<Clock, 'wallMs'>;
  /** `human`: for a terminal; `color` with its colours. */
  form?: 'json' | 'human';
  color?: boolean;
};

export type ProcessLog = Log & {
  /** Hides this value in every line from now on, in any encoding. */
  registerSecret(value: string): void;
  setLevel(level: LogLevel): void;
};

const TEXT_LENGTH_MAX = 4_000;
const FIELDS_MAX = 40;
/** Keys of the line itself. */
const RESERVED = new Set(['level', 'time', 'event']);

/** A log that writes through `write`. Its methods never throw because of what they are given. */
export function createLog(options: LogOptions): ProcessLog {
  const redactor = createRedactor();
  const { form = 'json', color = false } = options;
  const write = (json: string): void => {
    const line = form === 'json' ? json : humanLine(JSON.parse(json) as Record<string, unknown>, color);
    // Inside JSON everything but ASCII stands in strings, where an escape means the same character.
    options.write(form === 'json' ? `${escapeToAscii(json.trimEnd())}\n` : line);
  };
  const logger: Logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'event',
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date(options.clock.wallMs()).toISOString()}"`,
    },
    { write },
  );
  const line =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}): void => {
      if (logger.isLevelEnabled(level)) logger[level](clean(fields, redactor.clean), redactor.clean(event));
    };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    registerSecret: redactor.register,
    setLevel(level) {
      logger.level = level;
    },
  };
}

function clean(fields: LogFields, hide: (text: string) => string): LogFields {
  const cleaned: LogFields = {};
  for (const [key, value] of Object.entries(fields).slice(0, FIELDS_MAX)) {
    if (value === undefined) continue;
    const name = RESERVED.has(key) ? `field_${key}` : hide(key);
    cleaned[name] = cleanValue(key, value, hide);
  }
  return cleaned;
}

function cleanValue(key: string, value: LogFields[string], hide: (text: string) => string): LogFields[string] {
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (typeof value === 'number') return hide(String(value)) === String(value) ? value : hide(String(value));
  // A caller that slips past the types (an error, an object) must not open a way for what it holds.
  if (typeof value !== 'string') return `[${typeof value}]`;
  const hidden = hide(value);
  const masked = /(?:^|[._])number$|Number$/.test(key) ? maskNumber(hidden) : hidden;
  return masked.length <= TEXT_LENGTH_MAX ? masked : `${masked.slice(0, TEXT_LENGTH_MAX)}...`;
}
