// Reading the stages of a rule: what stands between `when` and `do`, made ready; every problem with its path.
import type { Path } from '../../core/problems.ts';
import type { After, Count, Limit, Stages } from '../rules/compiled.ts';
import type { Raw } from '../rules/tree.ts';
import { hashOf } from './hash.ts';
import { ALL_TOGETHER } from './key.ts';
import { readPattern, type StagesContext } from './read-pattern.ts';
import { readFields, readObject, readScheduleName, readSpan, readWhole } from './read-values.ts';
import { readWait } from './read-wait.ts';

/** The keys of a rule that are stages. */
const STAGE_KEYS: readonly string[] = ['during', 'outside', 'after', 'count', 'wait', 'limit'];

/** As many events as one rule counts: what it remembers of each is rewritten with each. */
const COUNT_MAX = 100;
const LIMIT_MAX = 1_000;

/** The stages of a rule that stands at `path`; undefined if it has none. With any problem they must not be used. */
export function readStages(raw: Raw, path: Path, context: StagesContext): Stages | undefined {
  if (!STAGE_KEYS.some((key) => raw[key] !== undefined)) return undefined;
  const { schedules, report } = context;
  const read = <T>(key: string, reader: (value: unknown, at: Path, context: StagesContext) => T): T | undefined =>
    raw[key] === undefined ? undefined : reader(raw[key], [...path, key], context);
  const schedule = (value: unknown, at: Path) => readScheduleName(value, at, schedules, report);
  const withVars = mayReadVars(raw.do);
  return {
    hash: hashOf(raw, withVars, context),
    during: read('during', schedule),
    outside: read('outside', schedule),
    after: read('after', readAfter),
    count: read('count', readCount),
    wait: read('wait', (value, at) => readWait(value, at, withVars, context)),
    limit: read('limit', readLimit),
  };
}

/** Actions that do not say `vars` cannot look at one, and only `emit` hands them on. */
const mayReadVars = (actions: unknown): boolean => /vars|"emit"/.test(JSON.stringify(actions) ?? '');

function readAfter(raw: unknown, path: Path, context: StagesContext): After | undefined {
  const example = '{ "on": "call.missed", "same": ["remote.number"], "within": "30m" }';
  const { report, catalogue } = context;
  if (!readObject(raw, path, ['on', 'when', 'same', 'within'], example, report)) return undefined;
  const pattern = readPattern(raw, path, context);
  const same = readFields(raw.same, [...path, 'same'], catalogue, report);
  const withinMs = readSpan(raw.within, [...path, 'within'], '30m', report);
  return same === undefined || withinMs === undefined ? undefined : { ...pattern, same, withinMs };
}

function readCount(raw: unknown, path: Path, { report, catalogue }: StagesContext): Count | undefined {
  const example = '{ "min": 5, "within": "2m" }';
  if (!readObject(raw, path, ['min', 'within', 'by'], example, report)) return undefined;
  const min = readWhole(raw.min, [...path, 'min'], [2, COUNT_MAX], report);
  const withinMs = readSpan(raw.within, [...path, 'within'], '2m', report);
  const by = raw.by === undefined ? ALL_TOGETHER : readFields(raw.by, [...path, 'by'], catalogue, report);
  return by === undefined || withinMs === undefined ? undefined : { min, withinMs, by };
}

function readLimit(raw: unknown, path: Path, { report, catalogue }: StagesContext): Limit | undefined {
  if (!readObject(raw, path, ['max', 'per', 'by'], '{ "per": "30m" }', report)) return undefined;
  const max = raw.max === undefined ? 1 : readWhole(raw.max, [...path, 'max'], [1, LIMIT_MAX], report);
  const perMs = readSpan(raw.per, [...path, 'per'], '30m', report);
  const by = raw.by === undefined ? ALL_TOGETHER : readFields(raw.by, [...path, 'by'], catalogue, report);
  return by === undefined || perMs === undefined ? undefined : { max, perMs, by };
}
