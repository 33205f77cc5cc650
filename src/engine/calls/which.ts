// Which leg of which call does a hit belong to? By remote party, time and group; by $call_id within one phone only.
import type { PhoneCard } from '../../core/phone-card.ts';
import { type Call, HAND_ON_MS, isOpen, type Leg } from './state.ts';

/** What a hit says of a call. */
export type Word = 'began' | 'answered' | 'ended' | 'missed' | 'rejected' | 'forwarded';

export type Said = {
  word: Word;
  phone: string;
  card: PhoneCard | undefined;
  /** Set where the word itself tells it: an incoming or an outgoing call. */
  direction: 'in' | 'out' | null;
  number: string | null;
  callId: string | null;
  atMs: number;
};

/** The same word within this time is a repeat. */
const REPEAT_MS = 2_000;
/** "Missed" and "rejected" may follow "terminated" this late. */
const VERDICT_MS = 10_000;

/** More phones do not ring for one caller: a number that thousands of phones name is no call. */
const LEGS_MAX = 64;
/** Of a phone or number that is in more calls than that, the newest are meant. */
const CALLS_MAX = 24;

const newest = (calls: readonly Call[]): readonly Call[] =>
  calls.length > CALLS_MAX ? calls.slice(-CALLS_MAX) : calls;

/** `repeat`: the leg knows it already. */
export type Match = { call: Call; leg: Leg; repeat: boolean };

/** Whether a word can belong to a leg that its phone already has. */
function fits(leg: Leg, said: Said, settleMs: number): 'new' | 'repeat' | undefined {
  const { word, atMs } = said;
  const since = (thenMs: number): number => atMs - thenMs;
  const justEnded = (ms: number): boolean => leg.endedMs === null || since(leg.endedMs) <= ms;
  switch (word) {
    case 'began':
      if (leg.beganMs === null) return since(leg.firstMs) <= settleMs ? 'new' : undefined;
      return since(leg.beganMs) < REPEAT_MS ? 'repeat' : undefined;
    case 'answered':
      if (leg.answeredMs !== null)
        return leg.endedMs === null || since(leg.answeredMs) < REPEAT_MS ? 'repeat' : undefined;
      if (leg.missed || leg.rejected || leg.forwardedMs !== null) return undefined;
      return justEnded(settleMs) ? 'new' : undefined;
    case 'ended':
      if (leg.endedMs === null) return 'new';
      return since(leg.endedMs) <= VERDICT_MS ? 'repeat' : undefined;
    default: {
      const told = word === 'forwarded' ? leg.forwardedMs !== null : leg[word];
      // From a phone that tells nothing but this, the next one is the next call.
      if (told && leg.beganMs === null && since(leg.toldMs ?? 0) >= REPEAT_MS) return undefined;
      if (!justEnded(VERDICT_MS)) return undefined;
      return told || leg.answeredMs !== null ? 'repeat' : 'new';
    }
  }
}

const sameNumber = (call: Call, leg: Leg, number: string): boolean =>
  call.number === null || call.number === number || leg.alias === number;

/** The leg of its own phone that a word means: the same call id first, then the newest that fits. `calls`: the phone's. */
export function ownLeg(calls: readonly Call[], said: Said, settleMsOf: (call: Call) => number): Match | undefined {
  let best: Match | undefined;
  let bestRank = -1;
  for (const call of newest(calls)) {
    if (said.direction !== null && call.direction !== null && call.direction !== said.direction) continue;
    for (const leg of call.legs) {
      if (leg.phone !== said.phone || (said.number !== null && !sameNumber(call, leg, said.number))) continue;
      const fit = fits(leg, said, settleMsOf(call));
      if (fit === undefined) continue;
      // A word that names its number means a call of that number before a nameless one; a new word before a repeat.
      const rank =
        (said.callId !== null && leg.callId === said.callId ? 8 : 0) +
        (call.number === said.number ? 4 : 0) +
        (fit === 'new' ? 2 : 0) +
        (leg.endedMs === null ? 1 : 0);
      // By the leg's own age: the order of the list is another one after a restart.
      if (rank < bestRank || (rank === bestRank && best !== undefined && leg.firstMs < best.leg.firstMs)) continue;
      best = { call, leg, repeat: fit === 'repeat' };
      bestRank = rank;
    }
  }
  return best;
}

const shareGroup = (call: Call, card: PhoneCard | undefined): boolean =>
  card === undefined ||
  card.groups.length === 0 ||
  call.groups.length === 0 ||
  card.groups.some((group) => call.groups.includes(group));

const isHandedOn = (call: Call, atMs: number): boolean => call.handedMs !== null && atMs - call.handedMs <= HAND_ON_MS;

/** Whether another phone may begin to ring for this call: not while somebody talks, for that is a second caller of one company. */
function mayRing(call: Call, atMs: number, settleMs: number): boolean {
  if (call.closedMs !== null) return false;
  if (call.answeredMs === null || atMs - call.answeredMs <= settleMs || isHandedOn(call, atMs)) return true;
  return !call.legs.some((leg) => leg.answeredMs !== null && isOpen(leg));
}

/** The incoming call that another phone of the site already speaks of, and that this phone's word joins. `calls`: of its number. */
export function sharedCall(calls: readonly Call[], said: Said, settleMsOf: (call: Call) => number): Call | undefined {
  if (said.direction === 'out') return undefined;
  // Withheld callers cannot be told apart: only phones that the config puts into one group fold them.
  if (said.number === null && (said.card === undefined || said.card.groups.length === 0)) return undefined;
  return newest(calls).findLast(
    (call) =>
      call.direction !== 'out' &&
      call.legs.length < LEGS_MAX &&
      (said.number !== null || call.groups.length > 0) &&
      (shareGroup(call, said.card) || isHandedOn(call, said.atMs)) &&
      !call.legs.some((leg) => leg.phone === said.phone) &&
      (said.word === 'began'
        ? mayRing(call, said.atMs, settleMsOf(call))
        : call.closedMs === null || said.atMs - call.closedMs <= VERDICT_MS),
  );
}
