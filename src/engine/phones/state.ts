// What is known of one phone: its calls as a table, its features, its counters; and what follows from them.
import type { CallState, Slug } from '../../core/events.ts';
import type { PhoneFleet } from '../fleet/state.ts';

/** `ringing` and `dialing` are not answered yet; `held` is answered and parked. */
export type Phase = 'ringing' | 'dialing' | 'active' | 'held';

export type PhoneCall = {
  /** Counts up within the phone; a name for the call while it lasts. */
  n: number;
  /** null: the phone never said which way the call went. */
  direction: 'in' | 'out' | null;
  phase: Phase;
  number: string | null;
  name: string | null;
  account: string | null;
  callId: string | null;
  /** Milliseconds since 1970; `sinceMs` is when it entered its phase. */
  startedMs: number;
  sinceMs: number;
  answeredMs: number | null;
  /** The phone said "established" or the like without saying of which call. */
  uncertain: boolean;
};

export type CallOutcome = 'ringing' | 'answered' | 'missed' | 'rejected' | 'forwarded' | 'ended';

/** A call that is over, kept for 30 s, because "missed" may come after "terminated". */
export type Tombstone = Pick<PhoneCall, 'number' | 'name' | 'account' | 'callId' | 'startedMs' | 'direction'> & {
  endedMs: number;
  outcome: CallOutcome;
  /** Nobody heard it begin. */
  lone?: boolean;
};

export type LastCaller = {
  number: string | null;
  name: string | null;
  account: string | null;
  atMs: number;
  outcome: CallOutcome;
};

export type LastMissed = {
  number: string | null;
  name: string | null;
  account: string | null;
  atMs: number;
  rangSeconds: number | null;
};

export type PhoneState = {
  id: string;
  /** The maker's profile, as its hits name it. */
  vendor: string;
  /** Counts the phone's changes up. */
  seq: number;
  calls: PhoneCall[];
  ended: Tombstone[];
  nextCall: number;
  offHookSinceMs: number | null;
  busySinceMs: number | null;
  muted: boolean;
  dnd: boolean | null;
  forward: { always: boolean | null; busy: boolean | null; noAnswer: boolean | null };
  /** `name`: `$active_user`, `''` where the phone did not say which. A list: names that are numbers make an object of them large. */
  accounts: { name: string; registered: boolean }[];
  registeredAtMs: number | null;
  /** Calls that this phone rang for and nobody took (`call.missed`); not what the phone itself calls missed. */
  missedCalls: number;
  missedSinceMs: number | null;
  lastCaller: LastCaller | null;
  lastMissed: LastMissed | null;
  ip: string | null;
  model: string | null;
  firmware: string | null;
  lastEvent: Slug | null;
  lastSeenMs: number;
  /** A state ran out of time instead of being ended by the phone; until the next hit. */
  stale: boolean;
  /** After a restart in the middle of a call nobody knows how it went on; until the next hit. */
  unknown: boolean;
  /** Once it spoke of its start or its registration. */
  fleet?: PhoneFleet;
};

/** How long a state may last without a word from the phone, in ms, counted from entering it. */
export const AGE_MS_MAX = {
  ringing: 3 * 60_000,
  dialing: 3 * 60_000,
  active: 12 * 3_600_000,
  held: 12 * 3_600_000,
  offHook: 12 * 3_600_000,
  busy: 12 * 3_600_000,
} as const;

/** A phone that has not spoken yet. */
export function newPhone(id: string, vendor: string): PhoneState {
  return {
    id,
    vendor,
    seq: 0,
    calls: [],
    ended: [],
    nextCall: 1,
    offHookSinceMs: null,
    busySinceMs: null,
    muted: false,
    dnd: null,
    forward: { always: null, busy: null, noAnswer: null },
    accounts: [],
    registeredAtMs: null,
    missedCalls: 0,
    missedSinceMs: null,
    lastCaller: null,
    lastMissed: null,
    ip: null,
    model: null,
    firmware: null,
    lastEvent: null,
    lastSeenMs: 0,
    stale: false,
    unknown: false,
  };
}

/** The one word for the phone, first that applies; null while nothing is known after a restart in a call. */
export function callState(phone: PhoneState): CallState | null {
  if (phone.unknown) return null;
  const has = (phase: Phase) => phone.calls.some((call) => call.phase === phase);
  if (has('active')) return 'in_call';
  if (has('held')) return 'on_hold';
  if (has('ringing')) return 'ringing';
  if (has('dialing')) return 'dialing';
  if (phone.offHookSinceMs !== null) return 'off_hook';
  return phone.busySinceMs !== null ? 'busy' : 'idle';
}

/** true when every account that the phone spoke of is registered; null when it spoke of none. */
export function isRegistered(phone: PhoneState): boolean | null {
  return phone.accounts.length === 0 ? null : phone.accounts.every(({ registered }) => registered);
}

/** Ringing calls while another one is active or held. */
export function waitingCalls(phone: PhoneState): number {
  const busy = phone.calls.some((call) => call.phase === 'active' || call.phase === 'held');
  return busy ? phone.calls.filter((call) => call.phase === 'ringing').length : 0;
}

/** The next moment at which something of this phone runs out of time, ms since 1970; undefined if nothing does. */
export function phoneDueMs(phone: PhoneState): number | undefined {
  let due: number | undefined;
  const take = (atMs: number): void => {
    if (due === undefined || atMs < due) due = atMs;
  };
  for (const call of phone.calls) take(call.sinceMs + AGE_MS_MAX[call.phase]);
  if (phone.offHookSinceMs !== null) take(phone.offHookSinceMs + AGE_MS_MAX.offHook);
  if (phone.busySinceMs !== null) take(phone.busySinceMs + AGE_MS_MAX.busy);
  return due;
}
