// Spans of time in tests: text → milliseconds, and back.
import { parseDurationMs } from '../../core/durations.ts';
import type { Path } from '../../core/problems.ts';
import type { Report } from '../rules/compiled.ts';
import { SPAN_MS_MAX } from './shape.ts';

/** `exact`: milliseconds were written. */
export type Span = { ms: number; exact: boolean };

/** A span, or undefined where it is none, which is reported. */
export function readSpan(text: string, path: Path, example: string, report: Report): Span | undefined {
  const ms = parseDurationMs(text);
  if (ms === undefined)
    report(
      path,
      `${JSON.stringify(text.slice(0, 40))} is no span of time`,
      `write it like "${example}" (units: ms, s, m, h, d, w)`,
    );
  else if (ms > SPAN_MS_MAX) report(path, 'is too long', 'at most 400d');
  else return { ms, exact: text.endsWith('ms') };
  return undefined;
}
