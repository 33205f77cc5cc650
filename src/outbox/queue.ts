// What waits for one connection: its lanes, who stands in line, who rests, and when to look again. Sends nothing itself.
//
// A lane is in one of these states (lane.ts); only its head is ever sent:
//
//   add ──▶ idle ──▶ ready ──────────────▶ flying ──▶ delivered or dead: the next head, from idle
//            │  ▲      │  ▲   │ body only     │
//            │  │      │  │   ▼ in the store  ├──▶ retry: resting until it is due (ordering "none": put aside, the next
//            │  │      │  └ fetching          │    head goes on); with an open breaker: tried
//            ▼  │      ▼                      └──▶ unavailable, or a failed probe: tried, no attempt used
//          resting   (breaker opens: everything that backs off gets in line; it now waits for a probe instead)
//                      tried ──▶ ready, when an attempt is delivered
//
//          `later`: resting until its lane's turn, no attempt used
//
// A member ends as `expired` or `dead` when its time is over, as `replaced` when a newer one of its slot comes in, as
// `cancelled` when a person says so, in every state but flying. One that flies when a newer one of its slot comes in is not
// tried again: it ends as `replaced` unless the attempt delivers it (or is refused for good).
import type { Delivery } from '../core/delivery.ts';
import type { Ports } from '../core/ports.ts';
import { type Alarms, createAlarms } from './alarms.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import { createLine, type Entry, type Lane, type Line, letGo, prepend, takeOut } from './lane.ts';
import type { Link } from './link.ts';
import type { Memory } from './memory.ts';
import type { Limiter } from './rate.ts';
import { DELIVERY_SETTINGS, type DeliverySettings, type OutboxLimits } from './settings.ts';
import type { Settling } from './settling.ts';

export type Counters = {
  delivered: number;
  dead: number;
  expired: number;
  replaced: number;
  cancelled: number;
  retries: number;
};

export type QueueOptions = {
  name: string;
  ports: Ports;
  limits: OutboxLimits;
  settling: Settling;
  memory: Memory;
  /** Rows of the store by id; without it everything is kept in memory. */
  fetch: ((ids: string[]) => Promise<Delivery[]>) | undefined;
  /** Opens the connection anew after its client hung; without it the queue waits for `connect`. */
  reopen: ((name: string) => Promise<Link['connection']>) | undefined;
};

export type Queue = QueueOptions & {
  settings: DeliverySettings;
  lanes: Map<string, Lane>;
  known: Map<string, Entry>;
  ready: Line;
  tried: Line;
  resting: Set<Entry>;
  alarms: Alarms<Entry>;
  breaker: Breaker;
  limiter: Limiter | undefined;
  /** Of the settings that it has; tells whether they are those under which its peer was gone. */
  fingerprint: string;
  /** What new attempts go to; undefined while there is no connection, or while it is being replaced. */
  link: Link | undefined;
  /** All that still have a client, also those on their way out. */
  links: Set<Link>;
  generation: number;
  retired: Promise<unknown>;
  stuck: boolean;
  pausedUntil: number;
  halted: boolean;
  /** The last one that came in found no room. */
  full: boolean;
  resident: number;
  wanted: Lane[];
  fetching: boolean;
  counters: Counters;
  lastError: string | undefined;
  timer: { at: number; cancel: () => void } | undefined;
  /** Looks at everything that may be due; set by whoever drives the queue. */
  turn: () => void;
};

/** An empty queue without a connection. */
export function createQueue(options: QueueOptions): Queue {
  const settings = { ...DELIVERY_SETTINGS };
  return {
    ...options,
    settings,
    lanes: new Map(),
    known: new Map(),
    ready: createLine(),
    tried: createLine(),
    resting: new Set(),
    alarms: createAlarms(),
    breaker: breakerFor(settings, options.ports),
    limiter: undefined,
    fingerprint: '',
    link: undefined,
    links: new Set(),
    generation: 0,
    retired: Promise.resolve(),
    stuck: false,
    pausedUntil: 0,
    halted: false,
    full: false,
    resident: 0,
    wanted: [],
    fetching: false,
    counters: { delivered: 0, dead: 0, expired: 0, replaced: 0, cancelled: 0, retries: 0 },
    lastError: undefined,
    timer: undefined,
    turn: () => {},
  };
}

/** A closed breaker by these settings; its first probe follows the first step of the backoff. */
export function breakerFor(settings: DeliverySettings, ports: Ports): Breaker {
  const { breakerFailures, backoffMs, probeMsMax } = settings;
  return createBreaker({ failures: breakerFailures, probeMs: backoffMs, probeMsMax, fraction: ports.random.fraction });
}

/** Monotonic, whole ms: small integers are what keeps an entry small. */
export const nowOf = (queue: Queue): number => Math.floor(queue.ports.clock.monotonicMs());

/** Arms the queue's one timer for that moment, unless it is armed for an earlier one. */
export function wakeAt(queue: Queue, at: number): void {
  if (at === Number.POSITIVE_INFINITY || (queue.timer !== undefined && queue.timer.at <= at)) return;
  queue.timer?.cancel();
  const { clock } = queue.ports;
  const cancel = clock.after(Math.max(0, Math.ceil(at - clock.monotonicMs())), () => {
    queue.timer = undefined;
    queue.turn();
  });
  queue.timer = { at, cancel };
}

/** Whether an attempt is under way: only then no alarm is set, for an attempt has a deadline of its own. */
export const isFlying = (entry: Entry): boolean => entry.place < 0;

/** Looks at a lane's head: into the line if it is due, else to rest. A lane without members is forgotten. */
export function promote(queue: Queue, lane: Lane, nowMs: number): void {
  for (;;) {
    const { head } = lane;
    if (head === undefined) {
      lane.state = 'idle';
      if (lane.aside === 0) queue.lanes.delete(lane.key);
      return;
    }
    if (head.dueAt <= nowMs) {
      lane.state = 'ready';
      queue.ready.push(lane);
      return;
    }
    rest(queue, head);
    if (queue.settings.ordering === 'strict') return;
    takeOut(head);
    lane.aside += 1;
  }
}

/** A lane waits until its head, or the end of it, is due. */
export function rest(queue: Queue, head: Entry): void {
  queue.resting.add(head);
  watch(queue, head, Math.min(head.dueAt, head.endAt));
  head.lane.state = 'resting';
}

/** Puts a lane behind all others, for a probe that nobody else can make; in line as usual if the breaker is closed. */
export function stepBack(queue: Queue, lane: Lane): void {
  const closed = queue.breaker.state() === 'closed';
  lane.state = closed ? 'ready' : 'tried';
  (closed ? queue.ready : queue.tried).push(lane);
}

/** Sets an entry's next alarm, in monotonic ms. */
export function watch(queue: Queue, entry: Entry, at: number): void {
  entry.alarmAt = at;
  queue.alarms.set(entry);
  wakeAt(queue, at);
}

/** A resting entry's time has come. */
export function rouse(queue: Queue, entry: Entry, nowMs: number): void {
  queue.resting.delete(entry);
  watch(queue, entry, entry.endAt);
  const { lane } = entry;
  if (!entry.queued) {
    lane.aside -= 1;
    prepend(entry);
  }
  if (lane.state === 'resting' || lane.state === 'idle') promote(queue, lane, nowMs);
}

/** Lets everything that backs off get in line: the breaker decides now when something is sent. */
export function rouseAll(queue: Queue, nowMs: number): void {
  for (const entry of [...queue.resting]) {
    if (!entry.backingOff) continue;
    entry.dueAt = nowMs;
    rouse(queue, entry, nowMs);
  }
}

/** Everybody may flow again: after a success, or with a new connection. */
export function release(queue: Queue, nowMs: number): void {
  for (let lane = queue.tried.shift(); lane !== undefined; lane = queue.tried.shift()) {
    lane.state = 'ready';
    queue.ready.push(lane);
  }
  rouseAll(queue, nowMs);
}

/** Forgets a member, wherever it is. Its lane must be looked at by the caller. */
export function forget(queue: Queue, entry: Entry): void {
  if (!entry.queued) entry.lane.aside -= 1;
  takeOut(entry);
  letGo(entry);
  queue.known.delete(entry.id);
  queue.resting.delete(entry);
  queue.alarms.remove(entry);
  if (entry.delivery !== undefined) queue.resident -= 1;
  entry.delivery = undefined;
}
