// Reading `wait`: how long, by which clock, what joins, what cancels.
import type { Path } from '../../core/problems.ts';
import type { KeyOf, Unless, Wait } from '../rules/compiled.ts';
import { kindOf, type Raw } from '../rules/tree.ts';
import { clockMinutes, nextClockTime, type Schedule } from '../schedule/index.ts';
import { ALL_TOGETHER } from './key.ts';
import { readPattern, type StagesContext } from './read-pattern.ts';
import { readFields, readObject, readScheduleName, readSpan } from './read-values.ts';

const KEYS = ['for', 'by', 'clock', 'extend', 'max', 'until', 'unless'];

export function readWait(raw: unknown, path: Path, withVars: boolean, context: StagesContext): Wait | undefined {
  const { report, catalogue, schedules } = context;
  if (!readObject(raw, path, KEYS, '{ "for": "15m" }', report)) return undefined;
  const at = (key: string): Path => [...path, key];
  const given = <T>(key: string, read: (value: unknown, here: Path) => T): T | undefined =>
    raw[key] === undefined ? undefined : read(raw[key], at(key));
  const until = given('until', (value, here) => readClockTime(value, here, context));
  const forMs =
    raw.until === undefined || raw.for !== undefined ? readSpan(raw.for, at('for'), '15m', report) : undefined;
  const by = given('by', (value, here) => readFields(value, here, catalogue, report));
  const clock = given('clock', (value, here) => readScheduleName(value, here, schedules, report));
  const maxMs = given('max', (value, here) => readSpan(value, here, '1h', report, forMs));
  if (raw.extend !== undefined && typeof raw.extend !== 'boolean')
    report(at('extend'), `must be true or false, not ${kindOf(raw.extend)}`);
  checkTogether(raw, path, context);
  const unless = given('unless', (value, here) => readUnless(value, here, by, forMs, context));
  const end = endOf(until, clock, context.timezone);
  return {
    by,
    dueMs: (fromMs) => end(fromMs, forMs ?? 0),
    latestMs: maxMs === undefined ? undefined : (fromMs) => end(fromMs, maxMs),
    extend: raw.extend === true,
    unless,
    withVars,
  };
}

type End = (fromMs: number, spanMs: number) => number | undefined;

function endOf(until: string | undefined, clock: Schedule | undefined, timezone: string): End {
  if (until !== undefined) return (fromMs) => nextClockTime(fromMs, until, timezone);
  if (clock !== undefined) return (fromMs, spanMs) => clock.afterOpen(fromMs, spanMs);
  return (fromMs, spanMs) => fromMs + spanMs;
}

/** Keys that mean nothing beside, or without, another one. */
function checkTogether(raw: Raw, path: Path, { report }: StagesContext): void {
  const both = (key: string, hint: string): void => {
    if (raw[key] !== undefined && raw.until !== undefined) report([...path, key], 'does not go with "until"', hint);
  };
  both('for', 'write one of the two');
  both('clock', '"until" has a time of its own; "clock" is for "for"');
  both('extend', '"until" ends at its time, however many events come');
  if (raw.until !== undefined) return;
  if (raw.max !== undefined && raw.extend !== true)
    report([...path, 'max'], 'has nothing to cap', 'write "extend": true, or leave it out');
  if (raw.extend === true && raw.by === undefined)
    report([...path, 'extend'], 'needs "by"', 'without it every event waits alone, and none begins a wait again');
}

function readClockTime(raw: unknown, path: Path, { report }: StagesContext): string | undefined {
  if (typeof raw !== 'string') {
    report(path, `must be text like "08:00", not ${kindOf(raw)}`);
    return undefined;
  }
  const minutes = clockMinutes(raw);
  if (minutes !== undefined && minutes < 24 * 60) return raw;
  report(path, `${JSON.stringify(raw.slice(0, 40))} is no time of day`, 'write it like "08:00"');
  return undefined;
}

function readUnless(
  raw: unknown,
  path: Path,
  by: KeyOf | undefined,
  forMs: number | undefined,
  context: StagesContext,
): Unless | undefined {
  const { report, catalogue } = context;
  if (!readObject(raw, path, ['on', 'when', 'same', 'before'], '{ "on": "call.returned" }', report)) return undefined;
  const pattern = readPattern(raw, path, context);
  const same =
    raw.same === undefined ? (by ?? ALL_TOGETHER) : readFields(raw.same, [...path, 'same'], catalogue, report);
  // A digest has no length of its own: only what comes while it is held back cancels it.
  const beforeMs =
    raw.before === undefined ? (forMs ?? 0) : readSpan(raw.before, [...path, 'before'], '15m', report, 0);
  if (same === undefined || beforeMs === undefined) return undefined;
  return { ...pattern, same, beforeMs, sameAsBy: raw.same === undefined && by !== undefined };
}
