// What an attempt's outcome means: first for the connection (its breaker, its pauses), then for the delivery and its lane.
import type { Outcome, Settlement } from '../core/delivery.ts';
import { backoffMs, grantedMs } from './backoff.ts';
import { dispatch } from './dispatch.ts';
import { settleUntried } from './ends.ts';
import { goneError, isDisabled, pronounceGone } from './gone.ts';
import { isOvertaken } from './lane.ts';
import type { Attempt } from './link.ts';
import { forget, nowOf, promote, type Queue, release, rest, rouseAll, stepBack, watch } from './queue.ts';

type Done = Outcome & { kind: 'delivered' | 'dead' | 'gone' };
type Failure = Outcome & { kind: 'retry' };
type Untried = Outcome & { kind: 'unavailable' | 'later' };

/** Takes an outcome in and sends what may be sent now. */
export function conclude(queue: Queue, attempt: Attempt, outcome: Outcome): void {
  const nowMs = nowOf(queue);
  // The lane stays `flying` until its next state is known: whatever is roused meanwhile must not put it in line as well.
  if (outcome.kind === 'delivered' || outcome.kind === 'dead' || outcome.kind === 'gone')
    finish(queue, attempt, outcome, nowMs);
  else {
    const grantMs = outcome.kind === 'later' ? 0 : paused(queue, outcome, nowMs);
    if (outcome.kind === 'retry') hear(queue, attempt, nowMs);
    else missed(queue, attempt, outcome, nowMs);
    if (isDisabled(queue)) lose(queue, attempt, { ...outcome, error: goneError(queue) }, 'dead', nowMs);
    else if (isOvertaken(attempt.entry)) lose(queue, attempt, outcome, 'replaced', nowMs);
    else if (outcome.kind === 'later') later(queue, attempt, outcome.afterMs, nowMs);
    else if (outcome.kind === 'unavailable') stayed(queue, attempt);
    else if (attempt.probe) probeFailed(queue, attempt, outcome, grantMs, nowMs);
    else failed(queue, attempt, outcome, grantMs, nowMs);
  }
  dispatch(queue);
}

function finish(queue: Queue, attempt: Attempt, outcome: Done, nowMs: number): void {
  const { entry } = attempt;
  entry.attempts += 1;
  forget(queue, entry);
  promote(queue, entry.lane, nowMs);
  if (outcome.kind === 'delivered') {
    // Before anything else is sent: the next message may be an answer to this one.
    if (outcome.keep !== undefined) queue.memory.keep(queue.name, outcome.keep);
    queue.counters.delivered += 1;
    queue.ports.count('outbox_delivered', { to: queue.name });
    if (queue.breaker.succeeded()) {
      queue.lastError = undefined;
      queue.ports.log.info('connection_back', { connection: queue.name });
      release(queue, nowMs);
    }
  } else {
    buried(queue, attempt, outcome.code);
    // A message that can never be sent says nothing about the peer.
    if (attempt.probe && queue.breaker.state() === 'probing') queue.breaker.inconclusive(nowMs);
    if (outcome.kind === 'gone') pronounceGone(queue, outcome.code);
  }
  queue.settling.push(
    settlementOf(attempt, outcome.kind === 'delivered' ? 'delivered' : 'dead', queue, nowMs, 0, outcome),
  );
}

function buried(queue: Queue, attempt: Attempt, code: string | undefined): void {
  queue.counters.dead += 1;
  queue.ports.count('outbox_dead', { to: queue.name });
  const { id, attempts } = attempt.entry;
  queue.ports.log.warn('delivery_dead', { connection: queue.name, delivery: id, attempts, code });
}

/** How long the peer asked to be left alone, within what is granted, ms: that holds for everybody, not only for this message. */
function paused(queue: Queue, outcome: Outcome & { kind: 'retry' | 'unavailable' }, nowMs: number): number {
  queue.lastError = outcome.error;
  const grantMs = grantedMs(outcome.afterMs, queue.settings);
  if (grantMs > 0) queue.pausedUntil = Math.max(queue.pausedUntil, nowMs + grantMs);
  return grantMs;
}

/** A failure, as the breaker hears it. */
function hear(queue: Queue, attempt: Attempt, nowMs: number): void {
  if (attempt.probe) {
    queue.ports.count('outbox_probes_failed', { to: queue.name });
    breakDown(queue, attempt, nowMs);
    return;
  }
  attempt.entry.attempts += 1;
  queue.counters.retries += 1;
  queue.ports.count('outbox_failed_attempts', { to: queue.name });
  if (queue.breaker.failed(nowMs)) opened(queue, nowMs);
}

/** Nothing was tried: it used up neither an attempt nor its place in the rate. */
function missed(queue: Queue, attempt: Attempt, outcome: Untried, nowMs: number): void {
  queue.limiter?.giveBack();
  if (outcome.kind === 'unavailable') breakDown(queue, attempt, nowMs);
  else if (attempt.probe && queue.breaker.state() === 'probing') queue.breaker.inconclusive(nowMs);
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

/** The end of a delivery that could be tried again, but shall not. */
function lose(
  queue: Queue,
  attempt: Attempt,
  outcome: Failure | Untried,
  state: 'dead' | 'replaced',
  nowMs: number,
): void {
  const { entry } = attempt;
  const settlement = settlementOf(attempt, state, queue, nowMs, 0, outcome);
  forget(queue, entry);
  promote(queue, entry.lane, nowMs);
  if (outcome.kind !== 'retry') {
    settleUntried(queue, entry, state, outcome.error);
    return;
  }
  queue.counters[state] += 1;
  queue.ports.count(`outbox_${state}`, { to: queue.name });
  queue.settling.push(settlement);
}

/** This lane's turn comes later; nobody else waits for it, and nothing is written. */
function later(queue: Queue, attempt: Attempt, afterMs: number, nowMs: number): void {
  const { entry } = attempt;
  // Never at once: a destination that says "later, in 0 ms" would be asked for ever.
  entry.dueAt = nowMs + Math.max(1, grantedMs(afterMs, queue.settings));
  queue.ports.count('outbox_later', { to: queue.name });
  // Its followers would hear the same, so they wait with it even where order does not matter.
  rest(queue, entry);
}

/** Nothing was tried: no attempt is used, nothing is written, and the breaker decides when somebody tries again. */
function stayed(queue: Queue, attempt: Attempt): void {
  const { entry } = attempt;
  watch(queue, entry, entry.endAt);
  stepBack(queue, entry.lane);
}

/** The peer is still down: the wait is the breaker's, the delivery keeps its attempts. */
function probeFailed(queue: Queue, attempt: Attempt, outcome: Failure, grantMs: number, nowMs: number): void {
  const { entry } = attempt;
  watch(queue, entry, entry.endAt);
  stepBack(queue, entry.lane);
  queue.settling.push(settlementOf(attempt, 'waiting', queue, nowMs, grantMs, outcome));
}

function failed(queue: Queue, attempt: Attempt, outcome: Failure, grantMs: number, nowMs: number): void {
  const { entry } = attempt;
  const { settings } = queue;
  if (settings.attemptsMax !== undefined && entry.attempts >= settings.attemptsMax) {
    forget(queue, entry);
    promote(queue, entry.lane, nowMs);
    buried(queue, attempt, outcome.code);
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
  else if (outcome.keep !== undefined) settlement.keep = outcome.keep;
  if (outcome.code !== undefined) settlement.code = outcome.code;
  return settlement;
}
