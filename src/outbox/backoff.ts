// How long to wait: full jitter after a failure, and what is left of a stored moment after a restart or a clock jump.
import type { Delivery } from '../core/delivery.ts';
import type { DeliverySettings } from './settings.ts';

/** The longest wait after that many failed attempts (from 1), in ms: `min(cap, base · 2^(attempts − 1))`. */
export function backoffCeilingMs(attempts: number, settings: DeliverySettings): number {
  return Math.min(settings.backoffMsMax, settings.backoffMs * 2 ** Math.min(40, Math.max(0, attempts - 1)));
}

/** Full jitter: uniform between 0 and the ceiling, in whole ms. `fraction` in [0, 1).
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. */
export function backoffMs(attempts: number, settings: DeliverySettings, fraction: number): number {
  return Math.floor(fraction * (backoffCeilingMs(attempts, settings) + 1));
}

/** What the peer asked for, within what we grant; 0 if it asked for nothing sensible. */
export function grantedMs(afterMs: number | undefined, settings: DeliverySettings): number {
  if (afterMs === undefined || !(afterMs > 0)) return 0;
  return Math.min(Math.ceil(afterMs), settings.retryAfterMsMax);
}

/**
 * How long a stored delivery has still to wait, in ms. The wall clock may have jumped since its due time was written (a
 * board without a battery starts in the past), so the answer is never longer than the wait can have been when it was set:
 * for a first attempt the delay it was made with, later the backoff's ceiling. A Retry-After longer than that ends with the
 * process: the peer is asked once more and will say it again.
 */
export function remainingMs(delivery: Delivery, wallMs: number, settings: DeliverySettings): number {
  const restMs = Math.ceil(delivery.dueAtMs - wallMs);
  if (!(restMs > 0)) return 0;
  if (delivery.attempts === 0) return Math.min(restMs, Math.max(0, Math.ceil(delivery.dueAtMs - delivery.madeAtMs)));
  return Math.min(restMs, backoffCeilingMs(delivery.attempts, settings));
}

/** How a delivery's life ends unless it is delivered: after how many ms, and as what. */
export type End = { afterMs: number; state: 'expired' | 'dead' };

/**
 * A life as long as the connection's horizon ends as `dead`; a shorter one is a time to live that somebody wished for, and
 * ends as `expired`. Never later than the whole span, wherever the wall clock stands; 0 if it is over.
 */
export function endOf(delivery: Delivery, wallMs: number, settings: DeliverySettings): End {
  // A replayed delivery starts anew: its life counts from the moment it was made due.
  const bornAtMs = delivery.attempts === 0 ? Math.max(delivery.madeAtMs, delivery.dueAtMs) : delivery.madeAtMs;
  const lifeMs = delivery.expiresAtMs - bornAtMs;
  const restMs = Math.min(delivery.expiresAtMs - wallMs, delivery.expiresAtMs - delivery.madeAtMs);
  return { afterMs: Math.max(0, Math.ceil(restMs)), state: lifeMs < settings.horizonMs ? 'expired' : 'dead' };
}
