// What the reference says of operators, filters, tags and events is true: every example is tried.
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/delivery.ts';
import type { Event } from '../../src/core/events.ts';
import { EVENT_TYPES, FIELDS, type FieldType, type FieldValue, type Known } from '../../src/core/fields.ts';
import { type CompiledRule, compileRules, FILTERS, operatorsOf, TAGS } from '../../src/engine/index.ts';
import { OPERATORS } from '../../src/engine/rules/operators.ts';
import {
  EVENT_GROUPS,
  EVENT_MEANINGS,
  FILTER_ENTRIES,
  OPERATOR_MEANINGS,
  TAG_ENTRIES,
} from '../../src/engine/schema/index.ts';
import { eventOf } from './fixture.ts';

const EVENT: Event = eventOf({ vars: {} });
const KNOWN: Known = { card: undefined, state: null, number: null, kind: null, contact: null };

/** A rule over fields that have their own examples as values, or others. */
function ruleOf(rule: object, values: Readonly<Record<string, Json>> = {}): CompiledRule {
  const fields = FIELDS.map((field) => ({
    ...field,
    read: (): FieldValue =>
      (values[field.name] === undefined ? JSON.parse(field.example) : values[field.name]) as FieldValue,
  }));
  const value = { lists: { vip: ['+493012345', '+4989555'] }, rules: [{ id: 'r', on: '*', ...rule }] };
  const compiled = compileRules([{ file: 'a.json', value }], { destinations: [], connections: {}, fields });
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  return compiled.rules[0] as CompiledRule;
}

const DO = [{ log: { text: 'x' } }];

describe('operators', () => {
  test('each is told, and no other', () =>
    expect(Object.keys(OPERATOR_MEANINGS).sort()).toEqual([...OPERATORS].sort()));

  test.each(Object.entries(OPERATOR_MEANINGS))('%s', (name, { example: { field, operand, holds, fails } }) => {
    const rule = (value: Json) => ruleOf({ when: { [field]: { [name]: operand } }, do: DO }, { [field]: value });
    expect([rule(holds).when(EVENT, KNOWN), rule(fails).when(EVENT, KNOWN)]).toEqual([true, false]);
    expect(operatorsOf(FIELDS.find((one) => one.name === field)?.type as FieldType)).toContain(name);
  });
});

function printed(text: string): string {
  const [action] = ruleOf({ do: [{ log: { text } }] }).actions;
  if (action?.kind !== 'log') throw new Error('no log line');
  return action.text(EVENT, KNOWN);
}

describe('templates', () => {
  test('each filter and tag is told, and no other', () => {
    expect(Object.keys(FILTER_ENTRIES)).toEqual(FILTERS);
    expect(Object.keys(TAG_ENTRIES)).toEqual(TAGS);
  });

  test.each(Object.entries({ ...FILTER_ENTRIES, ...TAG_ENTRIES }))('%s', (name, { meaning, example, gives }) => {
    expect(printed(example)).toBe(gives);
    expect(example).toMatch(new RegExp(`(?:\\| |\\{% )${name}\\b`));
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  });

  test('what a filter does without its second value is as it is told', () => {
    expect(printed('{{ "a b c d e f g h i j k l m n o p q" | truncatewords }}')).toBe(
      'a b c d e f g h i j k l m n o...',
    );
    expect(printed(`{{ "${'x'.repeat(60)}" | truncate }}`)).toHaveLength(50);
    expect(printed('{{ call.phones | join }}')).toBe('front-desk sales-1');
    expect([printed('{{ "201" | slice: -1 }}'), printed('{{ "201" | slice: 0 }}')]).toEqual(['1', '2']);
    expect(printed('{{ event.at | date: "%H:%M" }}')).toBe('09:15');
    expect(printed('{{ call.talkSeconds | divided_by: 2 | round }}')).toBe('48');
  });
});

describe('events and fields', () => {
  test('each event is told, and no other', () =>
    expect(Object.keys(EVENT_MEANINGS).sort()).toEqual([...EVENT_TYPES].sort()));

  test('each group takes some events', () => {
    const emit = { id: 'e', on: 'call.missed', do: [{ emit: { event: 'custom.x' } }] };
    for (const group of Object.keys(EVENT_GROUPS)) {
      const value = { rules: [{ id: 'r', on: group, do: DO }, emit] };
      const compiled = compileRules([{ file: 'a.json', value }], { destinations: [], connections: {} });
      expect([group, 'rules' in compiled && (compiled.rules[0]?.on.length ?? 0) > 0]).toEqual([group, true]);
    }
  });

  test('the example of a field is a value of its type', () => {
    const kinds: Record<FieldType, string> = {
      string: 'string',
      time: 'string',
      address: 'string',
      number: 'number',
      list: 'object',
    };
    for (const { name, type, example } of FIELDS)
      expect([name, typeof JSON.parse(example)]).toEqual([name, kinds[type]]);
  });
});
