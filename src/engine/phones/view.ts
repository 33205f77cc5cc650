// A phone's state as it is shown outside: every key always there, times as text, nothing that only the fold needs.
import type { CallState, PhoneEvent, Slug } from '../../core/events.ts';
import type {
  LastCallerView,
  LastMissedView,
  PhoneCallView,
  PhoneEventView,
  PhoneSnapshot,
} from '../../core/phone-view.ts';
import { callState, isRegistered, type PhoneCall, type PhoneState, waitingCalls } from './state.ts';
import type { Hint } from './which.ts';

/** ISO 8601 with an offset. */
const iso = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00');
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

const DISPLAY_CHARACTERS_MAX = 200;

/** `<account>|<number>`: what tells the calls of one phone apart outside. */
const keyOf = (call: Pick<Hint, 'account' | 'number'>): string => `${call.account ?? ''}|${call.number ?? ''}`;

const callView = (call: PhoneCall): PhoneCallView => ({
  key: keyOf(call),
  phase: call.phase,
  direction: call.direction,
  remote_number: call.number,
  remote_name: call.name,
  account: call.account,
  since: iso(call.sinceMs),
});

/** The call that `call_state` speaks of: an active one first, the newest of its phase. */
function foremost(calls: readonly PhoneCall[]): PhoneCall | undefined {
  for (const phase of ['active', 'held', 'ringing', 'dialing'] as const) {
    const call = calls.findLast((each) => each.phase === phase);
    if (call !== undefined) return call;
  }
  return undefined;
}

/** The snapshot of a phone. `name` is what people call it. */
export function snapshotOf(phone: PhoneState, name: string): PhoneSnapshot {
  const state = callState(phone);
  const call = foremost(phone.calls);
  const has = (phase: PhoneCall['phase']): boolean => phone.calls.some((each) => each.phase === phase);
  const known = <T>(value: T): T | null => (phone.unknown || phone.seq === 0 ? null : value);
  return {
    id: phone.id,
    name,
    call_state: phone.seq === 0 ? null : state,
    in_use: known(state !== 'idle'),
    ringing: known(has('ringing')),
    off_hook: known(phone.offHookSinceMs !== null),
    on_hold: known(has('held')),
    muted: known(phone.muted),
    dnd: phone.dnd,
    forward: { always: phone.forward.always, busy: phone.forward.busy, no_answer: phone.forward.noAnswer },
    registered: isRegistered(phone),
    call: {
      direction: call?.direction ?? null,
      remote_number: call?.number ?? null,
      remote_name: call?.name ?? null,
      account: call?.account ?? null,
      started_at: isoOrNull(call?.startedMs ?? null),
      answered_at: isoOrNull(call?.answeredMs ?? null),
      calls: phone.calls.length,
      waiting: waitingCalls(phone),
      uncertain: call?.uncertain ?? false,
      stale: phone.stale,
    },
    calls: phone.calls.map(callView),
    missed_calls: phone.missedCalls,
    missed_since: isoOrNull(phone.missedSinceMs),
    ip: phone.ip,
    model: phone.model,
    firmware: phone.firmware,
    last_event: phone.lastEvent,
    last_seen: phone.lastSeenMs === 0 ? null : iso(phone.lastSeenMs),
    seq: phone.seq,
    schema: 1,
  };
}

export function lastCallerOf({ lastCaller }: PhoneState): LastCallerView | null {
  if (lastCaller === null) return null;
  const { number, name, account, atMs, outcome } = lastCaller;
  const display = [...(name ?? number ?? 'Anonymous')].slice(0, DISPLAY_CHARACTERS_MAX).join('');
  return { display, remote_number: number, remote_name: name, account, at: iso(atMs), outcome };
}

export function lastMissedOf({ lastMissed }: PhoneState): LastMissedView | null {
  if (lastMissed === null) return null;
  const { number, name, account, atMs, rangSeconds } = lastMissed;
  return {
    at: iso(atMs),
    remote_number: number,
    remote_name: name,
    account,
    rang_seconds: rangSeconds,
    reason: 'missed_call',
  };
}

/** A hit and what it did to its phone, to be shown by whoever wants to see it, right after the step. */
export type Shown = {
  event: PhoneEvent;
  hint: Hint;
  /** The call that it was about; undefined if it was about none. */
  meant: Hint | undefined;
  before: CallState | null;
  after: CallState | null;
  seq: number;
};

/** One hit as Home Assistant shows it. */
export function eventViewOf({ event, hint, meant, before, after, seq }: Shown): PhoneEventView {
  const about = meant ?? hint;
  const direction = meant !== undefined && 'direction' in meant ? (meant as PhoneCall).direction : null;
  return {
    event_type: event.type.slice('phone.'.length) as Slug,
    at: event.at.replace('Z', '+00:00'),
    direction,
    remote_number: about.number,
    remote_name: about.name,
    account: about.account,
    call_key: meant === undefined ? null : keyOf(meant),
    call_state: after,
    previous_call_state: before,
    seq,
  };
}
