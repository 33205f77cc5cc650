// What the engine remembers of one site between events: one row per fact, changed in place and told as changes.
import type { Json } from '../core/delivery.ts';
import type { PhoneEvent } from '../core/events.ts';
import { normaliseMac, type PhoneCard } from '../core/phone-card.ts';
import type { StateChange } from '../core/store.ts';
import { callNamed, restorePast } from './calls/past.ts';
import type { Call } from './calls/state.ts';
import { addCall, CALL_DUE, type Calls, keepMissed, type Missed, noCalls } from './calls/table.ts';
import { createDue, type Due } from './due.ts';
import { rejoin } from './fleet/facts.ts';
import { createFleet, type Fleet, restoreFleet, SILENT_DUE } from './fleet/state.ts';
import { type PhoneState, phoneDueMs } from './phones/state.ts';
import { createMemory, type Memory, restoreRow } from './stages/memory.ts';

/** What a look-up answered about a number: a name, or that it knows none. */
export type Looked = { name: string | null };

export type State = {
  site: string;
  /** By phone id: the MAC that a phone named first, where the config names none. 12 lower-case hex digits. */
  pins: Map<string, string>;
  phones: Map<string, PhoneState>;
  /** Ids of phones that time alone will change: those in a call, off the hook or busy. */
  busy: Set<string>;
  calls: Calls;
  fleet: Fleet;
  /** By normalised number; the newest last. */
  looked: Map<string, Looked>;
  /** What rules remember: waits, counts, limits, and events that came before. */
  memory: Memory;
  due: Due;
  /** How far time has come, ms since 1970; it never goes back. */
  nowMs: number;
  /** The last moment at which the daemon is known to have run, as it was stored. */
  aliveMs: number;
};

const PIN = 'pin';
const PHONE = 'phone';
const CALL = 'call';
const MISSED = 'missed';
const LOOKED = 'looked-up';
const CLOCK = 'clock';
export const PHONE_DUE = 'phone ';
const LOOKED_MAX = 20_000;

export function createState(site = 'default'): State {
  const due = createDue();
  return {
    site,
    pins: new Map(),
    phones: new Map(),
    busy: new Set(),
    calls: noCalls(due),
    fleet: createFleet(),
    looked: new Map(),
    memory: createMemory(),
    due,
    nowMs: 0,
    aliveMs: 0,
  };
}

/** Takes one stored row back in; rows of other kinds are not the engine's and are left alone. */
export function restore(state: State, row: StateChange): void {
  const { kind, key, value } = row;
  if (value === null || restoreRow(state.memory, state.due, row) || restoreFleet(state.fleet, row)) return;
  if (kind === PIN && typeof value === 'string') state.pins.set(key, value);
  else if (kind === PHONE) restorePhone(state, value as unknown as PhoneState);
  else if (kind === CALL) restoreCall(state, value as unknown as Call);
  else if (kind === MISSED) restoreMissed(state, key, value as unknown as Missed);
  else if (kind === LOOKED) state.looked.set(key, value as unknown as Looked);
  else if (kind === CLOCK && typeof value === 'number') state.aliveMs = Math.max(state.aliveMs, value);
  state.calls.changed.clear();
  state.calls.changedMissed.clear();
}

function restorePhone(state: State, phone: PhoneState): void {
  state.phones.set(phone.id, phone);
  rearm(state, phone);
  rejoin(state, phone);
  state.aliveMs = Math.max(state.aliveMs, phone.lastSeenMs);
}

/** A phone changed: it is known when time changes it next. */
export function rearm({ due, busy }: State, phone: PhoneState): void {
  const dueMs = phoneDueMs(phone);
  due.set(PHONE_DUE + phone.id, dueMs);
  if (dueMs === undefined) busy.delete(phone.id);
  else busy.add(phone.id);
}

/** When it is due depends on settings that may have changed meanwhile: it is looked at as soon as time is. */
function restoreCall({ calls, due }: State, call: Call): void {
  // A missed call that waits to be called back is the same call; its own row is the newer one.
  const missed = call.number === null ? undefined : calls.missed.get(call.number);
  if (missed?.call.key === call.key) missed.call = call;
  if (call.closedMs !== null) restorePast(calls, call);
  else {
    addCall(calls, call);
    due.set(CALL_DUE + call.key, call.lastMs);
  }
}

function restoreMissed({ calls }: State, number: string, { call, untilMs }: Missed): void {
  keepMissed(calls, number, { call: calls.all.get(call.key) ?? calls.past.get(call.key) ?? call, untilMs });
}

/** Whether anything is known of that call, so that somebody can take care of it. */
export const knowsCall = ({ calls }: State, key: string): boolean => callNamed(calls, key) !== undefined;

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

/** The next MAC that the phone names is pinned anew. */
export function unpin(state: State, id: string): StateChange[] {
  return state.pins.delete(id) ? [{ kind: PIN, key: id, value: null }] : [];
}

/** Nothing is left of the phone itself; calls that it took part in stay. */
export function forgetPhone(state: State, id: string): StateChange[] {
  const changes = unpin(state, id);
  if (!state.phones.delete(id)) return changes;
  for (const due of [PHONE_DUE + id, SILENT_DUE + id]) state.due.set(due, undefined);
  state.busy.delete(id);
  state.fleet.watched.delete(id);
  state.fleet.back.delete(id);
  return [...changes, { kind: PHONE, key: id, value: null }];
}

/** The row of a phone as it is now. */
export const phoneRow = (phone: PhoneState): StateChange => ({ kind: PHONE, key: phone.id, value: asJson(phone) });

/** A look-up's answer; the oldest makes room. Returns the rows that changed. */
export function keepLooked(state: State, number: string, looked: Looked): StateChange[] {
  const changes: StateChange[] = [];
  const [oldest] = state.looked.keys();
  if (state.looked.size >= LOOKED_MAX && oldest !== undefined) {
    state.looked.delete(oldest);
    changes.push({ kind: LOOKED, key: oldest, value: null });
  }
  state.looked.delete(number);
  state.looked.set(number, looked);
  return [...changes, { kind: LOOKED, key: number, value: asJson(looked) }];
}

/** What look-ups answered about these numbers is known no more. */
export function dropLooked(state: State, isMeant: (number: string) => boolean): StateChange[] {
  const numbers = [...state.looked.keys()].filter(isMeant);
  for (const number of numbers) state.looked.delete(number);
  return numbers.map((key) => ({ kind: LOOKED, key, value: null }));
}

export const clockRow = (atMs: number): StateChange => ({ kind: CLOCK, key: '', value: atMs });

/** The rows of calls that changed since this was asked last. */
export function takeCallRows({ calls }: State): StateChange[] {
  if (calls.changed.size === 0 && calls.changedMissed.size === 0) return [];
  const rows: StateChange[] = [];
  for (const key of calls.changed)
    rows.push({ kind: CALL, key, value: asJson(calls.all.get(key) ?? calls.past.get(key) ?? null) });
  for (const number of calls.changedMissed)
    rows.push({ kind: MISSED, key: number, value: asJson(calls.missed.get(number) ?? null) });
  calls.changed.clear();
  calls.changedMissed.clear();
  return rows;
}

/** State holds nothing that JSON does not. The object itself, not a copy: it must be written before the next step. */
const asJson = (value: object | null): Json | null => value as Json | null;
