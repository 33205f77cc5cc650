// The `tests` of a rule file as a schema: the shape by which they are read, with what editors can offer besides.
import type { Json } from '../../core/delivery.ts';
import { PHONE_EVENT_TYPES } from '../../core/events.ts';
import { testShape } from '../proof/shape.ts';
import { EVENT_MEANINGS } from './event-meanings.ts';
import { fromZod } from './from-zod.ts';
import { DURATION, type JsonSchema, key, MAC, textLike } from './json-schema.ts';

/** A course of events that can be sent by its name. */
export type NamedScenario = { name: string; summary: string };

type More = { examples: Json[] } & JsonSchema;

const EXAMPLE = {
  name: 'ten phones ring, nobody answers: one message',
  send: [{ scenario: 'ring-group-missed', phones: 10 }],
  expect: [{ rule: 'missed-to-slack', times: 1 }],
};

const EVENT_OR_SCENARIO: JsonSchema = {
  anyOf: [{ required: ['event'] }, { required: ['scenario'] }],
  not: { anyOf: [{ required: ['event', 'scenario'] }, { required: ['phone', 'phones'] }] },
  errorMessage: 'keep one of "event" and "scenario", and one of "phone" and "phones"',
};

/** By path; `*` is an entry of a list. */
function additions(scenarios: readonly NamedScenario[]): { [path: string]: More } {
  return {
    name: { examples: [EXAMPLE.name] },
    start: {
      ...textLike(
        /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?$/,
        'must be a local time like "2026-11-24T09:00:00"',
      ),
      examples: ['2026-11-24T09:00:00'],
    },
    phones: { examples: [[{ id: 'desk', groups: ['sales'] }]] },
    'phones.*.id': { examples: ['desk'] },
    'phones.*.site': { examples: ['default'] },
    'phones.*.mac': { ...MAC, description: 'Its MAC address, in any usual spelling.', examples: ['00:50:58:a1:b2:c3'] },
    'phones.*.name': { examples: ['Front desk'] },
    'phones.*.groups': { examples: [['sales']] },
    'phones.*.area': { examples: ['Ground floor'] },
    'phones.*.vendor': { examples: ['sangoma'] },
    send: { examples: [EXAMPLE.send] },
    'send.*': { ...EVENT_OR_SCENARIO, examples: EXAMPLE.send },
    'send.*.at': { ...DURATION, examples: ['20s'] },
    'send.*.event': {
      enum: [...PHONE_EVENT_TYPES],
      enumDescriptions: PHONE_EVENT_TYPES.map((type) => EVENT_MEANINGS[type]),
      examples: ['phone.missed_call'],
    },
    'send.*.scenario': {
      enum: scenarios.map(({ name }) => name),
      enumDescriptions: scenarios.map(({ summary }) => summary),
      examples: ['ring-group-missed'],
    },
    'send.*.phone': { examples: ['front-desk'] },
    'send.*.phones': { examples: [10] },
    'send.*.vars': { examples: [{ remote: 'sip:+493012345@pbx' }] },
    'send.*.number': { examples: ['+493012345'] },
    'send.*.name': { examples: ['Erika Mustermann'] },
    expect: { examples: [EXAMPLE.expect] },
    'expect.*.rule': { examples: ['missed-to-slack'] },
    'expect.*.times': { examples: [1] },
    'expect.*.at': { ...DURATION, examples: ['15m20s'] },
    'expect.*.count': { examples: [3] },
    'expect.*.text': { examples: ['Missed call'] },
    'expect.*.to': { examples: ['team'] },
    until: { ...DURATION, examples: ['1h'] },
    only: { examples: [true] },
  };
}

function withMore(schema: JsonSchema, path: string, more: { [path: string]: More }): JsonSchema {
  const { properties, items } = schema;
  const under = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const own = { ...schema, ...more[path] };
  if (properties !== undefined)
    own.properties = Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [name, withMore(inner, under(name), more)]),
    );
  if (items !== undefined) own.items = withMore(items, under('*'), more);
  return own;
}

/** `tests` of a file. */
export const tests = (scenarios: readonly NamedScenario[]): JsonSchema =>
  key('Tests of the rules: "hookswitch check" plays them on a clock of their own and sends nothing.', [[EXAMPLE]], {
    type: 'array',
    items: withMore(fromZod(testShape), '', additions(scenarios)),
  });
