// Connections whose peer said that it is gone for good: what waits on them dies at once, until somebody changes that.
import { end, settleUntried } from './ends.ts';
import { isFlying, nowOf, promote, type Queue } from './queue.ts';

/** Whether nothing may be sent through this connection any more. */
export const isGone = (queue: Queue): boolean => queue.memory.gone(queue.name) !== undefined;

/**
 * Whether that is known of the settings that hold now: while a connection is being opened, or after a start, deliveries wait for
 * what its settings will be.
 */
export const isDisabled = (queue: Queue): boolean => queue.link !== undefined && isGone(queue);

/** Why a delivery of such a connection is dead. The name is one of the config's, so it holds nothing that needs quoting. */
export const goneError = ({ name }: Queue): string =>
  `the endpoint of connection ${name} is gone for good; change its url, or \`hookswitch retry --to ${name}\` once it is back`;

/** The peer said so: once is enough, and it is told once. */
export function pronounceGone(queue: Queue, code: string | undefined): void {
  if (isGone(queue)) return;
  const { name, ports, memory, fingerprint } = queue;
  memory.setGone(name, { fingerprint, sinceMs: ports.clock.wallMs() });
  ports.count('outbox_connections_gone', { to: name });
  ports.log.error('connection_gone', { connection: name, code, waiting: queue.known.size });
  buryWaiting(queue);
}

/** Everything that waits dies; what is under way ends by itself. Nothing happens while other settings may be about to hold. */
export function buryWaiting(queue: Queue): void {
  if (!isDisabled(queue)) return;
  const nowMs = nowOf(queue);
  for (const entry of [...queue.known.values()])
    if (!isFlying(entry)) end(queue, entry, 'dead', goneError(queue), nowMs);
  // Lanes that stood in line have nobody left.
  for (const line of [queue.ready, queue.tried])
    for (let lane = line.shift(); lane !== undefined; lane = line.shift()) promote(queue, lane, nowMs);
}

/** A delivery that is made while the connection is disabled. */
export function buryNew(queue: Queue, delivery: { id: string; attempts: number }): void {
  settleUntried(queue, delivery, 'dead', goneError(queue));
}

/** Its settings changed, or somebody wants it tried again. */
export function enable(queue: Queue): void {
  if (!isGone(queue)) return;
  queue.memory.setGone(queue.name, undefined);
  queue.ports.log.info('connection_enabled', { connection: queue.name });
}
