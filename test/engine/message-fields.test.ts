// Fields of messages that are more than texts: the call as a card, events as a group, a constant by schedule, texts by name.
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import type { PhoneEvent } from '../../src/core/events.ts';
import { createState, type Program, type State, step } from '../../src/engine/index.ts';
import { eventOf } from './fixture.ts';
import { compileFile, postProblems, postProgram } from './post.ts';

const START_MS = Date.parse('2026-11-24T09:15:00.000Z');
const isoOf = (afterMs: number): string => new Date(START_MS + afterMs).toISOString();

const hit = (id: string, slug: string, afterMs: number, more: Partial<PhoneEvent> = {}): PhoneEvent =>
  eventOf({ id, type: `phone.${slug}` as PhoneEvent['type'], at: isoOf(afterMs), ...more });

/** Feeds the hits, then lets the time pass; all deliveries. */
function deliveriesOf(program: Program, hits: PhoneEvent[], untilMs: number, state: State = createState()): Delivery[] {
  const inputs = [...hits.map((event) => ({ event })), { now: isoOf(untilMs) }];
  return inputs.flatMap((input) => step(state, input, program).deliveries);
}

const MISSED = [hit('call', 'incoming_call', 0), hit('end', 'missed_call', 12_000)];

describe('a card', () => {
  const rule = { id: 'r', on: 'call.*', do: [{ post: { to: 'desk', card: true } }] };

  test('is the call as it stands, with the names of phones, and has the slot that the destination says', () => {
    const [ringing, missed] = deliveriesOf(postProgram([rule]), MISSED, 60_000);
    expect(ringing?.message).toMatchObject({
      card: { type: 'call.ringing', phones: [{ id: 'front', outcome: 'ringing' }] },
    });
    expect(missed?.message).toEqual({
      card: {
        type: 'call.missed',
        at: isoOf(15_000),
        site: 'default',
        key: 'call',
        direction: 'in',
        startedAt: isoOf(0),
        remote: { number: '+493012345', name: 'Erika Mustermann', contact: null, kind: 'external' },
        phones: [{ id: 'front', name: 'Front desk', outcome: 'missed' }],
        groups: ['sales', 'support'],
        answeredBy: null,
        ringSeconds: 12,
        talkSeconds: null,
        outcome: 'missed',
        correctedFrom: null,
        returnedBy: null,
        returnedAt: null,
        claimedBy: null,
        claimedAt: null,
      },
    });
    expect([ringing?.slot, missed?.slot, ringing?.order, missed?.order]).toEqual([
      'card',
      'card',
      'desk|call:call',
      'desk|call:call',
    ]);
  });

  test('names phones after a wait too', () => {
    const waits = { ...rule, on: 'call.missed', wait: { for: '5m' } };
    const [told] = deliveriesOf(postProgram([waits]), MISSED, 600_000);
    expect(told?.message).toMatchObject({ card: { phones: [{ id: 'front', name: 'Front desk' }] } });
  });

  test('is left out where it is false or not written, and then there is no slot', () => {
    const both = [{ post: { to: 'desk', card: false } }, { post: { to: 'desk', text: 'x' } }];
    const made = deliveriesOf(postProgram([{ ...rule, on: 'call.missed', do: both }]), MISSED, 60_000);
    expect(made.map(({ message }) => message)).toEqual([{}, { text: 'x' }]);
    expect(made.map((delivery) => 'slot' in delivery)).toEqual([false, false]);
  });

  test('shares nothing with the event', () => {
    const [one, two] = deliveriesOf(postProgram([rule, { ...rule, id: 's' }]), MISSED.slice(0, 1), 100);
    (one?.message.card as { groups: string[] } | undefined)?.groups.push('x');
    expect(two?.message).toMatchObject({ card: { groups: ['sales', 'support'] } });
  });

  test('is a problem in a rule that takes anything else', () => {
    expect(postProblems({ card: true }, { on: ['call.missed', 'phone.dnd_*'] })).toEqual([
      'card: shows a call, and this rule also takes what is no call: phone.dnd_on, phone.dnd_off; take only call.* events in "on", or leave it out',
    ]);
    expect(postProblems({ card: true }, { on: 'custom.x' }).join()).toMatch(/custom\.x/);
    expect(postProblems({ card: false }, { on: '*' })).toEqual([]);
    expect(postProblems({ card: 'yes' })).toEqual(['card: must be true or false, not text']);
  });
});

describe('a group', () => {
  test('tells what came together, one row an event', () => {
    const count = { min: 2, within: '1h' };
    const program = postProgram([
      { id: 'r', on: 'phone.missed_call', count, do: [{ post: { to: 'desk', table: true } }] },
    ]);
    const hits = [hit('a', 'missed_call', 0), hit('b', 'missed_call', 5_000, { remote: {} })];
    expect(deliveriesOf(program, hits, 6_000)[0]?.message).toEqual({
      table: {
        count: 2,
        rows: [
          { at: isoOf(0), caller: '+493012345' },
          { at: isoOf(5_000), caller: null },
        ],
      },
    });
  });

  test('of a wait that nobody joined: the one event', () => {
    const wait = { for: '1m' };
    const program = postProgram([
      { id: 'r', on: 'phone.missed_call', wait, do: [{ post: { to: 'desk', table: true } }] },
    ]);
    const [told] = deliveriesOf(program, [hit('a', 'missed_call', 0)], 90_000);
    expect(told?.message).toEqual({ table: { count: 1, rows: [{ at: isoOf(0), caller: '+493012345' }] } });
  });

  test('is a problem where nothing comes together', () => {
    expect(postProblems({ table: true })).toEqual([
      'table: shows events that came together, and in this rule none do; give it "count" or "wait", or leave it out',
    ]);
    expect(postProblems({ table: true }, { wait: { for: '1m' } })).toEqual([]);
  });
});

describe('a choice', () => {
  const onDuty = [
    { during: 'office', use: ['@desk'] },
    { during: 'night', use: ['@guard'] },
    { use: ['@anybody', '@else'] },
  ];
  const at = (iso: string, recipients: unknown, more: object = {}): Delivery | undefined => {
    const program = postProgram([
      { id: 'r', on: 'phone.missed_call', do: [{ post: { to: 'desk', recipients } }], ...more },
    ]);
    return step(createState(), { event: eventOf({ at: iso }) }, program).deliveries[0];
  };

  test.each([
    ['2026-11-24T09:00:00.000Z', ['@desk']],
    ['2026-11-24T16:59:59.999Z', ['@desk']],
    ['2026-11-24T17:00:00.000Z', ['@anybody', '@else']],
    ['2026-11-24T20:00:00.000Z', ['@guard']],
    ['2026-11-28T12:00:00.000Z', ['@anybody', '@else']],
  ])('%s: the first entry that holds', (iso, recipients) => expect(at(iso, onDuty)?.message).toEqual({ recipients }));

  test('outside; and one constant is a constant, list or not', () => {
    expect(at('2026-11-28T12:00:00.000Z', [{ outside: 'office', use: ['@home'] }])?.message).toEqual({
      recipients: ['@home'],
    });
    expect(at('2026-11-28T12:00:00.000Z', ['@a', '@b'])?.message).toEqual({ recipients: ['@a', '@b'] });
  });

  test('where none holds the delivery is dead from the start, and says why', () =>
    expect(at('2026-11-28T12:00:00.000Z', onDuty.slice(0, 2))).toMatchObject({
      state: 'dead',
      message: {},
      lastError: 'recipients: no entry of the list holds at this time; a last one with "use" alone always does',
    }));

  test('of a rule that waits: when the wait ends', () => {
    const program = postProgram([
      { id: 'r', on: 'phone.missed_call', wait: { for: '9h' }, do: [{ post: { to: 'desk', recipients: onDuty } }] },
    ]);
    const [told] = deliveriesOf(program, [hit('a', 'missed_call', 0)], 10 * 3_600_000);
    expect(told?.message).toEqual({ recipients: ['@anybody', '@else'] });
  });

  test('goes out as the schema understands it, each entry', () => {
    const tone = [{ during: 'office', use: 'loud' }, { use: 'soft' }];
    const program = postProgram([
      { id: 'r', on: 'phone.missed_call', do: [{ post: { to: 'desk', tone, recipients: onDuty } }] },
    ]);
    const told = ['2026-11-24T10:00:00.000Z', '2026-11-24T21:00:00.000Z'].map(
      (iso) => step(createState(), { event: eventOf({ at: iso }) }, program).deliveries[0]?.message,
    );
    expect(told).toEqual([
      { recipients: ['@desk'], tone: 'LOUD' },
      { recipients: ['@guard'], tone: 'SOFT' },
    ]);
  });

  test.each<[string, unknown, string[]]>([
    [
      'an unknown schedule',
      [{ during: 'ofice', use: ['@a'] }],
      ['recipients.0.during: there is no schedule "ofice" in this file; did you mean "office"?'],
    ],
    [
      'an entry that hides others',
      [{ use: ['@a'] }, { use: ['@b'] }],
      ['recipients.0: always holds, so that no entry behind it counts; put it last'],
    ],
    [
      'both',
      [{ during: 'office', outside: 'night', use: ['@a'] }],
      ['recipients.0: has both "during" and "outside"; write one of the two'],
    ],
    [
      'no constant',
      [{ during: 'office' }, { use: ['@b'] }],
      ['recipients.0.use: is missing; it says what goes into the message'],
    ],
    ['nothing but that', [{ during: 'office' }], ['recipients.0.use: is missing; it says what goes into the message']],
    [
      'a key that is none',
      [{ during: 'office', user: 1, use: ['@a'] }],
      ['recipients.0.user: unknown key; did you mean "use"?'],
    ],
    [
      'no object',
      [{ use: ['@b'] }, '@a'],
      [
        'recipients.0: always holds, so that no entry behind it counts; put it last',
        'recipients.1: must be an object { … }, not text; like [{ "during": "office", "use": … }, { "use": … }]',
      ],
    ],
    [
      'constants that the schema refuses, each where it stands',
      [{ during: 'office', use: ['a'] }, { use: ['@b', 'c'] }],
      ['recipients.0.use.0: must begin with @', 'recipients.1.use.1: must begin with @'],
    ],
    [
      'what the destination warns of, where it stands',
      [{ during: 'office', use: ['@a'] }, { use: ['@b', '@nobody'] }],
      ['recipients.1.use.1: is nobody'],
    ],
    [
      'a template',
      [{ use: ['@{{ site }}'] }],
      ['recipients.0.use.0: cannot be filled in: it is the same for every event; {{ }} may stand in: text, labels'],
    ],
    [
      'a template in one constant',
      ['@{{ site }}'],
      ['recipients.0: cannot be filled in: it is the same for every event; {{ }} may stand in: text, labels'],
    ],
  ])('%s', (_what, recipients, problems) => expect(postProblems({ recipients })).toEqual(problems));

  test('what is wrong beside a choice is told once', () =>
    expect(postProblems({ txt: 'x', recipients: onDuty })).toEqual(['txt: unknown key; did you mean "text"?']));
});

describe('texts by name', () => {
  test('are filled in and encoded, each value', () => {
    const labels = { who: '{{ remote.name }}', 'fixed name': 'x' };
    const program = postProgram([{ id: 'r', on: 'phone.missed_call', do: [{ post: { to: 'desk', labels } }] }]);
    expect(step(createState(), { event: eventOf() }, program).deliveries[0]?.message).toEqual({
      labels: { who: '‹Erika Mustermann›', 'fixed name': 'x' },
    });
  });

  test('mistakes in them, each with its path', () =>
    expect(postProblems({ labels: { a: '{{ sit }}', '{{ site }}': 'x', c: 7 } })).toEqual([
      'labels.c: must be text in double quotes, not 7',
      'labels.{{ site }}: a key is no template; put the template into the value; keys stay as they are',
      'labels.a: unknown variable "sit"; did you mean "site"?',
    ]));
});

test('a rule with everything compiles', () => {
  const all = { text: 'x', card: true, table: true, tone: 'loud', labels: {}, recipients: ['@a'] };
  const rule = { id: 'r', on: 'call.missed', wait: { for: '1m' }, do: [{ post: { to: 'desk', ...all } }] };
  expect('rules' in compileFile([rule])).toBe(true);
});
