// How deliveries end of which no attempt is under way: too late, replaced by a newer one, cancelled, or their peer is gone.
import type { DeliveryState, Settlement } from '../core/delivery.ts';
import type { Entry } from './lane.ts';
import { forget, isFlying, nowOf, promote, type Queue, rouse, wakeAt } from './queue.ts';

export type End = Exclude<DeliveryState, 'waiting' | 'delivered'>;

export const REPLACED = 'a newer one of its slot went instead';

/** Ends a waiting member; its lane goes on without it. `nowMs` is monotonic. */
export function end(queue: Queue, entry: Entry, state: End, error: string | undefined, nowMs: number): void {
  const { lane } = entry;
  forget(queue, entry);
  if (lane.state === 'resting' || lane.state === 'idle') promote(queue, lane, nowMs);
  settleUntried(queue, entry, state, error);
}

/** The end of a delivery of which nothing was sent: counted, and on its way to the store. */
export function settleUntried(
  queue: Queue,
  { id, attempts }: { id: string; attempts: number },
  state: End,
  error: string | undefined,
): void {
  queue.counters[state] += 1;
  queue.ports.count(`outbox_${state}`, { to: queue.name });
  const settlement: Settlement = { id, state, attempts, dueAtMs: queue.ports.clock.wallMs() };
  if (error !== undefined) settlement.error = error;
  queue.settling.push(settlement);
}

/** Serves all alarms that are due, then arms the timer for the next one. */
export function serveAlarms(queue: Queue, nowMs: number): void {
  for (let entry = queue.alarms.first(); entry !== undefined; entry = queue.alarms.first()) {
    if (entry.alarmAt > nowMs) {
      wakeAt(queue, entry.alarmAt);
      return;
    }
    if (entry.endAt > nowMs) rouse(queue, entry, nowMs);
    else if (entry.endState === 'expired') end(queue, entry, 'expired', 'its time to live was over', nowMs);
    else end(queue, entry, 'dead', 'it could not be delivered in time', nowMs);
  }
}

/** Calls a delivery off. `flying`: it is being sent at the moment, which cannot be called back. */
export function cancel(queue: Queue, id: string): 'cancelled' | 'flying' | undefined {
  const entry = queue.known.get(id);
  if (entry === undefined) return undefined;
  if (isFlying(entry)) return 'flying';
  end(queue, entry, 'cancelled', undefined, nowOf(queue));
  return 'cancelled';
}
