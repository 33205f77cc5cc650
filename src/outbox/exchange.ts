// Which client a queue sends through: taking a new one, giving one up, and replacing one that hangs.
import type { Connection, Destination } from '../core/destination.ts';
import { dispatch } from './dispatch.ts';
import { buryWaiting, enable } from './gone.ts';
import { closeLink, createLink, idle, type Link } from './link.ts';
import { conclude } from './outcomes.ts';
import { breakerFor, nowOf, type Queue, release } from './queue.ts';
import { createLimiter } from './rate.ts';
import { DELIVERY_SETTINGS, type DeliverySettings } from './settings.ts';

const REOPEN_MS = 1_000;
const REOPEN_MS_MAX = 60_000;

/** A connection as the config has it. */
export type ConnectionParts = {
  destination: Pick<Destination, 'type' | 'concurrency' | 'timeoutMs'>;
  connection: Connection;
  settings?: Partial<DeliverySettings>;
  /** Of all its settings: another one means that they changed. */
  fingerprint?: string;
};

/**
 * Sends through that connection from now on. What is in flight on the one before ends first, then that is closed, then
 * the promise resolves. Settings are new, so the breaker starts closed and what backed off is tried at once.
 */
export async function take(queue: Queue, parts: ConnectionParts): Promise<void> {
  const mine = await retire(queue);
  if (mine !== queue.generation) return void (await parts.connection.close().catch(() => {}));
  queue.settings = { ...DELIVERY_SETTINGS, ...parts.settings };
  queue.breaker = breakerFor(queue.settings, queue.ports);
  const { rate } = queue.settings;
  // A reload that leaves the rate as it is gives nobody a second burst.
  if (rate === undefined) queue.limiter = undefined;
  else if (queue.limiter?.rate.max !== rate.max || queue.limiter.rate.perMs !== rate.perMs)
    queue.limiter = createLimiter(rate, () => nowOf(queue));
  queue.fingerprint = parts.fingerprint ?? '';
  if (queue.memory.gone(queue.name)?.fingerprint !== queue.fingerprint) enable(queue);
  queue.pausedUntil = 0;
  queue.lastError = undefined;
  const { destination } = parts;
  const { concurrency = destination.concurrency, timeoutMs = destination.timeoutMs } = queue.settings;
  use(queue, parts.connection, concurrency, timeoutMs);
}

/** Stops sending; resolves when what is in flight has ended and the connection is closed. Deliveries go on waiting. */
export async function retire(queue: Queue): Promise<number> {
  queue.generation += 1;
  const mine = queue.generation;
  const { link } = queue;
  queue.link = undefined;
  queue.stuck = false;
  if (link !== undefined) {
    const gone = idle(link).then(() => closeLink(link));
    queue.retired = Promise.all([queue.retired, gone.then(() => queue.links.delete(link))]);
  }
  await queue.retired;
  return mine;
}

function use(queue: Queue, connection: Connection, concurrency: number, timeoutMs: number): void {
  const { clock, count, log } = queue.ports;
  const link: Link = createLink({
    connection,
    concurrency,
    timeoutMs,
    graceMs: queue.limits.graceMs,
    clock,
    kept: (key) => queue.memory.kept(queue.name, key),
    over: (attempt, outcome) => conclude(queue, attempt, outcome),
    late: () => count('outbox_late_outcomes', { to: queue.name }),
  });
  queue.link = link;
  queue.links.add(link);
  queue.stuck = false;
  connection.onReady?.(() => {
    if (queue.link !== link) return;
    log.debug('connection_ready', { connection: queue.name });
    queue.breaker.wake(nowOf(queue));
    dispatch(queue);
  });
  buryWaiting(queue);
  release(queue, nowOf(queue));
  dispatch(queue);
}

/**
 * A client whose attempts do not end although they were aborted: it is destroyed, which ends them, and opened anew. Until
 * then nothing is sent, so that no delivery is under way twice.
 */
export async function replaceStuck(queue: Queue, link: Link): Promise<void> {
  const { count, log } = queue.ports;
  if (link.closing !== undefined) return;
  count('outbox_connections_stuck', { to: queue.name });
  log.error('connection_stuck', { connection: queue.name, attempts: link.flying.size });
  if (queue.link !== link) return void (await closeLink(link));
  queue.generation += 1;
  const mine = queue.generation;
  queue.link = undefined;
  queue.stuck = true;
  queue.retired = Promise.all([queue.retired, closeLink(link).then(() => queue.links.delete(link))]);
  await queue.retired;
  for (let failures = 0; mine === queue.generation && queue.reopen !== undefined; failures++) {
    const connection = await queue.reopen(queue.name).catch(() => undefined);
    if (connection === undefined) {
      count('outbox_reopen_failures', { to: queue.name });
      await pause(queue, Math.min(REOPEN_MS_MAX, REOPEN_MS * 2 ** Math.min(10, failures)));
    } else if (mine === queue.generation) return use(queue, connection, link.concurrency, link.timeoutMs);
    else return void (await connection.close().catch(() => {}));
  }
}

function pause(queue: Queue, delayMs: number): Promise<void> {
  return new Promise((resolve) => queue.ports.clock.after(delayMs, resolve));
}
