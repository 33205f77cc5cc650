// Hash: of all that decides what a rule's memory means. What only decides what is said about it is left out.
import { createHash } from 'node:crypto';
import { isObject, type Raw } from '../rules/tree.ts';

const KEYS = ['on', 'when', 'during', 'outside', 'after', 'count', 'wait', 'limit'];
const CHARACTERS = 12;

type Surroundings = { timezone: string; contentOf(schedule: string): string };

/** `withVars`: whether its waits keep raw variables, which an action that is new may want to see. */
export function hashOf(raw: Raw, withVars: boolean, { timezone, contentOf }: Surroundings): string {
  const clock = isObject(raw.wait) ? raw.wait.clock : undefined;
  const names = [raw.during, raw.outside, clock].filter((name) => typeof name === 'string');
  const parts = [
    KEYS.map((key) => canonical(raw[key])),
    names.map(contentOf),
    isObject(raw.wait) && raw.wait.until !== undefined ? timezone : '',
    raw.wait === undefined ? '' : withVars,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, CHARACTERS);
}

/** The same text for the same value, in whatever order its keys stand. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? '';
  const entries = Object.keys(value).sort();
  return `{${entries.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** What a schedule says; its description, which decides nothing, is left out. `calendars`: texts by their names as written. */
export function contentOf(schedule: unknown, timezone: string, calendars: ReadonlyMap<string, string>): string {
  if (!isObject(schedule)) return '';
  const { description: _description, ...rest } = schedule;
  const closed: unknown[] = Array.isArray(schedule.closed) ? schedule.closed : [];
  const texts = closed.map((entry) =>
    isObject(entry) && typeof entry.calendar === 'string' ? (calendars.get(entry.calendar) ?? '') : '',
  );
  const parts = [canonical(rest), schedule.timezone === undefined ? timezone : '', texts];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
