// A call as the phones of a site let us see it: legs (one phone's part), evidence, and the verdict that follows from it.
import type { CallOutcome, Party } from '../../core/events.ts';

/** What one phone said of its part in a call. Each word is kept, so that their order does not matter. */
export type Leg = {
  phone: string;
  /** When the first word of this leg came; ms since 1970, like all times here. */
  firstMs: number;
  /** When it began to ring or to dial; null while only later words have come (hits overtake each other). */
  beganMs: number | null;
  answeredMs: number | null;
  endedMs: number | null;
  missed: boolean;
  rejected: boolean;
  /** When it last said one of these two, or that it sent the caller on. */
  toldMs: number | null;
  /** When it sent the caller on to somebody else. */
  forwardedMs: number | null;
  callId: string | null;
  /** Another number under which the phone knows the other side: after a transfer it may go on naming who transferred. */
  alias: string | null;
};

export type Call = {
  /** Id of the hit that the call was first seen by. */
  key: string;
  /** Normalised number of the other side; null where it is withheld. */
  number: string | null;
  /** As a phone said it; the first name that any of them said. */
  remote: Party;
  /** Groups of the phones that take part; empty where none is configured. */
  groups: string[];
  direction: 'in' | 'out' | null;
  legs: Leg[];
  /** Which events went out already: each goes out once. */
  said: { began: boolean; answered: boolean };
  answeredBy: string | null;
  answeredMs: number | null;
  startedMs: number;
  /** When a phone last began to hand the caller on (a transfer or a forward), so that another one may ring for this call. */
  handedMs: number | null;
  /** The last word that changed it. */
  lastMs: number;
  /** When the verdict went out, and which; null while the call goes on, or where nobody said how it ended. */
  closedMs: number | null;
  verdict: CallOutcome | null;
  corrections: number;
  /** Who said last that they take care of it (a text that somebody chose), when, and how often that was said by another one. */
  claimed?: { by: string; atMs: number; times: number };
  /** The phone that reached the caller of a missed call, and when. */
  returned?: { by: string; atMs: number };
};

/** Spans in ms. */
export type CallSettings = {
  /** How long after the last phone stopped a verdict waits for words that come late. */
  settleMs: number;
  /** Ringing and dialing end after this. */
  ringMsMax: number;
  /** A conversation ends after this. */
  talkMsMax: number;
  /** How long a missed call waits to be called back. */
  returnMs: number;
  /** An incoming call that stopped ringing everywhere counts as missed even if no phone says so. */
  inferMissed: boolean;
};

export const CALL_SETTINGS: CallSettings = {
  settleMs: 3_000,
  ringMsMax: 3 * 60_000,
  talkMsMax: 12 * 3_600_000,
  returnMs: 24 * 3_600_000,
  inferMissed: false,
};

/** How long after a transfer or forward another phone's ringing still belongs to the call. */
export const HAND_ON_MS = 60_000;

/** A verdict can be corrected for this long. */
export const CORRECT_MS = 60_000;

/** A leg that still rings, dials or talks, as far as its phone said. */
export const isOpen = (leg: Leg): boolean => leg.endedMs === null;

/** When a leg runs out of time if its phone says no more. */
export const legDueMs = (leg: Leg, settings: CallSettings): number =>
  leg.answeredMs === null ? leg.firstMs + settings.ringMsMax : leg.answeredMs + settings.talkMsMax;

/** Once somebody answered, a phone that was ringing by then is waited for no more: phones seldom say "taken elsewhere". */
const isWaitedFor = (call: Call, leg: Leg): boolean =>
  isOpen(leg) &&
  (leg.answeredMs !== null || call.answeredMs === null || (leg.beganMs ?? leg.firstMs) > call.answeredMs);

/** Whether the call waits for nothing but the settle time. */
export const isOver = (call: Call): boolean => !call.legs.some((leg) => isWaitedFor(call, leg));

/** The verdict that the words so far amount to; null: it stopped, and nobody said how. */
export function verdictOf(call: Call, { inferMissed }: Pick<CallSettings, 'inferMissed'>): CallOutcome | null {
  if (call.answeredMs !== null) return 'answered';
  if (call.direction === 'out') return null;
  const forwardedMs = Math.min(...call.legs.map((leg) => leg.forwardedMs ?? Number.POSITIVE_INFINITY));
  // Where a caller was sent on, only those count who rang after that: the others stopped because of it.
  const missed = call.legs.some(
    (leg) =>
      !leg.rejected &&
      leg.forwardedMs === null &&
      (leg.missed || (inferMissed && leg.beganMs !== null)) &&
      (forwardedMs === Number.POSITIVE_INFINITY || (leg.beganMs ?? leg.firstMs) > forwardedMs),
  );
  if (missed) return 'missed';
  if (forwardedMs !== Number.POSITIVE_INFINITY) return 'forwarded';
  return call.legs.some((leg) => leg.rejected) ? 'rejected' : null;
}
