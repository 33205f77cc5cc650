// Operators: what a test may ask of a field, by the field's type; each as a function of one value that is there.
import type { Field, FieldType } from '../../core/fields.ts';
import { networkTest } from './address.ts';
import { kindOf } from './tree.ts';
import { compileWildcard, PATTERN_CHARACTERS_MAX } from './wildcard.ts';

export type Scalar = string | number;
type Holds = (value: Scalar) => boolean;
type Wrong = { message: string; hint?: string };
/** A function of one value, or what is wrong with the operand. */
type Made = Holds | Wrong;
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
  (make: (operand: number) => Holds): Make =>
  (operand) =>
    typeof operand === 'number' && Number.isFinite(operand)
      ? make(operand)
      : { message: `must be a number, not ${kindOf(operand)}` };

function wildcard(operand: string): Made {
  if (operand.length > PATTERN_CHARACTERS_MAX)
    return { message: `has more than ${PATTERN_CHARACTERS_MAX} characters`, hint: 'use a shorter pattern' };
  const matches = compileWildcard(operand);
  if (matches === undefined)
    return { message: 'ends with a single \\', hint: 'a \\ itself is written \\\\\\\\ in JSON' };
  return (value) => typeof value === 'string' && matches(value);
}

function cidr(operand: string): Made {
  const inside = networkTest(operand);
  if (inside === undefined) return { message: 'is not a network', hint: 'write it like "192.168.1.0/24"' };
  return (value) => typeof value === 'string' && inside(value);
}

const TEXT: Record<string, Make> = {
  prefix: text((operand) => (value) => typeof value === 'string' && value.startsWith(operand)),
  suffix: text((operand) => (value) => typeof value === 'string' && value.endsWith(operand)),
  contains: text((operand) => (value) => typeof value === 'string' && value.includes(operand)),
  wildcard: text(wildcard),
  'equals-ignore-case': text((operand) => {
    const lower = operand.toLowerCase();
    return (value) => typeof value === 'string' && value.toLowerCase() === lower;
  }),
};

const NUMBER: Record<string, Make> = {
  '>': number((operand) => (value) => typeof value === 'number' && value > operand),
  '>=': number((operand) => (value) => typeof value === 'number' && value >= operand),
  '<': number((operand) => (value) => typeof value === 'number' && value < operand),
  '<=': number((operand) => (value) => typeof value === 'number' && value <= operand),
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
