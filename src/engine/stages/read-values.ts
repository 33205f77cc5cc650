// The values of stages as people write them: spans of time, whole numbers, names of fields and of schedules; each problem told.
import { formatDuration, parseDurationMs } from '../../core/durations.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import { type Catalogue, fieldOf, readerOf, unknownField } from '../rules/catalogue.ts';
import type { KeyOf, Report } from '../rules/compiled.ts';
import { isObject, kindOf, type Raw } from '../rules/tree.ts';
import type { Schedule } from '../schedule/index.ts';
import { keyOf } from './key.ts';

const FIELDS_MAX = 10;
/** A year: longer than anybody waits. */
const SPAN_MS_MAX = 365 * 86_400_000;

/** An object that has no other keys than these. */
export function readObject(
  raw: unknown,
  path: Path,
  keys: readonly string[],
  example: string,
  report: Report,
): raw is Raw {
  if (!isObject(raw)) {
    report(path, `must be an object { … }, not ${kindOf(raw)}`, `like ${example}`);
    return false;
  }
  for (const key of Object.keys(raw))
    if (!keys.includes(key)) report([...path, key], 'unknown key', didYouMean(key, keys));
  return true;
}

/** A span of time in ms. */
export function readSpan(raw: unknown, path: Path, example: string, report: Report, leastMs = 1): number | undefined {
  if (typeof raw !== 'string') {
    const message = raw === undefined ? 'is missing' : `must be text like "${example}", not ${kindOf(raw)}`;
    report(path, message, raw === undefined ? `write it like "${example}"` : undefined);
    return undefined;
  }
  const ms = parseDurationMs(raw);
  if (ms === undefined)
    report(
      path,
      `${JSON.stringify(raw.slice(0, 40))} is no span of time`,
      `write it like "${example}" (units: ms, s, m, h, d, w)`,
    );
  else if (ms < leastMs) report(path, `is too short; at least ${formatDuration(leastMs)}`);
  else if (ms > SPAN_MS_MAX) report(path, `is too long; at most ${formatDuration(SPAN_MS_MAX)}`);
  return ms;
}

export function readWhole(raw: unknown, path: Path, [least, most]: readonly [number, number], report: Report): number {
  if (typeof raw !== 'number' || !Number.isInteger(raw)) {
    const quoted = typeof raw === 'string' && /^\d+$/.test(raw) ? 'write it without quotes' : undefined;
    const wanted = `a whole number from ${least} to ${most}`;
    if (raw === undefined) report(path, 'is missing', `it must be ${wanted}`);
    else report(path, `must be ${wanted}, not ${kindOf(raw)}`, quoted);
  } else if (raw < least || raw > most)
    report(path, `must be ${raw < least ? 'at least' : 'at most'} ${raw < least ? least : most}`);
  return typeof raw === 'number' ? raw : Number.NaN;
}

/** Names of fields, as the key of an event. */
export function readFields(raw: unknown, path: Path, catalogue: Catalogue, report: Report): KeyOf | undefined {
  const example = 'like ["remote.number"]';
  if (!Array.isArray(raw)) {
    const hint = typeof raw === 'string' ? `write [${JSON.stringify(raw.slice(0, 64))}]` : example;
    if (raw === undefined) report(path, 'is missing', example);
    else report(path, `must be a list [ … ] of fields, not ${kindOf(raw)}`, hint);
    return undefined;
  }
  if (raw.length === 0) report(path, 'is an empty list', `name at least one field, ${example}`);
  if (raw.length > FIELDS_MAX) report(path, `has more than ${FIELDS_MAX} fields`);
  const reads = raw.flatMap((entry: unknown, index) => {
    const here = [...path, index];
    if (typeof entry !== 'string') {
      report(here, `must be the name of a field, not ${kindOf(entry)}`, 'like "remote.number"');
      return [];
    }
    const field = fieldOf(catalogue, entry);
    if (field !== undefined) return [readerOf(field)];
    const { message, hint } = unknownField(catalogue, entry);
    report(here, message, hint);
    return [];
  });
  return keyOf(reads);
}

/** The schedules of a file: those that are right, and the names of all. */
export type Schedules = { right: ReadonlyMap<string, Schedule>; names: readonly string[] };

/** The schedule of that name; one that is wrong itself is told where it stands. */
export function readScheduleName(
  raw: unknown,
  path: Path,
  { right, names }: Schedules,
  report: Report,
): Schedule | undefined {
  if (typeof raw !== 'string') {
    report(path, `must be the name of a schedule, not ${kindOf(raw)}`, 'write it under "schedules" in this file');
    return undefined;
  }
  if (!names.includes(raw)) {
    const hint = didYouMean(raw, names) ?? 'write it under "schedules" in this file';
    report(path, `there is no schedule ${JSON.stringify(raw.slice(0, 64))} in this file`, hint);
  }
  return right.get(raw);
}
