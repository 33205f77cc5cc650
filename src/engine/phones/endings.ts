// How a phone's calls end: removed from the table, and kept for a moment, because "missed" may come after "terminated".
import type { CallOutcome, PhoneCall, PhoneState, Tombstone } from './state.ts';
import type { Hint } from './which.ts';

/** "Missed", "rejected" and "forwarded" may come this long after "terminated". */
export const VERDICT_MS = 10_000;
const TOMBSTONE_MS = 30_000;
const TOMBSTONES_MAX = 6;

/** Ends one call, in place. */
export function end(phone: PhoneState, call: PhoneCall, outcome: CallOutcome, atMs: number): Tombstone {
  phone.calls = phone.calls.filter((other) => other !== call);
  if (phone.calls.length === 0) phone.muted = false;
  const { number, name, account, callId, startedMs, direction } = call;
  const tombstone = { number, name, account, callId, startedMs, direction, endedMs: atMs, outcome };
  bury(phone, tombstone, atMs);
  if (direction === 'in') markLastCaller(phone, call, outcome);
  return tombstone;
}

/** What became of the caller who rang last, if it was that one. The phone's own "missed" is just an end: a colleague may have
 * answered. Missed is what `countMissed` says. */
export function markLastCaller(phone: PhoneState, call: { number: string | null }, outcome: CallOutcome): void {
  if (phone.lastCaller === null || phone.lastCaller.number !== call.number) return;
  phone.lastCaller.outcome = outcome === 'missed' ? 'ended' : outcome;
}

/** The end of a call whose beginning nobody heard: it may have been overtaken, and is then no news any more when it comes. */
export function endLone(phone: PhoneState, hint: Hint, outcome: CallOutcome, atMs: number): Hint | undefined {
  if (hint.number === null || phone.calls.some((call) => call.number === hint.number)) return undefined;
  const known = phone.ended.some((ended) => ended.number === hint.number && atMs - ended.endedMs < VERDICT_MS);
  if (known) return undefined;
  bury(phone, { ...hint, startedMs: atMs, direction: 'in', endedMs: atMs, outcome, lone: true }, atMs);
  return hint;
}

function bury(phone: PhoneState, tombstone: Tombstone, atMs: number): void {
  phone.ended = phone.ended.filter((ended) => atMs - ended.endedMs < TOMBSTONE_MS).slice(1 - TOMBSTONES_MAX);
  phone.ended.push(tombstone);
}

/** The two hard resets: whatever the phone forgot to say, it is idle now. */
export function reset(phone: PhoneState, atMs: number, keep: (call: PhoneCall) => boolean): undefined {
  for (const call of phone.calls.filter((each) => !keep(each))) {
    end(phone, call, call.answeredMs === null ? 'ended' : 'answered', atMs);
  }
  phone.offHookSinceMs = null;
  phone.busySinceMs = null;
  phone.muted = false;
  return undefined;
}
