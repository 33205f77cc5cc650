// Conditions as a schema: every field of the catalogue with its meaning, and under it only the operators of its type.
import type { Json } from '../../core/delivery.ts';
import { FIELDS, type Field, type FieldType } from '../../core/fields.ts';
import { operatorsOf } from '../rules/operators.ts';
import { type JsonSchema, key, listOf, MAC, mapOf, objectOf, refTo, TEXT, textLike, YES_OR_NO } from './json-schema.ts';
import { OPERATOR_MEANINGS, type Operand } from './operator-meanings.ts';

/** Fields that are compared in the same way share one definition. A MAC address is a text of its own form. */
type Kind = FieldType | 'mac';
const KINDS: Readonly<Record<Kind, FieldType>> = {
  string: 'string',
  number: 'number',
  address: 'address',
  time: 'time',
  list: 'list',
  mac: 'string',
};

const ADDRESS: JsonSchema = textLike(
  /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:%.+)?)$/,
  'must be an address like "192.168.1.51"; a whole network is { "cidr": "192.168.1.0/24" }',
);

/** A plain value that a field of the kind can be equal to. */
const VALUES: Readonly<Record<Kind, JsonSchema>> = {
  string: TEXT,
  time: TEXT,
  list: TEXT,
  number: { type: 'number' },
  address: ADDRESS,
  mac: MAC,
};

/** The texts that `same-as` can compare with. */
const textFields = (): string[] =>
  FIELDS.filter(({ type }) => type !== 'list' && type !== 'number').map(({ name }) => name);

function operandOf(operand: Operand, kind: Kind): JsonSchema {
  switch (operand) {
    case 'text':
      return { ...TEXT, minLength: 1 };
    case 'number':
      return { type: 'number' };
    case 'network':
      return textLike(/^[0-9A-Fa-f:.]+\/\d{1,3}$/, 'must be a network like "192.168.1.0/24"');
    case 'list':
      return { ...TEXT, minLength: 1 };
    case 'field':
      return { ...TEXT, anyOf: [{ enum: textFields() }, { pattern: '^vars\\..' }] };
    case 'yes-or-no':
      return YES_OR_NO;
    case 'test':
      return refTo(definitionOf(kind));
  }
}

const definitionOf = (kind: Kind): string => `test-of-${kind}`;

/** A value, null, a list of these (any of them), or operators (all of them): keywords of one type leave the others alone. */
function testOf(kind: Kind): JsonSchema {
  const value = VALUES[kind];
  const types = [String(value.type), 'null'];
  const properties: { [name: string]: JsonSchema } = {};
  for (const name of operatorsOf(KINDS[kind])) {
    const meaning = OPERATOR_MEANINGS[name];
    if (meaning === undefined) continue;
    properties[name] = key(meaning.meaning, [exampleFor(name, kind)], operandOf(meaning.operand, kind));
  }
  return objectOf(properties, [], {
    ...value,
    type: [...types, 'array', 'object'],
    items: { ...value, type: types },
    minItems: 1,
    minProperties: 1,
  });
}

/** What an operator's example would be for a field of that kind. */
function exampleFor(name: string, kind: Kind): Json {
  const { operand, example } = OPERATOR_MEANINGS[name] as NonNullable<(typeof OPERATOR_MEANINGS)[string]>;
  if (operand === 'test') return NOT_EXAMPLES[kind];
  return kind === 'mac' ? (MAC_EXAMPLES[name] ?? example.operand) : example.operand;
}

const NOT_EXAMPLES: Readonly<Record<Kind, Json>> = {
  string: { prefix: '+49' },
  time: { prefix: '2026-11-24' },
  list: 'sales',
  number: { '>': 30 },
  address: { cidr: '192.168.1.0/24' },
  mac: { prefix: '00:50:58' },
};
const MAC_EXAMPLES: Readonly<Record<string, Json>> = {
  prefix: '00:50:58',
  suffix: 'a1:b2:c3',
  contains: '58:a1',
  wildcard: '00:50:58:*:c3',
  'equals-ignore-case': '00:50:58:A1:B2:C3',
};

const kindOfField = ({ type, normalise }: Field): Kind => (normalise === 'mac' ? 'mac' : type);

/** `"ringing"` → a value that a test may stand for: of a list one of its members. */
function exampleOf({ example }: Field): Json[] {
  const value = JSON.parse(example) as Json;
  return Array.isArray(value) ? value.slice(0, 1) : [value];
}

function condition(): JsonSchema {
  const fields = FIELDS.map((field): [string, JsonSchema] => [
    field.name,
    key(sentence(field.meaning), exampleOf(field), refTo(definitionOf(kindOfField(field)))),
  ]);
  return objectOf({
    ...Object.fromEntries(fields),
    vars: key(
      'Variables as the phone sent them, by name; a variable that it did not send is null.',
      [{ queue: 'sales' }],
      mapOf(refTo(definitionOf('string'))),
    ),
    all: key(
      'All of these conditions hold.',
      [[{ 'phone.groups': 'sales' }, { 'remote.kind': 'external' }]],
      listOf(refTo('condition')),
    ),
    any: key(
      'At least one of these conditions holds.',
      [[{ 'phone.id': 'front-desk' }, { 'phone.groups': 'sales' }]],
      listOf(refTo('condition')),
    ),
    not: key('This condition does not hold.', [{ 'remote.kind': 'internal' }], refTo('condition')),
  });
}

/** A capital letter at the beginning and a full stop at the end. */
export const sentence = (text: string): string => {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!]$/.test(whole) ? whole : `${whole}.`;
};

/** The definitions `condition` and one for each kind of test. */
export function conditionDefinitions(): { [name: string]: JsonSchema } {
  const tests = (Object.keys(KINDS) as Kind[]).map((kind) => [definitionOf(kind), testOf(kind)] as const);
  return { condition: condition(), ...Object.fromEntries(tests) };
}

/** One field's name, for keys that take such: `by`, `same`. */
export function fieldName(): JsonSchema {
  return {
    ...TEXT,
    anyOf: [
      { enum: FIELDS.map(({ name }) => name), enumDescriptions: FIELDS.map(({ meaning }) => sentence(meaning)) },
      { pattern: '^vars\\..' },
    ],
  };
}
