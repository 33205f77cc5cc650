// What a step remembers and what it depends on: pinned MACs, quarantine, and nothing but the input.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAC_MISMATCH, SLUGS } from '../../src/core/events.ts';
import { createState, pinOf, restore, step } from '../../src/engine/index.ts';
import { context, eventOf, programOf } from './fixture.ts';

const toDesk = (text: string): object => ({ note: { to: 'desk', text } });

describe('MAC addresses', () => {
  const program = programOf({ rules: [{ id: 'r', on: '*', do: [toDesk('x')] }] });
  const from = (phone: object, suspect: string[] = []) =>
    eventOf({ phone: { id: 'front', vendor: 'x', ...phone }, suspect });

  test('the first valid one of a phone whose card has none is pinned, once, and survives a restart', () => {
    const state = createState();
    expect(step(state, { event: from({}) }, program).changes).toEqual([]);
    expect(step(state, { event: from({ mac: 'nonsense' }) }, program).changes).toEqual([]);
    expect(step(state, { event: from({ mac: '00:50:58:AA:BB:CC' }) }, program).changes).toEqual([
      { kind: 'pin', key: 'front', value: '005058aabbcc' },
    ]);
    expect(step(state, { event: from({ mac: '00:50:58:00:00:01' }) }, program).changes).toEqual([]);
    expect(pinOf(state, 'front')).toBe('005058aabbcc');
    const next = createState();
    restore(next, { kind: 'pin', key: 'front', value: '005058aabbcc' });
    restore(next, { kind: 'of another version', key: 'front', value: 'x' });
    expect(pinOf(next, 'front')).toBe('005058aabbcc');
    restore(next, { kind: 'pin', key: 'front', value: null });
    expect(pinOf(next, 'front')).toBeUndefined();
  });

  test.each([
    ['a phone whose card has one', from({ id: 'back', mac: '005058000002' })],
    ['a phone without a card', from({ id: 'stranger', mac: '005058000003' })],
    ['a hit that says it twice', from({ mac: '005058000003' }, ['repeated:mac'])],
    ['a hit that says it too late', from({ mac: '005058000003' }, ['late:mac'])],
    ['a hit with a bad one', from({ mac: '005058000003' }, ['bad-mac'])],
  ])('nothing is pinned for %s, but rules run', (_name, event) => {
    const state = createState();
    const { changes, matched, quarantined } = step(state, { event }, program);
    expect([changes, matched, quarantined]).toEqual([[], ['r'], false]);
    expect(state.pins.size).toBe(0);
  });

  test('a cut URL does not make a MAC doubtful', () =>
    expect(step(createState(), { event: from({ mac: '005058000003' }, ['truncated']) }, program).changes).toHaveLength(
      1,
    ));

  test('an event that is suspect of another MAC meets no rule and changes nothing', () => {
    const state = createState();
    expect(step(state, { event: from({ mac: '005058000009' }, ['truncated', MAC_MISMATCH]) }, program)).toEqual({
      changes: [],
      events: [],
      deliveries: [],
      logs: [],
      matched: [],
      quarantined: true,
    });
    expect(state).toEqual(createState());
  });
});

describe('nothing but the input decides', () => {
  const program = programOf({
    lists: { vip: ['1'] },
    rules: [
      {
        id: 'one',
        on: 'phone.*',
        when: { not: { 'remote.number': null } },
        do: [
          toDesk('{{ remote.name | upcase }} {{ event.at | date: "%A %H:%M", "America/New_York" }}'),
          { emit: { event: 'custom.a', vars: { n: '{{ remote.number }}' } } },
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
  const events = fc.array(
    fc
      .record({
        slug: fc.constantFrom(...SLUGS),
        number: fc.option(fc.string({ maxLength: 5 }), { nil: undefined }),
        name: fc.string({ unit: 'binary', maxLength: 5 }),
        mac: fc.constantFrom('005058000001', '005058000002', 'x'),
        id: fc.constantFrom('front', 'back', 'stranger'),
      })
      .map(({ slug, number, name, mac, id }) =>
        eventOf({
          type: `phone.${slug}`,
          phone: { id, mac, vendor: 'x' },
          remote: number === undefined ? { name } : { number, name },
        }),
      ),
    { maxLength: 8 },
  );

  test('the same inputs give deep-equal outputs and states, and inputs are left as they were', () =>
    fc.assert(
      fc.property(events, (list) => {
        const before = structuredClone(list);
        const [a, b] = [createState(), createState()];
        const first = list.map((event) => step(a, { event }, program));
        const second = structuredClone(list).map((event) => step(b, { event }, program));
        expect(second).toEqual(first);
        expect(b).toEqual(a);
        expect(structuredClone(list)).toEqual(before);
        const restored = createState();
        for (const { changes } of first) for (const change of changes) restore(restored, change);
        expect(restored).toEqual(a);
      }),
      { numRuns: 300 },
    ));

  test('time alone changes nothing in this version', () =>
    expect(step(createState(), { now: '2026-11-24T09:15:02.412Z' }, program)).toEqual({
      changes: [],
      events: [],
      deliveries: [],
      logs: [],
      matched: [],
      quarantined: false,
    }));
});

test('phones of two sites may have the same id', () => {
  const program = programOf({ rules: [{ id: 'r', on: '*', do: [toDesk('{{ phone.name }}')] }] }, context);
  const here = step(createState(), { event: eventOf() }, program).deliveries[0]?.message.text;
  const there = step(createState(), { event: eventOf({ site: 'other' }) }, program).deliveries[0]?.message.text;
  expect([here, there]).toEqual(['‹Front desk›', '‹›']);
});
