// Fold: what one hit, one note or the passing of time changes in phones and calls, and the events that follow from it.
import type { CallState, Event, PhoneEvent, StateChangedEvent } from '../core/events.ts';
import { STATE_CHANGED } from '../core/events.ts';
import type { Known } from '../core/fields.ts';
import type { StateChange } from '../core/store.ts';
import { callEventOf } from './calls/event.ts';
import { type Made, settleCall } from './calls/fold.ts';
import { dropPast, PAST_DUE, sortPast } from './calls/past.ts';
import { CALL_DUE, dropMissed, MISSED_DUE } from './calls/table.ts';
import { foldFragment } from './calls/words.ts';
import { foldFleet } from './fleet/facts.ts';
import { FLEET_DUE } from './fleet/state.ts';
import { fleetDue, tellFleet } from './fleet/tell.ts';
import { foldHit } from './phones/fold.ts';
import { afterRestart, countMissed, expire, uncountMissed } from './phones/later.ts';
import { callState, newPhone, type PhoneState } from './phones/state.ts';
import type { Shown } from './phones/view.ts';
import { callIdOf, hintOf } from './phones/which.ts';
import type { Program } from './program.ts';
import { clockRow, PHONE_DUE, phoneRow, rearm, type State, takeCallRows } from './state.ts';

/** An event and what is known besides it: what rules meet. */
export type Met = { event: Event; known: Known };

/** Something to be shown about a phone; `said` where it spoke, `expired` where its state ran out of time. */
export type Touched = { phone: string; said?: Shown; expired?: CallState; discovered?: true };

/** Where the results of one input are gathered. */
export type Folded = {
  changes: StateChange[];
  /** In the order in which rules meet them. */
  met: Met[];
  touched: Touched[];
  /** Numbers outside the house that nobody has a name for. */
  unnamed: string[];
};

/** While a phone is busy, the clock is stored that often, so that a restart knows how long nobody listened. */
const ALIVE_EVERY_MS = 2_000;
/** Phones that the config does not know are anybody's claim: beyond that many they are not remembered. */
const STRANGERS_MAX = 10_000;

const contactOf = (state: State, program: Program, number: string): string | null =>
  program.book.contactOf(number) ?? state.looked.get(number)?.name ?? null;

const MAY_BE_WITHHELD = new Set([
  'phone.incoming_call',
  'phone.missed_call',
  'phone.reject_incoming_call',
  'phone.forward_incoming_call',
]);

/** What is known of a phone's event before it is folded. */
export function knownOf(state: State, event: PhoneEvent, program: Program): Known {
  const number = program.book.numberOf(event.site, event.remote);
  const named = number !== null || event.remote.uri !== undefined || MAY_BE_WITHHELD.has(event.type);
  return {
    card: program.cardOf(event.site, event.phone.id),
    state: null,
    number,
    kind: named ? program.book.kindOf(event.site, number) : null,
    contact: number === null ? null : contactOf(state, program, number),
  };
}

/** Folds a hit that arrived at `atMs` (ms since 1970) into its phone and its call, in place. */
export function foldEvent(state: State, event: PhoneEvent, known: Known, program: Program, folded: Folded): void {
  const atMs = Date.parse(event.at);
  const phone = phoneOf(state, event, known);
  const { number, card } = known;
  folded.met.push({ event, known });
  let meant = number;
  if (phone !== undefined) {
    const hint = hintOf(event, number, known.contact);
    const first = phone.seq === 0;
    const before = callState(phone);
    const about = foldHit(phone, event, hint, atMs);
    meant ??= about?.number ?? null;
    known.state = callState(phone);
    rearm(state, phone);
    folded.changes.push(phoneRow(phone));
    const shown = { event, hint, meant: about, before: first ? null : before, after: known.state, seq: phone.seq };
    const told: Touched = { phone: phone.id, said: shown };
    if (first && card === undefined) told.discovered = true;
    folded.touched.push(told);
    if (before !== known.state) changed(event, before, known, program, folded);
    tellFleet(state, foldFleet(state, phone, event, program.fleet, folded.changes), program, folded);
  }
  const ownNumber = event.type === 'phone.transfer_finished' ? program.book.numberOf(event.site, event.local) : null;
  const fragment = { event, card, number: meant, ownNumber, callId: callIdOf(event), atMs };
  if (known.kind === 'external' && known.contact === null && number !== null && isBeginning(event))
    folded.unnamed.push(number);
  tell(state, foldFragment(state.calls, fragment, program.folding), program, folded);
}

const isBeginning = ({ type }: PhoneEvent): boolean => type === 'phone.incoming_call' || type === 'phone.outgoing_call';

function phoneOf(state: State, event: PhoneEvent, { card }: Known): PhoneState | undefined {
  const { id, vendor } = event.phone;
  const known = state.phones.get(id);
  if (known !== undefined) return known;
  if (card === undefined && state.phones.size >= STRANGERS_MAX) return undefined;
  const phone = newPhone(id, vendor);
  state.phones.set(id, phone);
  return phone;
}

/** Made only where a rule takes it: it says nothing that the phone's own events do not say. */
function changed(cause: PhoneEvent, from: CallState | null, known: Known, program: Program, folded: Folded): void {
  if (!program.takes(STATE_CHANGED)) return;
  const to = known.state;
  const event: StateChangedEvent = {
    ...cause,
    id: `${cause.id}-state`,
    type: STATE_CHANGED,
    from,
    to,
    cause: cause.id,
  };
  folded.met.push({ event, known });
}

/** Turns what became of calls into events, and counts missed calls at the phones that rang. */
export function tell(state: State, made: readonly Made[], program: Program, folded: Folded): void {
  const names = {
    kindOf: program.book.kindOf,
    contactOf: (number: string) => contactOf(state, program, number),
  };
  for (const each of made) {
    const event = callEventOf(each, state.site, names);
    const phone = event.call.answeredBy ?? (event.call.phones.length === 1 ? event.call.phones[0]?.id : undefined);
    const { number, kind, contact } = event.call.remote;
    const known: Known = {
      card: phone === undefined ? undefined : program.cardOf(state.site, phone),
      state: callStateOf(state, phone),
      number: number ?? null,
      kind,
      contact: contact ?? null,
      nameOf: program.nameOf(state.site),
    };
    folded.met.push({ event, known });
    if (event.type === 'call.missed') count(state, each, true, folded);
    if (event.type === 'call.corrected' && each.before === 'missed') count(state, each, false, folded);
    if (event.type === 'call.corrected' && event.call.outcome === 'missed') count(state, each, true, folded);
  }
  for (const row of takeCallRows(state)) folded.changes.push(row);
}

function callStateOf(state: State, id: string | undefined): CallState | null {
  const phone = id === undefined ? undefined : state.phones.get(id);
  return phone === undefined ? null : callState(phone);
}

/** The counter is of what a person means by missed: a call that a colleague took counts at no phone. */
function count(state: State, { call, atMs }: Made, missed: boolean, folded: Folded): void {
  for (const leg of call.legs) {
    const phone = state.phones.get(leg.phone);
    if (phone === undefined || leg.rejected || leg.forwardedMs !== null) continue;
    if (leg.beganMs === null && !leg.missed) continue;
    const { number } = call;
    const name =
      number !== null && phone.lastCaller?.number === number ? phone.lastCaller.name : (call.remote.name ?? null);
    const rangSeconds = leg.beganMs === null ? null : Math.round(((leg.endedMs ?? atMs) - leg.beganMs) / 1000);
    if (missed) countMissed(phone, { number, name, atMs, rangSeconds });
    else uncountMissed(phone, { number });
    folded.changes.push(phoneRow(phone));
    folded.touched.push({ phone: phone.id });
  }
}

/** Lets time pass up to `nowMs`, one due thing after the other, each at its own moment: so the result does not depend on when
 * anybody looked. Time never goes back. `then` is called behind each with its name, before any time passes again: there the rules
 * meet what followed from it, and what is theirs among the names is done. */
export function advance(
  state: State,
  nowMs: number,
  program: Program,
  folded: Folded,
  then: (due: string) => void,
): void {
  if (state.calls.restored) sortPast(state.calls, nowMs, program.folding.settings);
  for (;;) {
    const next = state.due.take(nowMs);
    if (next === undefined) break;
    const atMs = Math.max(next.atMs, state.nowMs);
    state.nowMs = atMs;
    if (next.key.startsWith(PHONE_DUE)) runOut(state, next.key.slice(PHONE_DUE.length), atMs, program, folded);
    else if (next.key.startsWith(CALL_DUE)) {
      const call = state.calls.all.get(next.key.slice(CALL_DUE.length));
      if (call !== undefined) tell(state, settleCall(state.calls, call, atMs, program.folding), program, folded);
    } else if (next.key.startsWith(MISSED_DUE)) {
      dropMissed(state.calls, next.key.slice(MISSED_DUE.length));
      for (const row of takeCallRows(state)) folded.changes.push(row);
    } else if (next.key === PAST_DUE) {
      dropPast(state.calls, atMs, program.folding.settings);
      for (const row of takeCallRows(state)) folded.changes.push(row);
    } else if (next.key.startsWith(FLEET_DUE)) fleetDue(state, next.key, atMs, program, folded);
    then(next.key);
  }
  state.nowMs = Math.max(state.nowMs, nowMs);
}

function runOut(state: State, id: string, atMs: number, program: Program, folded: Folded): void {
  const phone = state.phones.get(id);
  if (phone === undefined) return;
  const before = callState(phone);
  const expired = expire(phone, atMs);
  rearm(state, phone);
  if (!expired) return;
  folded.changes.push(phoneRow(phone));
  folded.touched.push({ phone: id, ...(before === null ? {} : { expired: before }) });
  silently(state, phone, before, atMs, 'expired', program, folded);
}

/** A state that changed without a word of the phone. */
function silently(
  state: State,
  phone: PhoneState,
  from: CallState | null,
  atMs: number,
  why: string,
  program: Program,
  folded: Folded,
): void {
  const to = callState(phone);
  if (from === to || !program.takes(STATE_CHANGED)) return;
  const { id, vendor } = phone;
  const event: StateChangedEvent = {
    id: `${id}-${why}-${atMs}`,
    type: STATE_CHANGED,
    at: new Date(atMs).toISOString(),
    site: state.site,
    phone: { id, vendor },
    line: {},
    local: {},
    remote: {},
    vars: Object.create(null),
    suspect: [],
    from,
    to,
  };
  const known: Known = { card: program.cardOf(state.site, id), state: to, number: null, kind: null, contact: null };
  folded.met.push({ event, known });
}

/** After a start: how long nobody listened decides what is still believed of phones that were in a call. */
export function restarted(state: State, nowMs: number, program: Program, folded: Folded): void {
  const awayMs = state.aliveMs === 0 ? 0 : Math.max(0, nowMs - state.aliveMs);
  for (const phone of state.phones.values()) {
    const [before, seq] = [callState(phone), phone.seq];
    afterRestart(phone, awayMs);
    if (phone.seq === seq) continue;
    rearm(state, phone);
    folded.changes.push(phoneRow(phone));
    folded.touched.push({ phone: phone.id });
    silently(state, phone, before, nowMs, 'restarted', program, folded);
  }
}

/** The clock's row where it is time to store it. Returns when time changes something next, ms since 1970; undefined: never. */
export function keepAlive(state: State, nowMs: number, folded: Folded): number | undefined {
  const nextMs = state.due.nextMs();
  if (state.busy.size === 0) return nextMs;
  if (nowMs - state.aliveMs >= ALIVE_EVERY_MS) {
    state.aliveMs = nowMs;
    folded.changes.push(clockRow(nowMs));
  }
  return Math.min(nextMs ?? Number.POSITIVE_INFINITY, state.aliveMs + ALIVE_EVERY_MS);
}
