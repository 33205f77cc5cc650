// The rule language: rule files → compiled rules, or every problem of every file at once, each with its exact path.
import { z } from 'zod';
import type { Destination } from '../../core/destination.ts';
import type { Field } from '../../core/fields.ts';
import type { Problem } from '../../core/problems.ts';
import { checkWith } from '../../core/schema-problems.ts';
import { ALWAYS_TREE, conditionOf } from '../match/condition-tree.ts';
import { readSchedules } from '../schedule/index.ts';
import { contentOf } from '../stages/hash.ts';
import { readStages } from '../stages/read.ts';
import type { StagesContext } from '../stages/read-pattern.ts';
import { type ActionContext, readDo } from './action.ts';
import { createCatalogue, noting } from './catalogue.ts';
import { type Flow, findCircles } from './circles.ts';
import type { CompiledRule, CompiledRules, Report } from './compiled.ts';
import { readConditionTree } from './condition.ts';
import { CUSTOM_EVENT, readOn } from './event-names.ts';
import type { Connections } from './message.ts';
import { createLiquids } from './template/liquid.ts';
import { isObject, kindOf, safeTree } from './tree.ts';

/** One rule file as an author wrote it; `file` is the name that problems show. */
export type RuleFile = { file: string; value: unknown };

export type CompileContext = {
  destinations: readonly Destination[];
  connections: Connections;
  /** Time zone of `until`, of schedules and of the filter `date` where they name none; UTC unless given. */
  timezone?: string;
  /** Texts of the iCalendar files that schedules refer to, by their names as written. */
  calendars?: ReadonlyMap<string, string>;
  /** How a number in a rule is spelled where it is compared; without it separators are left out. */
  numberOf?: (text: string) => string;
  /** Another catalogue than the one of `core`. */
  fields?: readonly Field[];
};

const ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const LIST_NAME = /^[A-Za-z0-9_-]{1,64}$/;

const fileShape = z.strictObject({
  $schema: z.string().optional(),
  description: z.string().optional(),
  schedules: z.unknown().optional(),
  lists: z.record(z.string().regex(LIST_NAME, 'letters, digits, _ and -, up to 64'), z.array(z.string())).optional(),
  rules: z.array(z.unknown()),
  // Read and run by the proof, which needs the rules compiled.
  tests: z.unknown().optional(),
});

const ruleShape = z.strictObject({
  id: z.string().regex(ID, 'must be a-z, 0-9, _ and -, up to 64, like "missed-to-slack"'),
  description: z.string().optional(),
  enabled: z.boolean().optional(),
  fallback: z.boolean().optional(),
  on: z.unknown().optional(),
  when: z.unknown().optional(),
  during: z.unknown().optional(),
  outside: z.unknown().optional(),
  after: z.unknown().optional(),
  count: z.unknown().optional(),
  wait: z.unknown().optional(),
  limit: z.unknown().optional(),
  do: z.unknown().optional(),
});

type Reading = {
  problems: Problem[];
  /** By id: where a rule with that id stands first. */
  ids: Map<string, string>;
  emitted: ReadonlySet<string>;
  flows: Flow[];
  actions: Omit<ActionContext, 'report' | 'schedules' | 'rule'>;
  timezone: string;
  calendars: ReadonlyMap<string, string>;
};

type File = { file: string; value: unknown; report: Report };

export type Compiled = { rules: CompiledRules } | { problems: Problem[] };

/**
 * Compiles rule files. The order of actions is that of the files' names and of the rules in them. Nothing of a set with any
 * problem is returned. Never throws, whatever the values are. A problem has `file` and `path`; its line is the caller's work.
 */
export function compileRules(files: readonly RuleFile[], context: CompileContext): Compiled {
  const steps = compileInSteps(files, context);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * The same, a rule a step, for a process that has other things to do in between. `beside`: rules of other files that are compiled
 * already; they are part of the set, and come back with it. They take the events that they took: those that are new in the set are
 * not among the ones that their `*` means.
 */
export function* compileInSteps(
  files: readonly RuleFile[],
  context: CompileContext,
  beside: CompiledRules = [],
): Generator<undefined, Compiled> {
  const problems: Problem[] = [];
  const many = tooMany(files, beside.length);
  if (many !== undefined) return { problems: [many] };
  const trees = [...files]
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))
    .map(({ file, value }): File => {
      const report = reporter(file, problems);
      return { file, value: safeTree(value, report), report };
    });
  const { timezone = 'UTC', calendars = new Map<string, string>() } = context;
  const actions = {
    destinations: context.destinations,
    connections: context.connections,
    catalogue: createCatalogue(context.fields, context.numberOf),
    liquids: createLiquids(timezone),
  };
  const flows = beside.map(flowOf);
  const emitted = new Set([...emittedBy(trees), ...flows.flatMap(({ emits }) => emits.map(({ event }) => event))]);
  const ids = new Map(beside.map(({ id, file, place }) => [id, `${file}, rules[${place}]`]));
  const reading: Reading = { problems, ids, emitted, flows, actions, timezone, calendars };
  const rules: CompiledRule[] = [];
  for (const file of trees) yield* readFile(file, reading, rules);
  problems.push(...findCircles(inOrder(reading.flows)));
  return problems.length > 0 ? { problems } : { rules: inOrder([...rules, ...beside]) };
}

/** By file name, then by place. */
const inOrder = <Placed extends { file: string; place: number }>(all: readonly Placed[]): Placed[] =>
  [...all].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.place - b.place));

const flowOf = ({ id, file, place, on, actions }: CompiledRule): Flow => ({
  id,
  file,
  place,
  on,
  emits: actions.flatMap((action, at) => (action.kind === 'emit' ? [{ at, event: action.event }] : [])),
});

/** Twice what the largest houses need; beyond that a file was made by a program that went wrong. */
const RULES_MAX = 20_000;

function tooMany(files: readonly RuleFile[], beside: number): Problem | undefined {
  let count = beside;
  for (const { file, value } of files) {
    if (isObject(value) && Array.isArray(value.rules)) count += value.rules.length;
    if (count <= RULES_MAX) continue;
    const hint = 'one rule with a list of values does what many with one value each do';
    return { file, path: ['rules'], message: `more than ${RULES_MAX} rules in all`, hint };
  }
  return undefined;
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

function* readFile({ file, value, report }: File, reading: Reading, read: CompiledRule[]): Generator<undefined> {
  if (!isObject(value)) {
    report([], `must be an object { … }, not ${kindOf(value)}`, 'like { "rules": [ … ] }');
    return;
  }
  const shaped = checkWith(fileShape, value);
  if ('problems' in shaped) for (const { path, message, hint } of shaped.problems) report(path, message, hint);
  const lists = new Map<string, readonly string[]>();
  if (isObject(value.lists))
    for (const [name, entries] of Object.entries(value.lists))
      lists.set(name, Array.isArray(entries) ? entries.filter((entry) => typeof entry === 'string') : []);
  const rules: readonly unknown[] = Array.isArray(value.rules) ? value.rules : [];
  const here = { file, report, lists, ...schedulesOf(value.schedules, report, reading) };
  for (const [place, raw] of rules.entries()) {
    const rule = readRule(raw, { ...here, place }, reading);
    if (rule !== undefined) read.push(rule);
    yield;
  }
}

/** The schedules of a file, and what each says. */
function schedulesOf(
  raw: unknown,
  report: Report,
  { timezone, calendars }: Reading,
): Pick<Place, 'schedules' | 'contentOf'> {
  const right = readSchedules(raw, ['schedules'], { report, timezone, calendars });
  const contents = new Map<string, string>();
  const all = isObject(raw) ? raw : {};
  return {
    schedules: { right, names: Object.keys(all) },
    contentOf(name) {
      const content = contents.get(name) ?? contentOf(all[name], timezone, calendars);
      contents.set(name, content);
      return content;
    },
  };
}

type Place = Pick<StagesContext, 'lists' | 'schedules' | 'contentOf' | 'report'> & { file: string; place: number };

function readRule(raw: unknown, here: Place, reading: Reading): CompiledRule | undefined {
  const { file, place, report: tell, lists } = here;
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
  const shaped = checkWith(ruleShape, raw, path);
  if ('problems' in shaped) for (const { path: at, message, hint } of shaped.problems) report(at, message, hint);
  checkId(raw.id, `${file}, rules[${place}]`, [...path, 'id'], reading.ids, report);
  const reads = new Set<string>();
  const catalogue = noting(reading.actions.catalogue, reads);
  const on = readOn(raw.on, [...path, 'on'], reading.emitted, report);
  const context = { catalogue, lists, report };
  const condition = raw.when === undefined ? ALWAYS_TREE : readConditionTree(raw.when, [...path, 'when'], context);
  const { emitted, timezone } = reading;
  const stages = readStages(raw, path, { ...here, catalogue, report, emitted, timezone });
  const name = typeof raw.id === 'string' ? raw.id.slice(0, 64) : `rules[${place}]`;
  reading.flows.push({ id: name, file, place, on, emits: emitsOf(raw) });
  const rule = { on, gathers: raw.count !== undefined || raw.wait !== undefined };
  const { schedules } = here;
  const actions = readDo(raw.do, [...path, 'do'], { ...reading.actions, catalogue, report, schedules, rule });
  if (!good || 'problems' in shaped || actions === undefined) return undefined;
  const { id, description, enabled = true, fallback = false } = shaped.value;
  const said = description === undefined ? {} : { description };
  const when = conditionOf(condition);
  const hears = [stages?.after, stages?.wait?.unless].flatMap((pattern) => pattern?.on ?? []);
  return {
    id,
    file,
    place,
    ...said,
    enabled,
    on,
    hears,
    reads: [...reads].sort(),
    when,
    condition,
    fallback,
    stages,
    actions,
  };
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
