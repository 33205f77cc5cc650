// The pump: journal → engine → one commit → outbox. Answers nobody before the store has, and lets nothing be decided twice.
//
//   accept ──append──▶ durable ──▶ backlog ──step──▶ unit of work ──commit──▶ durable ──▶ outbox.add
//                                                         ▲            │
//                              outcomes of the outbox ────┘            └─ full or busy: the same unit again, later
//
// One unit at a time. The engine changes its state in place, so a unit that could not be stored is kept as it is: stepping
// its events again would count them twice.
import type { Delivery, Settlement } from './core/delivery.ts';
import type { Event, PhoneEvent } from './core/events.ts';
import type { Ports } from './core/ports.ts';
import {
  type AppendResult,
  type JournalEntry,
  type StateChange,
  type Store,
  StoreError,
  type UnitOfWork,
} from './core/store.ts';

/** What the engine makes of one event, or of time that has passed. */
export type Stepped = {
  changes: StateChange[];
  events: Event[];
  deliveries: Delivery[];
};

export type PumpOptions<Program> = {
  site: string;
  /** The lease's epoch; the embedded store has one for ever. */
  epoch: number;
  store: Pick<Store, 'append' | 'commit' | 'load'>;
  ports: Ports;
  program: Program;
  /** One row of the engine's state, as it was stored. */
  restore: (change: StateChange) => void;
  /** Decides, in place. */
  step: (program: Program, event: PhoneEvent) => Stepped;
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
  /** Stores outcomes with the next unit; resolves when they are durable. */
  settle(settlements: Settlement[]): Promise<void>;
  /** From the next event on, other rules. No event sees two of them. */
  swap(program: Program): void;
  /** Resolves when everything taken in has been decided and stored. */
  idle(): Promise<void>;
  /** Events taken in and not yet stored as decided. */
  backlog(): number;
};

type Taken = { seq: number; event: PhoneEvent };

type Unit = { work: UnitOfWork; whenStored: (() => void)[] };

type State<Program> = {
  options: PumpOptions<Program>;
  program: Program;
  started: boolean;
  /** Appends that began before the start was complete: the start may have loaded what they stored. */
  early: number;
  loaded: Set<number>;
  backlog: Taken[];
  /** Where in `backlog` the next one is; the array is cut now and then instead of shifted. */
  next: number;
  settlements: Settlement[];
  whenStored: (() => void)[];
  unit: Unit | undefined;
  scheduled: boolean;
  failures: number;
  dead: boolean;
  onIdle: (() => void)[];
};

const BATCH_MAX = 500;
const RETRY_MS = 50;
const RETRY_MS_MAX = 5_000;

/** A pump for one site. */
export function createPump<Program>(options: PumpOptions<Program>): Pump<Program> {
  const state: State<Program> = {
    options,
    program: options.program,
    started: false,
    early: 0,
    loaded: new Set(),
    backlog: [],
    next: 0,
    settlements: [],
    whenStored: [],
    unit: undefined,
    scheduled: false,
    failures: 0,
    dead: false,
    onIdle: [],
  };
  return {
    start: () => start(state),
    async accept(entries) {
      const early = !state.started;
      if (early) state.early += 1;
      try {
        const results = await options.store.append(entries);
        take(state, entries, results);
        return results;
      } finally {
        if (early) state.early -= 1;
        if (state.started && state.early === 0) state.loaded.clear();
      }
    },
    settle: (settlements) =>
      new Promise((resolve) => {
        for (const settlement of settlements) state.settlements.push(settlement);
        state.whenStored.push(resolve);
        schedule(state);
      }),
    swap(program) {
      state.program = program;
    },
    idle: () => (isIdle(state) ? Promise.resolve() : new Promise((resolve) => state.onIdle.push(resolve))),
    backlog: () => state.backlog.length - state.next + (state.unit?.work.processed.length ?? 0),
  };
}

const isIdle = <Program>(state: State<Program>): boolean =>
  state.started && state.unit === undefined && state.next >= state.backlog.length && state.settlements.length === 0;

async function start<Program>(state: State<Program>): Promise<void> {
  const { options } = state;
  const loaded: Taken[] = [];
  let deliveries: Delivery[] = [];
  for await (const pending of options.store.load([options.site])) {
    if (pending.kind === 'state') options.restore(pending.change);
    else if (pending.kind === 'event') loaded.push({ seq: pending.seq, event: pending.event });
    else if (deliveries.push(pending.delivery) >= BATCH_MAX) {
      options.add(deliveries);
      deliveries = [];
    }
  }
  if (deliveries.length > 0) options.add(deliveries);
  // What was accepted meanwhile may have been loaded as well.
  state.loaded = new Set(loaded.map(({ seq }) => seq));
  for (const taken of state.backlog) if (!state.loaded.has(taken.seq)) loaded.push(taken);
  if (state.early === 0) state.loaded.clear();
  state.backlog = loaded.sort((a, b) => a.seq - b.seq);
  state.started = true;
  schedule(state);
  wakeIfIdle(state);
}

function take<Program>(state: State<Program>, entries: JournalEntry[], results: AppendResult[]): void {
  const { backlog } = state;
  for (const [n, result] of results.entries()) {
    const entry = entries[n];
    if (entry === undefined || result.duplicate || state.loaded.has(result.seq)) continue;
    const taken = { seq: result.seq, event: entry.event };
    const last = backlog.at(-1);
    if (last === undefined || last.seq < taken.seq) backlog.push(taken);
    else insert(state, taken);
  }
  schedule(state);
}

/** Two appends may be answered in the other order; the journal's order counts. */
function insert<Program>(state: State<Program>, taken: Taken): void {
  let place = state.backlog.length;
  while (place > state.next && (state.backlog[place - 1]?.seq ?? 0) > taken.seq) place -= 1;
  state.backlog.splice(place, 0, taken);
}

function schedule<Program>(state: State<Program>): void {
  if (state.scheduled || !state.started || state.unit !== undefined || state.dead) return;
  state.scheduled = true;
  // A microtask later, so that what arrives together is decided and stored together.
  Promise.resolve().then(() => {
    state.scheduled = false;
    advance(state);
  });
}

function advance<Program>(state: State<Program>): void {
  if (state.unit !== undefined || state.dead) return;
  if (state.next >= state.backlog.length && state.settlements.length === 0) {
    wakeIfIdle(state);
    return;
  }
  state.unit = decide(state);
  commit(state, state.unit);
}

function decide<Program>(state: State<Program>): Unit {
  const { options } = state;
  const work: UnitOfWork = {
    site: options.site,
    epoch: options.epoch,
    processed: [],
    made: [],
    state: [],
    deliveries: [],
    settled: state.settlements,
  };
  const changes = new Map<string, StateChange>();
  const end = Math.min(state.backlog.length, state.next + (options.batchMax ?? BATCH_MAX));
  for (; state.next < end; state.next++) {
    const { seq, event } = state.backlog[state.next] as Taken;
    work.processed.push(seq);
    const stepped = decideOne(state, seq, event);
    if (stepped === undefined) continue;
    for (const made of stepped.events) work.made.push(made);
    for (const delivery of stepped.deliveries) work.deliveries.push(delivery);
    // Of a row that changes often within a unit only the last value is written.
    for (const change of stepped.changes) changes.set(`${change.kind}\n${change.key}`, change);
  }
  work.state = [...changes.values()];
  if (state.next >= state.backlog.length || state.next > 4_096) {
    state.backlog = state.backlog.slice(state.next);
    state.next = 0;
  }
  const unit = { work, whenStored: state.whenStored };
  state.settlements = [];
  state.whenStored = [];
  return unit;
}

function decideOne<Program>(state: State<Program>, seq: number, event: PhoneEvent): Stepped | undefined {
  try {
    return state.options.step(state.program, event);
  } catch (error) {
    // An event that breaks the engine would break it again at every start. It stays in the journal, marked and counted.
    state.options.ports.count('engine_failures');
    const name = error instanceof Error ? error.name : 'unknown';
    state.options.ports.log.error('event_not_decided', { seq, event: event.id, type: event.type, error: name });
    return undefined;
  }
}

function commit<Program>(state: State<Program>, unit: Unit): void {
  state.options.store.commit(unit.work).then(
    () => {
      state.failures = 0;
      state.unit = undefined;
      state.options.add(unit.work.deliveries);
      for (const stored of unit.whenStored) stored();
      advance(state);
    },
    (error: unknown) => failed(state, unit, error),
  );
}

function failed<Program>(state: State<Program>, unit: Unit, error: unknown): void {
  const { ports, onFatal } = state.options;
  const code = error instanceof StoreError ? error.code : undefined;
  ports.count('commit_failures', { code: code ?? 'unknown' });
  if (code !== 'full' && code !== 'busy') {
    state.dead = true;
    if (code !== 'closed') onFatal(error);
    return;
  }
  if (state.failures === 0) ports.log.error('commit_failed', { code, events: unit.work.processed.length });
  state.failures += 1;
  const ceilingMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(10, state.failures - 1));
  const delayMs = Math.ceil(ceilingMs / 2 + ports.random.fraction() * (ceilingMs / 2));
  ports.clock.after(delayMs, () => commit(state, unit));
}

function wakeIfIdle<Program>(state: State<Program>): void {
  if (isIdle(state)) for (const wake of state.onIdle.splice(0)) wake();
}
