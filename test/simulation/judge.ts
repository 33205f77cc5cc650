// The verdict on a run: what was answered must have arrived or be visibly given up, in order, with a cause for every copy.
import type { CustomEvent, PhoneEvent, PhoneRef } from '../../src/core/events.ts';
import type { StoredDelivery } from '../../src/core/store.ts';
import { POISON, plannedFor, UNSENDABLE } from './engine.ts';
import { isGoneError } from './process.ts';
import { SINKS, type SinkName } from './scenario.ts';
import type { Receipt, Sink } from './sinks.ts';
import type { World } from './world.ts';

/** What phones said, and what rules made of it. */
export type SpokenEvent = PhoneEvent | (CustomEvent & { phone: PhoneRef });

export type Rows = {
  deliveries: StoredDelivery[];
  /** Oldest first. */
  events: SpokenEvent[];
  /** Ids of what the engine made. */
  made: Set<string>;
  unprocessed: number;
  /** By kind and key. */
  state: Map<string, unknown>;
};

/** Everything that did not hold, as lines for people; empty if all did. */
export function judge(world: World, rows: Rows): string[] {
  const failures: string[] = [];
  if (rows.unprocessed > 0) failures.push(`${rows.unprocessed} events were never decided`);
  const byEvent = new Map<string, StoredDelivery[]>();
  for (const row of rows.deliveries) {
    // What a rule emitted has an id that begins with its cause's.
    const cause = row.event.split('/')[0] ?? '';
    byEvent.set(cause, [...(byEvent.get(cause) ?? []), row]);
  }
  const stored = new Set(rows.events.map(({ id }) => id));
  for (const { event, generation } of world.offered) {
    if (world.acknowledged.has(event.id) && !stored.has(event.id))
      failures.push(`${event.id} was answered with 200 and is not in the journal`);
    if (stored.has(event.id)) {
      failures.push(...judgePlan(world, event, generation, byEvent.get(event.id) ?? []));
      if (event.type === 'phone.off_hook' && !stored.has(`${event.id}/lifts/0`))
        failures.push(`${event.id}: what a rule emitted is not kept`);
    }
  }
  failures.push(...judgePins(rows));
  for (const row of rows.deliveries) failures.push(...judgeDelivery(world, row));
  failures.push(...judgeSlots(rows));
  const place = new Map(rows.deliveries.map(({ id }, n) => [id, n]));
  for (const name of SINKS) failures.push(...judgeSink(world, world.sinks[name], place, rows));
  return failures;
}

/** The engine's state: of each phone the MAC that it named first, whatever crashed since. */
function judgePins({ events, state }: Rows): string[] {
  const first = new Map<string, string>();
  for (const { phone } of events) if (!first.has(phone.id)) first.set(phone.id, phone.mac ?? '');
  return [...first].flatMap(([phone, mac]) => {
    const pinned = state.get(`pin ${phone}`);
    return pinned === mac ? [] : [`${phone} is pinned to ${String(pinned)}; its first was ${mac}`];
  });
}

/** An event has the deliveries of exactly one generation of rules, none older than when it was offered. */
function judgePlan(world: World, event: PhoneEvent, oldest: number, made: StoredDelivery[]): string[] {
  const text = (list: string[]): string => list.toSorted().join(' ');
  const got = text(made.map(({ to, message }) => `${to}:${String(message.generation)}`));
  for (let generation = oldest; generation < world.generations; generation++)
    if (text(plannedFor(generation, event).map((to) => `${to}:${generation}`)) === got) return [];
  return [`${event.id} ${event.type} made "${got}", which no generation of rules says`];
}

function judgeDelivery(world: World, row: StoredDelivery): string[] {
  const sink = world.sinks[row.to as SinkName];
  const receipts = sink.receipts.filter(({ id }) => id === row.id);
  const failures: string[] = [];
  const unsendable = row.message.number === UNSENDABLE;
  const poison = unsendable || (row.to === 'team' && row.message.number === POISON);
  if (row.state === 'waiting')
    failures.push(`${row.id} still waits after ${row.attempts} attempts: ${row.lastError ?? ''}`);
  if (row.state === 'expired') failures.push(`${row.id} expired long before its time`);
  if (row.state === 'dead' && !poison && !(isGoneError(row.lastError) && world.scenario.troubles.some(isGone(row.to))))
    failures.push(`${row.id} is dead: ${row.lastError ?? ''}`);
  if (row.state === 'delivered' && receipts.length === 0)
    failures.push(`${row.id} counts as delivered and never arrived`);
  const tries = sink.tries.filter(({ id }) => id === row.id);
  if (unsendable && (tries.length > 0 || row.state !== 'dead'))
    failures.push(`${row.id} can never be sent and was tried`);
  const counted = tries.filter((tried) => tried.counted).length;
  if (row.attempts > counted) failures.push(`${row.id} counts ${row.attempts} attempts; ${counted} were made`);
  tries.forEach(({ answer, life }, n) => {
    if (answer === 'dead' && tries[n + 1]?.life === life)
      failures.push(`${row.id} was refused for good and tried again`);
  });
  return [...failures, ...judgeCopies(world, row.id, receipts)];
}

const isGone =
  (to: string) =>
  ({ sink, how }: World['scenario']['troubles'][number]): boolean =>
    sink === to && how === 'gone';

/** What was replaced has a newer one of its slot; the newest of a slot never is. */
function judgeSlots({ deliveries }: Rows): string[] {
  const newer = new Set<string>();
  return deliveries.toReversed().flatMap(({ id, order, slot, state }) => {
    const known = slot !== undefined && newer.has(`${order} ${slot}`);
    if (slot !== undefined) newer.add(`${order} ${slot}`);
    return state === 'replaced' && !known ? [`${id} was replaced by nothing newer`] : [];
  });
}

/** A copy has a cause: the acknowledgement before it was lost, or the process ended before it could write it down. */
function judgeCopies(world: World, id: string, receipts: Receipt[]): string[] {
  const failures: string[] = [];
  const durable = world.durable.get(id);
  receipts.forEach((receipt, n) => {
    const before = receipts[n - 1];
    if (before?.acknowledged === true && before.life === receipt.life)
      failures.push(`${id} was sent again in the life in which it was acknowledged`);
    if (durable !== undefined && receipt.life > durable.life)
      failures.push(`${id} was sent again although its success was on disk since life ${durable.life}`);
  });
  return failures;
}

/** First arrivals of a lane are in the order in which the deliveries were made; nothing arrives that nobody made. */
function judgeSink(world: World, sink: Sink, place: Map<string, number>, rows: Rows): string[] {
  const failures = sink.offences.map((offence) => `${sink.name}: ${offence}`);
  const laneOf = new Map(rows.deliveries.map(({ id, order }) => [id, order]));
  const newest = new Map<string, number>();
  const seen = new Set<string>();
  for (const { id } of sink.receipts) {
    if (seen.has(id)) continue;
    seen.add(id);
    const [at, lane] = [place.get(id), laneOf.get(id)];
    if (at === undefined || lane === undefined) {
      failures.push(`${sink.name} got ${id}, which nobody made`);
      continue;
    }
    // Sent again by hand, it comes late by intention.
    if (world.retried.has(id)) continue;
    if (sink.name !== 'lead' && at < (newest.get(lane) ?? -1))
      failures.push(`${sink.name} got ${id} after a later one`);
    newest.set(lane, Math.max(newest.get(lane) ?? -1, at));
  }
  return failures;
}
