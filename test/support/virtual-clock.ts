// Time and randomness that belong to the test: one queue of (moment, seeded tie), run step by step, the same for the same seed.
import type { Clock, Random } from '../../src/core/ports.ts';

/** 2026-11-24T09:00:00Z, so that readable moments come out. */
export const START_WALL_MS = Date.UTC(2026, 10, 24, 9);

/** More tasks than that in one moment are a loop. */
const TASKS_AT_ONCE_MAX = 100_000;

type Task = { at: number; tie: number; run: () => void };

export type VirtualTime = {
  clock: Clock;
  random: Random;
  /** Uniform in [0, 1), from a stream of its own: what the test draws does not change what the code under test draws. */
  draw(): number;
  /** Lets `ms` pass, runs what falls due in order, and after each task everything that follows from it at once. */
  advance(ms: number): Promise<void>;
  /** Lets time pass until `done` holds; rejects after `msMax`. */
  until(done: () => boolean, msMax: number): Promise<void>;
  /** Moves the wall clock, not the monotonic one. */
  jump(ms: number): void;
  /** A clock of one process: after `kill` none of its tasks runs any more. */
  spawn(): { clock: Clock; kill(): void };
  /** Tasks that wait. */
  waiting(): number;
  nowMs(): number;
};

/** sfc32: small, quick and good enough for tests. `seed` is any 32-bit number. */
export function createDraw(seed: number): () => number {
  let a = seed | 0;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let counter = 1;
  const draw = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round++) draw();
  return draw;
}

/** Everything that is waiting in the microtask queue has run when this resolves. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function createSeededRandom(seed: number): Random {
  const draw = createDraw(seed);
  let lastMs = 0;
  let counter = 0;
  const hex = (length: number): string => Array.from({ length }, () => Math.floor(draw() * 16).toString(16)).join('');
  return {
    uuid7(wallMs) {
      counter = wallMs > lastMs ? 0 : counter + 1;
      lastMs = Math.max(lastMs, wallMs);
      const time = lastMs.toString(16).padStart(12, '0');
      const count = counter.toString(16).padStart(3, '0');
      return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-a${hex(3)}-${hex(12)}`;
    },
    fraction: draw,
    bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(draw() * 256)),
  };
}

/** A binary heap of tasks by moment, then by tie. */
function createTasks() {
  const heap: Task[] = [];
  const before = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.tie < b.tie);
  return {
    heap,
    push(task: Task): void {
      let place = heap.push(task) - 1;
      while (place > 0) {
        const above = (place - 1) >> 1;
        if (!before(task, heap[above] as Task)) break;
        heap[place] = heap[above] as Task;
        place = above;
      }
      heap[place] = task;
    },
    shift(): Task | undefined {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined || heap.length === 0) return first;
      let place = 0;
      for (;;) {
        let below = 2 * place + 1;
        if (below >= heap.length) break;
        if (below + 1 < heap.length && before(heap[below + 1] as Task, heap[below] as Task)) below += 1;
        if (!before(heap[below] as Task, last)) break;
        heap[place] = heap[below] as Task;
        place = below;
      }
      heap[place] = last;
      return first;
    },
  };
}

/** A fresh world. Tasks of the same moment run in an order drawn from the seed. */
export function createVirtualTime(options: { seed?: number; wallMs?: number } = {}): VirtualTime {
  const seed = options.seed ?? 1;
  const tieOf = createDraw(seed ^ 0x5bd1e995);
  const tasks = createTasks();
  const world = { nowMs: 0, offsetMs: options.wallMs ?? START_WALL_MS };

  const clockFor = (life: { over: boolean }): Clock => ({
    wallMs: () => world.nowMs + world.offsetMs,
    monotonicMs: () => world.nowMs,
    after(delayMs, run) {
      const delay = Math.min(2 ** 31 - 1, Math.max(0, Math.ceil(delayMs)));
      let cancelled = false;
      tasks.push({
        at: world.nowMs + delay,
        tie: tieOf(),
        run: () => {
          if (!cancelled && !life.over) run();
        },
      });
      return () => {
        cancelled = true;
      };
    },
  });
  let atOnce = 0;
  const step = async (): Promise<void> => {
    const task = tasks.shift();
    if (task === undefined) return;
    atOnce = task.at > world.nowMs ? 0 : atOnce + 1;
    if (atOnce > TASKS_AT_ONCE_MAX) throw new Error(`at ${world.nowMs} ms time stands still: a task sets off the next`);
    world.nowMs = Math.max(world.nowMs, task.at);
    task.run();
    await settled();
  };
  const advance = async (ms: number): Promise<void> => {
    const endMs = world.nowMs + ms;
    await settled();
    while ((tasks.heap[0]?.at ?? Number.POSITIVE_INFINITY) <= endMs) await step();
    world.nowMs = endMs;
  };
  return {
    clock: clockFor({ over: false }),
    random: createSeededRandom(seed),
    draw: createDraw(seed ^ 0x1b873593),
    advance,
    async until(done, msMax) {
      const endMs = world.nowMs + msMax;
      await settled();
      while (!done()) {
        if ((tasks.heap[0]?.at ?? Number.POSITIVE_INFINITY) > endMs)
          throw new Error(`not done after ${msMax} ms of virtual time`);
        await step();
      }
    },
    jump(ms) {
      world.offsetMs += ms;
    },
    spawn() {
      const life = { over: false };
      return {
        clock: clockFor(life),
        kill() {
          life.over = true;
        },
      };
    },
    waiting: () => tasks.heap.length,
    nowMs: () => world.nowMs,
  };
}
