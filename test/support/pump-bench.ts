// A pump on the bench: a store that takes its time and fails by plan, an engine that counts, and timers that can be counted.
import type { Delivery } from '../../src/core/delivery.ts';
import type { PhoneEvent } from '../../src/core/events.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { JournalEntry, Pending, StoreError, UnitOfWork } from '../../src/core/store.ts';
import { createPump, type Input, type Pump, type PumpOptions, type Stepped } from '../../src/pump.ts';
import { createVirtualTime, START_WALL_MS, type VirtualTime } from './virtual-clock.ts';

/** An event that arrived so many ms after the bench was built. */
export const event = (id: string, atMs = 0): PhoneEvent => ({
  id,
  type: 'phone.off_hook',
  at: new Date(START_WALL_MS + atMs).toISOString(),
  site: 'default',
  phone: { id: 'front-desk', vendor: 'sangoma' },
  line: {},
  local: {},
  remote: {},
  vars: {},
  suspect: [],
});

export const entry = (id: string, atMs = 0): JournalEntry => ({ event: event(id, atMs), raw: new Uint8Array() });

export const delivery = (id: string, program: string): Delivery => ({
  id: `${id}/${program}/0`,
  event: id,
  site: 'default',
  rule: program,
  to: 'house',
  type: 'mqtt',
  message: {},
  order: 'house|front-desk',
  state: 'waiting',
  attempts: 0,
  madeAtMs: 0,
  dueAtMs: 0,
  expiresAtMs: 1_000,
});

export type Fault = StoreError | undefined;

export type BenchOptions = {
  pending?: Pending[];
  /** What the commits end with, one after the other; those after the last one succeed. */
  commits?: Fault[];
  /** What the engine does beside counting. */
  engine?: (input: Input, nowMs: number) => Partial<Stepped>;
  /** How long an append takes, in ms. */
  appendMs?: (entries: JournalEntry[]) => number;
  extra?: Partial<PumpOptions<string>>;
};

export type Bench = {
  time: VirtualTime;
  pump: Pump<string>;
  /** What is on disk, unit by unit. */
  units: UnitOfWork[];
  added: string[];
  /** Ids of the events that the engine met. */
  stepped: string[];
  /** All that it met: ids, `started`, and `time` for time that passed; with the ms since the bench was built. */
  met: [what: string, atMs: number][];
  fatal: unknown[];
  counts: string[];
  /** Timers of the pump that run. */
  timers: () => number;
};

/** Counts the timers that were neither cancelled nor run. */
function countingClock(clock: Clock): { clock: Clock; timers: () => number } {
  const running = new Set<object>();
  const after: Clock['after'] = (delayMs, run) => {
    const timer = {};
    running.add(timer);
    const cancel = clock.after(delayMs, () => {
      running.delete(timer);
      run();
    });
    return () => {
      running.delete(timer);
      cancel();
    };
  };
  return { clock: { ...clock, after }, timers: () => running.size };
}

/** A slow store in which, as the contract says, entries are on disk in the order in which they were given. */
function createSlowStore(options: BenchOptions, time: VirtualTime, units: UnitOfWork[]): PumpOptions<string>['store'] {
  const faults = [...(options.commits ?? [])];
  const later = (ms: number): Promise<void> => new Promise((resolve) => time.clock.after(ms, resolve));
  let seq = 100;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async append(entries) {
      const results = entries.map(() => ({ seq: ++seq, duplicate: false }));
      last = Promise.all([last, later(options.appendMs?.(entries) ?? 5)]);
      await last;
      return results;
    },
    async commit(unit) {
      const copy = structuredClone(unit);
      await later(10);
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      units.push(copy);
    },
    async *load() {
      await later(1);
      yield* options.pending ?? [];
    },
  };
}

/** An engine in which things are due at those moments (ms since the bench was built), each until its time has come. */
export const dueAt = (...moments: number[]) => {
  let waiting = moments;
  return (_input: Input, nowMs: number) => {
    waiting = waiting.filter((ms) => START_WALL_MS + ms > nowMs);
    return { nextDueMs: waiting.length === 0 ? undefined : START_WALL_MS + Math.min(...waiting) };
  };
};

/** A pump that has not started. Events take 5 ms to be stored, units 10 ms. */
export function createBench(options: BenchOptions = {}): Bench {
  const time = createVirtualTime();
  const { clock, timers } = countingClock(time.clock);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const bench: Omit<Bench, 'pump'> = {
    time,
    timers,
    units: [],
    added: [],
    stepped: [],
    met: [],
    fatal: [],
    counts: [],
  };
  let total = 0;
  const pump = createPump<string>({
    site: 'default',
    epoch: 1,
    ports: { clock, random: time.random, log, count: (name) => void bench.counts.push(name) },
    program: 'old',
    store: createSlowStore(options, time, bench.units),
    restore: ({ value }) => {
      total = Number(value);
    },
    step(program, input): Stepped {
      const nothing = { changes: [], events: [], deliveries: [], nextDueMs: undefined };
      if (!('event' in input)) {
        bench.met.push([input.started === true ? 'started' : 'time', Date.parse(input.now) - START_WALL_MS]);
        return { ...nothing, ...options.engine?.(input, Date.parse(input.now)) };
      }
      const { id, at } = input.event;
      bench.met.push([id, Date.parse(at) - START_WALL_MS]);
      bench.stepped.push(id);
      if (id === 'poison') throw new TypeError('secret');
      total += 1;
      const changes = [{ kind: 'count', key: 'all', value: total }];
      return { ...nothing, changes, deliveries: [delivery(id, program)], ...options.engine?.(input, Date.parse(at)) };
    },
    add: (deliveries) => void bench.added.push(...deliveries.map(({ id }) => id)),
    onFatal: (error) => void bench.fatal.push(error),
    ...options.extra,
  });
  return { ...bench, pump };
}

/** A pump that runs and has told its engine so; that unit's commit is not one of `commits`, and `units` is empty. */
export async function createRunningBench(options: BenchOptions = {}): Promise<Bench> {
  const bench = createBench({ ...options, commits: [undefined, ...(options.commits ?? [])] });
  void bench.pump.start();
  await bench.time.advance(20);
  bench.units.length = 0;
  bench.met.length = 0;
  bench.counts.length = 0;
  return bench;
}
