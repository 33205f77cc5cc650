// One hit changes one phone: a table from the 34 events to what each does. Total: any order, repeats and losses included.
import type { PhoneEvent, Slug } from '../../core/events.ts';
import { end, endLone, markLastCaller, reset, VERDICT_MS } from './endings.ts';
import type { PhoneCall, PhoneState } from './state.ts';
import { type Hint, whichCall, whichEnded } from './which.ts';

/** The same call announced again within this time is a repeat. */
const REPEAT_MS = 2_000;
const ACCOUNTS_MAX = 32;
/** busy_to_idle may overtake the next call by this much. */
const BUSY_TO_IDLE_GRACE_MS = 300;
/** "Registered" may come this long before "setup completed" of the same start. */
const SETUP_MS = 120_000;
/** The end of a call may overtake its beginning by this much. */
const OVERTAKEN_MS = 1_000;

const slugOf = (event: PhoneEvent): Slug => event.type.slice('phone.'.length) as Slug;

/**
 * Folds one hit into the phone, in place. `atMs` is the hit's arrival, ms since 1970. Returns the call that the hit meant, if it
 * meant one; it may be over by now. Never throws.
 */
export function foldHit(phone: PhoneState, event: PhoneEvent, hint: Hint, atMs: number): Hint | undefined {
  const slug = slugOf(event);
  phone.seq += 1;
  phone.stale = false;
  phone.unknown = false;
  phone.lastSeenMs = atMs;
  phone.lastEvent = slug;
  phone.vendor = event.phone.vendor;
  if (event.phone.ip !== undefined) phone.ip = event.phone.ip.slice(0, 64);
  if (event.phone.model !== undefined) phone.model = event.phone.model.slice(0, 64);
  if (event.phone.firmware !== undefined) phone.firmware = event.phone.firmware.slice(0, 64);
  return effects[slug]?.(phone, hint, atMs);
}

/** Returns the call that was meant. */
type Effect = (phone: PhoneState, hint: Hint, atMs: number) => Hint | undefined;

const feature =
  (set: (phone: PhoneState) => void): Effect =>
  (phone) => {
    set(phone);
    return undefined;
  };

/** What each event does; one that is not here changes no state (transfer and its kinds, transfer_failed, ip_changed). */
const effects: Partial<Record<Slug, Effect>> = {
  setup_completed(phone, _hint, atMs) {
    reset(phone, atMs, () => false);
    // "Registered" of this start may have come first.
    if (phone.registeredAtMs === null || atMs - phone.registeredAtMs > SETUP_MS) phone.accounts = [];
  },
  registered(phone, hint, atMs) {
    phone.registeredAtMs = atMs;
    return setRegistered(phone, hint.account, true);
  },
  unregistered: (phone, hint) => setRegistered(phone, hint.account, false),
  register_failed: (phone, hint) => setRegistered(phone, hint.account, false),
  off_hook(phone, _hint, atMs) {
    phone.offHookSinceMs ??= atMs;
  },
  // The call stays: it may go on by loudspeaker or headset.
  on_hook: feature((phone) => {
    phone.offHookSinceMs = null;
  }),
  incoming_call: (phone, hint, atMs) => begin(phone, hint, atMs, 'in'),
  outgoing_call: (phone, hint, atMs) => begin(phone, hint, atMs, 'out'),
  established(phone, hint, atMs) {
    const match = whichCall(phone, hint, ['ringing', 'dialing', 'active', 'held']);
    if (match === undefined) {
      // Its end overtook it.
      const over = whichEnded(phone, hint, atMs - OVERTAKEN_MS);
      if (over !== undefined && over.number !== null && over.number === hint.number) {
        over.outcome = 'answered';
        if (over.direction === 'in') markLastCaller(phone, over, 'answered');
        return over;
      }
      for (const call of phone.calls) if (call.phase === 'active') enter(call, 'held', atMs);
      return add(phone, hint, { phase: 'active', direction: null, answeredMs: atMs, uncertain: true }, atMs);
    }
    answer(phone, match.call, hint, match.guessed, atMs);
    return match.call;
  },
  answer_new_call(phone, hint, atMs) {
    const match = whichCall(phone, hint, ['ringing']);
    if (match !== undefined) answer(phone, match.call, hint, match.guessed, atMs);
    return match?.call;
  },
  terminated(phone, hint, atMs) {
    const match = whichCall(phone, hint, ['active', 'ringing', 'dialing', 'held']);
    if (match === undefined) return endLone(phone, hint, 'ended', atMs);
    end(phone, match.call, match.call.answeredMs === null ? 'ended' : 'answered', atMs);
    return match.call;
  },
  hold(phone, hint, atMs) {
    const match = whichCall(phone, hint, ['active']);
    if (match !== undefined) enter(match.call, 'held', atMs);
    return match?.call;
  },
  unhold(phone, hint, atMs) {
    const match = whichCall(phone, hint, ['held']);
    if (match !== undefined) enter(match.call, 'active', atMs);
    return match?.call;
  },
  missed_call: missed,
  forward_incoming_call: (phone, hint, atMs) => declined(phone, hint, 'forwarded', atMs),
  reject_incoming_call: (phone, hint, atMs) => declined(phone, hint, 'rejected', atMs),
  transfer_finished(phone, _hint, atMs) {
    const answered = phone.calls.filter((call) => call.phase === 'active' || call.phase === 'held');
    // With three or more nobody can say which two were joined: their own "terminated" will.
    if (answered.length <= 2) for (const call of answered) end(phone, call, 'answered', atMs);
  },
  idle_to_busy(phone, _hint, atMs) {
    phone.busySinceMs ??= atMs;
  },
  busy_to_idle: (phone, _hint, atMs) => reset(phone, atMs, (call) => atMs - call.startedMs < BUSY_TO_IDLE_GRACE_MS),
  mute: feature((phone) => {
    phone.muted = true;
  }),
  unmute: feature((phone) => {
    phone.muted = false;
  }),
  dnd_on: feature((phone) => {
    phone.dnd = true;
  }),
  dnd_off: feature((phone) => {
    phone.dnd = false;
  }),
  forward_always_on: feature((phone) => {
    phone.forward.always = true;
  }),
  forward_always_off: feature((phone) => {
    phone.forward.always = false;
  }),
  forward_busy_on: feature((phone) => {
    phone.forward.busy = true;
  }),
  forward_busy_off: feature((phone) => {
    phone.forward.busy = false;
  }),
  forward_no_answer_on: feature((phone) => {
    phone.forward.noAnswer = true;
  }),
  forward_no_answer_off: feature((phone) => {
    phone.forward.noAnswer = false;
  }),
};

function setRegistered(phone: PhoneState, account: string | null, registered: boolean): undefined {
  if (account === null) {
    for (const known of phone.accounts) known.registered = registered;
    if (phone.accounts.length === 0) phone.accounts.push({ name: '', registered });
    return undefined;
  }
  phone.accounts = phone.accounts.filter(({ name }) => name !== '');
  const known = phone.accounts.find(({ name }) => name === account);
  if (known !== undefined) known.registered = registered;
  else if (phone.accounts.length < ACCOUNTS_MAX) phone.accounts.push({ name: account, registered });
  return undefined;
}

function begin(phone: PhoneState, hint: Hint, atMs: number, direction: 'in' | 'out'): Hint {
  const unanswered = direction === 'in' ? 'ringing' : 'dialing';
  if (direction === 'in') {
    phone.lastCaller = { number: hint.number, name: hint.name, account: hint.account, atMs, outcome: 'ringing' };
  }
  // Its end overtook it, or it is said a second time.
  const over = phone.ended.find(
    (ended) =>
      ended.number === hint.number &&
      (ended.lone === true ? atMs - ended.endedMs < OVERTAKEN_MS : atMs - ended.startedMs < REPEAT_MS),
  );
  if (over !== undefined) {
    over.lone = false;
    if (direction === 'in') markLastCaller(phone, over, over.outcome);
    return hint;
  }
  // A repeat, or "established" that overtook this hit.
  const known = phone.calls.find(
    (call) =>
      atMs - call.startedMs < REPEAT_MS &&
      call.number === hint.number &&
      (call.phase === unanswered || (call.phase === 'active' && call.direction === null)),
  );
  if (known === undefined) {
    return add(phone, hint, { phase: unanswered, direction, answeredMs: null, uncertain: false }, atMs);
  }
  known.direction = direction;
  known.uncertain = false;
  if (direction === 'in' && known.phase === 'active') markLastCaller(phone, known, 'answered');
  return known;
}

type NewCall = Pick<PhoneCall, 'phase' | 'direction' | 'answeredMs' | 'uncertain'>;

/** More calls than any phone has lines for are a stranger's doing: the oldest makes room. */
const CALLS_MAX = 32;

function add(phone: PhoneState, hint: Hint, call: NewCall, atMs: number): PhoneCall {
  const added = { n: phone.nextCall++, ...hint, ...call, startedMs: atMs, sinceMs: atMs };
  if (phone.calls.length >= CALLS_MAX) phone.calls.shift();
  phone.calls.push(added);
  return added;
}

function enter(call: PhoneCall, phase: PhoneCall['phase'], atMs: number): void {
  call.phase = phase;
  call.sinceMs = atMs;
}

function answer(phone: PhoneState, call: PhoneCall, hint: Hint, guessed: boolean, atMs: number): void {
  if (call.phase === 'active' || call.phase === 'held') return;
  for (const other of phone.calls) if (other !== call && other.phase === 'active') enter(other, 'held', atMs);
  enter(call, 'active', atMs);
  call.answeredMs = atMs;
  call.uncertain = guessed;
  call.number ??= hint.number;
  call.name ??= hint.name;
  if (call.direction === 'in') markLastCaller(phone, call, 'answered');
}

/** Once per call, whichever of "missed" and "terminated" comes first; not after a reject, a forward or an answer. */
function missed(phone: PhoneState, hint: Hint, atMs: number): Hint | undefined {
  return declined(phone, hint, 'missed', atMs);
}

function declined(
  phone: PhoneState,
  hint: Hint,
  outcome: 'missed' | 'rejected' | 'forwarded',
  atMs: number,
): Hint | undefined {
  const match = whichCall(phone, hint, ['ringing']);
  if (match !== undefined) return end(phone, match.call, outcome, atMs);
  const ended = whichEnded(phone, hint, atMs - VERDICT_MS);
  if (ended === undefined) return endLone(phone, hint, outcome, atMs);
  if (ended.outcome !== 'ended') return ended;
  ended.outcome = outcome;
  markLastCaller(phone, ended, outcome);
  return ended;
}
