// Other rule engines with the same rules: json-rules-engine, and json-logic-engine compiled. Installed elsewhere, never by Hookswitch.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { FIELDS } from '../src/core/fields.ts';
import type { BenchEvent, BenchRule } from './match-rules.ts';
import { LIST_ENTRIES } from './match-rules.ts';

export type Rival = {
  name: string;
  version: string;
  /** The places of the rules that accept the event, in any order. `facts`: as `factsOf` makes them. */
  find(facts: Facts): readonly number[] | Promise<readonly number[]>;
};

/** Every field that the rules name, read beforehand: what it costs to read them is not counted against a rival. */
export type Facts = Record<string, unknown>;

type Test = { field: string; op: string; value: unknown };
type Neutral = { all: Neutral[] } | { any: Neutral[] } | Test;

const NAMES = [
  'event.type',
  'phone.id',
  'phone.groups',
  'remote.number',
  'remote.kind',
  'remote.contact',
  'call.direction',
  'call.talkSeconds',
  'call.ringSeconds',
];
const USED = FIELDS.filter(({ name }) => NAMES.includes(name));
/** A dot would be a path to both of them. */
const plain = (name: string): string => name.replace('.', '_');

export const factsOf = ({ event, known }: BenchEvent): Facts =>
  Object.fromEntries(USED.map(({ name, read }) => [plain(name), read(event, known)]));

function neutralOf({ on, when }: BenchRule): Neutral {
  const type: Test = { field: 'event.type', op: 'in', value: on };
  return { all: [on.length === 1 ? { ...type, op: 'equal', value: on[0] } : type, ...partsOf(when)] };
}

const partsOf = (when: Record<string, unknown>): Neutral[] =>
  Object.entries(when).flatMap(([field, raw]): Neutral[] => {
    if (field === 'any') return [{ any: (raw as Record<string, unknown>[]).map((each) => ({ all: partsOf(each) })) }];
    return testsOf(raw).map(([op, value]) => ({ field, op: field === 'phone.groups' ? 'contains' : op, value }));
  });

function testsOf(raw: unknown): [string, unknown][] {
  if (typeof raw !== 'object' || raw === null) return [['equal', raw]];
  if (Array.isArray(raw)) return [['in', raw]];
  return Object.entries(raw).map(([op, value]): [string, unknown] => {
    if (op === 'in') return ['in', LIST_ENTRIES[value as string]];
    if (op === 'not') return ['notPrefix', (value as { prefix: string }).prefix];
    if (op === 'wildcard') return ['ends', (value as string).split('*')];
    return [op, value];
  });
}

const startsWith = (value: unknown, start: string): boolean => typeof value === 'string' && value.startsWith(start);
const endsSo = (value: unknown, [head = '', tail = '']: string[]): boolean =>
  typeof value === 'string' &&
  value.length >= head.length + tail.length &&
  value.startsWith(head) &&
  value.endsWith(tail);

type JsonRules = {
  Engine: new (
    rules: unknown[],
  ) => {
    addOperator(name: string, holds: (value: unknown, operand: never) => boolean): void;
    run(facts: Facts): Promise<{ events: { params: { place: number } }[] }>;
  };
};

function jsonRulesEngine({ Engine }: JsonRules, version: string, rules: readonly BenchRule[]): Rival {
  const operators: Record<string, string> = { '>': 'greaterThan', '>=': 'greaterThanInclusive' };
  const write = (node: Neutral): unknown => {
    if ('all' in node) return { all: node.all.map(write) };
    if ('any' in node) return { any: node.any.map(write) };
    const test = { fact: plain(node.field), operator: operators[node.op] ?? node.op, value: node.value };
    // Asked first, so that most rules are done with after one comparison.
    return node.field === 'event.type' ? { ...test, priority: 100 } : test;
  };
  const engine = new Engine(
    rules.map((rule, place) => ({ conditions: write(neutralOf(rule)), event: { type: 'match', params: { place } } })),
  );
  engine.addOperator('prefix', startsWith);
  engine.addOperator('notPrefix', (value, start: string) => !startsWith(value, start));
  engine.addOperator('ends', endsSo);
  engine.addOperator('exists', (value) => value !== null);
  return {
    name: 'json-rules-engine',
    version,
    find: async (facts) => (await engine.run(facts)).events.map(({ params }) => params.place),
  };
}

type JsonLogic = {
  LogicEngine: new () => {
    addMethod(name: string, method: (args: never) => boolean): void;
    build(logic: unknown): (facts: Facts) => unknown;
  };
};

function jsonLogicEngine({ LogicEngine }: JsonLogic, version: string, rules: readonly BenchRule[]): Rival {
  const operators: Record<string, string> = { equal: '===' };
  const write = (node: Neutral): unknown => {
    if ('all' in node) return { and: node.all.map(write) };
    if ('any' in node) return { or: node.any.map(write) };
    const field = { var: plain(node.field) };
    if (node.op === 'exists') return { '!==': [field, null] };
    if (node.op === 'ends') return { ends: [field, ...(node.value as string[])] };
    if (node.op === 'notPrefix') return { '!': [{ prefix: [field, node.value] }] };
    return node.op === 'contains'
      ? { in: [node.value, field] }
      : { [operators[node.op] ?? node.op]: [field, node.value] };
  };
  const engine = new LogicEngine();
  engine.addMethod('prefix', ([value, start]: [unknown, string]) => startsWith(value, start));
  engine.addMethod('ends', ([value, head, tail]: [unknown, string, string]) => endsSo(value, [head, tail]));
  const compiled = rules.map((rule) => engine.build(write(neutralOf(rule))));
  const find = (facts: Facts): number[] => {
    const found: number[] = [];
    for (let n = 0; n < compiled.length; n++) if (compiled[n]?.(facts)) found.push(n);
    return found;
  };
  return { name: 'json-logic-engine', version, find };
}

/** Both rivals, from a folder in which they are installed. Throws where one is missing there. */
export function rivalsIn(folder: string, rules: readonly BenchRule[]): Rival[] {
  const require = createRequire(join(folder, 'package.json'));
  const versionOf = (name: string): string =>
    (JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as { version: string })
      .version;
  const [a, b] = ['json-rules-engine', 'json-logic-engine'] as const;
  return [
    jsonRulesEngine(require(a) as JsonRules, versionOf(a), rules),
    jsonLogicEngine(require(b) as JsonLogic, versionOf(b), rules),
  ];
}
