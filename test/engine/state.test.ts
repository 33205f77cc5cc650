// What a step remembers and what it depends on: pinned MACs, quarantine, stored rows, and nothing but the input.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Event, MAC_MISMATCH, SLUGS } from '../../src/core/events.ts';
import type { StateChange } from '../../src/core/store.ts';
import { createState, type Input, pinOf, restore, type State, type Stepped, step } from '../../src/engine/index.ts';
import { context, eventOf, NOTHING_HAPPENS, programOf } from './fixture.ts';

const toDesk = (text: string): object => ({ note: { to: 'desk', text } });

describe('MAC addresses', () => {
  const program = programOf({ rules: [{ id: 'r', on: '*', do: [toDesk('x')] }] });
  const from = (phone: object, suspect: string[] = []) =>
    eventOf({ phone: { id: 'front', vendor: 'x', ...phone }, suspect });
  const pinsOf = ({ changes }: Stepped): StateChange[] => changes.filter(({ kind }) => kind === 'pin');

  test('the first valid one of a phone whose card has none is pinned, once, and survives a restart', () => {
    const state = createState();
    expect(pinsOf(step(state, { event: from({}) }, program))).toEqual([]);
    expect(pinsOf(step(state, { event: from({ mac: 'nonsense' }) }, program))).toEqual([]);
    expect(pinsOf(step(state, { event: from({ mac: '00:50:58:AA:BB:CC' }) }, program))).toEqual([
      { kind: 'pin', key: 'front', value: '005058aabbcc' },
    ]);
    expect(pinsOf(step(state, { event: from({ mac: '00:50:58:00:00:01' }) }, program))).toEqual([]);
    expect(pinOf(state, 'front')).toBe('005058aabbcc');
    const next = createState();
    restore(next, { kind: 'pin', key: 'front', value: '005058aabbcc' });
    restore(next, { kind: 'of another version', key: 'front', value: 'x' });
    expect(pinOf(next, 'front')).toBe('005058aabbcc');
  });

  test.each([
    ['a phone whose card has one', from({ id: 'back', mac: '005058000002' })],
    ['a phone without a card', from({ id: 'stranger', mac: '005058000003' })],
    ['a hit that says it twice', from({ mac: '005058000003' }, ['repeated:mac'])],
    ['a hit that says it too late', from({ mac: '005058000003' }, ['late:mac'])],
    ['a hit with a bad one', from({ mac: '005058000003' }, ['bad-mac'])],
  ])('nothing is pinned for %s, but rules run', (_name, event) => {
    const state = createState();
    const stepped = step(state, { event }, program);
    expect([pinsOf(stepped), stepped.matched, stepped.quarantined]).toEqual([[], ['r'], false]);
    expect(state.pins.size).toBe(0);
  });

  test('a cut URL does not make a MAC doubtful', () =>
    expect(pinsOf(step(createState(), { event: from({ mac: '005058000003' }, ['truncated']) }, program))).toHaveLength(
      1,
    ));

  test('an event that is suspect of another MAC meets no rule and changes nothing', () => {
    const state = createState();
    const event = from({ mac: '005058000009' }, ['truncated', MAC_MISMATCH]);
    expect(step(state, { event }, program)).toEqual({ ...NOTHING_HAPPENS, quarantined: true });
    expect(memoryOf(state)).toEqual(memoryOf(createState()));
    // Only time has passed: it came at its moment, whoever said it.
    expect(state.nowMs).toBe(Date.parse(event.at));
  });
});

/** All that a state knows, as it would be stored, in an order that does not depend on how it came to be. */
function memoryOf({ pins, phones, busy, calls, looked, site }: State): object {
  const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return structuredClone({
    site,
    pins: sorted(pins),
    phones: sorted(phones),
    busy: [...busy].sort(),
    calls: sorted(calls.all),
    byPhone: sorted(calls.byPhone).map(([phone, list]) => [phone, list.map(({ key }) => key).sort()]),
    byNumber: sorted(calls.byNumber).map(([number, list]) => [number, list.map(({ key }) => key)]),
    missed: sorted(calls.missed).map(([number, { call, untilMs }]) => [number, call, untilMs]),
    past: [...calls.past],
    looked: sorted(looked),
  });
}

/** A state as a restart finds it: from the rows that were written, the last of each. */
function restoredFrom(rows: ReadonlyMap<string, StateChange>): State {
  const state = createState();
  for (const [, row] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) restore(state, structuredClone(row));
  return state;
}

describe('nothing but the input decides', () => {
  const program = programOf({
    lists: { vip: ['1'] },
    rules: [
      {
        id: 'one',
        on: ['phone.*', 'call.*', 'phone.state_changed'],
        when: { not: { 'remote.number': null } },
        do: [
          toDesk('{{ remote.name | upcase }} {{ event.at | date: "%A %H:%M", "America/New_York" }}'),
          { emit: { event: 'custom.a', vars: { n: '{{ remote.number }} {{ phone.state }}' } } },
        ],
      },
      {
        id: 'two',
        on: 'custom.a',
        do: [
          { note: { to: 'desk', text: 'x', tree: { n: '{{ vars.n }}', g: '{{ phone.groups }}' } } },
          { log: { text: '{{ site }}' } },
        ],
      },
    ],
  });
  const SPANS_MS = [1, 400, 2_500, 9_000, 40_000, 200_000, 13 * 3_600_000];
  const START_MS = Date.parse('2026-11-24T09:15:02.412Z');
  const FREQUENT = ['incoming_call', 'outgoing_call', 'established', 'terminated', 'missed_call'] as const;
  /** Few numbers and mostly the words of calls, so that what is said belongs together. */
  const course = fc
    .array(
      fc.record({
        afterMs: fc.constantFrom(...SPANS_MS),
        slug: fc.oneof(fc.constantFrom(...SLUGS), fc.constantFrom(...FREQUENT)),
        number: fc.constantFrom('+4930100', '+4930200', '201', undefined),
        name: fc.string({ unit: 'binary', maxLength: 5 }),
        mac: fc.constantFrom('005058000001', '005058000002', 'x'),
        id: fc.constantFrom('front', 'back', 'stranger'),
        silent: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
        claims: fc.option(fc.nat({ max: 9 }), { freq: 5 }),
      }),
      { maxLength: 25 },
    )
    .map((words) => {
      let atMs = START_MS;
      return words.map(({ afterMs, slug, number, name, mac, id, silent, claims }, n): Input => {
        atMs += afterMs;
        const at = new Date(atMs).toISOString();
        if (silent) return { now: at };
        const claim = { call: `hit-0${claims}`, by: mac };
        if (claims !== null) return { event: { id: `note-${n}`, at, site: 'default', type: 'note.claimed', claim } };
        return {
          event: eventOf({
            id: `hit-${String(n).padStart(2, '0')}`,
            at,
            type: `phone.${slug}`,
            phone: { id, mac, vendor: 'x' },
            remote: number === undefined ? { name } : { number, name },
          }),
        };
      });
    });

  test('the same inputs give deep-equal outputs and states, and inputs are left as they were', () =>
    fc.assert(
      fc.property(course, (inputs) => {
        const before = structuredClone(inputs);
        const [a, b] = [createState(), createState()];
        const run = (state: State, given: Input[]) =>
          given.map((input) => structuredClone(step(state, input, program)));
        expect(run(b, structuredClone(inputs))).toEqual(run(a, inputs));
        expect(memoryOf(b)).toEqual(memoryOf(a));
        expect(structuredClone(inputs)).toEqual(before);
      }),
      { numRuns: 300 },
    ));

  test('a restart between two words changes nothing: what was written is all that counts', () =>
    fc.assert(
      fc.property(course, fc.nat({ max: 25 }), (inputs, at) => {
        const rows = new Map<string, StateChange>();
        const through = createState();
        let resumed = createState();
        inputs.forEach((input, n) => {
          const all = step(through, input, program);
          if (n === at) resumed = restoredFrom(rows);
          const again = n < at ? all : step(resumed, structuredClone(input), program);
          expect(again.events).toEqual(all.events);
          expect(again.deliveries).toEqual(all.deliveries);
          expect(resumed.due.nextMs()).toEqual(n < at ? undefined : through.due.nextMs());
          for (const change of again.changes) rows.set(`${change.kind} ${change.key}`, structuredClone(change));
        });
        // What of it is over for good shows once it is known what time it is.
        const restored = restoredFrom(rows);
        const last = inputs.at(-1);
        if (last !== undefined) step(restored, { now: 'event' in last ? last.event.at : last.now }, program);
        expect(memoryOf(restored)).toEqual(memoryOf(through));
      }),
      { numRuns: 500 },
    ));

  test('time alone: nothing where nothing waits for it', () => {
    expect(step(createState(), { now: '2026-11-24T09:15:02.412Z' }, program)).toEqual(NOTHING_HAPPENS);
    expect(step(createState(), { now: '2026-11-24T09:15:02.412Z', started: true }, program)).toEqual(NOTHING_HAPPENS);
  });

  test('time alone: it does not matter how often anybody looks', () =>
    fc.assert(
      fc.property(course, fc.array(fc.constantFrom(...SPANS_MS), { maxLength: 30 }), (inputs, looks) => {
        const [rare, often] = [createState(), createState()];
        const moment = (input: Input): number => Date.parse('event' in input ? input.event.at : input.now);
        const end = { now: new Date(START_MS + 40 * 13 * 3_600_000).toISOString() };
        let lookMs = START_MS;
        const looking = looks.map((ms) => {
          lookMs += ms;
          return { now: new Date(lookMs).toISOString() };
        });
        const events = inputs.filter((input) => 'event' in input);
        const all = [...events, ...looking].sort((a, b) => moment(a) - moment(b) || ('event' in a ? -1 : 1));
        // What rules emit comes after all that time did in one step, so only its content can be the same.
        const made = (state: State, given: Input[]): Event[][] => {
          const all = given.flatMap((input) => step(state, input, program).events);
          const emitted = all.filter((event) => 'depth' in event).sort((a, b) => (a.id < b.id ? -1 : 1));
          return [all.filter((event) => !('depth' in event)), emitted];
        };
        expect(made(often, [...all, end])).toEqual(made(rare, [...events, end]));
      }),
      { numRuns: 300 },
    ));
});

test('phones of two sites may have the same id', () => {
  const program = programOf({ rules: [{ id: 'r', on: '*', do: [toDesk('{{ phone.name }}')] }] }, context);
  const here = step(createState(), { event: eventOf() }, program).deliveries[0]?.message.text;
  const there = step(createState(), { event: eventOf({ site: 'other' }) }, program).deliveries[0]?.message.text;
  expect([here, there]).toEqual(['‹Front desk›', '‹›']);
});
