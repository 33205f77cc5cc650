// Where the card of each call stands in Slack: from memory, and from what the connection remembers beyond a restart.
import type { Json, Kept } from '../../core/delivery.ts';
import type { Clock } from '../../core/ports.ts';

/** How long a card is edited after its last change, in ms; a later event posts a new one. */
const KEPT_MS = 48 * 3_600_000;
const REMEMBERED_MAX = 2_000;

/** `at`: the state that the card shows. `gone`: somebody deleted it. */
export type Place = { channel: string; ts: string; at: string; gone?: true };

export type Places = {
  find(key: string, kept: ((key: string) => Json | undefined) | undefined): Place | undefined;
  /** Remembers it at once, and says what is to be stored with the outcome. */
  keep(key: string, place: Place): Kept;
};

/** Nothing known yet. */
export function createPlaces(clock: Clock): Places {
  const known = new Map<string, Place>();
  return {
    // Memory first: what an attempt just learned counts even before it is stored.
    find: (key, kept) => known.get(key) ?? placeOf(kept?.(nameOf(key))),
    keep(key, place) {
      known.delete(key);
      known.set(key, place);
      const oldest = known.size > REMEMBERED_MAX ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
      return { key: nameOf(key), value: place, untilMs: clock.wallMs() + KEPT_MS };
    },
  };
}

/** The name under which a call's card is remembered, which is its slot as well. */
export const nameOf = (key: string): string => `card:${key}`;

function placeOf(value: Json | undefined): Place | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { channel, ts, at, gone } = value;
  if (typeof channel !== 'string' || typeof ts !== 'string') return undefined;
  return { channel, ts, at: typeof at === 'string' ? at : '', ...(gone === true ? { gone } : {}) };
}
