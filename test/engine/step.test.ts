// step: deliveries, events and log lines of one event.
import { describe, expect, test } from 'vitest';
import { defineDestination } from '../../src/core/destination.ts';
import { createState, step } from '../../src/engine/index.ts';
import { eventOf, note, programOf, stepOf } from './fixture.ts';

const toDesk = (text: string): object => ({ note: { to: 'desk', text } });
const rule = (id: string, more: object = {}): object => ({ id, on: '*', do: [toDesk(id)], ...more });

describe('deliveries', () => {
  test('all that a delivery says, by the time and the phone of its event', () => {
    const { deliveries, matched } = stepOf([
      {
        id: 'r',
        on: 'phone.missed_call',
        do: [toDesk('{{ phone.id }}'), { wire: { to: 'cable', text: 'x', level: 'high' } }],
      },
    ]);
    const atMs = Date.parse('2026-11-24T09:15:02.412Z');
    const shared = {
      event: '019ab000-0000-7000-8000-000000000001',
      site: 'default',
      rule: 'r',
      state: 'waiting',
      attempts: 0,
      madeAtMs: atMs,
      dueAtMs: atMs,
    };
    expect(deliveries).toEqual([
      {
        ...shared,
        id: '019ab000-0000-7000-8000-000000000001/r/0',
        to: 'desk',
        type: 'note',
        message: { text: '‹front›', level: 'low' },
        order: 'desk|front',
        expiresAtMs: atMs + 72 * 3_600_000,
      },
      {
        ...shared,
        id: '019ab000-0000-7000-8000-000000000001/r/1',
        to: 'cable',
        type: 'wire',
        message: { text: 'x', level: 'high' },
        order: 'cable|front',
        expiresAtMs: atMs + 1_000,
      },
    ]);
    expect(matched).toEqual(['r']);
  });

  test('rules act in their order, and only those that take the event, are switched on and hold', () => {
    const rules = [
      rule('b'),
      rule('off', { enabled: false }),
      rule('dnd', { on: 'phone.dnd_*' }),
      rule('no', { when: { site: 'other' } }),
      rule('a', { when: { site: 'default' } }),
    ];
    expect(stepOf(rules).matched).toEqual(['b', 'a']);
  });

  test('a message belongs to its delivery alone', () => {
    const program = programOf({
      rules: [{ id: 'r', on: '*', do: [{ note: { to: 'desk', text: 'x', tree: { a: [{}] }, labels: ['l'] } }] }],
    });
    const first = step(createState(), { event: eventOf() }, program).deliveries[0]?.message as {
      tree: { a: object[] };
      labels: string[];
    };
    first.tree.a.push({});
    first.labels.push('changed');
    expect(step(createState(), { event: eventOf() }, program).deliveries[0]?.message).toMatchObject({
      tree: { a: [{}] },
      labels: ['l'],
    });
  });

  test('what can never be sent is dead from the start, and holds nothing up', () => {
    const { deliveries } = stepOf([
      { id: 'r', on: '*', do: [toDesk('{{ remote.name | append: " unsendable" }}'), toDesk('y')] },
    ]);
    expect(deliveries.map(({ id, state, lastError }) => [id.slice(-3), state, lastError])).toEqual([
      ['r/0', 'dead', 'text: nobody can send this'],
      ['r/1', 'waiting', undefined],
    ]);
  });

  test('a destination that breaks kills its own delivery only', () => {
    const broken = defineDestination({
      ...(note as unknown as Parameters<typeof defineDestination>[0]),
      type: 'broken',
      check: () => {
        throw new TypeError('Erika said something secret');
      },
    });
    const given = {
      destinations: [note, broken],
      connections: { desk: { type: 'note', settings: {} }, bad: { type: 'broken', settings: {} } },
    };
    const program = programOf(
      { rules: [{ id: 'r', on: '*', do: [{ broken: { to: 'bad', text: 'x' } }, toDesk('y')] }] },
      given,
    );
    const { deliveries } = step(createState(), { event: eventOf() }, program);
    expect(deliveries.map(({ state, lastError, message }) => [state, lastError, message])).toEqual([
      ['dead', 'message: cannot be made for this event (TypeError)', {}],
      ['waiting', undefined, { text: 'y', level: 'low' }],
    ]);
  });
});

describe('log', () => {
  test('a line on one line, with its level', () => {
    const { logs } = stepOf(
      [{ id: 'r', on: '*', do: [{ log: { text: 'from {{ remote.name }}' } }, { log: { text: 'w', level: 'warn' } }] }],
      eventOf({ remote: { name: 'a\r\nb\u202Ec' } }),
    );
    const event = '019ab000-0000-7000-8000-000000000001';
    expect(logs).toEqual([
      { rule: 'r', level: 'info', text: 'from a  bc', event },
      { rule: 'r', level: 'warn', text: 'w', event },
    ]);
  });
});

describe('emit', () => {
  const rules = [
    {
      id: 'make',
      on: 'phone.missed_call',
      do: [
        { log: { text: 'first' } },
        {
          emit: {
            event: 'custom.vip',
            vars: { who: '{{ remote.name }}', queue: '{{ line.host }}', text: 'is {{ line.host }}' },
          },
        },
      ],
    },
    {
      id: 'take',
      on: 'custom.vip',
      when: { 'phone.groups': 'sales', vars: { who: { prefix: 'Erika' }, queue: null, 'x-y': 'dashed' } },
      do: [toDesk('{{ event.type }} {{ vars.who }} {{ phone.name }}'), { emit: { event: 'custom.more' } }],
    },
    { id: 'last', on: ['custom.more', 'phone.missed_call'], do: [toDesk('{{ vars.who }}')] },
  ];

  test('an event of its own keeps what its cause knew, and other rules take it', () => {
    const { events, deliveries, matched } = stepOf(rules);
    const id = '019ab000-0000-7000-8000-000000000001';
    expect(matched).toEqual(['make', 'last', 'take', 'last']);
    expect(events).toEqual([
      {
        ...eventOf(),
        id: `${id}/make/1`,
        type: 'custom.vip',
        cause: id,
        depth: 1,
        vars: { 'x-y': 'dashed', who: 'Erika Mustermann', text: 'is ' },
      },
      expect.objectContaining({ id: `${id}/make/1/take/1`, type: 'custom.more', cause: `${id}/make/1`, depth: 2 }),
    ]);
    expect(deliveries.map((delivery) => [delivery.id, delivery.event, delivery.message.text])).toEqual([
      [`${id}/last/0`, id, '‹›'],
      [`${id}/make/1/take/0`, `${id}/make/1`, '‹custom.vip› ‹Erika Mustermann› ‹Front desk›'],
      [`${id}/make/1/take/1/last/0`, `${id}/make/1/take/1`, '‹Erika Mustermann›'],
    ]);
  });

  test('the variables of the phone stay as they were', () => {
    const event = eventOf();
    stepOf(rules, event);
    expect({ ...event.vars }).toEqual({ queue: 'sales', 'x-y': 'dashed' });
  });

  test('one that cannot be rendered is a warning, and the rest goes on', () => {
    const text = `{% assign a = "aaaaaaaaaaaaaaaa" %}${'{% assign a = a | append: a | append: a %}'.repeat(14)}{{ a }}`;
    const { events, logs, deliveries } = stepOf(
      [
        {
          id: 'r',
          on: '*',
          when: { 'event.type': { prefix: 'phone.' } },
          do: [{ emit: { event: 'custom.x', vars: { text } } }, toDesk('y')],
        },
      ].map((one) => ({ ...one, on: 'phone.*' })),
    );
    expect(events).toEqual([]);
    expect(logs).toEqual([
      {
        rule: 'r',
        level: 'warn',
        text: 'emit: takes more than 50 ms or makes more than 1000000 characters',
        event: '019ab000-0000-7000-8000-000000000001',
      },
    ]);
    expect(deliveries).toHaveLength(1);
  });

  test('eight deep, all in one step', () => {
    const chain = Array.from({ length: 8 }, (_, i) => ({
      id: `r${i}`,
      on: i === 0 ? 'phone.missed_call' : `custom.e${i - 1}`,
      do: [{ emit: { event: `custom.e${i}` } }],
    }));
    const depths = stepOf(chain).events.map((event) => ('depth' in event ? event.depth : 0));
    expect(depths).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
