// The naive interpreter: conditions by the words of the reference, over the raw JSON, one event at a time. An oracle; never fast.
import type { Event } from '../../src/core/events.ts';
import { FIELDS, type Field, type FieldValue, type Known } from '../../src/core/fields.ts';

export type World = {
  event: Event;
  known: Known;
  lists: Record<string, string[]>;
  fields: readonly Field[];
};

type Raw = Record<string, unknown>;
type One = string | number | null;

/** Whether a condition holds. */
export function naive(when: Raw, world: World): boolean {
  return Object.entries(when).every(([key, raw]) => {
    if (key === 'all') return (raw as Raw[]).every((each) => naive(each, world));
    if (key === 'any') return (raw as Raw[]).some((each) => naive(each, world));
    if (key === 'not') return !naive(raw as Raw, world);
    if (key !== 'vars') return test(raw, key, world);
    return Object.entries(raw as Raw).every(([name, each]) => test(each, `vars.${name}`, world));
  });
}

function fieldValue(name: string, { event, known, fields }: World): FieldValue {
  if (name.startsWith('vars.'))
    return new Map(Object.entries('vars' in event ? event.vars : {})).get(name.slice(5)) ?? null;
  return (fields.find((field) => field.name === name) as Field).read(event, known);
}

const isMac = (name: string): boolean => FIELDS.find((field) => field.name === name)?.normalise === 'mac';
const bare = (text: string): string => text.replaceAll(':', '').replaceAll('-', '').toLowerCase();
const alike = (name: string, text: unknown): unknown => (isMac(name) && typeof text === 'string' ? bare(text) : text);

/** "Positive": the value, or one member of a list, passes. An empty list has no value. */
function test(raw: unknown, name: string, world: World): boolean {
  const value = fieldValue(name, world);
  const isList = Array.isArray(value);
  const members: One[] = isList ? [...(value as string[])] : [value as One];
  const absent = isList ? members.length === 0 : value === null;
  const equals = (wanted: unknown): boolean =>
    wanted === null ? absent : members.some((member) => member !== null && alike(name, member) === alike(name, wanted));
  if (Array.isArray(raw)) return raw.some(equals);
  if (typeof raw !== 'object' || raw === null) return equals(raw);
  const { not, exists, ...positive } = raw as Raw;
  const operators = Object.entries(positive);
  const passes = (member: One): boolean =>
    operators.every(([op, operand]) => operator(op, operand, member, name, world));
  return (
    (!('not' in (raw as Raw)) || !test(not, name, world)) &&
    (exists === undefined || exists === !absent) &&
    (operators.length === 0 || members.some(passes))
  );
}

function operator(op: string, operand: unknown, value: One, name: string, world: World): boolean {
  if (op === 'same-as') return alike(name, value) === fieldValue(operand as string, world);
  if (value === null) return false;
  if (typeof value === 'number') {
    const than = operand as number;
    return op === '>' ? value > than : op === '>=' ? value >= than : op === '<' ? value < than : value <= than;
  }
  const text = String(alike(name, value));
  if (op === 'in') return (world.lists[operand as string] as string[]).some((entry) => alike(name, entry) === text);
  if (op === 'cidr') return inNetwork(text, operand as string);
  const part = String(alike(name, operand));
  if (op === 'prefix') return text.slice(0, part.length) === part;
  if (op === 'suffix') return part.length <= text.length && text.slice(text.length - part.length) === part;
  if (op === 'contains') return text.split(part).length > 1;
  if (op === 'equals-ignore-case') return text.toLowerCase() === part.toLowerCase();
  if (op === 'wildcard') return naiveWildcard(part, text);
  throw new Error(op);
}

/** By the definition: `*` is any text, `?` one character, `\` makes the next one plain. */
export function naiveWildcard(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*')
    return naiveWildcard(pattern.slice(1), text) || (text !== '' && naiveWildcard(pattern, text.slice(1)));
  const [wanted, rest] = pattern[0] === '\\' ? [pattern[1], pattern.slice(2)] : [pattern[0], pattern.slice(1)];
  const any = pattern[0] === '?';
  return text !== '' && (any || text[0] === wanted) && naiveWildcard(rest, text.slice(1));
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** IPv4 by arithmetic. */
function inNetwork(address: string, network: string): boolean {
  if (!/^\d+(?:\.\d+){3}$/.test(address)) return false;
  const [base = '', bits = ''] = network.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size);
}
