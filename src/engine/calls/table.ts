// The calls of one site, found by phone and by number; which of them changed, and when time changes one.
import type { Due } from '../due.ts';
import { type Call, type CallSettings, CORRECT_MS, isOpen, isOver, legDueMs } from './state.ts';

/** A missed call that waits to be called back. */
export type Missed = { call: Call; untilMs: number };

export type Calls = {
  /** Open ones, and closed ones that can still be corrected; by key. */
  all: Map<string, Call>;
  byPhone: Map<string, Call[]>;
  /** By normalised number, `''` for withheld ones. */
  byNumber: Map<string, Call[]>;
  /** By normalised number. */
  missed: Map<string, Missed>;
  /** What is over for good, by key, the oldest first: somebody may still say that they take care of it. */
  past: Map<string, Call>;
  /** Whether `past` was restored and not yet put in order. */
  restored: boolean;
  /** What changed since the changes were last taken: keys of calls, and numbers of missed ones. */
  changed: Set<string>;
  changedMissed: Set<string>;
  due: Due;
};

export const noCalls = (due: Due): Calls => ({
  all: new Map(),
  byPhone: new Map(),
  byNumber: new Map(),
  missed: new Map(),
  past: new Map(),
  restored: false,
  changed: new Set(),
  changedMissed: new Set(),
  due,
});

const NONE: readonly Call[] = [];
/** A missed call is kept for its call-back; beyond that many the oldest makes room. */
const MISSED_MAX = 10_000;
/** Names of what is due: a call, or a missed call that nobody has to call back any more. */
export const CALL_DUE = 'call ';
export const MISSED_DUE = 'missed ';

export const callsOf = (calls: Calls, phone: string): readonly Call[] => calls.byPhone.get(phone) ?? NONE;
export const callsWith = (calls: Calls, number: string | null): readonly Call[] =>
  calls.byNumber.get(number ?? '') ?? NONE;

function file(index: Map<string, Call[]>, key: string, call: Call): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [call]);
  else if (!list.includes(call)) list.push(call);
}

function unfile(index: Map<string, Call[]>, key: string, call: Call): void {
  const list = index.get(key)?.filter((each) => each !== call) ?? [];
  if (list.length === 0) index.delete(key);
  else index.set(key, list);
}

/** Takes a call in, new or stored, with all its legs. */
export function addCall(calls: Calls, call: Call): void {
  calls.all.set(call.key, call);
  file(calls.byNumber, call.number ?? '', call);
  for (const leg of call.legs) file(calls.byPhone, leg.phone, call);
}

/** A leg was added to a call of the table. */
export const addLeg = (calls: Calls, call: Call, phone: string): void => file(calls.byPhone, phone, call);

/** No word of a phone means this call any more. */
export function takeOut(calls: Calls, call: Call): void {
  calls.all.delete(call.key);
  unfile(calls.byNumber, call.number ?? '', call);
  for (const leg of call.legs) unfile(calls.byPhone, leg.phone, call);
  calls.due.set(CALL_DUE + call.key, undefined);
}

export function forgetCall(calls: Calls, call: Call): void {
  takeOut(calls, call);
  calls.changed.add(call.key);
}

export function keepMissed(calls: Calls, number: string, missed: Missed): void {
  const [oldest] = calls.missed.keys();
  if (calls.missed.size >= MISSED_MAX && oldest !== undefined) dropMissed(calls, oldest);
  calls.missed.delete(number);
  calls.missed.set(number, missed);
  calls.due.set(MISSED_DUE + number, missed.untilMs);
  calls.changedMissed.add(number);
}

export function dropMissed(calls: Calls, number: string): void {
  if (!calls.missed.delete(number)) return;
  calls.due.set(MISSED_DUE + number, undefined);
  calls.changedMissed.add(number);
}

/** The call changed: it is stored, and it is known when time changes it next. */
export function touch(calls: Calls, call: Call, settings: CallSettings, settleMs: number): void {
  calls.changed.add(call.key);
  rearm(calls, call, settings, settleMs);
}

/** It is known when time changes the call next. */
export function rearm(calls: Calls, call: Call, settings: CallSettings, settleMs: number): void {
  calls.due.set(CALL_DUE + call.key, callDueMs(call, settings, settleMs));
}

/** When time alone changes the call next, ms since 1970. */
export function callDueMs(call: Call, settings: CallSettings, settleMs: number): number {
  if (call.closedMs !== null) return call.closedMs + CORRECT_MS;
  if (isOver(call)) return call.lastMs + settleMs;
  let due = Number.POSITIVE_INFINITY;
  for (const leg of call.legs) if (isOpen(leg)) due = Math.min(due, legDueMs(leg, settings));
  // An answer whose ringing never came is told once that has had its time to come.
  if (call.answeredMs !== null && !call.said.answered) due = Math.min(due, call.answeredMs + settleMs);
  return due;
}
