// What is known of one phone, as it is shown outside: every key always there, `null` where nobody knows.
import type { CallState, Slug } from './events.ts';

export type PhoneCallView = {
  /** `<account>|<number>`; stable while the call lasts. */
  key: string;
  phase: 'ringing' | 'dialing' | 'active' | 'held';
  direction: 'in' | 'out' | null;
  remote_number: string | null;
  remote_name: string | null;
  account: string | null;
  since: string;
};

/** Times are ISO 8601 with offset, as Home Assistant's `timestamp` class wants them. Snake case: it is published as it is. */
export type PhoneSnapshot = {
  id: string;
  name: string;
  /** null: unknown, as after a restart in the middle of a call, and before the phone ever spoke. */
  call_state: CallState | null;
  in_use: boolean | null;
  ringing: boolean | null;
  off_hook: boolean | null;
  on_hold: boolean | null;
  muted: boolean | null;
  dnd: boolean | null;
  forward: { always: boolean | null; busy: boolean | null; no_answer: boolean | null };
  registered: boolean | null;
  call: {
    direction: 'in' | 'out' | null;
    remote_number: string | null;
    remote_name: string | null;
    account: string | null;
    started_at: string | null;
    answered_at: string | null;
    calls: number;
    waiting: number;
    uncertain: boolean;
    stale: boolean;
  };
  calls: PhoneCallView[];
  missed_calls: number;
  missed_since: string | null;
  ip: string | null;
  model: string | null;
  firmware: string | null;
  last_event: Slug | null;
  last_seen: string | null;
  /** Counts the phone's changes up; 0 before its first event. */
  seq: number;
  schema: 1;
};

export type LastCallerView = {
  /** Name, else number, else `Anonymous`; at most 200 characters. */
  display: string;
  remote_number: string | null;
  remote_name: string | null;
  account: string | null;
  at: string;
  outcome: 'ringing' | 'answered' | 'missed' | 'rejected' | 'forwarded' | 'ended';
};

export type LastMissedView = {
  at: string;
  remote_number: string | null;
  remote_name: string | null;
  account: string | null;
  rang_seconds: number | null;
  reason: 'missed_call';
};

/** One object per accepted hit; flat, so that Home Assistant's attributes are flat. */
export type PhoneEventView = {
  event_type: Slug;
  at: string;
  direction: 'in' | 'out' | null;
  remote_number: string | null;
  remote_name: string | null;
  account: string | null;
  call_key: string | null;
  call_state: CallState | null;
  previous_call_state: CallState | null;
  seq: number;
};

/** A phone of the config as it is now. Everything in it that came from a phone is hostile, names above all. */
export type PhoneView = {
  id: string;
  site: string;
  /** 12 lower-case hex digits. */
  mac: string | null;
  /** The maker's name for people: `Sangoma`. */
  manufacturer: string;
  area: string | null;
  groups: string[];
  state: PhoneSnapshot;
  lastCaller: LastCallerView | null;
  lastMissed: LastMissedView | null;
};

/** `phone`: something about a phone was stored; `event` where it said something. `phones`: the list itself changed (a reload):
 * phones came, went, or were renamed. `notice`: for those who watch Hookswitch itself. */
export type PhoneNews =
  | { kind: 'phone'; view: PhoneView; event?: PhoneEventView }
  | { kind: 'phones' }
  | { kind: 'notice'; type: 'phone_discovered' | 'state_expired'; data: { [key: string]: string } };

export type PhoneCommand = 'clear_missed' | 'reset';

/** The phones, for a destination that shows them as they are instead of sending messages about them. */
export type PhoneFeed = {
  /** Every phone of the config as it is now, in the config's order. */
  all(): PhoneView[];
  /** Calls back for all news from now on, in their order, after they are durable. Returns how to end that. */
  listen(listener: (news: PhoneNews) => void): () => void;
  /** A person's order about a phone; resolves when it is durable, true if there is such a phone. */
  command(phone: string, command: PhoneCommand): Promise<boolean>;
  /** Figures about Hookswitch itself. */
  health(): { version: string; startedAtMs: number; events: number; dropped: number };
};
