// Folds a day of hits in a process of its own: how many a second, and what an idle phone leaves in the heap.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'jsonc-parser';
import type * as Destinations from '../src/destinations/index.ts';
import type * as Engine from '../src/engine/index.ts';
import { CARDS, createDay, eventOf, PHONES, type Word } from './day.ts';
import { median } from './statistics.ts';

export type FoldOrder = { events: number; rounds: number };

export type Folded = {
  perSecond: number;
  perSecondWithRules: number;
  perSecondWithHundred: number;
  deliveries: number;
  made: number;
  phoneBytes: number;
  missedBytes: number;
};

/** What is measured is what runs: the build. */
const built = <Room>(path: string): Promise<Room> => import(new URL(`../dist/${path}`, import.meta.url).href);
const { compileRules, createPhoneBook, createProgram, createState, step } =
  await built<typeof Engine>('engine/index.js');
const { DESTINATIONS } = await built<typeof Destinations>('destinations/index.js');

/** Of the rules that are shipped, those that people switch on first; the third acts on most hits. */
const TYPICAL = ['missed-call-to-slack', 'answered-by-to-mqtt', 'state-call', 'state-dnd'];

function typicalRules(): object[] {
  const read = (name: string): { rules: { id: string }[] } =>
    parse(readFileSync(fileURLToPath(new URL(`../rules/${name}.jsonc`, import.meta.url)), 'utf8'));
  const all = ['missed-call-to-slack', 'answered-by-to-mqtt', 'phone-state-to-mqtt'].flatMap(
    (name) => read(name).rules,
  );
  return TYPICAL.map((id) => {
    const rule = all.find((one) => one.id === id);
    if (rule === undefined) throw new Error(`no rule ${id} is shipped any more`);
    return rule;
  });
}

/** A hundred rules as an office of that size has them: about one phone, one group or some numbers each, some of them with stages. */
function hundredRules(): object[] {
  const types = [
    'call.missed',
    'phone.incoming_call',
    'call.ended',
    'call.answered',
    'phone.dnd_on',
    'phone.missed_call',
  ];
  return Array.from({ length: 100 }, (_, n) => {
    const card = CARDS[(n * 37) % CARDS.length];
    const conditions = [
      { 'phone.id': card?.id },
      { 'phone.groups': card?.groups[0] ?? 'none' },
      { 'remote.number': { prefix: `+49${30 + n}` } },
      { 'remote.kind': 'internal', 'phone.id': [card?.id, CARDS[n]?.id] },
    ];
    return {
      id: `rule-${n}`,
      on: types[n % types.length],
      when: conditions[n % conditions.length],
      ...(n % 10 === 0 ? { limit: { per: '10m', by: ['remote.number'] } } : {}),
      do: [{ mqtt: { to: 'house', topic: `calls/${n}`, payload: { number: '{{ remote.number }}' } } }],
    };
  });
}

function programOf(rules: object[]): Engine.Program {
  const connections = {
    team: { type: 'slack', settings: { channel: '#calls' } },
    house: { type: 'mqtt', settings: {} },
  };
  const compiled = compileRules([{ file: 'bench', value: { rules } }], { destinations: DESTINATIONS, connections });
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  const book = createPhoneBook({ sites: [{ id: 'default', country: 'DE' }], contacts: new Map() });
  return createProgram({ rules: compiled.rules, phones: CARDS, connections: new Map(), book });
}

/** Events are made in between: only `step` is timed. */
const BATCH = 1_000;

type Round = { ms: number; deliveries: number; made: number };

function fold(day: readonly Word[], program: Engine.Program, state: Engine.State): Round {
  const round: Round = { ms: 0, deliveries: 0, made: 0 };
  for (let from = 0; from < day.length; from += BATCH) {
    const events = day.slice(from, from + BATCH).map((word, n) => eventOf(word, from + n));
    const beganMs = performance.now();
    for (const event of events) {
      const stepped = step(state, { event }, program);
      round.deliveries += stepped.deliveries.length;
      round.made += stepped.events.length;
    }
    round.ms += performance.now() - beganMs;
  }
  return round;
}

const perSecond = (rounds: readonly Round[], events: number): number =>
  median(rounds.map(({ ms }) => (events / ms) * 1000));

function heapBytes(): number {
  for (let n = 0; n < 3; n++) global.gc?.();
  return process.memoryUsage().heapUsed;
}

const HOUR_MS = 3_600_000;

/** All that is weighed hangs on this alone, so that it can be let go. */
const held: { state: Engine.State | undefined } = { state: undefined };

/** Lives a day, and the heap after it: in the evening, when no phone is in a call any more, and a day later, when nobody need be called
 * back. A frame of its own, whose end forgets the state. */
function liveOn(day: readonly Word[], program: Engine.Program): { eveningBytes: number; nextDayBytes: number } {
  const state = createState();
  held.state = state;
  fold(day, program, state);
  const lastMs = day.at(-1)?.atMs ?? 0;
  const later = (hours: number): number => {
    step(state, { now: new Date(lastMs + hours * HOUR_MS).toISOString() }, program);
    if (state.phones.size !== PHONES || state.busy.size > 0)
      throw new Error(`${state.phones.size} phones, ${state.busy.size} of them busy`);
    return heapBytes();
  };
  return { eveningBytes: later(13), nextDayBytes: later(26) };
}

/** Per phone: what goes when a state of idle phones goes, and what of the evening before was missed calls. */
function weigh(day: readonly Word[], program: Engine.Program): { phoneBytes: number; missedBytes: number } {
  const { eveningBytes, nextDayBytes } = liveOn(day, program);
  held.state = undefined;
  return { phoneBytes: (nextDayBytes - heapBytes()) / PHONES, missedBytes: (eveningBytes - nextDayBytes) / PHONES };
}

function measure({ events, rounds }: FoldOrder): Folded {
  const day = createDay(events);
  const [plain, ruled, hundred] = [programOf([]), programOf(typicalRules()), programOf(hundredRules())];
  const several = (program: Engine.Program): Round[] => {
    fold(day, program, createState());
    return Array.from({ length: rounds }, () => fold(day, program, createState()));
  };
  const plainRounds = several(plain);
  const ruledRounds = several(ruled);
  const hundredRounds = several(hundred);
  const weights = Array.from({ length: 3 }, () => weigh(day, plain));
  return {
    perSecond: perSecond(plainRounds, events),
    perSecondWithRules: perSecond(ruledRounds, events),
    perSecondWithHundred: perSecond(hundredRounds, events),
    deliveries: ruledRounds[0]?.deliveries ?? 0,
    made: plainRounds[0]?.made ?? 0,
    phoneBytes: median(weights.map(({ phoneBytes }) => phoneBytes)),
    missedBytes: median(weights.map(({ missedBytes }) => missedBytes)),
  };
}

process.on('message', (order: FoldOrder) => process.send?.(measure(order)));
process.send?.('ready');
