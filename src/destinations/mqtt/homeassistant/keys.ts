// Keys of the components that Home Assistant is told about. Never renamed, never used anew: unique ids and automations hang on them.
import { SLUGS, type Slug } from '../../../core/events.ts';

/** Entities of a phone and their platforms, in the order in which they are announced. */
export const PHONE_ENTITIES = {
  call_state: 'sensor',
  in_use: 'binary_sensor',
  ringing: 'binary_sensor',
  off_hook: 'binary_sensor',
  on_hold: 'binary_sensor',
  muted: 'binary_sensor',
  dnd: 'binary_sensor',
  forward_always: 'binary_sensor',
  forward_busy: 'binary_sensor',
  forward_no_answer: 'binary_sensor',
  last_caller: 'sensor',
  last_missed_call: 'sensor',
  missed_calls: 'sensor',
  clear_missed: 'button',
  event: 'event',
  registered: 'binary_sensor',
  last_seen: 'sensor',
  ip_address: 'sensor',
  firmware: 'sensor',
  model: 'sensor',
  last_event: 'sensor',
} as const;
export type EntityKey = keyof typeof PHONE_ENTITIES;
export const ENTITY_KEYS = Object.keys(PHONE_ENTITIES) as EntityKey[];

/** Entities of Hookswitch itself. */
export const BRIDGE_ENTITIES = {
  connection_state: 'binary_sensor',
  version: 'sensor',
  phones: 'sensor',
  events_received: 'sensor',
  events_dropped: 'sensor',
  last_error: 'sensor',
  republish_discovery: 'button',
} as const;

export const TRIGGER_PLATFORM = 'device_automation';
export type TriggerKey = `trigger_${Slug}`;
export const TRIGGER_KEYS: readonly TriggerKey[] = SLUGS.map((slug) => `trigger_${slug}` as const);

/** Each device trigger's subtype, as the list of triggers shows it: `"Incoming call" received`. */
export const TRIGGER_SUBTYPES: Readonly<Record<Slug, string>> = {
  setup_completed: 'Setup completed',
  registered: 'Registered',
  unregistered: 'Unregistered',
  register_failed: 'Registration failed',
  off_hook: 'Off hook',
  on_hook: 'On hook',
  incoming_call: 'Incoming call',
  outgoing_call: 'Outgoing call',
  established: 'Call established',
  terminated: 'Call terminated',
  dnd_on: 'Do not disturb on',
  dnd_off: 'Do not disturb off',
  forward_always_on: 'Forward always on',
  forward_always_off: 'Forward always off',
  forward_busy_on: 'Forward when busy on',
  forward_busy_off: 'Forward when busy off',
  forward_no_answer_on: 'Forward when unanswered on',
  forward_no_answer_off: 'Forward when unanswered off',
  transfer: 'Transfer',
  blind_transfer: 'Blind transfer',
  attended_transfer: 'Attended transfer',
  hold: 'Call held',
  unhold: 'Call resumed',
  mute: 'Microphone muted',
  unmute: 'Microphone unmuted',
  missed_call: 'Missed call',
  idle_to_busy: 'Idle to busy',
  busy_to_idle: 'Busy to idle',
  forward_incoming_call: 'Incoming call forwarded',
  reject_incoming_call: 'Incoming call rejected',
  answer_new_call: 'New call answered',
  transfer_finished: 'Transfer finished',
  transfer_failed: 'Transfer failed',
  ip_changed: 'IP address changed',
};

/** The triggers that are offered unless the config says otherwise. */
export const USUAL_TRIGGERS: readonly Slug[] = [
  'incoming_call',
  'outgoing_call',
  'established',
  'terminated',
  'missed_call',
  'reject_incoming_call',
  'dnd_on',
  'dnd_off',
];

/** The id that the device of Hookswitch itself has in place of a phone's. */
export const BRIDGE_ID = 'bridge';
