// The outbox: what was decided, on its way out. One queue per connection, so that none can delay another; retries, order,
// limits and giving up are decided here and nowhere else. Claimed in memory, settled durably: a delivery is under way at
// most once in this process, and a lane goes on as soon as the outcome is known; a crash before the outcome is stored
// repeats the delivery once, with the same id. The states of a delivery are drawn in queue.ts, the breaker's in breaker.ts.
import type { Delivery, Settlement } from '../core/delivery.ts';
import type { Connection } from '../core/destination.ts';
import type { Ports } from '../core/ports.ts';
import type { StateChange } from '../core/store.ts';
import { admit } from './admit.ts';
import { dispatch, turn } from './dispatch.ts';
import { cancel } from './ends.ts';
import { type ConnectionParts, replaceStuck, retire, take } from './exchange.ts';
import { enable } from './gone.ts';
import { abortAll, closeLink } from './link.ts';
import { createMemory, type Memory } from './memory.ts';
import { createQueue, nowOf, type Queue } from './queue.ts';
import { OUTBOX_LIMITS, type OutboxLimits } from './settings.ts';
import { createSettling, type Settling } from './settling.ts';
import { type ConnectionStats, statsOf } from './stats.ts';

export type OutboxOptions = {
  ports: Ports;
  /** Stores outcomes, and in the same transaction rows of state; resolves when they are durable. When it rejects, the same are
   * handed over again later. */
  settle: (settlements: Settlement[], changes: StateChange[]) => Promise<void>;
  /** Waiting deliveries of the store by id. With it only `residentMax` are kept whole in memory; without it all are. */
  fetch?: (ids: string[]) => Promise<Delivery[]>;
  /** Opens a connection anew after its client hung and was closed. */
  reopen?: (name: string) => Promise<Connection>;
  limits?: Partial<OutboxLimits>;
};

/** What had not ended when the time was up. */
export type Unfinished = { inFlight: number; unsettled: number };

/** What became of a wish to call deliveries off. `inFlight`: they were being sent, so they cannot be called back. */
export type Cancelled = { cancelled: string[]; inFlight: string[] };

export type Outbox = {
  /** One row of state that was stored through `settle`; before anything is connected. Other kinds are ignored. */
  restore(change: StateChange): void;
  /** Adds a connection, or replaces the one of that name; resolves when it is in use. */
  connect(name: string, parts: ConnectionParts): Promise<void>;
  /** Takes a connection away; resolves when it is closed. Its deliveries wait until it is back, or expire. */
  disconnect(name: string): Promise<void>;
  /** Takes durable deliveries in, in the order in which they were made. What is dead from birth is only counted. */
  add(deliveries: readonly Delivery[]): void;
  /** Takes back what the store made waiting again; their connections are tried again even if their peer was gone for good. */
  retry(deliveries: readonly Delivery[]): void;
  /** Calls off deliveries that wait; resolves when that is durable. Unknown ids are in neither list. */
  cancel(ids: readonly string[]): Promise<Cancelled>;
  /** Forgets what destinations keep under names, or of values, that are meant; soon stored. */
  forget(isMeant: (text: string) => boolean): void;
  stats(): Map<string, ConnectionStats>;
  /** Outcomes that are known but not stored yet. */
  unsettled(): number;
  /** Sends nothing new and resolves when what is in flight has ended and is stored, or after `timeMs`. */
  drain(timeMs: number): Promise<Unfinished>;
  /** Ends everything: aborts what is in flight, closes all connections, stores what can be stored within `graceMs` each. */
  close(): Promise<void>;
};

type State = {
  options: OutboxOptions;
  limits: OutboxLimits;
  settling: Settling;
  memory: Memory;
  queues: Map<string, Queue>;
  halted: boolean;
};

/** An outbox without connections. */
export function createOutbox(options: OutboxOptions): Outbox {
  const limits = { ...OUTBOX_LIMITS, ...options.limits };
  const queues = new Map<string, Queue>();
  const onRoom = (): void => {
    for (const queue of queues.values()) dispatch(queue);
  };
  const settling = createSettling({ settle: options.settle, ports: options.ports, limits, onRoom });
  const { clock, count } = options.ports;
  const memory = createMemory({ clock, count, limits, write: settling.note });
  const state: State = { options, limits, settling, memory, queues, halted: false };
  return {
    restore: memory.restore,
    connect: (name, parts) => take(queueOf(state, name), parts),
    async disconnect(name) {
      const queue = queues.get(name);
      if (queue === undefined) return;
      const mine = await retire(queue);
      if (mine !== queue.generation || queue.known.size > 0) return;
      queue.timer?.cancel();
      queues.delete(name);
    },
    add: (deliveries) => add(state, deliveries, false),
    retry(deliveries) {
      for (const name of new Set(deliveries.map(({ to }) => to))) enable(queueOf(state, name));
      add(state, deliveries, true);
    },
    cancel: (ids) => cancelAll(state, ids),
    forget: memory.forget,
    stats: () => new Map([...queues].map(([name, queue]) => [name, statsOf(queue)])),
    unsettled: () => settling.pending(),
    drain: (timeMs) => drain(state, timeMs),
    close: () => close(state),
  };
}

function queueOf(state: State, name: string): Queue {
  const found = state.queues.get(name);
  if (found !== undefined) return found;
  const { ports, fetch, reopen } = state.options;
  const { limits, settling, memory } = state;
  const queue = createQueue({ name, ports, limits, settling, memory, fetch, reopen });
  queue.halted = state.halted;
  queue.turn = () => turn(queue, (link) => void replaceStuck(queue, link));
  state.queues.set(name, queue);
  return queue;
}

function add(state: State, deliveries: readonly Delivery[], again: boolean): void {
  const touched = new Set<Queue>();
  const wallMs = state.options.ports.clock.wallMs();
  for (const delivery of deliveries) {
    const queue = queueOf(state, delivery.to);
    if (delivery.state === 'waiting') {
      admit(queue, delivery, nowOf(queue), wallMs, again);
      touched.add(queue);
    } else if (delivery.state === 'dead') {
      queue.counters.dead += 1;
      state.options.ports.count('outbox_dead', { to: delivery.to });
    }
  }
  for (const queue of touched) dispatch(queue);
}

async function cancelAll(state: State, ids: readonly string[]): Promise<Cancelled> {
  const done: Cancelled = { cancelled: [], inFlight: [] };
  for (const id of ids)
    for (const queue of state.queues.values()) {
      const what = cancel(queue, id);
      if (what !== undefined) done[what === 'flying' ? 'inFlight' : 'cancelled'].push(id);
      if (what === 'cancelled') dispatch(queue);
    }
  if (done.cancelled.length > 0) await state.settling.stored();
  return done;
}

const inFlightOf = (state: State): number => {
  let count = 0;
  for (const queue of state.queues.values()) for (const link of queue.links) count += link.flying.size;
  return count;
};

async function drain(state: State, timeMs: number): Promise<Unfinished> {
  halt(state);
  const ended = (async () => {
    for (const queue of state.queues.values())
      for (const link of queue.links)
        if (link.flying.size > 0) await new Promise<void>((wake) => link.onIdle.push(wake));
    await state.settling.idle();
  })();
  await within(state, timeMs, ended);
  return { inFlight: inFlightOf(state), unsettled: state.settling.pending() };
}

async function close(state: State): Promise<void> {
  halt(state);
  const closing: Promise<void>[] = [];
  for (const queue of state.queues.values()) {
    queue.generation += 1;
    queue.link = undefined;
    for (const link of queue.links) {
      abortAll(link);
      closing.push(closeLink(link));
    }
  }
  await Promise.all(closing);
  await within(state, state.limits.graceMs, state.settling.idle());
  for (const queue of state.queues.values()) {
    queue.timer?.cancel();
    queue.turn = () => {};
  }
}

function halt(state: State): void {
  state.halted = true;
  for (const queue of state.queues.values()) queue.halted = true;
}

function within(state: State, timeMs: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = state.options.ports.clock.after(timeMs, resolve);
    work.then(() => {
      cancel();
      resolve();
    }, resolve);
  });
}
