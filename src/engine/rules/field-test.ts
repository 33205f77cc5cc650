// Tests: what a condition asks of one field, read into a function of the field's value. Two-valued; null equals only null.
import { createHash } from 'node:crypto';
import type { Field, FieldValue } from '../../core/fields.ts';
import { normaliseMac } from '../../core/phone-card.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import type { FieldTest, Holds, IndexKey } from '../match/condition-tree.ts';
import { canonicalAddress } from './address.ts';
import { type Catalogue, fieldOf, normaliserOf, readableOf, TYPE_NAMES, unknownField } from './catalogue.ts';
import type { Report } from './compiled.ts';
import { OPERATORS, type Operator, operatorFor, operatorsOf, type Scalar } from './operators.ts';
import { isObject, kindOf, type Raw } from './tree.ts';

export type TestContext = {
  catalogue: Catalogue;
  /** The lists of the file, by name. */
  lists: ReadonlyMap<string, readonly string[]>;
  report: Report;
};

const NEVER: FieldTest = { text: 'never', holds: () => false, keys: [] };

const isList = (value: FieldValue): value is readonly string[] => typeof value === 'object' && value !== null;

/** A list without members is a list field's way of saying null. */
const isNull = (value: FieldValue): boolean => value === null || (isList(value) && value.length === 0);

const NO_VALUE: IndexKey = { kind: 'exact', values: [null] };

/** Reads one test; every problem in it is reported, and a test with any never holds. */
export function readTest(raw: unknown, path: Path, field: Field, context: TestContext): FieldTest {
  if (raw === null) return { text: 'null', holds: isNull, keys: [NO_VALUE] };
  if (Array.isArray(raw)) return readChoice(raw, path, field, context);
  if (isObject(raw)) return readOperators(raw, path, field, context);
  const wanted = readScalar(raw, path, field, context);
  if (wanted === undefined) return NEVER;
  const holds: Holds =
    field.type === 'list' ? (value) => isList(value) && value.includes(wanted as string) : (value) => value === wanted;
  return { text: JSON.stringify(wanted), holds, keys: [{ kind: 'exact', values: [wanted] }] };
}

function readChoice(raw: readonly unknown[], path: Path, field: Field, context: TestContext): FieldTest {
  const { report } = context;
  if (raw.length === 0) {
    report(path, 'is an empty list, which no value is in', 'name what is wanted, or use null for "no value"');
    return NEVER;
  }
  const wanted = new Set<Scalar | null>();
  for (const [index, entry] of raw.entries()) {
    const value = entry === null ? null : readScalar(entry, [...path, index], field, context);
    if (value !== undefined) wanted.add(value);
  }
  const orNull = wanted.has(null);
  const isWanted = (value: FieldValue): boolean => wanted.has(value as Scalar | null);
  const holds: Holds =
    field.type === 'list' ? (value) => (isList(value) && value.some(isWanted)) || (orNull && isNull(value)) : isWanted;
  const values = [...wanted];
  return { text: `[${values.map((value) => JSON.stringify(value)).sort()}]`, holds, keys: [{ kind: 'exact', values }] };
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
function readOperators(raw: Raw, path: Path, field: Field, context: TestContext): FieldTest {
  const names = Object.keys(raw);
  if (names.length === 0) {
    context.report(path, 'names no operator', `allowed: ${operatorsOf(field.type).join(', ')}`);
    return NEVER;
  }
  const parts: Part[] = [];
  for (const name of names) {
    const here = [...path, name];
    const make = operatorFor(field, name);
    if (make !== undefined) {
      const made = make(raw[name]);
      if ('holds' in made) parts.push(ofMember(`${name} ${JSON.stringify(raw[name])}`, made));
      else context.report(here, made.message, made.hint);
    } else if (!operatorsOf(field.type).includes(name)) {
      notAllowed(name, here, field, context.report);
    } else if (name === 'in') parts.push(readIn(raw[name], here, field, context));
    else if (name === 'same-as') parts.push(readSameAs(raw[name], here, context));
    else if (name === 'exists') parts.push(readExists(raw[name], here, context.report));
    else parts.push(negated(readTest(raw[name], here, field, context)));
  }
  return {
    text: `{${parts.map(({ text }) => text).sort()}}`,
    holds: everyPart(parts, field.type === 'list'),
    // Of a list, the member that passes all operators also has all their keys.
    keys: parts.flatMap(({ keys }) => keys),
  };
}

/** One operator of a test; `member`: it looks at one member of a list, not at the whole. */
type Part = FieldTest & { member: boolean };

const ofMember = (text: string, { holds, keys }: Operator): Part => ({
  text,
  holds: (value) => value !== null && holds(value as Scalar),
  keys,
  member: true,
});

function everyPart(parts: readonly Part[], list: boolean): Holds {
  const ofMembers = parts.filter(({ member }) => member && list).map(({ holds }) => holds);
  const ofWhole = parts.filter(({ member }) => !(member && list)).map(({ holds }) => holds);
  return every(ofMembers.length > 0 ? [...ofWhole, someMember(every(ofMembers))] : ofWhole);
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

const negated = ({ text, holds }: FieldTest): Part => ({
  text: `not ${text}`,
  holds: (value, event, known) => !holds(value, event, known),
  keys: [],
  member: false,
});

const someMember =
  (holds: Holds): Holds =>
  (value, event, known) =>
    isList(value) && value.some((member) => holds(member, event, known));

function every(tests: readonly Holds[]): Holds {
  const [first, second] = tests;
  if (first !== undefined && second === undefined) return first;
  return (value, event, known) => {
    for (const test of tests) if (!test(value, event, known)) return false;
    return true;
  };
}

const NO_PART: Part = { ...NEVER, member: false };

function readExists(raw: unknown, path: Path, report: Report): Part {
  if (typeof raw !== 'boolean') {
    report(path, `must be true or false, not ${kindOf(raw)}`);
    return NO_PART;
  }
  return {
    text: `exists ${raw}`,
    holds: (value) => isNull(value) !== raw,
    keys: raw ? [] : [NO_VALUE],
    member: false,
  };
}

function readIn(raw: unknown, path: Path, field: Field, { catalogue, lists, report }: TestContext): Part {
  if (typeof raw !== 'string') {
    report(path, `must be the name of a list, not ${kindOf(raw)}`, 'write "lists": { "vip": [ … ] } in this file');
    return NO_PART;
  }
  const list = lists.get(raw);
  if (list === undefined) {
    const hint = didYouMean(raw, [...lists.keys()]) ?? 'write it under "lists" in this file';
    report(path, `there is no list ${JSON.stringify(raw)} in this file`, hint);
    return NO_PART;
  }
  const bad = field.normalise === 'mac' ? list.find((entry) => normaliseMac(entry) === undefined) : undefined;
  if (bad !== undefined) {
    report(
      path,
      `the list holds ${JSON.stringify(bad)}, which is not a MAC address`,
      'write it like "00:50:58:a1:b2:c3"',
    );
    return NO_PART;
  }
  // Many rules may name one long list: it is read once for each way in which its entries are compared.
  return catalogue.shared(
    `in ${field.normalise ?? field.type}`,
    () => oneOf(list, normaliserOf(field, catalogue)),
    list,
  );
}

function oneOf(list: readonly string[], normalise: ((text: string) => string) | undefined): Part {
  const wanted = new Set<FieldValue>(normalise === undefined ? list : list.map(normalise));
  const values = [...wanted] as string[];
  const digest = createHash('sha256').update(JSON.stringify(values.toSorted())).digest('base64');
  return {
    text: `in ${digest}`,
    holds: (value) => wanted.has(value),
    keys: [{ kind: 'exact', values }],
    member: true,
  };
}

function readSameAs(raw: unknown, path: Path, { catalogue, report }: TestContext): Part {
  if (typeof raw !== 'string') {
    report(path, `must be the name of a field, not ${kindOf(raw)}`, 'like "local.number"');
    return NO_PART;
  }
  const other = fieldOf(catalogue, raw);
  if (other === undefined) {
    const { message, hint } = unknownField(catalogue, raw);
    report(path, message, hint);
    return NO_PART;
  }
  if (other.type === 'list' || other.type === 'number') {
    report(path, `${JSON.stringify(raw)} is ${TYPE_NAMES[other.type]}`, 'name a field that holds one text');
    return NO_PART;
  }
  const { read } = readableOf(other, catalogue);
  return {
    text: `same-as ${JSON.stringify(raw)}`,
    holds: (value, event, known) => value === read(event, known),
    keys: [],
    member: true,
  };
}
