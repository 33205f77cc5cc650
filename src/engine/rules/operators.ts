// Operators: what a test may ask of a field, by the field's type; each as a function of one value that is there.
import ipaddr from 'ipaddr.js';
import type { FieldType } from '../../core/fields.ts';
import { wildcard } from './wildcard.ts';

export type Scalar = string | number;
type Holds = (value: Scalar) => boolean;
/** A function of one value, or what is wrong with the operand. */
type Made = Holds | { wrong: string; hint?: string };

const needText =
  (make: (operand: string) => Made) =>
  (operand: unknown): Made =>
    typeof operand === 'string' && operand !== ''
      ? make(operand)
      : { wrong: 'must be text in double quotes, not empty' };
const needNumber =
  (make: (operand: number) => Holds) =>
  (operand: unknown): Made =>
    typeof operand === 'number' ? make(operand) : { wrong: 'must be a number' };

function cidr(operand: string): Made {
  const text = operand.includes('/') ? operand : `${operand}/${operand.includes(':') ? 128 : 32}`;
  if (!ipaddr.isValidCIDR(text)) return { wrong: 'is not a network', hint: 'write it like "192.168.1.0/24"' };
  const [network, bits] = ipaddr.parseCIDR(text);
  return (value) => {
    if (typeof value !== 'string' || !ipaddr.isValid(value)) return false;
    const address = ipaddr.process(value);
    return address.kind() === network.kind() && address.match(network, bits);
  };
}

const TEXT: Record<string, (operand: unknown) => Made> = {
  prefix: needText((operand) => (value) => String(value).startsWith(operand)),
  suffix: needText((operand) => (value) => String(value).endsWith(operand)),
  contains: needText((operand) => (value) => String(value).includes(operand)),
  wildcard: needText((operand) => {
    const matches = wildcard(operand);
    return (value) => matches(String(value));
  }),
  'equals-ignore-case': needText((operand) => {
    const lower = operand.toLowerCase();
    return (value) => String(value).toLowerCase() === lower;
  }),
};

const NUMBER: Record<string, (operand: unknown) => Made> = {
  '>': needNumber((operand) => (value) => Number(value) > operand),
  '>=': needNumber((operand) => (value) => Number(value) >= operand),
  '<': needNumber((operand) => (value) => Number(value) < operand),
  '<=': needNumber((operand) => (value) => Number(value) <= operand),
};

const ADDRESS: Record<string, (operand: unknown) => Made> = { cidr: needText(cidr) };

const BY_TYPE: Record<FieldType, Record<string, (operand: unknown) => Made>> = {
  string: TEXT,
  list: TEXT,
  time: TEXT,
  number: NUMBER,
  address: ADDRESS,
};

/** Those that need more than the value: a list of the file, another field, or that there is a value at all. */
const SPECIAL: Record<FieldType, readonly string[]> = {
  string: ['in', 'same-as', 'exists', 'not'],
  list: ['in', 'same-as', 'exists', 'not'],
  time: ['exists', 'not'],
  number: ['exists', 'not'],
  address: ['exists', 'not'],
};

/** Every operator that fields of this type have, in the order in which they are documented. */
export const operatorsOf = (type: FieldType): string[] => [...Object.keys(BY_TYPE[type]), ...SPECIAL[type]];

/** Makes the plain operator `name` for fields of `type`; undefined if it is not a plain one of that type. */
export const plainOperator = (type: FieldType, name: string): ((operand: unknown) => Made) | undefined =>
  Object.hasOwn(BY_TYPE[type], name) ? BY_TYPE[type][name] : undefined;
