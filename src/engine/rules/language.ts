// The rule language: rule files → compiled rules, or every problem of every file at once, each with its exact path.
import { z } from 'zod';
import type { Destination } from '../../core/destination.ts';
import type { Field } from '../../core/fields.ts';
import type { Problem } from '../../core/problems.ts';
import { checkWith } from '../../core/schema-problems.ts';
import { type ActionContext, readDo } from './action.ts';
import { createCatalogue } from './catalogue.ts';
import { type Flow, findCircles } from './circles.ts';
import type { CompiledRule, CompiledRules, Report } from './compiled.ts';
import { ALWAYS, readCondition } from './condition.ts';
import { CUSTOM_EVENT, readOn } from './event-names.ts';
import type { Connections } from './message.ts';
import { createLiquids } from './template/liquid.ts';
import { isObject, kindOf, type Raw, safeTree } from './tree.ts';

/** One rule file as an author wrote it; `file` is the name that problems show. */
export type RuleFile = { file: string; value: unknown };

export type CompileContext = {
  destinations: readonly Destination[];
  connections: Connections;
  /** Time zone of the filter `date` where a template names none; UTC unless given. */
  timezone?: string;
  /** How a number in a rule is spelled where it is compared; without it separators are left out. */
  numberOf?: (text: string) => string;
  /** Another catalogue than the one of `core`. */
  fields?: readonly Field[];
};

/** Keys of the language that need the memory of time, which this version does not have. */
const FILE_KEYS_LATER = ['schedules', 'tests'];
const RULE_KEYS_LATER = ['during', 'outside', 'after', 'count', 'wait', 'limit', 'fallback'];
const LATER = 'is not built yet in this version';

const ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const LIST_NAME = /^[A-Za-z0-9_-]{1,64}$/;

const fileShape = z.strictObject({
  $schema: z.string().optional(),
  description: z.string().optional(),
  lists: z.record(z.string().regex(LIST_NAME, 'letters, digits, _ and -, up to 64'), z.array(z.string())).optional(),
  rules: z.array(z.unknown()),
});

const ruleShape = z.strictObject({
  id: z.string().regex(ID, 'must be a-z, 0-9, _ and -, up to 64, like "missed-to-slack"'),
  description: z.string().optional(),
  enabled: z.boolean().optional(),
  on: z.unknown().optional(),
  when: z.unknown().optional(),
  do: z.unknown().optional(),
});

type Reading = {
  problems: Problem[];
  /** By id: where a rule with that id stands first. */
  ids: Map<string, string>;
  emitted: ReadonlySet<string>;
  flows: Flow[];
  actions: Omit<ActionContext, 'report'>;
};

type File = { file: string; value: unknown; report: Report };

/**
 * Compiles rule files. The order of actions is that of the files' names and of the rules in them. Nothing of a set with any
 * problem is returned. Never throws, whatever the values are. A problem has `file` and `path`; its line is the caller's work.
 */
export function compileRules(
  files: readonly RuleFile[],
  context: CompileContext,
): { rules: CompiledRules } | { problems: Problem[] } {
  const problems: Problem[] = [];
  const trees = [...files]
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))
    .map(({ file, value }): File => {
      const report = reporter(file, problems);
      return { file, value: safeTree(value, report), report };
    });
  const actions = {
    destinations: context.destinations,
    connections: context.connections,
    catalogue: createCatalogue(context.fields, context.numberOf),
    liquids: createLiquids(context.timezone ?? 'UTC'),
  };
  const reading: Reading = { problems, ids: new Map(), emitted: emittedBy(trees), flows: [], actions };
  const rules = trees.flatMap((file) => readFile(file, reading));
  problems.push(...findCircles(reading.flows));
  return problems.length > 0 ? { problems } : { rules };
}

const reporter =
  (file: string, problems: Problem[]): Report =>
  (path, message, hint) =>
    void problems.push({ file, path, message, ...(hint === undefined ? {} : { hint }) });

/** The events that any action makes, found before anything else so that rules may stand in any order. */
function emittedBy(files: readonly File[]): Set<string> {
  const rules = files.flatMap(({ value }) => (isObject(value) && Array.isArray(value.rules) ? value.rules : []));
  return new Set(rules.flatMap((rule: unknown) => emitsOf(rule).map(({ event }) => event)));
}

/** What a rule makes, as far as that can be told without reading the rest of it. */
function emitsOf(rule: unknown): Flow['emits'] {
  const actions: unknown[] = isObject(rule) && Array.isArray(rule.do) ? rule.do : [];
  return actions.flatMap((action, at) => {
    const event = isObject(action) && isObject(action.emit) ? action.emit.event : undefined;
    return typeof event === 'string' && CUSTOM_EVENT.test(event) ? [{ at, event }] : [];
  });
}

function readFile({ file, value, report }: File, reading: Reading): CompiledRule[] {
  if (!isObject(value)) {
    report([], `must be an object { … }, not ${kindOf(value)}`, 'like { "rules": [ … ] }');
    return [];
  }
  const shaped = checkWith(fileShape, withoutLater(value, FILE_KEYS_LATER, [], report));
  if ('problems' in shaped) for (const { path, message, hint } of shaped.problems) report(path, message, hint);
  const lists = new Map<string, readonly string[]>();
  if (isObject(value.lists))
    for (const [name, entries] of Object.entries(value.lists))
      lists.set(name, Array.isArray(entries) ? entries.filter((entry) => typeof entry === 'string') : []);
  const rules: readonly unknown[] = Array.isArray(value.rules) ? value.rules : [];
  return rules.flatMap((raw, place) => readRule(raw, { file, place, report, lists }, reading) ?? []);
}

/** Says of each key that comes later that it does, and gives the rest. */
function withoutLater(raw: Raw, later: readonly string[], path: readonly (string | number)[], report: Report): Raw {
  const rest: Raw = {};
  for (const [key, value] of Object.entries(raw)) {
    if (later.includes(key)) report([...path, key], LATER, 'rules act on each event at once');
    else rest[key] = value;
  }
  return rest;
}

type Place = { file: string; place: number; report: Report; lists: ReadonlyMap<string, readonly string[]> };

function readRule(
  raw: unknown,
  { file, place, report: tell, lists }: Place,
  reading: Reading,
): CompiledRule | undefined {
  const path = ['rules', place];
  let good = true;
  const report: Report = (at, message, hint) => {
    good = false;
    tell(at, message, hint);
  };
  if (!isObject(raw)) {
    report(path, `must be an object { … }, not ${kindOf(raw)}`);
    return undefined;
  }
  const shaped = checkWith(ruleShape, withoutLater(raw, RULE_KEYS_LATER, path, report), path);
  if ('problems' in shaped) for (const { path: at, message, hint } of shaped.problems) report(at, message, hint);
  checkId(raw.id, `${file}, rules[${place}]`, [...path, 'id'], reading.ids, report);
  const { catalogue } = reading.actions;
  const on = readOn(raw.on, [...path, 'on'], reading.emitted, report);
  const when =
    raw.when === undefined ? ALWAYS : readCondition(raw.when, [...path, 'when'], { catalogue, lists, report });
  const name = typeof raw.id === 'string' ? raw.id.slice(0, 64) : `rules[${place}]`;
  reading.flows.push({ id: name, file, place, on, emits: emitsOf(raw) });
  const actions = readDo(raw.do, [...path, 'do'], { ...reading.actions, report });
  if (!good || 'problems' in shaped || actions === undefined) return undefined;
  const { id, description, enabled = true } = shaped.value;
  return { id, file, place, ...(description === undefined ? {} : { description }), enabled, on, when, actions };
}

function checkId(
  id: unknown,
  here: string,
  path: readonly (string | number)[],
  ids: Map<string, string>,
  report: Report,
): void {
  if (typeof id !== 'string') return;
  const first = ids.get(id);
  if (first === undefined) ids.set(id, here);
  else
    report(path, `${JSON.stringify(id.slice(0, 64))} is already the id of ${first}`, 'ids are unique over all files');
}
