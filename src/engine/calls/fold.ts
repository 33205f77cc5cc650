// Phones speak in fragments: folds what they say into calls, each with one verdict, whatever the order of the words.
import type { CallEventType, CallOutcome, Party } from '../../core/events.ts';
import { keepPast, touchKept } from './past.ts';
import { type Call, type CallSettings, isOpen, isOver, type Leg, legDueMs, verdictOf } from './state.ts';
import {
  addCall,
  addLeg,
  type Calls,
  callDueMs,
  callsOf,
  callsWith,
  dropMissed,
  forgetCall,
  keepMissed,
  rearm,
  touch,
} from './table.ts';
import { ownLeg, type Said, sharedCall } from './which.ts';

/** An event to be made of a call as it is now. `atMs`: ms since 1970. */
export type Made = {
  type: CallEventType;
  call: Call;
  atMs: number;
  /** With `call.corrected`: the verdict before. */
  before?: CallOutcome | null;
};

/** Spans in ms. `settleMsOf`: of a call's groups. */
export type Folding = { settings: CallSettings; settleMsOf(call: Pick<Call, 'groups'>): number };

/** Folds one word of a phone. `id` and `remote` are the hit's. Returns the events that follow at once. Total. */
export function foldWord(calls: Calls, said: Said, id: string, remote: Party, folding: Folding): Made[] {
  const match = ownLeg(callsOf(calls, said.phone), said, folding.settleMsOf);
  if (match !== undefined) {
    nameIt(match.call, remote);
    return match.repeat ? [] : tell(calls, match.call, match.leg, said, folding);
  }
  // The end of something that nobody named and nobody knows.
  if (said.number === null && said.word === 'ended') return [];
  const call = sharedCall(callsWith(calls, said.number), said, folding.settleMsOf) ?? begin(calls, said, id, remote);
  const leg = newLeg(said);
  call.legs.push(leg);
  nameIt(call, remote);
  addLeg(calls, call, said.phone);
  for (const group of said.card?.groups ?? []) if (!call.groups.includes(group)) call.groups.push(group);
  return tell(calls, call, leg, said, folding);
}

/** The first name that any phone saw is kept. */
function nameIt(call: Call, { name }: Party): void {
  if (call.remote.name === undefined && name !== undefined) call.remote.name = name;
}

function begin(calls: Calls, said: Said, key: string, remote: Party): Call {
  const call: Call = {
    key,
    number: said.number,
    remote: { ...remote },
    groups: [],
    direction: null,
    legs: [],
    said: { began: false, answered: false },
    answeredBy: null,
    answeredMs: null,
    startedMs: said.atMs,
    handedMs: null,
    lastMs: said.atMs,
    closedMs: null,
    verdict: null,
    corrections: 0,
  };
  addCall(calls, call);
  return call;
}

const newLeg = (said: Pick<Said, 'phone' | 'atMs'>): Leg => ({
  phone: said.phone,
  firstMs: said.atMs,
  beganMs: null,
  answeredMs: null,
  endedMs: null,
  missed: false,
  rejected: false,
  toldMs: null,
  forwardedMs: null,
  callId: null,
  alias: null,
});

/** Writes the word down and says what is news. */
function tell(calls: Calls, call: Call, leg: Leg, said: Said, folding: Folding): Made[] {
  const { word, atMs } = said;
  call.lastMs = Math.max(call.lastMs, atMs);
  call.direction ??= said.direction;
  leg.callId ??= said.callId;
  if (word === 'began') leg.beganMs = atMs;
  else if (word === 'answered') {
    leg.answeredMs = atMs;
    call.answeredBy ??= leg.phone;
    call.answeredMs ??= atMs;
  } else {
    if (word === 'forwarded') leg.forwardedMs = call.handedMs = atMs;
    else if (word !== 'ended') leg[word] = true;
    if (word !== 'ended') leg.toldMs = atMs;
    leg.endedMs ??= atMs;
  }
  const made = call.closedMs === null ? news(calls, call, atMs) : correct(calls, call, atMs, folding);
  touch(calls, call, folding.settings, folding.settleMsOf(call));
  return made;
}

function news(calls: Calls, call: Call, atMs: number): Made[] {
  const before = call.said.answered;
  const made = announce(call, atMs);
  return !before && call.said.answered ? [...made, ...returned(calls, call, atMs)] : made;
}

/** `call.ringing` or `call.dialing`, then `call.answered`: in this order, each once. `late`: an answer waits no longer. */
function announce(call: Call, atMs: number, late = false): Made[] {
  const made: Made[] = [];
  if (!call.said.began && call.legs.some((leg) => leg.beganMs !== null)) {
    call.said.began = true;
    made.push({ type: call.direction === 'out' ? 'call.dialing' : 'call.ringing', call, atMs });
  }
  // An "established" that overtook its "incoming" waits for it, so that nobody hears the end of a story first.
  if ((call.said.began || late) && call.answeredMs !== null && !call.said.answered) {
    call.said.answered = true;
    made.push({ type: 'call.answered', call, atMs });
  }
  return made;
}

/** Somebody speaks with a caller who was missed: by calling back from any phone, or because the caller got through. */
function returned(calls: Calls, call: Call, atMs: number): Made[] {
  if (call.answeredBy === null || call.number === null) return [];
  const missed = calls.missed.get(call.number);
  if (missed === undefined || missed.call.key === call.key) return [];
  missed.call.returned = { by: call.answeredBy, atMs };
  dropMissed(calls, call.number);
  touchKept(calls, missed.call);
  return [{ type: 'call.returned', call: missed.call, atMs }];
}

/** The call was missed: it waits to be called back, unless its caller has got through by now. */
function miss(calls: Calls, call: Call, atMs: number, { settings }: Folding): Made[] {
  const made: Made[] = [{ type: 'call.missed', call, atMs }];
  if (call.number === null) return made;
  keepMissed(calls, call.number, { call, untilMs: atMs + settings.returnMs });
  const later = callsWith(calls, call.number).find(
    (other) => other !== call && other.said.answered && (other.answeredMs ?? 0) > call.startedMs,
  );
  return later === undefined ? made : [...made, ...returned(calls, later, atMs)];
}

/** A late word changed a verdict that went out: said as a correction, not as a second verdict. */
function correct(calls: Calls, call: Call, atMs: number, folding: Folding): Made[] {
  const before = call.verdict;
  const after = verdictOf(call, folding.settings);
  if (before === after) return [];
  call.verdict = after;
  if (before === 'missed' && call.number !== null && calls.missed.get(call.number)?.call.key === call.key) {
    dropMissed(calls, call.number);
  }
  // Nothing was claimed before (it ended, nobody said how), so the claim itself goes out.
  if (before === null && after === 'missed') return miss(calls, call, atMs, folding);
  call.corrections += 1;
  const made: Made[] = [{ type: 'call.corrected', call, atMs, before }];
  if (after === 'missed') return [...made, ...miss(calls, call, atMs, folding).slice(1)];
  return after === 'answered' ? [...made, ...returned(calls, call, atMs)] : made;
}

/** What time does to a call that is due: legs run out, an answer is told, a settled call gets its verdict, an old one is forgotten. */
export function settleCall(calls: Calls, call: Call, nowMs: number, folding: Folding): Made[] {
  const { settings } = folding;
  const settleMs = folding.settleMsOf(call);
  // A call that was stored is looked at early, for only now its settings are known.
  if (callDueMs(call, settings, settleMs) > nowMs) {
    rearm(calls, call, settings, settleMs);
    return [];
  }
  if (call.closedMs !== null) {
    keepPast(calls, call, settings);
    return [];
  }
  for (const leg of call.legs) {
    const dueMs = legDueMs(leg, settings);
    if (!isOpen(leg) || dueMs > nowMs) continue;
    leg.endedMs = dueMs;
    call.lastMs = Math.max(call.lastMs, dueMs);
  }
  if (isOver(call) && call.lastMs + settleMs <= nowMs) return close(calls, call, nowMs, folding);
  const late = call.answeredMs !== null && call.answeredMs + settleMs <= nowMs;
  const before = call.said.answered;
  const made = late ? announce(call, nowMs, true) : [];
  if (!before && call.said.answered) made.push(...returned(calls, call, nowMs));
  touch(calls, call, settings, settleMs);
  return made;
}

const isHeard = (leg: Leg): boolean =>
  leg.beganMs !== null || leg.answeredMs !== null || leg.missed || leg.rejected || leg.forwardedMs !== null;

function close(calls: Calls, call: Call, nowMs: number, folding: Folding): Made[] {
  // Only ends of something whose beginning nobody heard: nothing to tell.
  if (!call.legs.some(isHeard)) {
    forgetCall(calls, call);
    return [];
  }
  const before = call.said.answered;
  const made = announce(call, nowMs, true);
  if (!before && call.said.answered) made.push(...returned(calls, call, nowMs));
  for (const leg of call.legs) leg.endedMs ??= nowMs;
  call.closedMs = nowMs;
  call.verdict = verdictOf(call, folding.settings);
  if (call.verdict === 'missed') made.push(...miss(calls, call, nowMs, folding));
  else made.push({ type: 'call.ended', call, atMs: nowMs });
  touch(calls, call, folding.settings, folding.settleMsOf(call));
  return made;
}

/**
 * A phone said that it is idle, whatever it forgot to say before: all its legs end that began before `sinceMs` (ms since 1970).
 */
export function endLegs(calls: Calls, phone: string, atMs: number, sinceMs: number, folding: Folding): void {
  for (const call of callsOf(calls, phone)) {
    for (const leg of call.legs) {
      if (leg.phone !== phone || !isOpen(leg) || leg.firstMs >= sinceMs) continue;
      leg.endedMs = atMs;
      call.lastMs = Math.max(call.lastMs, atMs);
      touch(calls, call, folding.settings, folding.settleMsOf(call));
    }
  }
}

/** A phone begins to hand its caller on. */
export function handOn(calls: Calls, phone: string, atMs: number, folding: Folding): void {
  for (const { call } of talking(calls, phone)) {
    call.handedMs = atMs;
    touch(calls, call, folding.settings, folding.settleMsOf(call));
  }
}

const talking = (calls: Calls, phone: string): { call: Call; leg: Leg }[] =>
  callsOf(calls, phone).flatMap((call) =>
    call.legs
      .filter((leg) => leg.phone === phone && isOpen(leg) && leg.answeredMs !== null)
      .map((leg) => ({ call, leg })),
  );

/**
 * A phone joined the two others that it talked to. Where the second is a phone of the house too, the caller's call goes on with
 * that phone: it knows us by `ownNumber`, and rang for us as an internal call. With three or more conversations nobody can say
 * which were joined; their own ends will.
 */
export function finishTransfer(
  calls: Calls,
  phone: string,
  ownNumber: string | null,
  atMs: number,
  folding: Folding,
): void {
  const own = talking(calls, phone);
  if (own.length > 2) return;
  const [first] = own;
  if (own.length === 2 && first !== undefined && ownNumber !== null) {
    const partner = callsWith(calls, ownNumber)
      .flatMap((call) => call.legs.map((leg) => ({ call, leg })))
      .findLast(({ leg }) => leg.phone !== phone && leg.answeredMs !== null && isOpen(leg));
    if (partner !== undefined) {
      const leg = newLeg({ phone: partner.leg.phone, atMs });
      first.call.legs.push({ ...leg, beganMs: atMs, answeredMs: atMs, alias: ownNumber });
      addLeg(calls, first.call, leg.phone);
      partner.leg.endedMs = atMs;
      partner.call.lastMs = atMs;
      touch(calls, partner.call, folding.settings, folding.settleMsOf(partner.call));
    }
  }
  for (const { call, leg } of own) {
    leg.endedMs = atMs;
    call.lastMs = Math.max(call.lastMs, atMs);
    touch(calls, call, folding.settings, folding.settleMsOf(call));
  }
}
