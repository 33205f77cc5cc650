// How a delivery comes in: at the end of its lane, in the place of an older one of its slot, or dead from birth.
import type { Delivery } from '../core/delivery.ts';
import { endOf, remainingMs } from './backoff.ts';
import { end, REPLACED, settleUntried } from './ends.ts';
import { buryNew, isDisabled } from './gone.ts';
import { append, createLane, type Entry, hold, type Lane } from './lane.ts';
import { isFlying, promote, type Queue, wakeAt } from './queue.ts';

/**
 * Takes a waiting delivery in, at the end of its lane. One that is there already stays as it is. `again`: it was settled before
 * and somebody wants it sent again, so it may be older than what came meanwhile.
 */
export function admit(queue: Queue, delivery: Delivery, nowMs: number, wallMs: number, again: boolean): void {
  if (queue.known.has(delivery.id)) return;
  if (isDisabled(queue)) {
    buryNew(queue, delivery);
    return;
  }
  const { slot, madeAtMs } = delivery;
  const held = slot === undefined ? undefined : queue.lanes.get(delivery.order)?.slots?.get(slot);
  if (held !== undefined && again && madeAtMs <= held.madeAtMs) {
    settleUntried(queue, delivery, 'replaced', REPLACED);
    return;
  }
  const older = held !== undefined && !isFlying(held.entry) ? held.entry : undefined;
  if (older === undefined && isFull(queue)) {
    settleUntried(queue, delivery, 'dead', fullError(queue));
    return;
  }
  const lane = laneOf(queue, delivery.order);
  const entry = entryOf(queue, lane, delivery, nowMs, wallMs);
  queue.known.set(entry.id, entry);
  append(entry);
  if (slot !== undefined) hold(entry, madeAtMs);
  queue.alarms.set(entry);
  wakeAt(queue, entry.endAt);
  // Only now: a lane without members is forgotten.
  if (older !== undefined) end(queue, older, 'replaced', REPLACED, nowMs);
  if (lane.state === 'idle') promote(queue, lane, nowMs);
}

function laneOf(queue: Queue, key: string): Lane {
  const found = queue.lanes.get(key);
  if (found !== undefined) return found;
  const lane = createLane(key);
  queue.lanes.set(key, lane);
  return lane;
}

function entryOf(queue: Queue, lane: Lane, delivery: Delivery, nowMs: number, wallMs: number): Entry {
  const life = endOf(delivery, wallMs, queue.settings);
  const whole = queue.fetch === undefined || queue.resident < queue.limits.residentMax;
  if (whole) queue.resident += 1;
  const endAt = nowMs + life.afterMs;
  return {
    id: delivery.id,
    lane,
    slot: delivery.slot,
    delivery: whole ? delivery : undefined,
    attempts: delivery.attempts,
    dueAt: nowMs + remainingMs(delivery, wallMs, queue.settings),
    endAt,
    endState: life.state,
    bornAt: nowMs - Math.max(0, Math.floor(wallMs - delivery.madeAtMs)),
    backingOff: delivery.attempts > 0,
    queued: false,
    before: undefined,
    after: undefined,
    alarmAt: endAt,
    place: -1,
  };
}

/** As many wait as may. Said once, until there is room again. */
function isFull(queue: Queue): boolean {
  const full = queue.known.size >= (queue.settings.queueMax ?? Number.POSITIVE_INFINITY);
  if (full && !queue.full) queue.ports.log.warn('queue_full', { connection: queue.name, waiting: queue.known.size });
  if (full) queue.ports.count('outbox_queue_full', { to: queue.name });
  queue.full = full;
  return full;
}

const fullError = ({ name, settings }: Queue): string =>
  `${settings.queueMax} deliveries to ${name} wait already, as many as its delivery.queue allows; \`hookswitch retry --to ${name}\` once they are fewer`;
