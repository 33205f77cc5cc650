// The index of the matcher: of many rules it asks the few that may accept an event, whatever they are told apart by.
import { describe, expect, test } from 'vitest';
import type { Event, PhoneEvent } from '../../src/core/events.ts';
import type { Known } from '../../src/core/fields.ts';
import { createMatcher } from '../../src/engine/match/matcher.ts';
import { eventOf } from './fixture.ts';
import { accepted, counted, createReader, grouped, knownOf, type Raw } from './match-cases.ts';

const TYPE = 'phone.missed_call';
const nobody = knownOf();

const number = (n: number): string => `+4930${String(n).padStart(5, '0')}`;
const phone = (changes: Partial<PhoneEvent['phone']>): Event =>
  eventOf({ phone: { id: 'x', vendor: 'x', ...changes } });

describe('of 1,000 rules of which one accepts an event, few are asked', () => {
  const called = (n: number): [Event, Known] => [eventOf(), knownOf({ number: number(n) })];
  test.each<[string, (n: number) => Raw, Event, Known]>([
    ['a number', (n) => ({ 'remote.number': number(n) }), ...called(77)],
    ['a list of numbers', (n) => ({ 'remote.number': [number(n), `x${n}`] }), ...called(77)],
    [
      'a long list',
      (n) => ({ 'phone.id': Array.from({ length: 30 }, (_, i) => `${n}/${i}`) }),
      phone({ id: '77/9' }),
      nobody,
    ],
    [
      'the beginning of a number',
      (n) => ({ 'remote.number': { prefix: number(n) } }),
      eventOf(),
      knownOf({ number: `${number(77)}1` }),
    ],
    ['the end of a number', (n) => ({ 'remote.number': { suffix: number(n).slice(3) } }), ...called(77)],
    ['a pattern with a beginning', (n) => ({ 'remote.number': { wildcard: `${number(n)}*` } }), ...called(77)],
    ['a pattern with an end', (n) => ({ 'remote.number': { wildcard: `*${number(n).slice(3)}` } }), ...called(77)],
    [
      'a pattern of plain text',
      (n) => ({ 'remote.name': { wildcard: `\\*${n}` } }),
      eventOf({ remote: { name: '*77' } }),
      nobody,
    ],
    [
      'a name in any case',
      (n) => ({ 'remote.name': { 'equals-ignore-case': `Café ${n}` } }),
      eventOf({ remote: { name: 'CAFÉ 77' } }),
      nobody,
    ],
    [
      'a network',
      (n) => ({ 'phone.ip': { cidr: `10.${n >> 8}.${n & 255}.0/24` } }),
      phone({ ip: '10.0.77.9' }),
      nobody,
    ],
    [
      'a wide network',
      (n) => ({ 'phone.ip': { cidr: `2001:db8:${n.toString(16)}::/48` } }),
      phone({ ip: '2001:db8:4d::1' }),
      nobody,
    ],
    [
      'a MAC',
      (n) => ({
        'phone.mac': `00:50:58:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`,
      }),
      phone({ mac: '00505800004d' }),
      nobody,
    ],
    ['a group of several', (n) => ({ 'phone.groups': `g${n}` }), eventOf(), grouped('a', 'g77', 'b')],
    [
      'a group with another operator',
      (n) => ({ 'phone.groups': { prefix: `g${n}.`, suffix: 'x' } }),
      eventOf(),
      grouped('a', 'g77.x'),
    ],
    ['a raw variable', (n) => ({ vars: { queue: `q${n}` } }), eventOf({ vars: { queue: 'q77' } }), nobody],
    [
      'behind what nearly all have',
      (n) => ({ site: 'default', 'phone.id': `p${n}`, suspect: null }),
      phone({ id: 'p77' }),
      nobody,
    ],
    ['either of two', (n) => ({ any: [{ 'phone.id': `p${n}` }, { 'remote.number': number(n) }] }), ...called(77)],
    [
      'below both of two',
      (n) => ({ 'phone.id': `p${n % 50}`, 'remote.number': number(Math.floor(n / 50)) }),
      phone({ id: 'p27' }),
      knownOf({ number: number(1) }),
    ],
    ['not not', (n) => ({ not: { not: { 'phone.id': `p${n}` } } }), phone({ id: 'p77' }), nobody],
    [
      'not either of not',
      (n) => ({ not: { any: [{ not: { 'phone.id': `p${n}` } }, { site: 'other' }] } }),
      phone({ id: 'p77' }),
      nobody,
    ],
  ])('%s', (_name, raw, event, known) => {
    const read = createReader();
    const count = counted();
    const rules = Array.from({ length: 1_000 }, (_, n) => ({
      n,
      on: [TYPE],
      order: n,
      condition: count.treeOf(read(raw(n))),
    }));
    const matcher = createMatcher(rules);
    expect(matcher.find(event, known).map(({ n }) => n)).toEqual([77]);
    expect(count.evaluations()).toBeLessThanOrEqual(16);
  });

  test('and of those that no index can serve, all, each once', () => {
    const read = createReader();
    const count = counted();
    const rules = Array.from({ length: 300 }, (_, n) => ({
      n,
      on: [TYPE],
      order: n,
      condition: count.treeOf(read({ 'remote.number': { contains: number(n).slice(2) } })),
    }));
    expect(
      createMatcher(rules)
        .find(eventOf(), knownOf({ number: number(77) }))
        .map(({ n }) => n),
    ).toEqual([77]);
    expect(count.evaluations()).toBe(300);
  });

  test('a value by itself, in short lists and in long ones', () => {
    const read = createReader();
    const wanted = (n: number): unknown => {
      const values = Array.from(
        { length: n % 4 === 0 ? 1 : n % 4 === 1 ? 3 : n % 4 === 2 ? 12 : 40 },
        (_, i) => `v${n + i}`,
      );
      return values.length === 1 ? values[0] : values;
    };
    const rules = Array.from({ length: 60 }, (_, n) => {
      const raw = { vars: { queue: wanted(n - (n % 4) + (n % 8)) }, ...(n % 3 === 0 ? { site: 'default' } : {}) };
      return { n, raw, on: [TYPE], order: n, condition: read(raw) };
    });
    const matcher = createMatcher(rules);
    for (let n = 0; n < 110; n++) {
      const one = { event: eventOf({ vars: { queue: `v${n}` } }), known: nobody };
      const right = rules.filter(({ raw }) => accepted({ on: [TYPE], plain: raw }, one));
      expect(matcher.find(one.event, nobody).map(({ n: found }) => found)).toEqual(
        right.map(({ n: wanted }) => wanted),
      );
    }
  });

  test('lists that have much in common do not multiply the rules', () => {
    const read = createReader();
    const fields = ['site', 'remote.name', 'phone.id', 'phone.model', 'line.user', 'local.number'];
    const values = Array.from({ length: 10 }, (_, n) => `v${n}`);
    const rules = Array.from({ length: 3_000 }, (_, n) => {
      const without = fields.map((_field, place) => (n * 7 + Math.floor(n / 10 ** place)) % 10);
      const lists = fields.map((field, place) => [
        field,
        values.filter((_, v) => v !== without[place] && v !== (n + place) % 10),
      ]);
      return { n, without, on: [TYPE], order: n, condition: read(Object.fromEntries(lists)) };
    });
    const beganMs = performance.now();
    const matcher = createMatcher(rules);
    const event = eventOf({
      site: 'v1',
      remote: { name: 'v2' },
      phone: { id: 'v3', model: 'v4', vendor: 'x' },
      line: { user: 'v5' },
      local: { number: 'v6' },
    });
    const right = rules.filter(({ n, without }) =>
      without.every((w, place) => w !== place + 1 && (n + place) % 10 !== place + 1),
    );
    expect(matcher.find(event, nobody).map(({ n }) => n)).toEqual(right.map(({ n }) => n));
    expect(right.length).toBeGreaterThan(100);
    expect(performance.now() - beganMs).toBeLessThan(5_000);
  });

  test('with no value, those that ask for none', () => {
    const read = createReader();
    const rules = Array.from({ length: 100 }, (_, n) => ({
      n,
      on: [TYPE],
      order: n,
      condition: read({ 'remote.contact': n % 10 === 7 ? { exists: false } : n % 10 === 3 ? null : `c${n}` }),
    }));
    const found = createMatcher(rules)
      .find(eventOf(), nobody)
      .map(({ n }) => n);
    expect(found).toEqual(rules.map(({ n }) => n).filter((n) => n % 10 === 3 || n % 10 === 7));
  });
});
