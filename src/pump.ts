// The pump: journal → engine → one commit → outbox. Answers nobody before the store has, and lets nothing be decided twice.
//
//   accept ──append──▶ durable ──▶ backlog ──step──▶ unit of work ──commit──▶ durable ──▶ outbox.add
//                                               ▲         ▲            │
//       one timer, for what is due earliest ────┘         │            └─ full or busy: the same unit again, later
//                              outcomes of the outbox ────┘
//
// One unit at a time. The engine changes its state in place, so a unit that could not be stored is kept as it is: stepping
// its events again would count them twice.
import type { Delivery, Settlement } from './core/delivery.ts';
import type { Cancel, LogFields } from './core/ports.ts';
import { type StateChange, StoreError, type UnitOfWork } from './core/store.ts';
import { type Backlog, type Taken, take } from './pump-backlog.ts';
import type { Input, Pump, PumpOptions, Stepped } from './pump-contract.ts';

export type { Input, Pump, PumpOptions, Stepped } from './pump-contract.ts';

type Unit = { work: UnitOfWork; whenStored: (() => void)[] };

type State<Program> = Backlog & {
  options: PumpOptions<Program>;
  program: Program;
  started: boolean;
  /** When this process began to listen, ms since 1970, until the engine has been told. */
  startedAtMs: number | undefined;
  /** Appends that are under way: events that are older than now, and not here yet. */
  accepting: number;
  /** When time changes something next, and what the timer is set to. */
  dueMs: number | undefined;
  armedMs: number | undefined;
  cancelTimer: Cancel;
  cancelRetry: Cancel;
  /** Appends that began before the start was complete: the start may have loaded what they stored. */
  early: number;
  settlements: Settlement[];
  /** Rows of state that came with them. */
  changes: readonly StateChange[];
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
    startedAtMs: options.ports.clock.wallMs(),
    accepting: 0,
    dueMs: undefined,
    armedMs: undefined,
    cancelTimer: () => {},
    cancelRetry: () => {},
    early: 0,
    loaded: new Set(),
    backlog: [],
    next: 0,
    settlements: [],
    changes: [],
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
      state.accepting += 1;
      try {
        const results = await options.store.append(entries);
        take(state, entries, results);
        return results;
      } finally {
        state.accepting -= 1;
        if (early) state.early -= 1;
        if (state.started && state.early === 0) state.loaded.clear();
        schedule(state);
      }
    },
    settle: (settlements, changes = []) =>
      new Promise((resolve) => {
        for (const settlement of settlements) state.settlements.push(settlement);
        if (changes.length > 0) state.changes = [...state.changes, ...changes];
        state.whenStored.push(resolve);
        schedule(state);
      }),
    swap(program) {
      state.program = program;
    },
    idle: () => (isIdle(state) ? Promise.resolve() : new Promise((resolve) => state.onIdle.push(resolve))),
    backlog: () => state.backlog.length - state.next + (state.unit?.work.processed.length ?? 0),
    close() {
      state.dead = true;
      state.cancelTimer();
      state.cancelRetry();
    },
  };
}

const isIdle = <Program>(state: State<Program>): boolean =>
  state.started && state.unit === undefined && isIdleBesideTime(state);

/** Nothing to decide or to store but what time may bring. `whenStored`: somebody waits for outcomes or rows to be durable. */
const isIdleBesideTime = <Program>(state: State<Program>): boolean =>
  state.next >= state.backlog.length && state.whenStored.length === 0;

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
  if (isIdleBesideTime(state) && !isTimeUp(state)) {
    wakeIfIdle(state);
    arm(state);
    return;
  }
  state.unit = decide(state);
  commit(state, state.unit);
}

/** Whether time has something to change. Not while a hit is being written that came before it: it would be seen too late. */
const isTimeUp = <Program>(state: State<Program>): boolean =>
  state.accepting === 0 &&
  (state.startedAtMs !== undefined || (state.dueMs !== undefined && state.dueMs <= state.options.ports.clock.wallMs()));

/** One timer, for what is due earliest. */
function arm<Program>(state: State<Program>): void {
  if (state.dueMs === state.armedMs || state.dead) return;
  state.cancelTimer();
  state.armedMs = state.dueMs;
  if (state.dueMs === undefined) return;
  const { clock } = state.options.ports;
  state.cancelTimer = clock.after(Math.max(0, state.dueMs - clock.wallMs()), () => {
    state.armedMs = undefined;
    // The wall clock may have been set back meanwhile.
    if (isTimeUp(state)) schedule(state);
    else if (state.accepting === 0) arm(state);
  });
}

function decide<Program>(state: State<Program>): Unit {
  const { options } = state;
  const { clock } = options.ports;
  const work: UnitOfWork = {
    site: options.site,
    epoch: options.epoch,
    processed: [],
    made: [],
    state: [],
    deliveries: [],
    settled: state.settlements,
  };
  const unit = { work, whenStored: state.whenStored };
  const changes = new Map(state.changes.map((change) => [rowOf(change), change]));
  const end = Math.min(state.backlog.length, state.next + (options.batchMax ?? BATCH_MAX));
  for (; state.next < end; state.next++) {
    const { seq, event } = state.backlog[state.next] as Taken;
    if (state.startedAtMs !== undefined && Date.parse(event.at) >= state.startedAtMs) tellStart(state, unit, changes);
    work.processed.push(seq);
    gather(unit, changes, decideOne(state, { event }, { seq, event: event.id, type: event.type }));
  }
  if (state.next >= state.backlog.length && isTimeUp(state)) {
    tellStart(state, unit, changes);
    gather(unit, changes, decideOne(state, { now: new Date(clock.wallMs()).toISOString() }, {}));
  }
  work.state = [...changes.values()];
  if (state.next >= state.backlog.length || state.next > 4_096) {
    state.backlog = state.backlog.slice(state.next);
    state.next = 0;
  }
  state.settlements = [];
  state.changes = [];
  state.whenStored = [];
  return unit;
}

/** What was stored before this start has been decided by now: the engine hears for how long nobody listened. */
function tellStart<Program>(state: State<Program>, unit: Unit, changes: Map<string, StateChange>): void {
  if (state.startedAtMs === undefined) return;
  const now = new Date(state.startedAtMs).toISOString();
  state.startedAtMs = undefined;
  gather(unit, changes, decideOne(state, { now, started: true }, {}));
}

function gather(unit: Unit, changes: Map<string, StateChange>, stepped: Stepped | undefined): void {
  if (stepped === undefined) return;
  const { work, whenStored } = unit;
  for (const made of stepped.events) work.made.push(made);
  for (const delivery of stepped.deliveries) work.deliveries.push(delivery);
  // Of a row that changes often within a unit only the last value is written.
  for (const change of stepped.changes) changes.set(rowOf(change), change);
  if (stepped.whenStored !== undefined) whenStored.push(stepped.whenStored);
}

const rowOf = ({ kind, key }: StateChange): string => `${kind}\n${key}`;

function decideOne<Program>(state: State<Program>, input: Input, about: LogFields): Stepped | undefined {
  try {
    const stepped = state.options.step(state.program, input);
    state.dueMs = stepped.nextDueMs;
    return stepped;
  } catch (error) {
    // An event that breaks the engine would break it again at every start. It stays in the journal, marked and counted.
    state.options.ports.count('engine_failures');
    const name = error instanceof Error ? error.name : 'unknown';
    state.options.ports.log.error('event_not_decided', { ...about, error: name });
    if ('now' in input) state.dueMs = undefined;
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
  if (state.dead) return;
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
  state.cancelRetry = ports.clock.after(delayMs, () => commit(state, unit));
}

function wakeIfIdle<Program>(state: State<Program>): void {
  if (isIdle(state)) for (const wake of state.onIdle.splice(0)) wake();
}
