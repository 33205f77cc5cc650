// Outgoing: what waits for its turn on one connection, in order. A thing that waits already is not queued twice, so what is
// late is sent once, as it is by then; events keep their place and are dropped when they are too old.
import type { Outcome } from '../../../core/delivery.ts';
import type { Clock, Count } from '../../../core/ports.ts';
import type { Publish } from '../packet.ts';

/** Messages handed to the connection and not acknowledged; the rest waits here, where it can still change. */
export const HANDED_OUT_MAX = 32;
/** What a burst may leave waiting; a broker takes some thousands a second. */
export const EVENTS_WAITING_MAX = 4_000;
const EXTRAS_WAITING_MAX = 200;

/** What carries the messages: a link to the broker. */
export type Carrier = {
  publish(publish: Publish, signal?: AbortSignal, wanted?: () => boolean): Promise<Outcome>;
};

/** `make` is called when its turn has come; nothing to send is an empty list. */
export type Item =
  | { kind: 'kept'; key: string; make(): Publish[] }
  | { kind: 'event'; atMs: number; publish: Publish }
  | { kind: 'extra'; publish: Publish };

/** Events that were never delivered, by why: too old, no connection, too many waiting, refused by the broker. */
export type Dropped = { old: number; offline: number; full: number; refused: number };

export type Outgoing = {
  /** Sends to this carrier from now on. */
  open(carrier: Carrier): void;
  /** Forgets all that waits: what is kept will be sent anew after the next `open`, events are counted as dropped. */
  shut(): void;
  push(item: Item): void;
  /** An event that came while nothing could be sent. */
  missed(): void;
  /** Resolves when nothing waits and nothing is handed out, or after `shut`. */
  idle(): Promise<void>;
  figures(): { waiting: number; dropped: Dropped };
};

export type OutgoingOptions = {
  clock: Clock;
  count: Count;
  connection: string;
  eventTtlMs: number;
  /** How a message that was handed out ended; `up`: its connection is still the one in use. */
  ended(publish: Publish, outcome: Outcome, up: boolean): void;
};

function whyDropped(outcome: Outcome, fresh: boolean): keyof Dropped {
  if (outcome.kind === 'dead') return 'refused';
  return outcome.kind === 'unavailable' && !fresh ? 'old' : 'offline';
}

type Line = {
  /** Puts it at the end, unless it waits already or there is no room; then what has to go is told to `full`. */
  join(item: Item): void;
  next(): Item | undefined;
  /** Empties it; returns how many events there were. */
  clear(): number;
  length(): number;
};

function createLine(full: (kind: 'event' | 'extra') => void): Line {
  let queue: Item[] = [];
  const keys = new Set<string>();
  const counts = { event: 0, extra: 0 };

  /** For an event the oldest one makes room. */
  function hasRoom(kind: 'event' | 'extra'): boolean {
    if (counts[kind] < (kind === 'event' ? EVENTS_WAITING_MAX : EXTRAS_WAITING_MAX)) return true;
    full(kind);
    if (kind === 'extra') return false;
    const oldest = queue.findIndex((item) => item.kind === 'event');
    queue.splice(oldest, 1);
    counts.event -= 1;
    return true;
  }

  return {
    join(item) {
      if (item.kind === 'kept') {
        if (keys.has(item.key)) return;
        keys.add(item.key);
      } else {
        if (!hasRoom(item.kind)) return;
        counts[item.kind] += 1;
      }
      queue.push(item);
    },
    next() {
      const item = queue.shift();
      if (item?.kind === 'kept') keys.delete(item.key);
      else if (item !== undefined) counts[item.kind] -= 1;
      return item;
    },
    clear() {
      const { event } = counts;
      queue = [];
      keys.clear();
      counts.event = 0;
      counts.extra = 0;
      return event;
    },
    length: () => queue.length,
  };
}

/** Nothing waits, and nothing is sent yet. */
export function createOutgoing(options: OutgoingOptions): Outgoing {
  const { clock, count, connection, eventTtlMs } = options;
  const dropped: Dropped = { old: 0, offline: 0, full: 0, refused: 0 };
  const line = createLine((kind) => (kind === 'event' ? drop('full') : count('ha_messages_dropped', { connection })));
  let carrier: Carrier | undefined;
  let handedOut = 0;
  let pumping = false;
  const idle: (() => void)[] = [];

  function drop(reason: keyof Dropped, by = 1): void {
    if (by === 0) return;
    dropped[reason] += by;
    count('ha_events_dropped', { connection, reason }, by);
  }

  const isFresh = (atMs: number) => (): boolean => clock.wallMs() - atMs <= eventTtlMs;

  function handOut(to: Carrier, publish: Publish, fresh?: () => boolean): void {
    handedOut += 1;
    void to.publish(publish, undefined, fresh).then((outcome) => {
      handedOut -= 1;
      if (fresh !== undefined && outcome.kind !== 'delivered') drop(whyDropped(outcome, fresh()));
      options.ended(publish, outcome, carrier === to);
      pump();
    });
  }

  function take(to: Carrier, item: Item): void {
    if (item.kind === 'kept') for (const publish of item.make()) handOut(to, publish);
    else if (item.kind === 'extra') handOut(to, item.publish);
    else if (isFresh(item.atMs)()) handOut(to, item.publish, isFresh(item.atMs));
    else drop('old');
  }

  function pump(): void {
    if (pumping) return;
    pumping = true;
    while (carrier !== undefined && handedOut < HANDED_OUT_MAX) {
      const next = line.next();
      if (next === undefined) break;
      take(carrier, next);
    }
    pumping = false;
    if (carrier !== undefined && (line.length() > 0 || handedOut > 0)) return;
    for (const resolve of idle.splice(0)) resolve();
  }

  return {
    open(to) {
      carrier = to;
    },
    shut() {
      carrier = undefined;
      drop('offline', line.clear());
      pump();
    },
    push(item) {
      if (carrier !== undefined) line.join(item);
      else if (item.kind === 'event') drop('offline');
      pump();
    },
    missed: () => drop('offline'),
    idle: () =>
      new Promise((resolve) => {
        idle.push(resolve);
        pump();
      }),
    figures: () => ({ waiting: line.length() + handedOut, dropped: { ...dropped } }),
  };
}
