// Forget: everything that the engine remembers of a number goes, at once and for good, because somebody has a right to that.
import type { Trace } from '../core/number-trace.ts';
import type { StateChange } from '../core/store.ts';
import { dropMissed, forgetCall } from './calls/table.ts';
import type { Touched } from './fold.ts';
import type { PhoneState } from './phones/state.ts';
import { dropWait, type RuleMemory, remove, tablesOf } from './stages/memory.ts';
import { dropLooked, phoneRow, rearm, type State, takeCallRows } from './state.ts';

/**
 * Forgets the number that `holds` finds, in place; no event is made of it. Returns the rows that changed and the phones that show
 * something else now. It is no input of `step`: in the journal, its own word would be what is left of the number. Counters stay as they
 * are; of a call that goes on at this moment the next word of a phone begins a new one.
 */
export function forget(state: State, holds: Trace): { changes: StateChange[]; touched: Touched[] } {
  const isIn = (value: unknown): boolean => holds(JSON.stringify(value));
  const changes: StateChange[] = [];
  const touched: Touched[] = [];
  const { calls, memory } = state;
  for (const phone of state.phones.values()) {
    if (!isIn(phone) || !forgetIn(phone, isIn)) continue;
    rearm(state, phone);
    changes.push(phoneRow(phone));
    touched.push({ phone: phone.id });
  }
  for (const call of [...calls.all.values()]) if (isIn(call)) forgetCall(calls, call);
  for (const [key, call] of [...calls.past])
    if (isIn(call)) {
      calls.past.delete(key);
      calls.changed.add(key);
    }
  for (const [number, missed] of [...calls.missed]) if (holds(number) || isIn(missed)) dropMissed(calls, number);
  changes.push(...takeCallRows(state), ...dropLooked(state, holds));
  for (const mine of memory.rules.values()) forgetOfRule(state, mine, holds, isIn, changes);
  return { changes, touched };
}

/** Returns whether anything was there. */
function forgetIn(phone: PhoneState, isIn: (value: unknown) => boolean): boolean {
  const before = phone.calls.length + phone.ended.length;
  phone.calls = phone.calls.filter((call) => !isIn(call));
  phone.ended = phone.ended.filter((call) => !isIn(call));
  let found = before !== phone.calls.length + phone.ended.length;
  for (const last of ['lastCaller', 'lastMissed'] as const)
    if (phone[last] !== null && isIn(phone[last])) {
      phone[last] = null;
      found = true;
    }
  return found;
}

function forgetOfRule(
  { due }: State,
  mine: RuleMemory,
  holds: Trace,
  isIn: (value: unknown) => boolean,
  changes: StateChange[],
): void {
  for (const [key, row] of [...mine.waits.rows]) if (holds(key) || isIn(row)) dropWait(mine, key, due, changes);
  for (const table of tablesOf(mine))
    for (const [key, row] of [...table.rows]) if (holds(key) || isIn(row)) remove(mine.rule, table, key, changes);
}
