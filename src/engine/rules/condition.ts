// Conditions: what `when` says, read into one function of an event. `not` is exactly the negation of what it holds.
import { didYouMean, type Path } from '../../core/problems.ts';
import { readerOf, unknownField, variableField } from './catalogue.ts';
import type { Condition } from './compiled.ts';
import { readTest, type TestContext } from './field-test.ts';
import { isObject, kindOf } from './tree.ts';

export const ALWAYS: Condition = () => true;
const NEVER: Condition = () => false;

/** Keys of a condition that are no fields. */
const WORDS = ['all', 'any', 'not', 'vars'];

/** Reads a condition; every problem in it is reported, and a condition with any must not be used. */
export function readCondition(raw: unknown, path: Path, context: TestContext): Condition {
  if (!isObject(raw)) {
    context.report(path, `must be an object { … }, not ${kindOf(raw)}`, 'like { "phone.id": "front-desk" }');
    return NEVER;
  }
  return every(Object.keys(raw).map((key) => readKey(key, raw[key], [...path, key], context)));
}

function readKey(key: string, raw: unknown, path: Path, context: TestContext): Condition {
  if (key === 'all') return every(readList(raw, path, context));
  if (key === 'any') return some(readList(raw, path, context));
  if (key === 'vars') return readVariables(raw, path, context);
  if (key === 'not') {
    const condition = readCondition(raw, path, context);
    return (event, known) => !condition(event, known);
  }
  const field = context.catalogue.find(key);
  if (field !== undefined) {
    const test = readTest(raw, path, field, context);
    const read = readerOf(field);
    return (event, known) => test(read(event, known), event, known);
  }
  const { message, hint } = key.startsWith('vars.')
    ? { message: 'raw variables stand together', hint: `write "vars": { ${JSON.stringify(key.slice(5))}: … }` }
    : unknownField(context.catalogue, key);
  const word = didYouMean(key, WORDS);
  context.report(path, message, hint ?? (word?.startsWith('did') === true ? word : undefined));
  return NEVER;
}

function readList(raw: unknown, path: Path, context: TestContext): Condition[] {
  if (!Array.isArray(raw)) {
    context.report(path, `must be a list [ … ] of conditions, not ${kindOf(raw)}`);
    return [];
  }
  if (raw.length === 0) context.report(path, 'is an empty list', 'write at least one condition');
  return raw.map((entry, index) => readCondition(entry, [...path, index], context));
}

function readVariables(raw: unknown, path: Path, context: TestContext): Condition {
  if (!isObject(raw)) {
    context.report(path, `must be an object { … }, not ${kindOf(raw)}`, 'like { "vars": { "queue": "sales" } }');
    return NEVER;
  }
  return every(
    Object.keys(raw).map((name) => {
      const field = variableField(name);
      const test = readTest(raw[name], [...path, name], field, context);
      return (event, known) => test(field.read(event, known), event, known);
    }),
  );
}

function every(conditions: readonly Condition[]): Condition {
  const [first, second] = conditions;
  if (first === undefined) return ALWAYS;
  if (second === undefined) return first;
  return (event, known) => {
    for (const condition of conditions) if (!condition(event, known)) return false;
    return true;
  };
}

function some(conditions: readonly Condition[]): Condition {
  return (event, known) => {
    for (const condition of conditions) if (condition(event, known)) return true;
    return false;
  };
}
