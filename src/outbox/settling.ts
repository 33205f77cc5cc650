// Outcomes on their way to the store: gathered while a batch is being written, kept and tried again when that fails.
import type { Settlement } from '../core/delivery.ts';
import type { Ports } from '../core/ports.ts';
import type { StateChange } from '../core/store.ts';
import type { OutboxLimits } from './settings.ts';

const RETRY_MS = 100;
const RETRY_MS_MAX = 5_000;

export type Settling = {
  push(settlement: Settlement): void;
  /** A state row that goes with the next batch: with the settlements that are pushed after it, or before them. */
  note(change: StateChange): void;
  /** Known but not stored yet. */
  pending(): number;
  /** So many are pending that a crash would repeat too much: send nothing new. */
  full(): boolean;
  /** Resolves when all that was pushed until now is stored. */
  stored(): Promise<void>;
  /** Resolves when nothing is pending. */
  idle(): Promise<void>;
};

type State = {
  waiting: Settlement[];
  changes: StateChange[];
  /** Settlements pushed, and stored, since the start. */
  pushed: number;
  stored: number;
  onStored: { upTo: number; wake: () => void }[];
  writing: number;
  busy: boolean;
  failures: number;
  onIdle: (() => void)[];
};

export type SettlingOptions = {
  settle: (settlements: Settlement[], changes: StateChange[]) => Promise<void>;
  ports: Ports;
  limits: OutboxLimits;
  /** There is room again after `full`. */
  onRoom: () => void;
};

/** One batch at a time, in the order of the outcomes; while it is written the next one grows. */
export function createSettling(options: SettlingOptions): Settling {
  const state: State = {
    waiting: [],
    changes: [],
    pushed: 0,
    stored: 0,
    onStored: [],
    writing: 0,
    busy: false,
    failures: 0,
    onIdle: [],
  };
  const pending = (): number => state.waiting.length + state.writing;
  const begin = (): void => {
    if (state.busy) return;
    state.busy = true;
    // A microtask later, so that all that ends together is written together.
    Promise.resolve().then(() => write(state, options));
  };
  return {
    push(settlement) {
      state.waiting.push(settlement);
      state.pushed += 1;
      begin();
    },
    note(change) {
      state.changes.push(change);
      begin();
    },
    pending,
    full: () => pending() >= options.limits.unsettledMax,
    stored: () => {
      const upTo = state.pushed;
      if (state.stored >= upTo) return Promise.resolve();
      return new Promise((wake) => state.onStored.push({ upTo, wake }));
    },
    idle: () => (!state.busy ? Promise.resolve() : new Promise((resolve) => state.onIdle.push(resolve))),
  };
}

function write(state: State, options: SettlingOptions): void {
  const batch = state.waiting.splice(0, options.limits.settleMax);
  // All of them: a row is never stored later than the settlement it belongs to.
  const changes = state.changes.splice(0);
  state.writing = batch.length;
  attempt(state, options, batch, changes);
}

function attempt(state: State, options: SettlingOptions, batch: Settlement[], changes: StateChange[]): void {
  let settled: Promise<void>;
  try {
    settled = options.settle(batch, changes);
  } catch (error) {
    settled = Promise.reject(error);
  }
  settled.then(
    () => {
      const wasFull = state.waiting.length + state.writing >= options.limits.unsettledMax;
      state.failures = 0;
      state.writing = 0;
      state.stored += batch.length;
      while ((state.onStored[0]?.upTo ?? Number.POSITIVE_INFINITY) <= state.stored) state.onStored.shift()?.wake();
      if (state.waiting.length > 0 || state.changes.length > 0) write(state, options);
      else {
        state.busy = false;
        for (const wake of state.onIdle.splice(0)) wake();
      }
      if (wasFull) options.onRoom();
    },
    () => {
      // Never dropped and never a reason to send again: the outcome is known here as long as the process lives.
      state.failures += 1;
      options.ports.count('outbox_settle_failures');
      const ceilingMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(10, state.failures - 1));
      const delayMs = Math.ceil(ceilingMs / 2 + options.ports.random.fraction() * (ceilingMs / 2));
      options.ports.clock.after(delayMs, () => attempt(state, options, batch, changes));
    },
  );
}
