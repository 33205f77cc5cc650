// Conditions: what `when` says, read into a tree of tests, and from there into one function of an event.
import type { Field } from '../../core/fields.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import { ALWAYS_TREE, type Clause, type ConditionTree, conditionOf, NEVER_TREE } from '../match/condition-tree.ts';
import { readableOf, unknownField } from './catalogue.ts';
import type { Condition } from './compiled.ts';
import { readTest, type TestContext } from './field-test.ts';
import { isObject, kindOf } from './tree.ts';

/** Keys of a condition that are no fields. */
const WORDS = ['all', 'any', 'not', 'vars'];

/** Reads a condition; every problem in it is reported, and a condition with any must not be used. */
export const readCondition = (raw: unknown, path: Path, context: TestContext): Condition =>
  conditionOf(readConditionTree(raw, path, context));

/** Reads a condition as data; every problem in it is reported, and a tree with any must not be used. Equal clauses are one object. */
export function readConditionTree(raw: unknown, path: Path, context: TestContext): ConditionTree {
  if (!isObject(raw)) {
    context.report(path, `must be an object { … }, not ${kindOf(raw)}`, 'like { "phone.id": "front-desk" }');
    return NEVER_TREE;
  }
  return every(Object.keys(raw).map((key) => readKey(key, raw[key], [...path, key], context)));
}

function readKey(key: string, raw: unknown, path: Path, context: TestContext): ConditionTree {
  if (key === 'all') return every(readList(raw, path, context));
  if (key === 'any') return { kind: 'or', parts: readList(raw, path, context) };
  if (key === 'vars') return readVariables(raw, path, context);
  if (key === 'not') return { kind: 'not', part: readConditionTree(raw, path, context) };
  const field = context.catalogue.find(key);
  if (field !== undefined) return readClause(raw, path, field, context);
  const { message, hint } = key.startsWith('vars.')
    ? { message: 'raw variables stand together', hint: `write "vars": { ${JSON.stringify(key.slice(5))}: … }` }
    : unknownField(context.catalogue, key);
  const word = didYouMean(key, WORDS);
  context.report(path, message, hint ?? (word?.startsWith('did') === true ? word : undefined));
  return NEVER_TREE;
}

function readClause(raw: unknown, path: Path, field: Field, context: TestContext): ConditionTree {
  const test = readTest(raw, path, field, context);
  const name = `clause ${JSON.stringify(field.name)} ${test.text}`;
  const clause = context.catalogue.shared<Clause>(name, () => ({ field: readableOf(field, context.catalogue), test }));
  return { kind: 'clause', clause };
}

function readList(raw: unknown, path: Path, context: TestContext): ConditionTree[] {
  if (!Array.isArray(raw)) {
    context.report(path, `must be a list [ … ] of conditions, not ${kindOf(raw)}`);
    return [];
  }
  if (raw.length === 0) context.report(path, 'is an empty list', 'write at least one condition');
  return raw.map((entry, index) => readConditionTree(entry, [...path, index], context));
}

function readVariables(raw: unknown, path: Path, context: TestContext): ConditionTree {
  if (!isObject(raw)) {
    context.report(path, `must be an object { … }, not ${kindOf(raw)}`, 'like { "vars": { "queue": "sales" } }');
    return NEVER_TREE;
  }
  return every(
    Object.keys(raw).map((name) => readClause(raw[name], [...path, name], context.catalogue.variable(name), context)),
  );
}

/** The parts of parts that are themselves such lists stand in one list: an index then sees them all. */
function every(parts: readonly ConditionTree[]): ConditionTree {
  const flat = parts.flatMap((part) => (part.kind === 'and' ? part.parts : [part]));
  const [first, second] = flat;
  if (first === undefined) return ALWAYS_TREE;
  return second === undefined ? first : { kind: 'and', parts: flat };
}
