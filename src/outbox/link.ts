// An open connection with its attempts in flight: their deadlines, their abort, and the end of a client that hangs.
import type { Delivery, Json, Outcome } from '../core/delivery.ts';
import type { Connection } from '../core/destination.ts';
import type { Clock } from '../core/ports.ts';
import type { Entry } from './lane.ts';

/** One attempt under way. It is over when its promise settles or its client is destroyed, never because a timer fired. */
export type Attempt = {
  entry: Entry;
  /** Sent by an open breaker to see whether the peer is back. */
  probe: boolean;
  startedAt: number;
  startedWallMs: number;
  controller: AbortController;
  /** Monotonic ms: the deadline, then the end of the grace. */
  lookAt: number;
};

export type LinkOptions = {
  connection: Connection;
  concurrency: number;
  timeoutMs: number;
  graceMs: number;
  clock: Clock;
  /** What the connection remembers under that name. */
  kept(key: string): Json | undefined;
  over(attempt: Attempt, outcome: Outcome): void;
  /** An outcome of an attempt that had been given up with its client. */
  late(): void;
};

export type Link = LinkOptions & { flying: Set<Attempt>; onIdle: (() => void)[]; closing: Promise<void> | undefined };

const THREW: Outcome = { kind: 'retry', error: 'the destination failed without an answer' };
const HUNG: Outcome = { kind: 'retry', error: 'the connection hung and was closed' };

/** A link with nothing in flight. */
export function createLink(options: LinkOptions): Link {
  return { ...options, flying: new Set(), onIdle: [], closing: undefined };
}

/** Starts an attempt. `number` counts from 1; `nowMs` is monotonic. Returns it, so that its deadline can be watched. */
export function launch(
  link: Link,
  entry: Entry,
  message: Delivery['message'],
  number: number,
  probe: boolean,
  nowMs: number,
): Attempt {
  const controller = new AbortController();
  const startedWallMs = link.clock.wallMs();
  const attempt = { entry, probe, startedAt: nowMs, startedWallMs, controller, lookAt: nowMs + link.timeoutMs };
  link.flying.add(attempt);
  let sending: Promise<Outcome>;
  try {
    const meta = { id: entry.id, attempt: number, signal: controller.signal, kept: link.kept };
    sending = link.connection.send(message, meta);
  } catch {
    sending = Promise.resolve(THREW);
  }
  sending.then(
    (outcome) => land(link, attempt, outcome),
    () => land(link, attempt, THREW),
  );
  return attempt;
}

function land(link: Link, attempt: Attempt, outcome: Outcome): void {
  if (!link.flying.delete(attempt)) {
    link.late();
    return;
  }
  link.over(attempt, outcome);
  if (link.flying.size === 0) for (const wake of link.onIdle.splice(0)) wake();
}

/** Aborts what is past its deadline. `stuck`: something was aborted and still has not ended. `lookAt`: when to look again. */
export function inspect(link: Link, nowMs: number): { stuck: boolean; lookAt: number } {
  let stuck = false;
  let lookAt = Number.POSITIVE_INFINITY;
  for (const attempt of link.flying) {
    if (attempt.lookAt <= nowMs) {
      if (attempt.controller.signal.aborted) stuck = true;
      else attempt.controller.abort();
      attempt.lookAt = nowMs + link.graceMs;
    }
    lookAt = Math.min(lookAt, attempt.lookAt);
  }
  return { stuck, lookAt };
}

/** Aborts everything in flight, as at the end of the process. */
export function abortAll(link: Link): void {
  for (const attempt of link.flying) attempt.controller.abort();
}

/** Resolves when nothing is in flight. */
export function idle(link: Link): Promise<void> {
  if (link.flying.size === 0) return Promise.resolve();
  return new Promise((resolve) => link.onIdle.push(resolve));
}

/**
 * Destroys the client, then ends what it still had in flight: only now may those deliveries be tried elsewhere. A client
 * that does not even close is left behind after the grace; waiting for it would stop its lanes for ever.
 */
export function closeLink(link: Link): Promise<void> {
  link.closing ??= new Promise((resolve) => {
    let closed = false;
    const end = (): void => {
      if (closed) return;
      closed = true;
      cancel();
      for (const attempt of [...link.flying]) land(link, attempt, HUNG);
      resolve();
    };
    const cancel = link.clock.after(link.graceMs, end);
    try {
      link.connection.close().then(end, end);
    } catch {
      end();
    }
  });
  return link.closing;
}
