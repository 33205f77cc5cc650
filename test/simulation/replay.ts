// The same inputs again, through one engine that never ends: what must be on disk, however often the process ended meanwhile.
import type { Event } from '../../src/core/events.ts';
import { createState, type State, step } from '../../src/engine/index.ts';
import { programOf } from './engine.ts';
import type { Decided } from './ledger.ts';
import { SITE } from './scenario.ts';

export type Replayed = {
  /** By `<kind> <key>`. */
  state: Map<string, unknown>;
  /** Ids of the deliveries. */
  deliveries: Set<string>;
  /** What the engine made, with the place of its input in the ledger. */
  made: { event: Event; at: number }[];
};

export function replay(decided: readonly Decided[]): Replayed {
  const state = createState(SITE);
  const rows = new Map<string, string>();
  const result: Replayed = { state: new Map(), deliveries: new Set(), made: [] };
  let life = decided[0]?.life;
  decided.forEach((one, at) => {
    if (one.life !== life) forgetTheTime(state);
    life = one.life;
    const { changes, events, deliveries } = step(state, one.input, programOf(one.generation));
    // At once: they are the state's own objects.
    for (const { kind, key, value } of changes) rows.set(`${kind} ${key}`, JSON.stringify(value));
    for (const event of events) result.made.push({ event, at });
    for (const { id } of deliveries) result.deliveries.add(id);
  });
  for (const [key, text] of rows) if (text !== 'null') result.state.set(key, JSON.parse(text));
  return result;
}

/** All that an end of the process makes the engine forget: how late it is, and when it last ran if no phone spoke then. */
function forgetTheTime(state: State): void {
  state.nowMs = 0;
  for (const { lastSeenMs } of state.phones.values()) state.aliveMs = Math.max(state.aliveMs, lastSeenMs);
}
