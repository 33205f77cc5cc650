// What the engine remembers between events: one row per fact, changed in place and told as changes.
import type { PhoneEvent } from '../core/events.ts';
import { normaliseMac, type PhoneCard } from '../core/phone-card.ts';
import type { StateChange } from '../core/store.ts';

export type State = {
  /** By phone id: the MAC that a phone named first, where the config names none. 12 lower-case hex digits. */
  pins: Map<string, string>;
};

const PIN = 'pin';

export const createState = (): State => ({ pins: new Map() });

/** Takes one stored row back in; rows of other kinds are not the engine's and are left alone. */
export function restore(state: State, { kind, key, value }: StateChange): void {
  if (kind !== PIN) return;
  if (typeof value === 'string') state.pins.set(key, value);
  else state.pins.delete(key);
}

/** The MAC that was pinned for a phone: 12 lower-case hex digits; undefined if none was. */
export const pinOf = (state: State, phoneId: string): string | undefined => state.pins.get(phoneId);

/** A hit in which the MAC itself is doubtful pins nothing. */
const isAboutMac = (mark: string): boolean => mark === 'bad-mac' || mark.endsWith(':mac');

/** A phone of the config whose MAC nobody wrote down is held to the first one that it names. */
export function pin(state: State, event: PhoneEvent, card: PhoneCard | undefined): StateChange | undefined {
  const { id, mac } = event.phone;
  if (mac === undefined || card === undefined || card.mac !== undefined || state.pins.has(id)) return undefined;
  const value = normaliseMac(mac);
  if (value === undefined || event.suspect.some(isAboutMac)) return undefined;
  state.pins.set(id, value);
  return { kind: PIN, key: id, value };
}
