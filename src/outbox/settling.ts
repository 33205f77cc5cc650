// Outcomes on their way to the store: gathered while a batch is being written, kept and tried again when that fails.
import type { Settlement } from '../core/delivery.ts';
import type { Ports } from '../core/ports.ts';
import type { OutboxLimits } from './settings.ts';

const RETRY_MS = 100;
const RETRY_MS_MAX = 5_000;

export type Settling = {
  push(settlement: Settlement): void;
  /** Known but not stored yet. */
  pending(): number;
  /** So many are pending that a crash would repeat too much: send nothing new. */
  full(): boolean;
  /** Resolves when nothing is pending. */
  idle(): Promise<void>;
};

type State = {
  waiting: Settlement[];
  writing: number;
  busy: boolean;
  failures: number;
  onIdle: (() => void)[];
};

export type SettlingOptions = {
  settle: (settlements: Settlement[]) => Promise<void>;
  ports: Ports;
  limits: OutboxLimits;
  /** There is room again after `full`. */
  onRoom: () => void;
};

/** One batch at a time, in the order of the outcomes; while it is written the next one grows. */
export function createSettling(options: SettlingOptions): Settling {
  const state: State = { waiting: [], writing: 0, busy: false, failures: 0, onIdle: [] };
  const pending = (): number => state.waiting.length + state.writing;
  return {
    push(settlement) {
      state.waiting.push(settlement);
      if (state.busy) return;
      state.busy = true;
      // A microtask later, so that all that ends together is written together.
      Promise.resolve().then(() => write(state, options));
    },
    pending,
    full: () => pending() >= options.limits.unsettledMax,
    idle: () => (pending() === 0 ? Promise.resolve() : new Promise((resolve) => state.onIdle.push(resolve))),
  };
}

function write(state: State, options: SettlingOptions): void {
  const batch = state.waiting.splice(0, options.limits.settleMax);
  state.writing = batch.length;
  attempt(state, options, batch);
}

function attempt(state: State, options: SettlingOptions, batch: Settlement[]): void {
  let settled: Promise<void>;
  try {
    settled = options.settle(batch);
  } catch (error) {
    settled = Promise.reject(error);
  }
  settled.then(
    () => {
      const wasFull = state.waiting.length + state.writing >= options.limits.unsettledMax;
      state.failures = 0;
      state.writing = 0;
      if (state.waiting.length > 0) write(state, options);
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
      options.ports.clock.after(delayMs, () => attempt(state, options, batch));
    },
  );
}
