// Operators: what a test may ask of a field, by the field's type; each as a function of one value that is there.
import type { Field, FieldType } from '../../core/fields.ts';
import type { IndexKey } from '../match/condition-tree.ts';
import { readNetwork } from './address.ts';
import { kindOf } from './tree.ts';
import { compileWildcard, literalEnds, PATTERN_CHARACTERS_MAX } from './wildcard.ts';

export type Scalar = string | number;
/** `keys`: what a value must be like for `holds`, each one necessary by itself. */
export type Operator = { holds(value: Scalar): boolean; keys: readonly IndexKey[] };
type Wrong = { message: string; hint?: string };
/** An operator with its operand, or what is wrong with that. */
type Made = Operator | Wrong;
type Make = (operand: unknown, field: Field) => Made;

/** Operands of a field that is normalised are written in the same form as its values. */
function normalised(operand: string, field: Field): string | Wrong {
  if (field.normalise !== 'mac') return operand;
  const part = operand.replace(/[:-]/g, '').toLowerCase();
  if (/^[0-9a-f*?\\]+$/.test(part)) return part;
  return { message: 'is no part of a MAC address', hint: 'write it like "00:50:58"' };
}

const text =
  (make: (operand: string) => Made): Make =>
  (operand, field) => {
    if (typeof operand !== 'string') return { message: `must be text in double quotes, not ${kindOf(operand)}` };
    if (operand === '') return { message: 'must not be empty' };
    const part = normalised(operand, field);
    return typeof part === 'string' ? make(part) : part;
  };

const number =
  (make: (operand: number) => (value: number) => boolean): Make =>
  (operand) => {
    if (typeof operand !== 'number' || !Number.isFinite(operand))
      return { message: `must be a number, not ${kindOf(operand)}` };
    const holds = make(operand);
    return { holds: (value) => typeof value === 'number' && holds(value), keys: [] };
  };

const ofText = (holds: (value: string) => boolean, ...keys: IndexKey[]): Operator => ({
  holds: (value) => typeof value === 'string' && holds(value),
  keys,
});

function wildcard(operand: string): Made {
  if (operand.length > PATTERN_CHARACTERS_MAX)
    return { message: `has more than ${PATTERN_CHARACTERS_MAX} characters`, hint: 'use a shorter pattern' };
  const matches = compileWildcard(operand);
  if (matches === undefined)
    return { message: 'ends with a single \\', hint: 'a \\ itself is written \\\\\\\\ in JSON' };
  const { head, tail, whole } = literalEnds(operand);
  if (whole) return ofText(matches, { kind: 'exact', values: [head] });
  const keys: IndexKey[] = [];
  if (head !== '') keys.push({ kind: 'prefix', text: head });
  if (tail !== '') keys.push({ kind: 'suffix', text: tail });
  return ofText(matches, ...keys);
}

function cidr(operand: string): Made {
  const network = readNetwork(operand);
  if (network === undefined) return { message: 'is not a network', hint: 'write it like "192.168.1.0/24"' };
  const { version, bits, base, holds } = network;
  return ofText(holds, { kind: 'network', version, bits, base });
}

const TEXT: Record<string, Make> = {
  prefix: text((operand) => ofText((value) => value.startsWith(operand), { kind: 'prefix', text: operand })),
  suffix: text((operand) => ofText((value) => value.endsWith(operand), { kind: 'suffix', text: operand })),
  contains: text((operand) => ofText((value) => value.includes(operand))),
  wildcard: text(wildcard),
  'equals-ignore-case': text((operand) => {
    const lower = operand.toLowerCase();
    return ofText((value) => value.toLowerCase() === lower, { kind: 'folded', text: lower });
  }),
};

const NUMBER: Record<string, Make> = {
  '>': number((operand) => (value) => value > operand),
  '>=': number((operand) => (value) => value >= operand),
  '<': number((operand) => (value) => value < operand),
  '<=': number((operand) => (value) => value <= operand),
};

const OF_VALUES: Record<FieldType, Record<string, Make>> = {
  string: TEXT,
  list: TEXT,
  time: TEXT,
  number: NUMBER,
  address: { cidr: text(cidr) },
};

/** Those that need more than one value: a list of the file, another field, or whether there is a value at all. */
const OF_FIELDS: Record<FieldType, readonly string[]> = {
  string: ['in', 'same-as', 'exists', 'not'],
  list: ['in', 'same-as', 'exists', 'not'],
  time: ['in', 'same-as', 'exists', 'not'],
  number: ['exists', 'not'],
  address: ['exists', 'not'],
};

/** Every operator that fields of this type have, in the order in which they are documented. */
export const operatorsOf = (type: FieldType): string[] => [...Object.keys(OF_VALUES[type]), ...OF_FIELDS[type]];

/** Every operator that there is. */
export const OPERATORS: readonly string[] = [
  ...new Set((Object.keys(OF_VALUES) as FieldType[]).flatMap((type) => operatorsOf(type))),
];

/** Makes the operator `name` for a field: undefined if it is none that looks at one value by itself. */
export const operatorFor = (field: Field, name: string): ((operand: unknown) => Made) | undefined => {
  const makers = OF_VALUES[field.type];
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  return make === undefined ? undefined : (operand) => make(operand, field);
};
