// What a pump is given and what it does: the shapes of src/pump.ts.
import type { Delivery, Settlement } from './core/delivery.ts';
import type { Event, JournalEvent } from './core/events.ts';
import type { Ports } from './core/ports.ts';
import type { AppendResult, JournalEntry, StateChange, Store } from './core/store.ts';

/** `now`: ISO 8601, time that has passed; `started`: nobody listened until then. */
export type Input = { event: JournalEvent } | { now: string; started?: boolean };

/** What the engine makes of one event, or of time that has passed. */
export type Stepped = {
  changes: StateChange[];
  events: Event[];
  deliveries: Delivery[];
  /** When time changes something next, ms since 1970; undefined: never. */
  nextDueMs: number | undefined;
  /** Called once all of it is durable. */
  whenStored?: () => void;
};

export type PumpOptions<Program> = {
  site: string;
  /** The lease's epoch; the embedded store has one for ever. */
  epoch: number;
  store: Pick<Store, 'append' | 'commit' | 'load'>;
  ports: Ports;
  program: Program;
  /** One row of state, as it was stored. */
  restore: (change: StateChange) => void;
  /** Decides, in place. */
  step: (program: Program, input: Input) => Stepped;
  /** Where durable deliveries go. */
  add: (deliveries: readonly Delivery[]) => void;
  /** The store will not take anything any more (`io`, `corrupt`, `fenced`, …): the process must end. */
  onFatal: (error: unknown) => void;
  /** Events decided per unit. */
  batchMax?: number;
};

export type Pump<Program> = {
  /** Takes up what was left: state, deliveries, events that were stored but not decided. Call once, before all else. */
  start(): Promise<void>;
  /** Resolves when the hits are on disk: now, and only now, their phones may be answered. Rejects with the store's error. */
  accept(entries: JournalEntry[]): Promise<AppendResult[]>;
  /** Stores outcomes, and rows of state that are not the engine's, with the next unit; resolves when they are durable. */
  settle(settlements: Settlement[], changes?: readonly StateChange[]): Promise<void>;
  /** From the next event on, other rules. No event sees two of them. */
  swap(program: Program): void;
  /** Resolves when everything taken in has been decided and stored. */
  idle(): Promise<void>;
  /** Events taken in and not yet stored as decided. */
  backlog(): number;
  /** Nothing is decided any more, and no timer runs. */
  close(): void;
};
