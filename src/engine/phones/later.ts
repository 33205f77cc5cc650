// What changes a phone without a word of its own: time, a restart of ours, a person's order, the verdict on a call.
import { end, markLastCaller, reset } from './endings.ts';
import { AGE_MS_MAX, callState, type PhoneState } from './state.ts';

/** Calls outlive a restart of ours that was shorter than this; phones repeat nothing, all else would be a guess. */
const RESTART_MS = 5_000;

/** Ends what has lasted longer than anything lasts, in place. Returns whether something did; then `stale` is set. */
export function expire(phone: PhoneState, nowMs: number): boolean {
  let expired = false;
  for (const call of phone.calls) {
    if (nowMs - call.sinceMs < AGE_MS_MAX[call.phase]) continue;
    end(phone, call, call.answeredMs === null ? 'ended' : 'answered', nowMs);
    expired = true;
  }
  if (phone.offHookSinceMs !== null && nowMs - phone.offHookSinceMs >= AGE_MS_MAX.offHook) {
    phone.offHookSinceMs = null;
    expired = true;
  }
  if (phone.busySinceMs !== null && nowMs - phone.busySinceMs >= AGE_MS_MAX.busy) {
    phone.busySinceMs = null;
    expired = true;
  }
  if (expired) {
    phone.stale = true;
    phone.seq += 1;
  }
  return expired;
}

/** After a restart of the daemon: calls are kept if it was away for less than 5 s, else nobody knows how they went on. */
export function afterRestart(phone: PhoneState, awayMs: number): void {
  if (awayMs < RESTART_MS || callState(phone) === 'idle') return;
  phone.unknown = true;
  phone.seq += 1;
  phone.calls = [];
  phone.offHookSinceMs = null;
  phone.busySinceMs = null;
  phone.muted = false;
}

/** A person's order: the phone counts as idle, whatever it said. */
export function resetPhone(phone: PhoneState, atMs: number): void {
  reset(phone, atMs, () => false);
  phone.unknown = false;
  phone.stale = false;
  phone.seq += 1;
}

/** A person has seen the missed calls. */
export function clearMissed(phone: PhoneState): void {
  phone.missedCalls = 0;
  phone.missedSinceMs = null;
  phone.seq += 1;
}

export type MissedCall = { number: string | null; name: string | null; atMs: number; rangSeconds: number | null };

/** A call that rang here was taken by nobody. */
export function countMissed(phone: PhoneState, { number, name, atMs, rangSeconds }: MissedCall): void {
  const caller = phone.lastCaller?.number === number ? phone.lastCaller : null;
  const account = caller?.account ?? null;
  phone.missedCalls += 1;
  phone.missedSinceMs ??= atMs;
  phone.lastMissed = { number, name, account, atMs, rangSeconds };
  // Of a phone that says nothing but "missed" this is the first that is heard of the caller.
  phone.lastCaller = { number, name, account, atMs: caller?.atMs ?? atMs, outcome: 'missed' };
  phone.seq += 1;
}

/** That was said too early: somebody had taken it. */
export function uncountMissed(phone: PhoneState, { number }: Pick<MissedCall, 'number'>): void {
  if (phone.missedCalls > 0) phone.missedCalls -= 1;
  if (phone.missedCalls === 0) phone.missedSinceMs = null;
  if (phone.lastMissed?.number === number) phone.lastMissed = null;
  markLastCaller(phone, { number }, 'ended');
  phone.seq += 1;
}
