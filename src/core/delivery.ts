// Delivery: one message for one destination, with its attempts; durable.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * `waiting` until an attempt succeeds (`delivered`), it is given up (`dead`), or its time to live is over (`expired`).
 * Dead and expired deliveries are kept: `retry` makes them `waiting` again with 0 attempts.
 */
export type DeliveryState = 'waiting' | 'delivered' | 'dead' | 'expired';

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
};

/** What a destination says about one attempt to send. */
export type Outcome =
  | { kind: 'delivered'; code?: string }
  /** Did not work now, may work later. `afterMs`: not before (the peer's Retry-After). */
  | { kind: 'retry'; error: string; code?: string; afterMs?: number }
  /** Will never work as it is. */
  | { kind: 'dead'; error: string; code?: string }
  /** Nothing was tried, because the connection is down or the peer asked everybody to wait: uses up no attempt. */
  | { kind: 'unavailable'; error: string; code?: string; afterMs?: number };
