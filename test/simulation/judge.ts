// The verdict on a run: what was answered must have arrived or be visibly given up, in order, with a cause for every copy.
import type { StoredDelivery } from '../../src/core/store.ts';
import { plannedFor } from './engine.ts';
import { SINKS, type SinkName } from './scenario.ts';
import { isPoison, type Receipt, type Sink } from './sinks.ts';
import type { World } from './world.ts';

export type Rows = { deliveries: StoredDelivery[]; events: Set<string>; unprocessed: number };

/** Everything that did not hold, as lines for people; empty if all did. */
export function judge(world: World, rows: Rows): string[] {
  const failures: string[] = [];
  if (rows.unprocessed > 0) failures.push(`${rows.unprocessed} events were never decided`);
  const byEvent = new Map<string, StoredDelivery[]>();
  for (const row of rows.deliveries) byEvent.set(row.event, [...(byEvent.get(row.event) ?? []), row]);
  for (const event of world.offered) {
    if (world.acknowledged.has(event.id) && !rows.events.has(event.id))
      failures.push(`${event.id} was answered with 200 and is not in the journal`);
    if (rows.events.has(event.id)) failures.push(...judgePlan(world, event, byEvent.get(event.id) ?? []));
  }
  for (const row of rows.deliveries) failures.push(...judgeDelivery(world, row));
  const place = new Map(rows.deliveries.map(({ id }, n) => [id, n]));
  for (const name of SINKS) failures.push(...judgeSink(world.sinks[name], place, rows));
  return failures;
}

/** An event has the deliveries of exactly one generation of rules. */
function judgePlan(world: World, event: World['offered'][number], made: StoredDelivery[]): string[] {
  const text = (list: string[]): string => list.toSorted().join(' ');
  const got = text(made.map(({ to, message }) => `${to}:${String(message.generation)}`));
  for (let generation = 0; generation < world.generations; generation++)
    if (text(plannedFor(generation, event).map((to) => `${to}:${generation}`)) === got) return [];
  return [`${event.id} ${event.type} made "${got}", which no generation of rules says`];
}

function judgeDelivery(world: World, row: StoredDelivery): string[] {
  const sink = world.sinks[row.to as SinkName];
  const receipts = sink.receipts.filter(({ id }) => id === row.id);
  const failures: string[] = [];
  const poison = row.to === 'team' && isPoison(row.message);
  if (row.state === 'waiting')
    failures.push(`${row.id} still waits after ${row.attempts} attempts: ${row.lastError ?? ''}`);
  if (row.state === 'expired') failures.push(`${row.id} expired long before its time`);
  if (row.state === 'dead' && !poison) failures.push(`${row.id} is dead: ${row.lastError ?? ''}`);
  if (row.state === 'delivered' && receipts.length === 0)
    failures.push(`${row.id} counts as delivered and never arrived`);
  const tries = sink.tries.filter(({ id }) => id === row.id);
  const counted = tries.filter((tried) => tried.counted).length;
  if (row.attempts > counted) failures.push(`${row.id} counts ${row.attempts} attempts; ${counted} were made`);
  tries.forEach(({ answer, life }, n) => {
    if (answer === 'dead' && tries[n + 1]?.life === life)
      failures.push(`${row.id} was refused for good and tried again`);
  });
  return [...failures, ...judgeCopies(world, row.id, receipts)];
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
function judgeSink(sink: Sink, place: Map<string, number>, rows: Rows): string[] {
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
    if (sink.name !== 'lead' && at < (newest.get(lane) ?? -1))
      failures.push(`${sink.name} got ${id} after a later one`);
    newest.set(lane, Math.max(newest.get(lane) ?? -1, at));
  }
  return failures;
}
