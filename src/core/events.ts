// The words of the field: what a phone said (PhoneEvent), what it means across phones (CallEvent), and what rules match.

/** The 34 Action URL events of Sangoma's S-series; other makers are mapped onto them.
 * Source: sangomakb.atlassian.net, page 19726574, "Supported Action URLs" (P3701 to P3734, in this order). */
export const SLUGS = [
  'setup_completed',
  'registered',
  'unregistered',
  'register_failed',
  'off_hook',
  'on_hook',
  'incoming_call',
  'outgoing_call',
  'established',
  'terminated',
  'dnd_on',
  'dnd_off',
  'forward_always_on',
  'forward_always_off',
  'forward_busy_on',
  'forward_busy_off',
  'forward_no_answer_on',
  'forward_no_answer_off',
  'transfer',
  'blind_transfer',
  'attended_transfer',
  'hold',
  'unhold',
  'mute',
  'unmute',
  'missed_call',
  'idle_to_busy',
  'busy_to_idle',
  'forward_incoming_call',
  'reject_incoming_call',
  'answer_new_call',
  'transfer_finished',
  'transfer_failed',
  'ip_changed',
] as const;

export type Slug = (typeof SLUGS)[number];
export type PhoneEventType = `phone.${Slug}`;

export const PHONE_EVENT_TYPES: readonly PhoneEventType[] = SLUGS.map((slug) => `phone.${slug}` as const);

/** What a person means by a call, derived across phones by `engine/calls`. Each goes out once per call; `call.corrected` says that
 * a verdict that went out was overturned by words that came late. */
export const CALL_EVENT_TYPES = [
  'call.ringing',
  'call.dialing',
  'call.answered',
  'call.ended',
  'call.missed',
  'call.returned',
  'call.corrected',
  'call.claimed',
] as const;
export type CallEventType = (typeof CALL_EVENT_TYPES)[number];

/** One side of a call, as the phone said it: nothing normalised, a key that is not known is missing. */
export type Party = { uri?: string; number?: string; name?: string };

/** Which phone spoke. `id` is the identity (from the token, or from the MAC under a site's token); the rest are claims. */
export type PhoneRef = {
  id: string;
  mac?: string;
  ip?: string;
  model?: string;
  firmware?: string;
  vendor: string;
};

/** What one phone said: one per hit, as it is stored in the journal. */
export type PhoneEvent = {
  /** UUIDv7, made by the receiver. */
  id: string;
  type: PhoneEventType;
  /** Arrival, ISO 8601 UTC with milliseconds; strictly increasing within a site. */
  at: string;
  site: string;
  phone: PhoneRef;
  /** The account in use (`$active_user`, `$active_host`, `$active_url`). */
  line: { user?: string; host?: string; uri?: string };
  /** The phone's own side, in both directions. */
  local: Party;
  /** The other side, in both directions: always the stranger. */
  remote: Party;
  /** As the phone said it; never a key across phones (it differs from phone to phone). */
  callId?: string;
  /** Every variable as decoded; no prototype. */
  vars: Record<string, string>;
  /** Why this hit is doubtful: `truncated`, `bad-mac`, `repeated:<name>`, `late:<name>`, `mac-mismatch`. */
  suspect: string[];
};

/** The phone's state changed; made by the engine from the event that changed it, whose content it keeps, or from time alone. */
export type StateChangedEvent = Omit<PhoneEvent, 'type'> & {
  type: typeof STATE_CHANGED;
  from: CallState | null;
  to: CallState | null;
  /** Id of the phone's event; missing where a state ran out of time. */
  cause?: string;
};
export const STATE_CHANGED = 'phone.state_changed';

/** The state of a phone in one word, first that applies from `in_call` down; Home Assistant shows the same words. */
export const CALL_STATES = ['idle', 'off_hook', 'dialing', 'ringing', 'in_call', 'on_hold', 'busy'] as const;
export type CallState = (typeof CALL_STATES)[number];

export type RemoteKind = 'external' | 'internal' | 'withheld';
export type CallOutcome = 'answered' | 'missed' | 'rejected' | 'forwarded';
/** What one phone did in a call. `ringing` also stands for a phone that dials. */
export type CallPhone = { id: string; outcome: CallOutcome | 'ringing' | 'ended' };

export type CallDetails = {
  /** Id of the hit that the call was first seen by; the call's name for its whole life. */
  key: string;
  /** Missing where no phone said which way the call went. */
  direction?: 'in' | 'out';
  /** `number` is E.164 where it can be; `name` is what the caller calls itself, `contact` what our own directory calls it. */
  remote: Party & { contact?: string; kind: RemoteKind };
  phones: CallPhone[];
  /** Groups of the phones that took part. */
  groups: string[];
  /** ISO 8601 UTC. */
  startedAt: string;
  answeredBy?: string;
  /** From the first ring or digit to the answer, or to the end of a call that nobody answered; whole seconds. */
  ringSeconds?: number;
  /** From the answer to the end; whole seconds. */
  talkSeconds?: number;
  outcome?: CallOutcome;
  /** From `call.returned` on: the phone that reached the caller, and when (ISO 8601 UTC). */
  returnedBy?: string;
  returnedAt?: string;
  /** Who said that they take care of it, and when; from `call.claimed` on. A name that somebody chose: hostile. */
  claimedBy?: string;
  claimedAt?: string;
  /** With `call.corrected`: the verdict that went out before; missing where the call had ended without one. */
  correctedFrom?: CallOutcome;
};

/** What it means across phones. `at` is the moment the engine could say so. */
export type CallEvent = {
  /** `<key>-answered` and the like: the same in every replay. */
  id: string;
  type: CallEventType;
  at: string;
  site: string;
  call: CallDetails;
};

/** An event that a rule made by `emit`. It keeps what the event that caused it knew, so that rules can go on matching it. */
export type CustomEvent = (Omit<PhoneEvent, 'type'> | (Omit<CallEvent, 'type'> & { vars: Record<string, string> })) & {
  type: `custom.${string}`;
  /** Id of the event that caused this one. */
  cause: string;
  /** How many `emit` lie between this event and a phone's own words; 1 to 8. */
  depth: number;
};

/** What rules match. */
export type Event = PhoneEvent | StateChangedEvent | CallEvent | CustomEvent;

/** What a person or a look-up added. In the journal like a hit, so that a replay sees it at the same place; met by no rule. */
export type NoteEvent = { id: string; at: string; site: string } & (
  | { type: 'note.contact'; contact: { number: string; name: string | null } }
  | { type: 'note.clear_missed' | 'note.reset'; phone: { id: string } }
  | { type: 'note.claimed'; claim: { call: string; by: string } }
  /** Somebody asked for a test message over a connection. */
  | { type: 'note.test'; to: string }
);

/** What the journal takes in. */
export type JournalEvent = PhoneEvent | NoteEvent;

/** Whether a phone said it. */
export const isPhoneEvent = (event: JournalEvent): event is PhoneEvent => event.type.startsWith('phone.');

/** The phone that an event is about: who spoke; of a call the phone that answered it, or the only one in it. */
export function phoneIdOf(event: Event | NoteEvent): string | undefined {
  if ('phone' in event) return event.phone.id;
  if (!('call' in event)) return undefined;
  const { answeredBy, phones } = event.call;
  return answeredBy ?? (phones.length === 1 ? phones[0]?.id : undefined);
}

/** The suspicion that keeps an event from the rules: the MAC contradicts the phone that the token names. */
export const MAC_MISMATCH = 'mac-mismatch';
