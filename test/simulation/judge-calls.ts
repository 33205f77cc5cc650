// The verdict on phones and calls: each call told once, nobody missed who was answered, nothing rings for ever, nothing forgotten.
import { isDeepStrictEqual } from 'node:util';
import type { CallEvent, CallState, Event } from '../../src/core/events.ts';
import type { PhoneState } from '../../src/engine/phones/state.ts';
import type { Course } from './courses.ts';
import type { Rows } from './judge.ts';
import type { Decided } from './ledger.ts';
import { type Replayed, replay } from './replay.ts';
import type { World } from './world.ts';

/** The settle time of calls as the settings have it, in ms; stated here once more, because this is what is promised. */
const SETTLE_MS = 3_000;
const ANSWERS = ['phone.established', 'phone.answer_new_call'];
const KINDS = /^(phone|call|missed|looked-up|pin) /;

type Told = { event: CallEvent; at: number };

/** Everything that did not hold, as lines for people. Time must have passed since the last word: all states are out of date. */
export function judgeCalls(world: World, rows: Rows): string[] {
  const { decided } = world.ledger;
  const replayed = replay(decided);
  const told = replayed.made.flatMap(({ event, at }): Told[] => (isCall(event) ? [{ event, at }] : []));
  const steady = world.scenario.jumps.length === 0;
  return [
    ...judgeRows(rows, replayed),
    ...judgeOnce(told),
    ...judgeChains(replayed),
    ...judgeRest(rows),
    ...(steady
      ? [...judgeStarts(world), ...judgeOrder(decided), ...judgeMissed(world, told), ...judgeCourses(world, told)]
      : []),
  ];
}

const isCall = (event: Event): event is CallEvent => event.type.startsWith('call.');

/** What is on disk is what one engine makes of the same inputs without ever being interrupted. */
function judgeRows(rows: Rows, replayed: Replayed): string[] {
  const failures: string[] = [];
  const keys = new Set([...rows.state.keys(), ...replayed.state.keys()].filter((key) => KINDS.test(key)));
  for (const key of keys) {
    const [stored, wanted] = [rows.state.get(key), replayed.state.get(key)];
    if (!isDeepStrictEqual(stored, wanted))
      failures.push(`row ${key} is ${JSON.stringify(stored)}; a replay makes ${JSON.stringify(wanted)}`);
  }
  const differ = (what: string, stored: ReadonlySet<string>, wanted: ReadonlySet<string>): void => {
    for (const id of wanted) if (!stored.has(id)) failures.push(`${what} ${id} is not stored; a replay makes it`);
    for (const id of stored) if (!wanted.has(id)) failures.push(`${what} ${id} is stored; no replay makes it`);
  };
  differ('event', rows.made, new Set(replayed.made.map(({ event }) => event.id)));
  differ('delivery', new Set(rows.deliveries.map(({ id }) => id)), replayed.deliveries);
  return failures;
}

/** Each life hears once that nobody listened until now: before its first time, and before what arrived in it. */
function judgeStarts({ offered, ledger: { decided } }: World): string[] {
  const failures: string[] = [];
  const started = new Set<number>();
  const lifeOf = new Map(offered.map(({ event, life }) => [event.id, life]));
  for (const { life, input } of decided) {
    const isStart = 'now' in input && input.started === true;
    const isNew = 'now' in input ? !isStart : lifeOf.get(input.event.id) === life;
    if (isStart && started.has(life)) failures.push(`life ${life} was told twice that it started`);
    if (isNew && !started.has(life)) failures.push(`life ${life} was not told first that it started`);
    if (isStart) started.add(life);
  }
  return failures;
}

/** Time is told after every hit that came before it. */
function judgeOrder(decided: readonly Decided[]): string[] {
  let latestMs = 0;
  return decided.flatMap(({ input }) => {
    if ('event' in input) {
      const { id, at } = input.event;
      return Date.parse(at) < latestMs ? [`${id} came at ${at}, and time was told beyond that before it`] : [];
    }
    latestMs = Math.max(latestMs, Date.parse(input.now));
    return [];
  });
}

/** Of each call at most one beginning and one answer, and exactly one end; a claim may follow an end that claimed nothing. */
function judgeOnce(told: readonly Told[]): string[] {
  const failures: string[] = [];
  const byKey = new Map<string, Told[]>();
  for (const one of told) byKey.set(one.event.call.key, [...(byKey.get(one.event.call.key) ?? []), one]);
  for (const [key, list] of byKey) {
    const types = list.map(({ event }) => event.type);
    const count = (...wanted: CallEvent['type'][]): number => types.filter((type) => wanted.includes(type)).length;
    if (count('call.ringing', 'call.dialing') > 1 || count('call.answered') > 1)
      failures.push(`call ${key} was told as ${types.join(', ')}`);
    const ends = list.filter(({ event: { type } }) => type === 'call.ended' || type === 'call.missed');
    const [first, second] = ends.map(({ event }) => event);
    const claimed = first?.type === 'call.ended' && first.call.outcome === undefined && second?.type === 'call.missed';
    if (ends.length !== (claimed ? 2 : 1)) failures.push(`call ${key} has not one end: ${types.join(', ')}`);
  }
  return failures;
}

const numberOf = ({ input }: Decided): string | undefined =>
  'event' in input && 'remote' in input.event ? input.event.remote.number : undefined;
const isAnswer = ({ input }: Decided): boolean => 'event' in input && ANSWERS.includes(input.event.type);
const atOf = ({ input }: Decided): number => Date.parse('event' in input ? input.event.at : input.now);

/** No call is called missed whose answer was in the journal before that, or came within the settle time of its last word. */
function judgeMissed({ scenario, ledger: { decided } }: World, told: readonly Told[]): string[] {
  const answered = new Set(scenario.courses.flatMap(({ became, number }) => (became === 'answered' ? [number] : [])));
  return told.flatMap(({ event, at }) => {
    const { number } = event.call.remote;
    if (event.type !== 'call.missed' || number === undefined || !answered.has(number)) return [];
    const words = decided.map((one, place) => ({ one, place })).filter(({ one }) => numberOf(one) === number);
    const lastMs = Math.max(...words.filter(({ place }) => place < at).map(({ one }) => atOf(one)));
    return words
      .filter(({ one, place }) => isAnswer(one) && (place < at || atOf(one) <= lastMs + SETTLE_MS))
      .map(({ one }) => `${event.id} at ${event.at}: it was answered at ${new Date(atOf(one)).toISOString()}`);
  });
}

/** A course of which no word was lost is told as it was meant. */
function judgeCourses({ scenario, acknowledged, offered }: World, told: readonly Told[]): string[] {
  const wordsOf = (number: string): string[] =>
    offered.flatMap(({ event: { id, remote, at } }) => (remote.number === number && acknowledged.has(id) ? [at] : []));
  return scenario.courses.flatMap((course) => {
    const words = wordsOf(course.number);
    if (!course.whole || words.length !== course.speeches.length) return [];
    const events = told.filter(({ event }) => event.call.remote.number === course.number).map(({ event }) => event);
    const got = events.map(({ type }) => type).filter((type) => !['call.ringing', 'call.dialing'].includes(type));
    if (!isDeepStrictEqual(got.toSorted(), meant(course).toSorted()))
      return [`${course.number} was ${course.became} and is told as ${got.join(', ')}`];
    // At the moment at which it was certain, whenever anybody looked: so long after a word; repeats do not count.
    const saidMs = Date.parse(events.at(-1)?.at ?? '');
    return course.became !== 'missed' || words.some((at) => Date.parse(at) + SETTLE_MS === saidMs)
      ? []
      : [`${course.number} was missed, but that is told as of ${events.at(-1)?.at}`];
  });
}

const meant = ({ became }: Course): string[] => {
  if (became === 'answered') return ['call.answered', 'call.ended'];
  return became === 'missed' ? ['call.missed'] : ['call.missed', 'call.answered', 'call.returned', 'call.ended'];
};

/** What a phone changes from is what it changed to before. */
function judgeChains({ made }: Replayed): string[] {
  const last = new Map<string, CallState | null>();
  return made.flatMap(({ event }) => {
    if (!('from' in event)) return [];
    const { from, to, phone, id } = event;
    const before = last.has(phone.id) ? last.get(phone.id) : 'idle';
    last.set(phone.id, to);
    return before === from ? [] : [`${id}: from ${String(from)}, but ${phone.id} was ${String(before)}`];
  });
}

/** After half a day without a word nobody rings, talks or is off the hook. */
function judgeRest({ state }: Rows): string[] {
  return [...state].flatMap(([key, value]) => {
    if (!key.startsWith('phone ')) return [];
    const { calls, offHookSinceMs, busySinceMs } = value as PhoneState;
    return calls.length === 0 && offHookSinceMs === null && busySinceMs === null
      ? []
      : [`${key} is busy for ever: ${JSON.stringify(value)}`];
  });
}
