// Caller data in the rules that are shipped, and in one that prints every field: nothing gives a caller away.
import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import type { PhoneEvent } from '../../src/core/events.ts';
import { FIELDS } from '../../src/core/fields.ts';
import { DESTINATIONS } from '../../src/destinations/index.ts';
import { compileRules, createPhoneBook, createProgram, createState, step } from '../../src/engine/index.ts';
import { eventOf } from './fixture.ts';
import { post } from './post.ts';

type Action = { [type: string]: { to?: string } };
type File = { rules: { do: Action[] }[] };

const FOLDER = new URL('../../rules/', import.meta.url);
const SHIPPED = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.jsonc'))
  .map((file) => ({ file, value: parse(readFileSync(new URL(file, FOLDER), 'utf8')) as File }));

const VARIABLES = ['remote', 'display_remote', 'call_id', 'called_number', 'caller_name', 'who', 'digits', 'queue'];
const printed = (name: string): string =>
  FIELDS.find((field) => field.name === name)?.type === 'list' ? `${name} | join: ","` : name;
const ALL = [...FIELDS.map(({ name }) => name), ...VARIABLES.map((name) => `vars.${name}`)];
const text = ALL.map((name) => `${name}={{ ${printed(name)} }}`).join(';');

/** Every field, the card, what comes together, and what a rule makes of a caller for other rules. */
const EVERYTHING = {
  file: 'zz.json',
  value: {
    rules: [
      { id: 'each', on: '*', do: [{ post: { to: 'desk', text } }] },
      { id: 'card', on: 'call.*', do: [{ post: { to: 'desk', card: true } }] },
      {
        id: 'table',
        on: 'call.missed',
        wait: { for: '1m' },
        do: [{ post: { to: 'desk', table: true, text: '{{ callers | join: "," }}' } }],
      },
      {
        id: 'tells',
        on: ['call.missed', 'phone.incoming_call'],
        do: [
          {
            emit: {
              event: 'custom.told',
              vars: { who: 'It was {{ remote.name }}', digits: 'x{{ remote.number | slice: -6, 6 }}', queue: 'sales' },
            },
          },
        ],
      },
    ],
  },
};

const actions = SHIPPED.flatMap(({ value }) => value.rules.flatMap((rule) => rule.do));
const connections = Object.fromEntries([
  ['desk', { type: 'post', settings: {} }],
  ...actions.flatMap((action) =>
    Object.entries(action).flatMap(([type, { to }]) => (to === undefined ? [] : [[to, { type, settings: undefined }]])),
  ),
]);

function programOf(callerData: 'full' | 'masked' | 'none', contacts: ReadonlyMap<string, string>) {
  const compiled = compileRules([...SHIPPED, EVERYTHING], { destinations: [...DESTINATIONS, post], connections });
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  const book = createPhoneBook({ sites: [{ id: 'default', country: 'DE' }], contacts });
  const routes = new Map(Object.keys(connections).map((name) => [name, { callerData }]));
  return createProgram({
    rules: compiled.rules,
    phones: [{ id: 'front-desk', site: 'default', groups: ['sales'], name: 'Front desk' }],
    connections: routes,
    book,
  });
}

const START_MS = Date.parse('2026-11-24T09:15:00.000Z');

/** A missed call, one that is answered and called back, and a phone that loses its registration; all deliveries that follow. */
function deliveriesOf(
  callerData: 'full' | 'masked' | 'none',
  caller: { number: string; name: string; contact?: string },
): Delivery[] {
  const { number, name, contact } = caller;
  const program = programOf(callerData, new Map(contact === undefined ? [] : [[number, contact]]));
  const state = createState();
  const national = `0${number.slice(3)}`;
  const vars = Object.assign(Object.create(null), {
    remote: `sip:${national}@pbx`,
    display_remote: name,
    call_id: `${national}@pbx`,
    called_number: number,
    caller_name: name,
    queue: 'sales',
  });
  const remote = { uri: `sip:${national}@pbx`, number: national, name };
  const slugs = [
    'incoming_call',
    'missed_call',
    'outgoing_call',
    'established',
    'terminated',
    'unregistered',
    'register_failed',
    'incoming_call',
    'missed_call',
  ];
  const inputs = slugs.flatMap((slug, n) => {
    const at = new Date(START_MS + n * 60_000).toISOString();
    return [
      {
        event: eventOf({
          id: `hit-${'abcdefghi'[n]}`,
          type: `phone.${slug}` as PhoneEvent['type'],
          at,
          remote,
          vars,
          phone: { id: 'front-desk', vendor: 'x' },
        }),
      },
    ];
  });
  const end = { now: new Date(START_MS + 40 * 3_600_000).toISOString() };
  return [...inputs, end].flatMap((input) => step(state, input, program).deliveries);
}

const runsOf = (digits: string): string[] =>
  Array.from({ length: digits.length - 3 }, (_, at) => digits.slice(at, at + 4));

/** Digits and letters that nothing else in a message has in a row, so that whatever is found is the caller's. */
const caller = fc.record({
  number: fc.stringMatching(/^\+49[78]{8,11}$/),
  name: fc.stringMatching(/^Qz[a-z]{3,9} Xq[a-z]{3,9}$/),
  contact: fc.option(fc.stringMatching(/^Jq[a-z]{3,9} GmbH$/), { nil: undefined }),
});

/** What of a caller stands in the messages. */
function leaks(
  deliveries: Delivery[],
  { number, name, contact }: { number: string; name: string; contact?: string | undefined },
): string[] {
  const messages = deliveries.map(({ rule, message }) => ({ rule, text: JSON.stringify(message).toLowerCase() }));
  const words = [...name.split(' '), ...(contact?.split(' ').slice(0, 1) ?? [])].map((word) => word.toLowerCase());
  const secrets = [...words, ...runsOf(number.slice(1)), ...runsOf(`0${number.slice(3)}`)];
  return messages.flatMap((message) =>
    secrets.filter((secret) => message.text.includes(secret)).map((secret) => `${message.rule}: ${secret}`),
  );
}

describe('what leaves of a caller', () => {
  test.each(['masked', 'none'] as const)(
    '%s: no name, no four digits of the number, whatever the rules print',
    (callerData) =>
      fc.assert(
        fc.property(caller, ({ number, name, contact }) => {
          const who = contact === undefined ? { number, name } : { number, name, contact };
          expect(leaks(deliveriesOf(callerData, who), who)).toEqual([]);
        }),
        { numRuns: 25 },
      ),
  );

  test('full: everything, so that the tests above look at what there is to hide', () => {
    const who = { number: '+4978877887', name: 'Qzabc Xqdef', contact: 'Jqghi GmbH' };
    const all = deliveriesOf('full', who);
    const told = new Set(leaks(all, who).map((leak) => leak.split(':')[0]));
    expect([...told]).toEqual(
      expect.arrayContaining(['each', 'card', 'table', 'missed-call-to-slack', 'missed-call-by-email']),
    );
    expect(new Set(all.map(({ rule }) => rule)).size).toBeGreaterThan(10);
    expect(all.filter(({ state }) => state === 'dead')).toEqual([]);
  });

  test('masked: a person who knows the caller sees who it was; none: only what kind of caller', () => {
    const who = { number: '+4978877887', name: 'Qzabc Xqdef' };
    const [masked, none] = (['masked', 'none'] as const).map(
      (callerData) =>
        deliveriesOf(callerData, who).find(({ rule, event }) => rule === 'each' && event.endsWith('-missed'))?.message
          .text,
    );
    expect(masked).toMatch(/remote\.number=‹\+497\*\*\*87›;remote\.name=‹Q\. X\.›;/);
    expect(none).toMatch(/remote\.number=‹›;remote\.name=‹›;remote\.uri=‹›;remote\.kind=‹external›;/);
  });
});
