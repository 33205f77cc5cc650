// Which events of phones the engine lives on: what calls are folded from, and what a phone's state follows from.
import type { Slug } from '../core/events.ts';

/** The events from which calls are made, and those that tell which call a hit means that names nobody. */
export const CALL_SLUGS: readonly Slug[] = [
  'setup_completed',
  'incoming_call',
  'outgoing_call',
  'established',
  'terminated',
  'transfer',
  'blind_transfer',
  'attended_transfer',
  'hold',
  'unhold',
  'missed_call',
  'busy_to_idle',
  'forward_incoming_call',
  'reject_incoming_call',
  'answer_new_call',
  'transfer_finished',
];

/** The events from which the state of a phone (`idle`, `ringing`, …) follows. */
export const STATE_SLUGS: readonly Slug[] = [...CALL_SLUGS, 'off_hook', 'on_hook', 'idle_to_busy'];

/** What such an event must say, in the names that URLs have: whose account, which call, and who the other side is. */
export const CALL_VARIABLES: readonly string[] = ['user', 'call_id', 'remote', 'display_remote'];

/** What one of them must say besides: to whom a transfer went is told by the phone's own number. */
export const OWN_NUMBER_SLUGS: readonly Slug[] = ['transfer_finished'];
