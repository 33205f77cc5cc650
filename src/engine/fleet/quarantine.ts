// Quarantine: who spoke without being known, or with another MAC than its own. Counted and remembered; nothing else comes of it.
import { MAC_MISMATCH, type PhoneEvent } from '../../core/events.ts';
import type { StateChange } from '../../core/store.ts';
import { type Fleet, quarantineRow } from './state.ts';

/** What is known of one of them; all of it claims. Moments in ms since 1970. */
export type Quarantined = {
  /** What it was taken for: the phone that its token names, else its MAC address, else its address. */
  id: string;
  why: 'unknown' | 'mac-mismatch';
  mac: string | null;
  ip: string | null;
  model: string | null;
  firmware: string | null;
  vendor: string;
  hits: number;
  firstMs: number;
  lastMs: number;
};

/** Anybody with a site's token can name any MAC address: beyond that many the oldest goes. */
export const QUARANTINED_MAX = 10_000;
const TEXT_MAX = 64;

const cut = (text: string | undefined): string | null => (text === undefined ? null : text.slice(0, TEXT_MAX));

/** A phone that speaks with more than one foreign MAC has an entry for each. */
const keyOf = (id: string, mac: string | undefined, why: Quarantined['why']): string =>
  why === 'unknown' ? id : `${id} ${mac ?? ''}`;

/** Counts a hit that is kept from the rules, in place. */
export function quarantine(fleet: Fleet, event: PhoneEvent, changes: StateChange[]): Quarantined {
  const { id, mac, ip, model, firmware, vendor } = event.phone;
  const why = event.suspect.includes(MAC_MISMATCH) ? 'mac-mismatch' : 'unknown';
  const key = keyOf(id, mac, why);
  const atMs = Date.parse(event.at);
  const known = fleet.quarantine.get(key);
  const row: Quarantined = {
    id,
    why,
    mac: mac ?? null,
    ip: cut(ip) ?? known?.ip ?? null,
    model: cut(model) ?? known?.model ?? null,
    firmware: cut(firmware) ?? known?.firmware ?? null,
    vendor,
    hits: (known?.hits ?? 0) + 1,
    firstMs: known?.firstMs ?? atMs,
    lastMs: atMs,
  };
  fleet.quarantine.delete(key);
  if (fleet.quarantine.size >= QUARANTINED_MAX) dropOldest(fleet, changes);
  fleet.quarantine.set(key, row);
  changes.push(quarantineRow(key, row));
  return row;
}

/** The one that was heard longest ago. */
function dropOldest(fleet: Fleet, changes: StateChange[]): void {
  const [oldest] = fleet.quarantine.keys();
  if (oldest === undefined) return;
  fleet.quarantine.delete(oldest);
  changes.push(quarantineRow(oldest, null));
}

/** A phone that spoke and is known by now was adopted meanwhile. */
export function release(fleet: Fleet, { phone }: PhoneEvent, changes: StateChange[]): void {
  if (fleet.quarantine.size === 0) return;
  for (const key of [phone.id, phone.mac])
    if (key !== undefined && fleet.quarantine.delete(key)) changes.push(quarantineRow(key, null));
}

/** What a phone did with other MACs than its own, and what stands under its own id. */
export function forgive(fleet: Fleet, id: string, changes: StateChange[]): void {
  for (const [key, row] of [...fleet.quarantine]) {
    if (row.id !== id) continue;
    fleet.quarantine.delete(key);
    changes.push(quarantineRow(key, null));
  }
}
