// Ledger: what the broker holds of ours, device by device, as far as we know: written by us, or found there after a start.
import type { Clock } from '../../../core/ports.ts';

/** Two different messages about one device must lie so far apart: Home Assistant drops the rest of a message while a component of
 * the one before is still being dealt with. Source: home-assistant/core, mqtt/discovery.py, 2025 and 2026. */
export const APART_MS = 2_000;

export type Entry = {
  /** Discovery topics that hold a message. */
  configs: Set<string>;
  /** Other topics that hold something about this phone. */
  leaves: Set<string>;
  /** Components of the last device message, by key, with their platforms. */
  components: Map<string, string>;
  /** What the last message said, as a hash; empty: nothing any more; undefined: not from this run of ours. */
  said: string | undefined;
  /** When that was, monotonic ms. */
  saidAtMs: number;
};

export type Ledger = {
  /** The entry of that device; an empty one where there was none. */
  of(id: string): Entry;
  has(id: string): boolean;
  ids(): string[];
  forget(id: string): void;
  /** Notes that something else was said now. */
  say(entry: Entry, said: string): void;
  /** Milliseconds until something else may be said about it; 0 now. */
  waitMs(entry: Entry, said: string): number;
};

/** An empty ledger. */
export function createLedger(clock: Clock): Ledger {
  const entries = new Map<string, Entry>();
  return {
    of(id) {
      const known = entries.get(id);
      if (known !== undefined) return known;
      const entry: Entry = {
        configs: new Set(),
        leaves: new Set(),
        components: new Map(),
        said: undefined,
        saidAtMs: 0,
      };
      entries.set(id, entry);
      return entry;
    },
    has: (id) => entries.has(id),
    ids: () => [...entries.keys()],
    forget: (id) => void entries.delete(id),
    say(entry, said) {
      entry.said = said;
      entry.saidAtMs = clock.monotonicMs();
    },
    waitMs: (entry, said) =>
      entry.said === undefined || entry.said === said
        ? 0
        : Math.max(0, entry.saidAtMs + APART_MS - clock.monotonicMs()),
  };
}
