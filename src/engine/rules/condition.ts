// Conditions: what `when` says, read into one function of an event. Two-valued: an unknown value is null, and null equals
// only null; `not` is exactly the negation.
import type { Event } from '../../core/events.ts';
import { FIELDS, FIELDS_NOT_YET, type Field, type FieldValue } from '../../core/fields.ts';
import type { PhoneCard } from '../../core/phone-card.ts';
import { normaliseMac } from '../../core/phone-card.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import { operatorsOf, plainOperator, type Scalar } from './operators.ts';
import { isObject, type Report, sayKind } from './report.ts';

export type Check = (event: Event, card: PhoneCard | undefined) => boolean;

export type ConditionContext = {
  report: Report;
  /** The named lists of the file. */
  lists: ReadonlyMap<string, readonly string[]>;
  /** The catalogue; other than FIELDS in tests only. */
  fields?: readonly Field[];
};

type Read = (event: Event, card: PhoneCard | undefined) => FieldValue;
/** A test of one value; lists are taken apart by the caller. */
type Test = (value: FieldValue, event: Event, card: PhoneCard | undefined) => boolean;

const DEPTH_MAX = 32;
const KEYS_MAX = 200;
const WORDS = ['all', 'any', 'not', 'vars'];
const never: Check = () => false;

/** Reads a condition; problems go to `context.report`, and what has any never holds. */
export function readCondition(raw: unknown, path: Path, context: ConditionContext, depth = 0): Check {
  const { report } = context;
  if (depth > DEPTH_MAX) return fail(report, path, `is nested deeper than ${DEPTH_MAX} levels`);
  if (!isObject(raw))
    return fail(report, path, `must be an object { … }, not ${sayKind(raw)}`, 'like { "phone.id": "front-desk" }');
  const keys = Object.keys(raw);
  if (keys.length > KEYS_MAX) return fail(report, path, `has more than ${KEYS_MAX} keys`);
  return every(keys.map((key) => readKey(key, raw[key], [...path, key], context, depth)));
}

function readKey(key: string, raw: unknown, path: Path, context: ConditionContext, depth: number): Check {
  if (key === 'all' || key === 'any') {
    if (!Array.isArray(raw) || raw.length === 0)
      return fail(context.report, path, 'must be a list of conditions, not empty');
    if (raw.length > KEYS_MAX) return fail(context.report, path, `has more than ${KEYS_MAX} conditions`);
    const checks = raw.map((item, i) => readCondition(item, [...path, i], context, depth + 1));
    return key === 'all' ? every(checks) : (event, card) => checks.some((check) => check(event, card));
  }
  if (key === 'not') {
    const check = readCondition(raw, path, context, depth + 1);
    return (event, card) => !check(event, card);
  }
  if (key === 'vars') return readVars(raw, path, context, depth);
  const field = (context.fields ?? FIELDS).find((each) => each.name === key);
  if (field === undefined) return unknownField(key, path, context);
  return applied(readTest(raw, path, field, context, depth), field.read);
}

function unknownField(key: string, path: Path, { report, fields }: ConditionContext): Check {
  if (FIELDS_NOT_YET.includes(key))
    return fail(report, path, `the field ${JSON.stringify(key)} is not built yet in this version`);
  const names = [...(fields ?? FIELDS).map((field) => field.name), ...WORDS];
  const message = `${JSON.stringify(key.slice(0, 80))} is not a field`;
  return fail(report, path, message, didYouMean(key, names) ?? 'raw variables of the phone stand under "vars"');
}

function readVars(raw: unknown, path: Path, context: ConditionContext, depth: number): Check {
  if (!isObject(raw)) return fail(context.report, path, 'must be an object { "variable": test }');
  return every(
    Object.keys(raw).map((name) => {
      const read: Read = (event) => (Object.hasOwn(event.vars, name) ? (event.vars[name] ?? null) : null);
      const field: Field = { name: `vars.${name}`, type: 'string', meaning: '', example: '', read };
      return applied(readTest(raw[name], [...path, name], field, context, depth), read);
    }),
  );
}

function applied(test: Test, read: Read): Check {
  return (event, card) => test(read(event, card), event, card);
}

const members =
  (test: (value: Scalar | null) => boolean): Test =>
  (value) =>
    Array.isArray(value) ? value.some(test) : test(value as Scalar | null);

function readTest(raw: unknown, path: Path, field: Field, context: ConditionContext, depth: number): Test {
  const { report } = context;
  if (depth > DEPTH_MAX) return failTest(report, path, `is nested deeper than ${DEPTH_MAX} levels`);
  if (raw === null) return isAbsent;
  if (Array.isArray(raw)) {
    if (raw.length === 0) return failTest(report, path, 'must not be an empty list', 'it would never hold');
    if (raw.length > 10_000) return failTest(report, path, 'has more than 10000 entries');
    const wanted = new Set(raw.map((item, i) => (item === null ? null : scalar(item, [...path, i], field, report))));
    return (value) =>
      Array.isArray(value)
        ? value.some((each) => wanted.has(each)) || (wanted.has(null) && value.length === 0)
        : wanted.has(value as Scalar | null);
  }
  if (isObject(raw)) return readOperators(raw, path, field, context, depth);
  const wanted = scalar(raw, path, field, report);
  return members((value) => value === wanted);
}

const isAbsent: Test = (value) => value === null || (Array.isArray(value) && value.length === 0);

function scalar(raw: unknown, path: Path, field: Field, report: Report): Scalar | undefined {
  const wanted = field.type === 'number' ? 'number' : 'string';
  if (typeof raw !== wanted) {
    const form = wanted === 'number' ? 'a number' : `text in double quotes like ${field.example || '"201"'}`;
    report(path, `must be ${form}, not ${sayKind(raw)}`);
    return undefined;
  }
  if (field.normalise !== 'mac') return raw as Scalar;
  const mac = normaliseMac(raw as string);
  if (mac === undefined) report(path, 'is not a MAC address', 'write it like "00:50:58:a1:b2:c3"');
  return mac;
}

function readOperators(
  raw: Record<string, unknown>,
  path: Path,
  field: Field,
  context: ConditionContext,
  depth: number,
): Test {
  const names = Object.keys(raw);
  if (names.length === 0)
    return failTest(context.report, path, 'names no operator', `allowed: ${operatorsOf(field.type).join(', ')}`);
  const whole: Test[] = [];
  const each: ((value: Scalar) => boolean)[] = [];
  for (const name of names) {
    const here = [...path, name];
    const operand = raw[name];
    const make = plainOperator(field.type, name);
    if (make !== undefined) {
      const made = make(
        name !== 'cidr' && field.normalise === 'mac' && typeof operand === 'string'
          ? operand.replace(/[:-]/g, '').toLowerCase()
          : operand,
      );
      if (typeof made === 'function') each.push(made);
      else context.report(here, made.wrong, made.hint);
    } else if (name === 'in' && operatorsOf(field.type).includes('in')) {
      const list = listNamed(operand, here, context);
      each.push((value) => list.has(String(value)));
    } else {
      whole.push(readSpecial(name, operand, here, field, context, depth));
    }
  }
  const passes = (value: Scalar | null): boolean => value !== null && each.every((holds) => holds(value));
  if (each.length > 0) whole.push(members(passes));
  return (value, event, card) => whole.every((test) => test(value, event, card));
}

function readSpecial(
  name: string,
  operand: unknown,
  path: Path,
  field: Field,
  context: ConditionContext,
  depth: number,
): Test {
  const { report } = context;
  if (name === 'not') {
    const test = readTest(operand, path, field, context, depth + 1);
    return (value, event, card) => !test(value, event, card);
  }
  if (name === 'exists') {
    if (typeof operand !== 'boolean') return failTest(report, path, 'must be true or false');
    return (value, event, card) => isAbsent(value, event, card) !== operand;
  }
  const allowed = operatorsOf(field.type);
  if (name === 'same-as' && allowed.includes('same-as')) return readSameAs(operand, path, context);
  const kind = field.type === 'string' || field.type === 'list' ? 'text' : field.type;
  const near = didYouMean(name, allowed);
  const hint = near?.startsWith('did') === true ? near : `allowed: ${allowed.join(', ')}`;
  return failTest(
    report,
    path,
    `not for ${kind === 'text' ? 'a text' : kind === 'address' ? 'an address' : `a ${kind}`}`,
    hint,
  );
}

function readSameAs(operand: unknown, path: Path, context: ConditionContext): Test {
  const fields = context.fields ?? FIELDS;
  const other = fields.find((field) => field.name === operand);
  if (other === undefined || other.type === 'list') {
    const hint = didYouMean(
      String(operand),
      fields.map((field) => field.name),
    );
    return failTest(context.report, path, 'must name another field', hint);
  }
  return (value, event, card) => {
    const wanted = other.read(event, card);
    return wanted !== null && (Array.isArray(value) ? value.includes(wanted as string) : value === wanted);
  };
}

function listNamed(operand: unknown, path: Path, { report, lists }: ConditionContext): ReadonlySet<string> {
  const list = typeof operand === 'string' ? lists.get(operand) : undefined;
  if (list === undefined) {
    report(
      path,
      'must name a list of this file',
      didYouMean(String(operand), [...lists.keys()]) ?? 'declare it under "lists"',
    );
  }
  return new Set(list);
}

function every(checks: readonly Check[]): Check {
  const [first, second] = checks;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (event, card) => checks.every((check) => check(event, card));
}

function fail(report: Report, path: Path, message: string, hint?: string): Check {
  report(path, message, hint);
  return never;
}

function failTest(report: Report, path: Path, message: string, hint?: string): Test {
  report(path, message, hint);
  return () => false;
}
