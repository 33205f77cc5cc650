// A course: what happens at two phones in one day, so that every shipped rule has something to say, with texts of a caller's own.
import type { Delivery } from '../../src/core/delivery.ts';
import type { Party, PhoneEvent, PhoneEventType } from '../../src/core/events.ts';
import { EMPTY_PHONE_BOOK, type PhoneBook } from '../../src/core/phone-book.ts';
import type { PhoneCard } from '../../src/core/phone-card.ts';
import { createState, type Input, type Program, step } from '../../src/engine/index.ts';

/** What a caller controls. A missing one was not said. */
export type Texts = { name?: string; number?: string; uri?: string; contact?: string; extra: string };

export const PHONES: readonly PhoneCard[] = [
  { id: 'front-desk', site: 'default', groups: ['sales', 'support', 'reception'], name: 'Front desk', area: 'Hall' },
  { id: 'back', site: 'default', groups: ['sales', 'support', 'reception'] },
];

/** A Tuesday morning in opening hours. */
const START_MS = Date.parse('2026-11-24T10:00:00Z');
const MINUTE = 60;
/** Seconds, phone, what it says. `null`: only time passes. */
const MOMENTS: readonly (
  | readonly [at: number, phone: string, type: PhoneEventType]
  | readonly [at: number, phone: null]
)[] = [
  [0, 'front-desk', 'phone.registered'],
  [1, 'back', 'phone.register_failed'],
  [2, 'front-desk', 'phone.incoming_call'],
  [3, 'back', 'phone.incoming_call'],
  [20, 'front-desk', 'phone.missed_call'],
  [21, 'back', 'phone.missed_call'],
  [30, null],
  [40, 'front-desk', 'phone.incoming_call'],
  [50, 'front-desk', 'phone.missed_call'],
  [60, null],
  // A word that comes late: somebody had answered.
  [62, 'back', 'phone.established'],
  [70, 'back', 'phone.terminated'],
  [5 * MINUTE, 'front-desk', 'phone.incoming_call'],
  [5 * MINUTE + 10, 'front-desk', 'phone.missed_call'],
  [5 * MINUTE + 30, null],
  [25 * MINUTE, null],
  [40 * MINUTE, 'front-desk', 'phone.outgoing_call'],
  [40 * MINUTE + 5, 'front-desk', 'phone.established'],
  [41 * MINUTE, 'front-desk', 'phone.hold'],
  [42 * MINUTE, 'front-desk', 'phone.terminated'],
  [43 * MINUTE, 'back', 'phone.incoming_call'],
  [43 * MINUTE + 5, 'back', 'phone.established'],
  [44 * MINUTE, 'back', 'phone.terminated'],
  [45 * MINUTE, 'front-desk', 'phone.dnd_on'],
  [46 * MINUTE, 'back', 'phone.unregistered'],
  [47 * MINUTE, 'front-desk', 'phone.forward_always_on'],
  [48 * MINUTE, 'front-desk', 'phone.reject_incoming_call'],
  [9 * 60 * MINUTE, null],
  [9 * 60 * MINUTE + 1, 'front-desk', 'phone.dnd_off'],
  [26 * 60 * MINUTE, null],
];

/** Knows whose numbers those of the course are: the book of one course. */
export const bookOf = (contact: () => string | undefined): PhoneBook => ({
  ...EMPTY_PHONE_BOOK,
  contactOf: () => contact() ?? null,
});

/** All that the program sends in that course. The same texts give the same deliveries, times and ids included. */
export function play(program: Program, texts: Texts): Delivery[] {
  const state = createState();
  const said: { -readonly [key in keyof Party]: Party[key] } = {};
  if (texts.name !== undefined) said.name = texts.name;
  if (texts.number !== undefined) said.number = texts.number;
  if (texts.uri !== undefined) said.uri = texts.uri;
  const vars = Object.assign(Object.create(null) as Record<string, string>, { extra: texts.extra, ...said });
  return MOMENTS.flatMap(([seconds, phone, type], n) => {
    const at = new Date(START_MS + seconds * 1_000).toISOString();
    const input: Input = phone === null ? { now: at } : { event: eventOf(n, at, phone, type, said, vars) };
    return step(state, input, program).deliveries;
  });
}

const eventOf = (
  n: number,
  at: string,
  phone: string,
  type: PhoneEventType,
  remote: Party,
  vars: Record<string, string>,
): PhoneEvent => ({
  id: `019ab000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  type,
  at,
  site: 'default',
  phone: { id: phone, ip: '192.168.1.51', vendor: 'sangoma' },
  line: { user: vars.extra ?? '' },
  local: { number: '201', name: vars.extra ?? '' },
  remote,
  vars,
  suspect: [],
});
