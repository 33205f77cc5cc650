// Lanes: deliveries that must leave in order, one at a time. Plain linked lists, so that 100,000 waiting ones stay cheap.
import type { Delivery } from '../core/delivery.ts';
import type { Alarmed } from './alarms.ts';

/** One waiting delivery. Moments are monotonic, in whole ms. */
export type Entry = Alarmed & {
  id: string;
  lane: Lane;
  /** Of the members of a lane that share one, only the newest is sent. */
  slot: string | undefined;
  /** Missing: only the store has it whole. */
  delivery: Delivery | undefined;
  attempts: number;
  /** Not to be sent before. */
  dueAt: number;
  /** Given up then, as `endState`. */
  endAt: number;
  endState: 'expired' | 'dead';
  bornAt: number;
  /** Waits because an attempt failed, not because it was made for later. */
  backingOff: boolean;
  queued: boolean;
  before: Entry | undefined;
  after: Entry | undefined;
};

/**
 * `idle`: nothing to do, or not yet looked at. `ready`: its head can be sent, stands in line. `tried`: its head was a
 * failed probe, stands behind those in line. `resting`: its head is not due. `flying`: an attempt is under way.
 * `fetching`: the head must come from the store first.
 */
export type LaneState = 'idle' | 'ready' | 'tried' | 'resting' | 'flying' | 'fetching';

export type Holder = { entry: Entry; madeAtMs: number };

export type Lane = {
  key: string;
  state: LaneState;
  head: Entry | undefined;
  tail: Entry | undefined;
  /** Members outside the list, because they back off and order does not matter. */
  aside: number;
  /** The newest member of each slot, with the moment it was made (ms since 1970). */
  slots: Map<string, Holder> | undefined;
  nextInLine: Lane | undefined;
};

/** An empty lane; `key` is `Delivery.order`. */
export function createLane(key: string): Lane {
  return { key, state: 'idle', head: undefined, tail: undefined, aside: 0, slots: undefined, nextInLine: undefined };
}

/** Puts an entry at the end of its lane. */
export function append(entry: Entry): void {
  const { lane } = entry;
  entry.queued = true;
  entry.before = lane.tail;
  entry.after = undefined;
  if (lane.tail === undefined) lane.head = entry;
  else lane.tail.after = entry;
  lane.tail = entry;
}

/** Makes an entry the newest of its slot. */
export function hold(entry: Entry, madeAtMs: number): void {
  const { lane, slot } = entry;
  if (slot === undefined) return;
  lane.slots ??= new Map();
  lane.slots.set(slot, { entry, madeAtMs });
}

/** An entry is the newest of its slot no more, if it was. */
export function letGo(entry: Entry): void {
  const { lane, slot } = entry;
  if (slot !== undefined && lane.slots?.get(slot)?.entry === entry) lane.slots.delete(slot);
}

/** Whether a newer one of its slot waits. If that came and went, the entry is the newest again. */
export function isOvertaken(entry: Entry): boolean {
  if (entry.slot === undefined) return false;
  const holder = entry.lane.slots?.get(entry.slot);
  if (holder === undefined) hold(entry, entry.delivery?.madeAtMs ?? 0);
  return holder !== undefined && holder.entry !== entry;
}

/** Puts an entry at the front of its lane. */
export function prepend(entry: Entry): void {
  const { lane } = entry;
  entry.queued = true;
  entry.before = undefined;
  entry.after = lane.head;
  if (lane.head === undefined) lane.tail = entry;
  else lane.head.before = entry;
  lane.head = entry;
}

/** Takes an entry out of its lane, wherever it stands. */
export function takeOut(entry: Entry): void {
  if (!entry.queued) return;
  const { lane, before, after } = entry;
  if (before === undefined) lane.head = after;
  else before.after = after;
  if (after === undefined) lane.tail = before;
  else after.before = before;
  entry.queued = false;
  entry.before = undefined;
  entry.after = undefined;
}

/** Lanes in line, first come, first served: a lane that has sent one goes to the end, so that none is served twice in a row. */
export type Line = { push(lane: Lane): void; shift(): Lane | undefined; empty(): boolean; takeAll(other: Line): void };

/** An empty line. */
export function createLine(): Line {
  let first: Lane | undefined;
  let last: Lane | undefined;
  const line: Line = {
    push(lane) {
      lane.nextInLine = undefined;
      if (last === undefined) first = lane;
      else last.nextInLine = lane;
      last = lane;
    },
    shift() {
      const lane = first;
      if (lane === undefined) return undefined;
      first = lane.nextInLine;
      if (first === undefined) last = undefined;
      lane.nextInLine = undefined;
      return lane;
    },
    empty: () => first === undefined,
    takeAll(other) {
      for (let lane = other.shift(); lane !== undefined; lane = other.shift()) line.push(lane);
    },
  };
  return line;
}
