// Delivery: one message for one destination, with its attempts; durable.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * `waiting` until an attempt succeeds (`delivered`), it is given up (`dead`), its time to live is over (`expired`), a newer one of
 * its slot goes instead (`replaced`), or a person calls it off (`cancelled`).
 * Dead, expired and cancelled deliveries are kept: `retry` makes them `waiting` again with 0 attempts.
 */
export const DELIVERY_STATES = ['waiting', 'delivered', 'dead', 'expired', 'replaced', 'cancelled'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
/** From which `retry` makes a delivery wait again. */
export const RETRIED_STATES = ['dead', 'expired', 'cancelled'] as const satisfies readonly DeliveryState[];

export type Delivery = {
  /** `${event id}/${rule id}/${n}`: stable over retries and restarts, and the idempotency key that goes out. */
  id: string;
  /** Id of the event that the rule matched. */
  event: string;
  site: string;
  rule: string;
  /** Name of the connection in the config. */
  to: string;
  /** Type of destination: `mqtt`, `slack`, … */
  type: string;
  /** Rendered when the rule matched; what the destination's `message` schema describes. */
  message: { [key: string]: Json };
  /** The lane: deliveries that share it leave in the order in which they were made. `${to}|${phone id}` */
  order: string;
  /** Of the deliveries of a lane that share a slot and wait, only the newest is sent: it says all that the others said. */
  slot?: string;
  state: DeliveryState;
  /** Attempts that used one up; a breaker that is open uses none. */
  attempts: number;
  /** Milliseconds since 1970. */
  madeAtMs: number;
  dueAtMs: number;
  expiresAtMs: number;
  lastError?: string;
  /** What the peer answered, where there is one: HTTP status, SMTP code, MQTT reason, Slack's error word. */
  lastCode?: string;
};

/** The result of one attempt, as the store keeps it. */
export type Settlement = {
  id: string;
  state: DeliveryState;
  attempts: number;
  dueAtMs: number;
  /** When the attempt began, ms since 1970, and how long it took. Missing: nothing was sent (expired, refused before sending). */
  attempt?: { atMs: number; tookMs: number };
  error?: string;
  code?: string;
  /** What the destination remembers from now on; stored with the settlement. */
  keep?: Kept;
};

/**
 * One thing that a destination remembers beyond a restart, under a name of its own within the connection: the place of a message
 * that later ones edit or answer. It is forgotten after `untilMs` (ms since 1970). `value: null` forgets it at once.
 */
export type Kept = { key: string; value: Json; untilMs: number };

/** What a destination says about one attempt to send. */
export type Outcome =
  | { kind: 'delivered'; code?: string; keep?: Kept }
  /** Did not work now, may work later. `afterMs`: not before (the peer's Retry-After). */
  | { kind: 'retry'; error: string; code?: string; afterMs?: number }
  /** Will never work as it is. */
  | { kind: 'dead'; error: string; code?: string }
  /** Nothing was tried, because the connection is down or the peer asked everybody to wait: uses up no attempt. */
  | { kind: 'unavailable'; error: string; code?: string; afterMs?: number }
  /** Nothing was tried: this lane alone has to wait for its turn, as at a limit per channel. Uses up no attempt. */
  | { kind: 'later'; error: string; code?: string; afterMs: number }
  /** The peer says that it is gone for good (HTTP 410): this delivery is dead, and so is all that follows on this connection, until
   * its settings change or a person sends something again. */
  | { kind: 'gone'; error: string; code?: string; afterMs?: number };
