// What is remembered of each connection beyond a restart: what its destination asked to keep, and that its peer is gone for good.
import type { Json, Kept } from '../core/delivery.ts';
import type { Clock, Count } from '../core/ports.ts';
import { STATE_OF_OUTBOX, type StateChange } from '../core/store.ts';
import type { OutboxLimits } from './settings.ts';

/** A connection whose peer is gone for good. `fingerprint`: of the settings it had then. */
export type Gone = { fingerprint: string; sinceMs: number };

export type Memory = {
  /** One stored row, before anything is sent. Rows of other kinds, and unreadable ones, are none of ours. */
  restore(change: StateChange): void;
  /** What is kept under that name; undefined once its time is over. */
  kept(connection: string, key: string): Json | undefined;
  keep(connection: string, kept: Kept): void;
  /** Forgets everything whose name or value is meant. */
  forget(isMeant: (text: string) => boolean): void;
  gone(connection: string): Gone | undefined;
  /** `undefined`: it is there again. */
  setGone(connection: string, gone: Gone | undefined): void;
};

export type MemoryOptions = {
  clock: Clock;
  count: Count;
  limits: Pick<OutboxLimits, 'keptMax' | 'keptBytesMax'>;
  /** Stores a row, not later than any settlement that is pushed afterwards. */
  write: (change: StateChange) => void;
};

type Held = { value: Json; untilMs: number };
type State = MemoryOptions & { kept: Map<string, Map<string, Held>>; gone: Map<string, Gone>; sweepAtMs: number };

/** How often what is over is looked for, ms; it is never given out in between. */
const SWEEP_MS = 600_000;

/** Nothing is remembered yet. */
export function createMemory(options: MemoryOptions): Memory {
  const state: State = { ...options, kept: new Map(), gone: new Map(), sweepAtMs: Number.NEGATIVE_INFINITY };
  return {
    restore: (change) => restore(state, change),
    kept(connection, key) {
      const held = state.kept.get(connection)?.get(key);
      return held === undefined || held.untilMs <= state.clock.wallMs() ? undefined : held.value;
    },
    keep: (connection, kept) => keep(state, connection, kept),
    forget(isMeant) {
      for (const [connection, of] of state.kept)
        for (const [key, { value }] of [...of])
          if (isMeant(key) || isMeant(JSON.stringify(value))) forget(state, connection, of, key);
    },
    gone: (connection) => state.gone.get(connection),
    setGone(connection, gone) {
      if (gone === undefined) state.gone.delete(connection);
      else state.gone.set(connection, gone);
      state.write({ kind: STATE_OF_OUTBOX.disabled, key: connection, value: gone ?? null });
    },
  };
}

function restore(state: State, { kind, key, value }: StateChange): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  if (kind === STATE_OF_OUTBOX.disabled) {
    const { fingerprint, sinceMs } = value;
    if (typeof fingerprint !== 'string' || typeof sinceMs !== 'number' || state.gone.has(key)) return;
    state.gone.set(key, { fingerprint, sinceMs });
  } else if (kind === STATE_OF_OUTBOX.kept) {
    const end = key.indexOf('\n');
    const { value: held, untilMs } = value;
    if (end < 0 || held === undefined || typeof untilMs !== 'number') return;
    const of = keptOf(state, key.slice(0, end));
    // A row that is there already came from the site that counts.
    if (!of.has(key.slice(end + 1))) of.set(key.slice(end + 1), { value: held, untilMs });
  }
}

function keptOf(state: State, connection: string): Map<string, Held> {
  const found = state.kept.get(connection);
  if (found !== undefined) return found;
  const made = new Map<string, Held>();
  state.kept.set(connection, made);
  return made;
}

function keep(state: State, connection: string, { key, value, untilMs }: Kept): void {
  const nowMs = state.clock.wallMs();
  const of = keptOf(state, connection);
  if (value === null || !(untilMs > nowMs)) {
    if (of.has(key)) forget(state, connection, of, key);
    return;
  }
  if (key.length + JSON.stringify(value).length > state.limits.keptBytesMax) {
    state.count('outbox_kept_refused', { to: connection });
    return;
  }
  // Put in anew at the end: the map's order is the order in which things were kept.
  of.delete(key);
  of.set(key, { value, untilMs });
  state.write({ kind: STATE_OF_OUTBOX.kept, key: `${connection}\n${key}`, value: { value, untilMs } });
  if (nowMs >= state.sweepAtMs) sweep(state, nowMs);
  while (of.size > state.limits.keptMax) {
    forget(state, connection, of, of.keys().next().value as string);
    state.count('outbox_kept_dropped', { to: connection });
  }
}

function sweep(state: State, nowMs: number): void {
  state.sweepAtMs = nowMs + SWEEP_MS;
  for (const [connection, of] of state.kept)
    for (const [key, { untilMs }] of of) if (untilMs <= nowMs) forget(state, connection, of, key);
}

function forget(state: State, connection: string, of: Map<string, Held>, key: string): void {
  of.delete(key);
  state.write({ kind: STATE_OF_OUTBOX.kept, key: `${connection}\n${key}`, value: null });
}
