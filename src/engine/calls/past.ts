// Past: calls that are over for good. They are kept a while, because people take care of a call after it ended, not during it.
import type { Made } from './fold.ts';
import { type Call, type CallSettings, CORRECT_MS } from './state.ts';
import { addCall, CALL_DUE, type Calls, takeOut } from './table.ts';

/** Beyond that many the oldest makes room. */
const PAST_MAX = 10_000;
/** What is due under this name: the oldest of them is forgotten. */
export const PAST_DUE = 'past';

/** Can be corrected no more. Its row stays as it was stored, so that this costs no write. */
export function keepPast(calls: Calls, call: Call, { returnMs }: CallSettings): void {
  takeOut(calls, call);
  calls.past.set(call.key, call);
  if (calls.past.size > PAST_MAX) {
    const [oldest] = calls.past.keys();
    if (oldest !== undefined) drop(calls, oldest);
  }
  if (calls.past.size === 1) arm(calls, returnMs);
}

function drop(calls: Calls, key: string): void {
  calls.past.delete(key);
  calls.changed.add(key);
}

/** One name for all of them among what is due: they grow old in the order in which they came. */
function arm({ past, due }: Calls, returnMs: number): void {
  const [oldest] = past.values();
  due.set(PAST_DUE, oldest === undefined ? undefined : (oldest.closedMs ?? 0) + Math.max(returnMs, CORRECT_MS));
}

/** Forgets those that have been over for as long as a missed call waits to be called back. */
export function dropPast(calls: Calls, nowMs: number, { returnMs }: CallSettings): void {
  for (const [key, call] of calls.past) {
    if ((call.closedMs ?? 0) + Math.max(returnMs, CORRECT_MS) > nowMs) break;
    drop(calls, key);
  }
  arm(calls, returnMs);
}

/** Takes a stored call that is over back in. Whether it can still be corrected is seen once it is known how late it is. */
export function restorePast(calls: Calls, call: Call): void {
  calls.past.set(call.key, call);
  calls.restored = true;
}

/** Puts what was restored in its order, once: as if nobody had been away until `nowMs` (ms since 1970). */
export function sortPast(calls: Calls, nowMs: number, { returnMs }: CallSettings): void {
  calls.restored = false;
  const restored = [...calls.past.values()].sort(
    (a, b) => (a.closedMs ?? 0) - (b.closedMs ?? 0) || (a.key < b.key ? -1 : 1),
  );
  calls.past.clear();
  for (const call of restored)
    if ((call.closedMs ?? 0) + CORRECT_MS > nowMs) {
      addCall(calls, call);
      calls.due.set(CALL_DUE + call.key, (call.closedMs ?? 0) + CORRECT_MS);
      // Those that still go on came in before it: of a number, the calls stand in the order in which they began.
      calls.byNumber.get(call.number ?? '')?.sort((a, b) => a.startedMs - b.startedMs);
    } else calls.past.set(call.key, call);
  arm(calls, returnMs);
}

/** The call of that key, as long as anything is known of it. */
export function callNamed(calls: Calls, key: string): Call | undefined {
  const known = calls.all.get(key) ?? calls.past.get(key);
  if (known !== undefined) return known;
  for (const { call } of calls.missed.values()) if (call.key === key) return call;
  return undefined;
}

/** The call as it is now is stored wherever it is kept. */
export function touchKept(calls: Calls, call: Call): void {
  const { key, number } = call;
  if (calls.all.has(key) || calls.past.has(key)) calls.changed.add(key);
  if (number !== null && calls.missed.get(number)?.call.key === key) calls.changedMissed.add(number);
}

/** Somebody takes care of a call. Nothing is made of a call that nobody knows, or if the same person says it again. */
export function claimCall(calls: Calls, key: string, by: string, atMs: number): Made[] {
  const call = callNamed(calls, key);
  if (call === undefined || call.claimed?.by === by) return [];
  call.claimed = { by, atMs, times: (call.claimed?.times ?? 0) + 1 };
  touchKept(calls, call);
  return [{ type: 'call.claimed', call, atMs }];
}
