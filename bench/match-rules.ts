// Rules and events of a hoster, for the benchmark of matching: many customers, each with a few rules about its own phones and numbers.
import type { CallEvent, Event, PhoneEvent } from '../src/core/events.ts';
import type { Known } from '../src/core/fields.ts';
import type { PhoneCard } from '../src/core/phone-card.ts';

export type Draw = () => number;
export type BenchRule = { on: readonly string[]; when: Record<string, unknown> };
export type BenchEvent = { event: Event; known: Known };

const PHONES = 5_000;
const GROUPS = 800;
const NUMBERS = 20_000;
const LISTS = 20;
const AREAS = [
  '30',
  '40',
  '89',
  '221',
  '69',
  '711',
  '341',
  '351',
  '421',
  '911',
  '201',
  '203',
  '228',
  '231',
  '234',
  '511',
];
const CALL_TYPES = ['call.ringing', 'call.answered', 'call.ended', 'call.missed'] as const;

/** Mulberry32: the same numbers from 0 to 1 in every run. */
export function drawFrom(seed: number): Draw {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const below = (draw: Draw, end: number): number => Math.floor(draw() * end);
const oneOf = <T>(draw: Draw, list: readonly T[]): T => list[below(draw, list.length)] as T;

const phoneOf = (n: number): string => `phone-${n}`;
const groupOf = (n: number): string => `group-${n % GROUPS}`;
/** The same number for the same `n`; a few hundred of them begin alike. */
const numberOf = (n: number): string =>
  `+49${AREAS[n % AREAS.length]}${String((Math.imul(n, 2_654_435_761) >>> 0) % 10_000_000).padStart(7, '0')}`;

/** The lists that rules name: VIPs, nuisance callers, suppliers. */
export const LIST_ENTRIES: Record<string, string[]> = Object.fromEntries(
  Array.from({ length: LISTS }, (_, list) => [
    `list-${list}`,
    Array.from({ length: 50 }, (_, n) => numberOf(list * 50 + n)),
  ]),
);

const onCalls = (draw: Draw): string[] => [
  oneOf(draw, ['call.missed', 'call.missed', 'call.ended', 'call.ringing', 'call.answered']),
];
const aNumber = (draw: Draw): string => numberOf(below(draw, NUMBERS));
const aPhone = (draw: Draw): string => phoneOf(below(draw, PHONES));
const aGroup = (draw: Draw): string => groupOf(below(draw, GROUPS));

/** How often in a hundred, and what such a rule is. */
const KINDS: readonly [number, (draw: Draw) => BenchRule][] = [
  [28, (draw) => ({ on: onCalls(draw), when: { 'remote.number': aNumber(draw) } })],
  [
    18,
    (draw) => ({
      on: oneOf(draw, [
        ['phone.dnd_on', 'phone.dnd_off'],
        ['phone.unregistered'],
        ['phone.missed_call'],
        ['phone.incoming_call'],
      ]),
      when: { 'phone.id': aPhone(draw) },
    }),
  ],
  [12, (draw) => ({ on: onCalls(draw), when: { 'phone.groups': aGroup(draw), 'remote.kind': 'external' } })],
  [
    12,
    (draw) => ({
      on: onCalls(draw),
      when: { 'remote.number': { prefix: aNumber(draw).slice(0, 7 + below(draw, 4)) }, 'call.direction': 'in' },
    }),
  ],
  [
    8,
    (draw) => ({
      on: onCalls(draw),
      when: {
        'remote.number': Array.from({ length: 2 + below(draw, 5) }, () => aNumber(draw)),
        'phone.groups': aGroup(draw),
      },
    }),
  ],
  [
    4,
    (draw) => ({
      on: onCalls(draw),
      when: { 'remote.number': { in: `list-${below(draw, LISTS)}` }, 'phone.id': aPhone(draw) },
    }),
  ],
  [
    6,
    (draw) => ({
      on: ['call.ended'],
      when: { 'phone.groups': aGroup(draw), 'call.talkSeconds': { '>': 30 * (1 + below(draw, 20)) } },
    }),
  ],
  [
    4,
    (draw) => ({
      on: ['call.missed'],
      when: {
        'phone.id': aPhone(draw),
        'call.ringSeconds': { '>=': 5 * (1 + below(draw, 6)) },
        'remote.contact': null,
      },
    }),
  ],
  [
    3,
    (draw) => ({
      on: ['call.ringing'],
      when: { any: [{ 'remote.number': aNumber(draw) }, { 'phone.id': aPhone(draw), 'remote.kind': 'internal' }] },
    }),
  ],
  [
    3,
    (draw) => ({
      on: ['call.ended'],
      when: { 'phone.id': aPhone(draw), 'remote.number': { exists: true, not: { prefix: '+49' } } },
    }),
  ],
  [
    2,
    (draw) => {
      const number = aNumber(draw);
      return {
        on: onCalls(draw),
        when: { 'remote.number': { wildcard: `${number.slice(0, 6)}*${number.slice(-3)}` } },
      };
    },
  ],
];

/** That many rules of the mix. */
export function hosterRules(count: number, draw: Draw): BenchRule[] {
  const kinds = KINDS.flatMap(([share, make]) => new Array<(draw: Draw) => BenchRule>(share).fill(make));
  return Array.from({ length: count }, () => oneOf(draw, kinds)(draw));
}

/** An ordinary call, or, one time in seven, something that a phone says. `strangers`: phones and numbers of which no rule speaks. */
export function hosterEvents(count: number, draw: Draw, strangers: boolean): BenchEvent[] {
  const away = strangers ? 1_000_000 : 0;
  return Array.from({ length: count }, (_, n) => {
    const phone = away + below(draw, PHONES);
    const id = phoneOf(phone);
    const groups = strangers ? ['strange'] : [groupOf(phone), groupOf(phone + 1 + below(draw, 5)), groupOf(phone + 6)];
    const number = strangers ? `+43${1_000_000 + n}` : numberOf(below(draw, NUMBERS));
    const card: PhoneCard = { id, site: 'default', groups };
    const known: Known = { card, state: 'idle', number, kind: 'external', contact: null };
    const event = draw() < 1 / 7 ? phoneEventOf(n, id, number, draw) : callEventOf(n, id, number, groups, draw);
    return { event, known };
  });
}

const base = (n: number) => ({ id: `019ab000-${n}`, at: '2026-11-24T09:15:02.412Z', site: 'default' });

function phoneEventOf(n: number, id: string, number: string, draw: Draw): PhoneEvent {
  return {
    ...base(n),
    type: oneOf(draw, ['phone.incoming_call', 'phone.missed_call', 'phone.dnd_on', 'phone.unregistered'] as const),
    phone: { id, vendor: 'sangoma', mac: '005058000001', ip: '10.0.0.7' },
    line: { user: '201' },
    local: { number: '201' },
    remote: { number },
    vars: Object.create(null),
    suspect: [],
  };
}

function callEventOf(n: number, id: string, number: string, groups: string[], draw: Draw): CallEvent {
  return {
    ...base(n),
    type: oneOf(draw, CALL_TYPES),
    call: {
      key: `019ab000-${n}`,
      direction: 'in',
      remote: { number, kind: 'external' },
      phones: [{ id, outcome: 'answered' }],
      groups,
      startedAt: '2026-11-24T09:14:00.000Z',
      answeredBy: id,
      ringSeconds: 1 + below(draw, 40),
      talkSeconds: below(draw, 700),
      outcome: 'answered',
    },
  };
}
