// Tests: what a condition asks of one field, read into a function of the field's value. Two-valued; null equals only null.
import type { Event } from '../../core/events.ts';
import type { Field, FieldValue, Known } from '../../core/fields.ts';
import { normaliseMac } from '../../core/phone-card.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import { canonicalAddress } from './address.ts';
import { type Catalogue, fieldOf, normaliserOf, readerOf, TYPE_NAMES, unknownField } from './catalogue.ts';
import type { Report } from './compiled.ts';
import { OPERATORS, operatorFor, operatorsOf, type Scalar } from './operators.ts';
import { isObject, kindOf, type Raw } from './tree.ts';

export type TestContext = {
  catalogue: Catalogue;
  /** The lists of the file, by name. */
  lists: ReadonlyMap<string, readonly string[]>;
  report: Report;
};

/** Of a list field the whole list is given. The event is there for `same-as`. */
export type Test = (value: FieldValue, event: Event, known: Known) => boolean;

const NEVER: Test = () => false;

const isList = (value: FieldValue): value is readonly string[] => typeof value === 'object' && value !== null;

/** A list without members is a list field's way of saying null. */
const isNull = (value: FieldValue): boolean => value === null || (isList(value) && value.length === 0);

/** Reads one test; every problem in it is reported, and a test with any never holds. */
export function readTest(raw: unknown, path: Path, field: Field, context: TestContext): Test {
  if (raw === null) return isNull;
  if (Array.isArray(raw)) return readChoice(raw, path, field, context);
  if (isObject(raw)) return readOperators(raw, path, field, context);
  const wanted = readScalar(raw, path, field, context);
  if (wanted === undefined) return NEVER;
  return field.type === 'list'
    ? (value) => isList(value) && value.includes(wanted as string)
    : (value) => value === wanted;
}

function readChoice(raw: readonly unknown[], path: Path, field: Field, context: TestContext): Test {
  const { report } = context;
  if (raw.length === 0) {
    report(path, 'is an empty list, which no value is in', 'name what is wanted, or use null for "no value"');
    return NEVER;
  }
  const wanted = new Set<unknown>();
  for (const [index, entry] of raw.entries())
    wanted.add(entry === null ? null : readScalar(entry, [...path, index], field, context));
  const orNull = wanted.has(null);
  if (field.type !== 'list') return (value) => wanted.has(value);
  return (value) => (isList(value) && value.some((member) => wanted.has(member))) || (orNull && isNull(value));
}

/** A plain value to be equal to, in the form in which the field's values are compared. */
function readScalar(raw: unknown, path: Path, field: Field, { catalogue, report }: TestContext): Scalar | undefined {
  if (field.type === 'number') {
    if (typeof raw === 'number' && Number.isFinite(raw)) return raw;
    report(
      path,
      `must be a number, not ${kindOf(raw)}`,
      typeof raw === 'string' ? 'write it without quotes' : undefined,
    );
    return undefined;
  }
  if (typeof raw !== 'string') {
    const quoted = typeof raw === 'number' ? `write it as "${raw}"` : undefined;
    report(path, `must be text in double quotes, not ${kindOf(raw)}`, quoted);
    return undefined;
  }
  if (field.normalise === 'mac' && normaliseMac(raw) === undefined) {
    report(path, 'is not a MAC address', 'write it like "00:50:58:a1:b2:c3"');
    return undefined;
  }
  if (field.type === 'address' && canonicalAddress(raw) === undefined) {
    report(path, 'is not an address', 'write it like "192.168.1.51", a whole network as { "cidr": "192.168.1.0/24" }');
    return undefined;
  }
  return normaliserOf(field, catalogue)?.(raw) ?? raw;
}

/**
 * All operators of the object must hold. Of a list field one member must pass all those that look at a member; `exists` and
 * `not` look at the whole list.
 */
function readOperators(raw: Raw, path: Path, field: Field, context: TestContext): Test {
  const names = Object.keys(raw);
  if (names.length === 0) {
    context.report(path, 'names no operator', `allowed: ${operatorsOf(field.type).join(', ')}`);
    return NEVER;
  }
  const ofWhole: Test[] = [];
  const ofMember: Test[] = [];
  for (const name of names) {
    const here = [...path, name];
    const make = operatorFor(field, name);
    if (make !== undefined) {
      const made = make(raw[name]);
      if (typeof made === 'function') ofMember.push((value) => value !== null && made(value as Scalar));
      else context.report(here, made.message, made.hint);
    } else if (!operatorsOf(field.type).includes(name)) {
      notAllowed(name, here, field, context.report);
    } else if (name === 'in') ofMember.push(readIn(raw[name], here, field, context));
    else if (name === 'same-as') ofMember.push(readSameAs(raw[name], here, context));
    else if (name === 'exists') ofWhole.push(readExists(raw[name], here, context.report));
    else ofWhole.push(negated(readTest(raw[name], here, field, context)));
  }
  if (ofMember.length > 0) ofWhole.push(field.type === 'list' ? someMember(every(ofMember)) : every(ofMember));
  return every(ofWhole);
}

function notAllowed(name: string, path: Path, field: Field, report: Report): void {
  const allowed = operatorsOf(field.type);
  if (OPERATORS.includes(name)) {
    report(path, `not for ${TYPE_NAMES[field.type]}`, `allowed: ${allowed.join(', ')}`);
    return;
  }
  const near = didYouMean(name, allowed);
  report(path, 'unknown operator', near?.startsWith('did') === true ? near : `allowed: ${allowed.join(', ')}`);
}

const negated =
  (test: Test): Test =>
  (value, event, known) =>
    !test(value, event, known);

const someMember =
  (test: Test): Test =>
  (value, event, known) =>
    isList(value) && value.some((member) => test(member, event, known));

function every(tests: readonly Test[]): Test {
  const [first, second] = tests;
  if (first !== undefined && second === undefined) return first;
  return (value, event, known) => {
    for (const test of tests) if (!test(value, event, known)) return false;
    return true;
  };
}

function readExists(raw: unknown, path: Path, report: Report): Test {
  if (typeof raw !== 'boolean') {
    report(path, `must be true or false, not ${kindOf(raw)}`);
    return NEVER;
  }
  return (value) => isNull(value) !== raw;
}

function readIn(raw: unknown, path: Path, field: Field, { catalogue, lists, report }: TestContext): Test {
  if (typeof raw !== 'string') {
    report(path, `must be the name of a list, not ${kindOf(raw)}`, 'write "lists": { "vip": [ … ] } in this file');
    return NEVER;
  }
  const list = lists.get(raw);
  if (list === undefined) {
    const hint = didYouMean(raw, [...lists.keys()]) ?? 'write it under "lists" in this file';
    report(path, `there is no list ${JSON.stringify(raw)} in this file`, hint);
    return NEVER;
  }
  const bad = field.normalise === 'mac' ? list.find((entry) => normaliseMac(entry) === undefined) : undefined;
  if (bad !== undefined) {
    report(
      path,
      `the list holds ${JSON.stringify(bad)}, which is not a MAC address`,
      'write it like "00:50:58:a1:b2:c3"',
    );
    return NEVER;
  }
  const normalise = normaliserOf(field, catalogue);
  const wanted = new Set<FieldValue>(normalise === undefined ? list : list.map(normalise));
  return (value) => wanted.has(value);
}

function readSameAs(raw: unknown, path: Path, { catalogue, report }: TestContext): Test {
  if (typeof raw !== 'string') {
    report(path, `must be the name of a field, not ${kindOf(raw)}`, 'like "local.number"');
    return NEVER;
  }
  const other = fieldOf(catalogue, raw);
  if (other === undefined) {
    const { message, hint } = unknownField(catalogue, raw);
    report(path, message, hint);
    return NEVER;
  }
  if (other.type === 'list' || other.type === 'number') {
    report(path, `${JSON.stringify(raw)} is ${TYPE_NAMES[other.type]}`, 'name a field that holds one text');
    return NEVER;
  }
  const read = readerOf(other);
  return (value, event, known) => value === read(event, known);
}
