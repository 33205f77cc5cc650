// Which call of a phone does a hit mean? Phones name the other side, or a call id, or nothing at all.
import type { PhoneEvent } from '../../core/events.ts';
import type { Phase, PhoneCall, PhoneState, Tombstone } from './state.ts';

/** Who a hit speaks of, as far as it says. */
export type Hint = { number: string | null; name: string | null; account: string | null; callId: string | null };

const TEXT_MAX = 200;
const cut = (text: string | undefined): string | null => (text === undefined ? null : text.slice(0, TEXT_MAX));

/** `number`: the other side's number in its one spelling, null if it is withheld or not said. */
export function hintOf(event: PhoneEvent, number: string | null, contact: string | null): Hint {
  return {
    number,
    name: contact ?? cut(event.remote.name),
    account: cut(event.line.user),
    callId: callIdOf(event),
  };
}

/** Sangoma's text calls $call_id "the caller ID": where it is just the number it names no call. */
export const callIdOf = (event: PhoneEvent): string | null =>
  event.callId === event.remote.number ? null : cut(event.callId);

const sameParty = (call: Hint, hint: Hint): boolean =>
  hint.number !== null &&
  call.number === hint.number &&
  (call.account === null || hint.account === null || call.account === hint.account);

const sameId = (call: Hint, hint: Hint): boolean => hint.callId !== null && call.callId === hint.callId;

/**
 * The call that a hit means, among calls of these phases; in the order: same call id, same number, and for a hit that names
 * nobody the newest of the first phase that has any. A hit that names a stranger means a nameless call, if there is exactly
 * one: else none, so that the end of a call nobody knows ends no other.
 */
export function whichCall(
  phone: PhoneState,
  hint: Hint,
  phases: readonly Phase[],
): { call: PhoneCall; guessed: boolean } | undefined {
  const fitting = phone.calls.filter((call) => phases.includes(call.phase));
  const inOrder = phases.flatMap((phase) => fitting.filter((call) => call.phase === phase).reverse());
  const byId = inOrder.find((call) => sameId(call, hint));
  if (byId !== undefined) return { call: byId, guessed: false };
  const byNumber = inOrder.find((call) => sameParty(call, hint));
  if (byNumber !== undefined) return { call: byNumber, guessed: false };
  if (hint.number === null) {
    const first = inOrder[0];
    return first === undefined ? undefined : { call: first, guessed: fitting.length > 1 };
  }
  const nameless = inOrder.filter((call) => call.number === null);
  const only = nameless.length === 1 ? nameless[0] : undefined;
  return only === undefined ? undefined : { call: only, guessed: true };
}

/** The newest ended incoming call that a hit means, not older than `sinceMs`. */
export function whichEnded(phone: PhoneState, hint: Hint, sinceMs: number): Tombstone | undefined {
  const fresh = phone.ended.filter((ended) => ended.endedMs >= sinceMs && ended.direction !== 'out').reverse();
  return (
    fresh.find((ended) => sameId(ended, hint)) ??
    fresh.find((ended) => sameParty(ended, hint)) ??
    (hint.number === null ? fresh[0] : fresh.find((ended) => ended.number === null))
  );
}
