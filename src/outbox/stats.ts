// What a person sees of one connection: how much waits, how old it is, and whether the peer answers.
import type { BreakerState } from './breaker.ts';
import { isDisabled } from './gone.ts';
import { type Counters, nowOf, type Queue } from './queue.ts';

/** Counters count since the process began; ages and spans in ms of the monotonic clock, never negative. */
export type ConnectionStats = Counters & {
  waiting: number;
  inFlight: number;
  /** Age of the oldest waiting delivery; 0 if none waits. */
  oldestAgeMs: number;
  breaker: BreakerState;
  /** `missing`: the config has no such connection, or it is being replaced. `stuck`: its client hung and is opened anew.
   * `disabled`: its peer is gone for good. */
  connection: 'open' | 'missing' | 'stuck' | 'disabled';
  /** How long the peer asked everybody to wait still. */
  pausedMs: number;
  /** Why the last attempt failed; gone once the peer is back. */
  lastError?: string;
};

/** A snapshot; costs a look at each lane. */
export function statsOf(queue: Queue): ConnectionStats {
  const nowMs = nowOf(queue);
  let inFlight = 0;
  for (const link of queue.links) inFlight += link.flying.size;
  let bornAt = nowMs;
  // The oldest member of a lane is its head, or it backs off aside.
  for (const lane of queue.lanes.values()) if (lane.head !== undefined) bornAt = Math.min(bornAt, lane.head.bornAt);
  for (const entry of queue.resting) bornAt = Math.min(bornAt, entry.bornAt);
  const stats: ConnectionStats = {
    ...queue.counters,
    waiting: queue.known.size - inFlight,
    inFlight,
    oldestAgeMs: nowMs - bornAt,
    breaker: queue.breaker.state(),
    connection: isDisabled(queue) ? 'disabled' : queue.link !== undefined ? 'open' : queue.stuck ? 'stuck' : 'missing',
    pausedMs: Math.max(0, queue.pausedUntil - nowMs),
  };
  if (queue.lastError !== undefined) stats.lastError = queue.lastError;
  return stats;
}
