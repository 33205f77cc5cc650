// Judge: what fired against what a test expects, and in what way the two differ.

import type { Json } from '../../core/delivery.ts';
import { formatDuration } from '../../core/durations.ts';
import type { Path } from '../../core/problems.ts';
import type { Firing } from './probe.ts';
import type { Expectation, RuleTest } from './rule-test.ts';

/** What was expected and what came instead; `path`: where in the rule file it is expected. */
export type Failure = { path: Path; text: string };

const NEAR_MAX = 3;

/** What a test does not get of what it expects; empty: it passed. */
export function judge(test: RuleTest, firings: readonly Firing[]): Failure[] {
  const path = ['tests', test.place];
  const failures = test.expect.flatMap((line, n): Failure[] => {
    const text = differenceOf(line, firings, test.startMs);
    return text === undefined ? [] : [{ path: [...path, 'expect', n], text }];
  });
  const expected = new Set(test.expect.map(({ rule }) => rule));
  for (const firing of firings) {
    const broken = brokenOf(firing);
    if (broken !== undefined && (test.only || expected.has(firing.rule)))
      failures.push({ path, text: `${firing.rule} fires ${moment(firing, test.startMs)}, but ${broken}` });
    if (
      test.only &&
      !test.expect.some((line) => line.rule === firing.rule && misses(line, firing, test.startMs) === undefined)
    )
      failures.push({
        path: [...path, 'only'],
        text: `${firing.rule} fires ${moment(firing, test.startMs)}, which is not expected`,
      });
  }
  return failures;
}

function differenceOf(line: Expectation, firings: readonly Firing[], startMs: number): string | undefined {
  const ofRule = firings.filter(({ rule }) => rule === line.rule);
  const fitting = ofRule.filter((firing) => misses(line, firing, startMs) === undefined);
  if (fitting.length === line.times) return undefined;
  const wanted = `${line.rule} is to fire ${times(line.times)}${conditionsOf(line)}`;
  const got = fitting.length === 0 ? 'does not' : `does ${times(fitting.length)}`;
  const others = ofRule
    .filter((firing) => !fitting.includes(firing))
    .slice(0, NEAR_MAX)
    .map((firing) => `; ${moment(firing, startMs)} ${misses(line, firing, startMs)}`);
  return `${wanted}, but ${got}${fitting.length < line.times ? others.join('') : ''}`;
}

const times = (count: number): string => (count === 0 ? 'never' : count === 1 ? 'once' : `${count} times`);

function conditionsOf({ at, count, text, to }: Expectation): string {
  const parts: string[] = [];
  if (at !== undefined) parts.push(`${at.exact ? ' exactly' : ''} at ${formatDuration(at.ms)}`);
  if (count !== undefined) parts.push(` with count ${count}`);
  if (text !== undefined) parts.push(` with ${JSON.stringify(text)}`);
  if (to !== undefined) parts.push(` to ${to}`);
  return parts.join('');
}

const moment = ({ atMs }: Firing, startMs: number): string => `at ${formatDuration(atMs - startMs)}`;

/** Why a firing is not the one that a line means; undefined: it is. */
function misses({ at, count, text, to }: Expectation, firing: Firing, startMs: number): string | undefined {
  const sinceMs = firing.atMs - startMs;
  if (at !== undefined && (at.exact ? sinceMs !== at.ms : Math.floor(sinceMs / 1_000) !== at.ms / 1_000))
    return 'it is another moment';
  if (count !== undefined && count !== firing.count) return `count is ${firing.count ?? 'unknown'}`;
  const deliveries = to === undefined ? firing.deliveries : firing.deliveries.filter((each) => each.to === to);
  if (to !== undefined && deliveries.length === 0) return `nothing goes to ${to}`;
  if (text === undefined) return undefined;
  const said = [
    ...deliveries.flatMap(({ message }) => textsOf(message)),
    ...(to === undefined ? firing.logs.map((log) => log.text) : []),
  ];
  return said.some((each) => each.includes(text)) ? undefined : `${JSON.stringify(text)} is not in it`;
}

/** What a rule could not send. */
function brokenOf({ deliveries }: Firing): string | undefined {
  const dead = deliveries.find(({ state }) => state === 'dead');
  return dead && `its message to ${dead.to} cannot be sent (${dead.lastError ?? 'no reason'})`;
}

/** Every text in a message, keys apart. */
function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return value === null ? [] : [String(value)];
  return (Array.isArray(value) ? value : Object.values(value)).flatMap(textsOf);
}
