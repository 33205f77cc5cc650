// What can be set per connection and for the whole outbox, with the values that hold when nothing is said.

import type { Rate } from './rate.ts';

/** Per connection; all spans in milliseconds. */
export type DeliverySettings = {
  /** `strict`: followers wait for a head that backs off. `none`: they pass it. */
  ordering: 'strict' | 'none';
  /** Attempts at once; the destination's own number unless set. */
  concurrency?: number;
  /** How long one attempt may take; the destination's own number unless set. */
  timeoutMs?: number;
  /** Ceiling of the first wait after a failure; it doubles with each attempt up to `backoffMsMax`. */
  backoffMs: number;
  backoffMsMax: number;
  /** A peer that asks for a longer wait than this gets this. */
  retryAfterMsMax: number;
  /** Failures in a row after which the breaker opens. */
  breakerFailures: number;
  /** Longest wait between two probes of an open breaker. */
  probeMsMax: number;
  /** Failed attempts after which a delivery is dead; no such limit unless set. */
  attemptsMax?: number;
  /** A delivery whose life (`expiresAtMs` − `madeAtMs`) is at least this long ends as `dead`, a shorter one as `expired`. */
  horizonMs: number;
  /** Attempts per span of ms, over all of the connection; no such limit unless set. Waiting for it is no failure. */
  rate?: Rate;
  /** Deliveries that may wait; what comes in beyond is dead from birth. No such limit unless set. */
  queueMax?: number;
};

export const DELIVERY_SETTINGS: Readonly<DeliverySettings> = {
  ordering: 'strict',
  backoffMs: 1_000,
  backoffMsMax: 300_000,
  retryAfterMsMax: 3_600_000,
  breakerFailures: 5,
  probeMsMax: 15_000,
  horizonMs: 72 * 3_600_000,
};

/** Limits of the outbox as a whole. */
export type OutboxLimits = {
  /** After the abort, how long an attempt may take to end before its connection counts as stuck, ms. */
  graceMs: number;
  /** Deliveries kept whole in memory, per connection; of those beyond, only id and order are kept. */
  residentMax: number;
  /** Ids asked from the store at once. */
  fetchMax: number;
  /** Settlements handed over at once. */
  settleMax: number;
  /** Outcomes that are known but not yet stored; at this number nothing new is sent. */
  unsettledMax: number;
  /** Things that one connection remembers, and how long each may be as JSON with its name; the oldest ones go first. */
  keptMax: number;
  keptBytesMax: number;
};

export const OUTBOX_LIMITS: Readonly<OutboxLimits> = {
  graceMs: 5_000,
  residentMax: 20_000,
  fetchMax: 500,
  settleMax: 2_000,
  unsettledMax: 10_000,
  keptMax: 10_000,
  keptBytesMax: 4_096,
};
