// What the engine remembers between events: a row of state per fact, changed in place and told as changes.
import type { StateChange } from '../core/store.ts';

export type State = {
  /** By phone id: the MAC that a phone named first, where the config names none. */
  pins: Map<string, string>;
};

export const createState = (): State => ({ pins: new Map() });

/** Takes one stored row back in; rows of other kinds are not the engine's and are left alone. */
export function restore(state: State, change: StateChange): void {
  if (change.kind !== 'pin') return;
  if (typeof change.value === 'string') state.pins.set(change.key, change.value);
  else state.pins.delete(change.key);
}

/** The MAC that was pinned for a phone: 12 lower-case hex digits. */
export const pinOf = (state: State, phone: string): string | undefined =>
  state.pins.get(phone);
