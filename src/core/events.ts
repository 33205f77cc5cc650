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

/** The call events of the design. They are derived across phones by `engine/calls`. */
export const CALL_EVENT_TYPES = [
  'call.ringing',
  'call.dialing',
  'call.answered',
  'call.ended',
  'call.missed',
  'call.returned',
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

/** An event that a rule made by `emit`. It keeps what the event that caused it knew, so that rules can go on matching it. */
export type CustomEvent = Omit<PhoneEvent, 'type'> & {
  type: `custom.${string}`;
  /** Id of the event that caused this one. */
  cause: string;
  /** How many `emit` lie between this event and a phone's own words; 1 to 8. */
  depth: number;
};

/** What rules match. */
export type Event = PhoneEvent | CustomEvent;

/** The suspicion that keeps an event from the rules: the MAC contradicts the phone that the token names. */
export const MAC_MISMATCH = 'mac-mismatch';
