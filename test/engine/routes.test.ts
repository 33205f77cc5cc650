// What holds for all deliveries to one connection: test messages, the budget of a rule, and how large a message may be.
import { describe, expect, test } from 'vitest';
import type { NoteEvent } from '../../src/core/events.ts';
import { createState, type State, type Stepped, step } from '../../src/engine/index.ts';
import { eventOf } from './fixture.ts';
import { post, postProgram } from './post.ts';

const START_MS = Date.parse('2026-11-24T09:15:00.000Z');
const isoOf = (afterMs: number): string => new Date(START_MS + afterMs).toISOString();
const rule = (id: string, more: object = {}) => ({
  id,
  on: 'phone.missed_call',
  do: [{ post: { to: 'desk', text: '{{ remote.name }}' } }],
  ...more,
});

describe('a test message', () => {
  const trial = { type: 'post', message: (at: string) => post.trial({}, at), check: post.check };
  const note: NoteEvent = { id: 'note-1', at: isoOf(0), site: 'default', type: 'note.test', to: 'desk' };

  test('is one delivery as the destination makes it, of no rule, in a lane of its own', () =>
    expect(
      step(createState(), { event: note }, postProgram([rule('r')], { trial, expiresMs: 60_000 })).deliveries,
    ).toEqual([
      {
        id: 'note-1/(test)/0',
        event: 'note-1',
        site: 'default',
        rule: '(test)',
        to: 'desk',
        type: 'post',
        message: { text: `a test at ${isoOf(0)}` },
        order: 'desk|test',
        state: 'waiting',
        attempts: 0,
        madeAtMs: START_MS,
        dueAtMs: START_MS,
        expiresAtMs: START_MS + 60_000,
      },
    ]));

  test('two of them are two, whatever the budget says', () => {
    const program = postProgram([], { trial, budget: 1 });
    const state = createState();
    const made = ['a', 'b'].flatMap((id) => step(state, { event: { ...note, id } }, program).deliveries);
    expect(made.map(({ id, state: now }) => [id, now])).toEqual([
      ['a/(test)/0', 'waiting'],
      ['b/(test)/0', 'waiting'],
    ]);
  });

  test('that its destination would refuse is dead from the start', () => {
    const refused = { ...trial, message: () => ({ text: 'unsendable' }) };
    expect(step(createState(), { event: note }, postProgram([], { trial: refused })).deliveries).toMatchObject([
      { state: 'dead', lastError: 'text: nobody can send this' },
    ]);
  });

  test('over a connection that is not there: nothing, and it meets no rule', () => {
    const program = postProgram([rule('r', { on: '*' })], { trial });
    const { deliveries, events, matched } = step(createState(), { event: { ...note, to: 'dsk' } }, program);
    expect([deliveries, events, matched]).toEqual([[], [], []]);
  });

  test('lets the time before it pass', () => {
    const program = postProgram([rule('r', { wait: { for: '1m' } })], { trial });
    const state = createState();
    step(state, { event: eventOf({ at: isoOf(0) }) }, program);
    const made = step(state, { event: { ...note, at: isoOf(120_000) } }, program).deliveries;
    expect(made.map(({ rule: by, madeAtMs }) => [by, madeAtMs - START_MS])).toEqual([
      ['r', 60_000],
      ['(test)', 120_000],
    ]);
  });
});

describe('the budget of a rule', () => {
  const hit = (state: State, program: ReturnType<typeof postProgram>, afterMs: number, more: object = {}): Stepped =>
    step(state, { event: eventOf({ id: `hit-${afterMs}`, at: isoOf(afterMs), ...more }) }, program);

  test('what goes beyond it within a minute is dead, with the key that allows more, whole, and told once', () => {
    const program = postProgram([rule('r')], { budget: 2 });
    const state = createState();
    const steps = [0, 1, 2, 3, 4].map((n) => hit(state, program, n * 1_000));
    expect(steps.map(({ deliveries }) => deliveries[0]?.state)).toEqual(['waiting', 'waiting', 'dead', 'dead', 'dead']);
    expect(steps[4]?.deliveries[0]).toMatchObject({
      message: { text: '‹Erika Mustermann›' },
      lastError:
        'more than 2 messages of this rule within a minute, which looks like a loop; connections.desk.delivery.budget allows more',
    });
    expect(steps.map(({ overBudget }) => overBudget)).toEqual([0, 0, 1, 1, 1]);
    expect(steps.flatMap(({ logs }) => logs)).toEqual([
      {
        rule: 'r',
        level: 'warn',
        text: 'rule r made more than 2 messages for desk within a minute; the others are not sent (connections.desk.delivery.budget)',
        event: 'hit-2000',
      },
    ]);
  });

  test('the next minute begins anew, and so does its line', () => {
    const program = postProgram([rule('r')], { budget: 1 });
    const state = createState();
    const steps = [0, 1_000, 60_000, 61_000].map((afterMs) => hit(state, program, afterMs));
    expect(steps.map(({ deliveries }) => deliveries[0]?.state)).toEqual(['waiting', 'dead', 'waiting', 'dead']);
    expect(steps.map(({ logs }) => logs.length)).toEqual([0, 1, 0, 1]);
  });

  test('each rule has its own, over all of its actions', () => {
    const twice = rule('twice', { do: [...rule('').do, ...rule('').do] });
    const { deliveries } = hit(createState(), postProgram([rule('a'), twice, rule('b')], { budget: 1 }), 0);
    expect(deliveries.map(({ id, state }) => [id, state])).toEqual([
      ['hit-0/a/0', 'waiting'],
      ['hit-0/twice/0', 'waiting'],
      ['hit-0/twice/1', 'dead'],
      ['hit-0/b/0', 'waiting'],
    ]);
  });

  test('other rules begin anew; without a budget there is no limit', () => {
    const state = createState();
    const all = [
      postProgram([rule('r')], { budget: 1 }),
      postProgram([rule('r')], { budget: 1 }),
      postProgram([rule('r')]),
    ];
    const states = all.flatMap((program, n) => [0, 1].map((m) => hit(state, program, n * 2 + m).deliveries[0]?.state));
    expect(states).toEqual(['waiting', 'dead', 'waiting', 'dead', 'waiting', 'waiting']);
  });
});

describe('the size of a message', () => {
  const told = (bytesMax: number | undefined) =>
    step(
      createState(),
      { event: eventOf({ remote: { number: '1', name: 'Zoë' } }) },
      postProgram([rule('r')], { bytesMax }),
    ).deliveries[0];
  const BYTES = Buffer.byteLength(JSON.stringify({ text: '‹Zoë›' }));

  test('in bytes of its JSON, up to and including the limit', () => {
    expect([undefined, BYTES, BYTES + 1].map((bytesMax) => told(bytesMax)?.state)).toEqual([
      'waiting',
      'waiting',
      'waiting',
    ]);
    expect(told(BYTES - 1)).toMatchObject({
      state: 'dead',
      message: { text: '‹Zoë›' },
      lastError: `the message has ${BYTES} bytes, more than the ${BYTES - 1} of connections.desk.delivery.maxBytes`,
    });
  });
});
