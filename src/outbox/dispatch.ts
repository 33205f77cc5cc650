// Sending for one connection: who is next, what an outcome means, and when nobody may go.
import type { Outcome, Settlement } from '../core/delivery.ts';
import { backoffMs, grantedMs } from './backoff.ts';
import type { Lane, Line } from './lane.ts';
import { type Attempt, inspect, type Link, launch } from './link.ts';
import { want } from './overflow.ts';
import {
  forget,
  nowOf,
  promote,
  type Queue,
  release,
  rouseAll,
  serveAlarms,
  stepBack,
  wakeAt,
  watch,
} from './queue.ts';

/** Sends as much as may be sent now. */
export function dispatch(queue: Queue): void {
  const { link, breaker } = queue;
  if (link === undefined || queue.halted || queue.settling.full()) return;
  const nowMs = nowOf(queue);
  // What has expired by now must not be sent, even if its alarm has not rung yet.
  serveAlarms(queue, nowMs);
  while (link.flying.size < link.concurrency) {
    if (queue.ready.empty() && queue.tried.empty()) return;
    const state = breaker.state();
    if (state === 'probing') return;
    const mayAt = Math.max(queue.pausedUntil, state === 'open' ? breaker.probeAt() : 0);
    if (nowMs < mayAt) {
      wakeAt(queue, mayAt);
      return;
    }
    const lane = next(queue, queue.ready, nowMs) ?? next(queue, queue.tried, nowMs);
    if (lane === undefined) return;
    if (state === 'open') breaker.probe();
    send(queue, link, lane, state === 'open', nowMs);
  }
}

function next(queue: Queue, line: Line, nowMs: number): Lane | undefined {
  for (let lane = line.shift(); lane !== undefined; lane = line.shift()) {
    lane.state = 'idle';
    const { head } = lane;
    if (head !== undefined && head.dueAt <= nowMs) {
      if (head.delivery !== undefined) return lane;
      want(queue, lane, () => dispatch(queue));
    } else promote(queue, lane, nowMs);
  }
  return undefined;
}

function send(queue: Queue, link: Link, lane: Lane, probe: boolean, nowMs: number): void {
  const entry = lane.head;
  const message = entry?.delivery?.message;
  if (entry === undefined || message === undefined) return;
  lane.state = 'flying';
  queue.alarms.remove(entry);
  const attempt = launch(link, entry, message, entry.attempts + 1, probe, nowMs);
  wakeAt(queue, attempt.lookAt);
}

/** What an attempt's outcome means for its delivery, its lane and the connection. */
export function conclude(queue: Queue, attempt: Attempt, outcome: Outcome): void {
  const nowMs = nowOf(queue);
  // The lane stays `flying` until its next state is known: whatever is roused meanwhile must not put it in line as well.
  if (outcome.kind === 'gone') finish(queue, attempt, { ...outcome, kind: 'dead' }, nowMs);
  else if (outcome.kind === 'delivered' || outcome.kind === 'dead') finish(queue, attempt, outcome, nowMs);
  else {
    queue.lastError = outcome.error;
    const grantMs = grantedMs(outcome.afterMs, queue.settings);
    // The peer asked to be left alone: that holds for everybody, not only for this message.
    if (grantMs > 0) queue.pausedUntil = Math.max(queue.pausedUntil, nowMs + grantMs);
    if (outcome.kind === 'unavailable' || outcome.kind === 'later') stayed(queue, attempt, nowMs);
    else if (attempt.probe) probeFailed(queue, attempt, outcome, grantMs, nowMs);
    else failed(queue, attempt, outcome, grantMs, nowMs);
  }
  dispatch(queue);
}

type Failure = Outcome & { kind: 'retry' | 'dead' };

function finish(
  queue: Queue,
  attempt: Attempt,
  outcome: Outcome & { kind: 'delivered' | 'dead' },
  nowMs: number,
): void {
  const { entry } = attempt;
  entry.attempts += 1;
  forget(queue, entry);
  promote(queue, entry.lane, nowMs);
  if (outcome.kind === 'delivered') {
    queue.counters.delivered += 1;
    queue.ports.count('outbox_delivered', { to: queue.name });
    if (queue.breaker.succeeded()) {
      queue.lastError = undefined;
      queue.ports.log.info('connection_back', { connection: queue.name });
      release(queue, nowMs);
    }
  } else {
    buried(queue, attempt, outcome);
    // A message that can never be sent says nothing about the peer.
    if (attempt.probe && queue.breaker.state() === 'probing') queue.breaker.inconclusive(nowMs);
  }
  queue.settling.push(settlementOf(attempt, outcome.kind, queue, nowMs, 0, outcome));
}

function buried(queue: Queue, attempt: Attempt, outcome: Failure): void {
  queue.counters.dead += 1;
  queue.ports.count('outbox_dead', { to: queue.name });
  const { id, attempts } = attempt.entry;
  queue.ports.log.warn('delivery_dead', { connection: queue.name, delivery: id, attempts, code: outcome.code });
}

/** Nothing was tried: no attempt is used, nothing is written, and the breaker decides when somebody tries again. */
function stayed(queue: Queue, attempt: Attempt, nowMs: number): void {
  const { entry } = attempt;
  watch(queue, entry, entry.endAt);
  breakDown(queue, attempt, nowMs);
  stepBack(queue, entry.lane);
}

/** The peer is still down: the wait is the breaker's, the delivery keeps its attempts. */
function probeFailed(queue: Queue, attempt: Attempt, outcome: Failure, grantMs: number, nowMs: number): void {
  const { entry } = attempt;
  queue.ports.count('outbox_probes_failed', { to: queue.name });
  watch(queue, entry, entry.endAt);
  breakDown(queue, attempt, nowMs);
  stepBack(queue, entry.lane);
  queue.settling.push(settlementOf(attempt, 'waiting', queue, nowMs, grantMs, outcome));
}

function breakDown(queue: Queue, attempt: Attempt, nowMs: number): void {
  // While a probe is under way, only its own outcome moves the breaker.
  if (!attempt.probe && queue.breaker.state() === 'probing') return;
  if (queue.breaker.down(nowMs)) opened(queue, nowMs);
}

function opened(queue: Queue, nowMs: number): void {
  queue.ports.count('outbox_breaker_opened', { to: queue.name });
  queue.ports.log.warn('connection_down', { connection: queue.name });
  rouseAll(queue, nowMs);
}

function failed(queue: Queue, attempt: Attempt, outcome: Failure, grantMs: number, nowMs: number): void {
  const { entry } = attempt;
  const { settings } = queue;
  entry.attempts += 1;
  queue.counters.retries += 1;
  queue.ports.count('outbox_failed_attempts', { to: queue.name });
  if (queue.breaker.failed(nowMs)) opened(queue, nowMs);
  if (settings.attemptsMax !== undefined && entry.attempts >= settings.attemptsMax) {
    forget(queue, entry);
    promote(queue, entry.lane, nowMs);
    buried(queue, attempt, outcome);
    queue.settling.push(settlementOf(attempt, 'dead', queue, nowMs, 0, outcome));
    return;
  }
  // With an open breaker its probes are the only waiting there is.
  const closed = queue.breaker.state() === 'closed';
  const jitterMs = closed ? backoffMs(entry.attempts, settings, queue.ports.random.fraction()) : 0;
  const waitMs = Math.max(jitterMs, grantMs);
  entry.dueAt = nowMs + waitMs;
  entry.backingOff = true;
  watch(queue, entry, entry.endAt);
  if (waitMs > 0) promote(queue, entry.lane, nowMs);
  else stepBack(queue, entry.lane);
  queue.settling.push(settlementOf(attempt, 'waiting', queue, nowMs, waitMs, outcome));
}

function settlementOf(
  attempt: Attempt,
  state: Settlement['state'],
  queue: Queue,
  nowMs: number,
  waitMs: number,
  outcome: Outcome,
): Settlement {
  const { id, attempts, delivery } = attempt.entry;
  const settlement: Settlement = {
    id,
    state,
    attempts,
    // Before its first counted attempt a delivery keeps the moment it was made for: a restart measures its wait by it.
    dueAtMs: attempts === 0 && delivery !== undefined ? delivery.dueAtMs : queue.ports.clock.wallMs() + waitMs,
    attempt: { atMs: attempt.startedWallMs, tookMs: Math.max(0, nowMs - attempt.startedAt) },
  };
  if (outcome.kind !== 'delivered') settlement.error = outcome.error;
  if (outcome.code !== undefined) settlement.code = outcome.code;
  return settlement;
}

/** Looks at everything whose time may have come. `onStuck` is told of a connection whose attempts do not end. */
export function turn(queue: Queue, onStuck: (link: Link) => void): void {
  const nowMs = nowOf(queue);
  for (const link of [...queue.links]) {
    const { stuck, lookAt } = inspect(link, nowMs);
    if (stuck) onStuck(link);
    wakeAt(queue, lookAt);
  }
  serveAlarms(queue, nowMs);
  dispatch(queue);
}
