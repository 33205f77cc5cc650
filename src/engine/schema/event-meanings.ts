// What each event means, in one line: for editors and the reference page.
import type { CallEventType, FleetEvent, PhoneEventType, STATE_CHANGED } from '../../core/events.ts';

type EventType = PhoneEventType | CallEventType | FleetEvent['type'] | typeof STATE_CHANGED;

/** Sources of the phones' events: Sangoma's "Supported Action URLs" (page 19726574) and what other makers say of the same ones. */
export const EVENT_MEANINGS: Readonly<Record<EventType, string>> = {
  'phone.setup_completed': 'The phone has started.',
  'phone.registered': 'The phone registered an account with the switch: it can be called.',
  'phone.unregistered': 'The phone gave up the registration of an account: it cannot be called there.',
  'phone.register_failed': 'The phone could not register; it says so again at every try.',
  'phone.off_hook': 'The handset was lifted, or the speaker key pressed.',
  'phone.on_hook': 'The handset is back.',
  'phone.incoming_call': 'The phone rings. In a ring group every phone says so for itself.',
  'phone.outgoing_call': 'The phone places a call.',
  'phone.established': 'The phone is connected with the other side.',
  'phone.terminated': 'A call of the phone is over.',
  'phone.dnd_on': 'Do not disturb was switched on.',
  'phone.dnd_off': 'Do not disturb was switched off.',
  'phone.forward_always_on': 'Forwarding of every call was switched on.',
  'phone.forward_always_off': 'Forwarding of every call was switched off.',
  'phone.forward_busy_on': 'Forwarding while the phone is busy was switched on.',
  'phone.forward_busy_off': 'Forwarding while the phone is busy was switched off.',
  'phone.forward_no_answer_on': 'Forwarding of calls that nobody answers was switched on.',
  'phone.forward_no_answer_off': 'Forwarding of calls that nobody answers was switched off.',
  'phone.transfer': 'The phone hands a call on.',
  'phone.blind_transfer': 'The phone hands a call on without asking the new side first.',
  'phone.attended_transfer': 'The phone hands a call on after asking the new side.',
  'phone.hold': 'The phone put a call on hold.',
  'phone.unhold': 'The phone took a call back from hold.',
  'phone.mute': 'The microphone was switched off.',
  'phone.unmute': 'The microphone was switched on again.',
  'phone.missed_call':
    'The phone stopped ringing without an answer. Another phone of its group may have answered: for people, take call.missed.',
  'phone.idle_to_busy': 'The phone is in use now.',
  'phone.busy_to_idle': 'The phone is free again: it has no call left.',
  'phone.forward_incoming_call': 'The phone forwarded a call that came in.',
  'phone.reject_incoming_call': 'Somebody turned a call away at the phone.',
  'phone.answer_new_call': 'The phone answered a new call.',
  'phone.transfer_finished': 'The call was handed on.',
  'phone.transfer_failed': 'The call could not be handed on.',
  'phone.ip_changed': 'The phone has another address.',
  'phone.state_changed':
    'What the phone does has changed: "from" says what it did, "to" what it does now (idle, ringing, in_call, …).',
  'call.ringing': 'A call comes in. Once for each call, however many phones ring.',
  'call.dialing': 'Somebody calls out.',
  'call.answered': 'Somebody answered the call.',
  'call.ended':
    'The call is over, and it was not missed. It may have been answered, rejected or forwarded: see call.outcome.',
  'call.missed': 'Nobody answered the call. Once for each call, however many phones rang.',
  'call.returned':
    'The caller of a missed call was reached: somebody called back, or the caller tried again and got through.',
  'call.claimed': 'Somebody said that they take care of the call: call.claimedBy.',
  'call.corrected':
    'A verdict that had gone out was wrong, as phones said later; call.correctedFrom says which it was.',
  'phone.silent':
    'A known phone was not heard for as long as fleet.silentAfter in the config says. Once, until it is heard again.',
  'phone.flapping':
    'A known phone lost its registration and got it back again and again (fleet.flapping in the config). At most once an hour.',
  'site.restarted':
    'Five or more known phones of a site came back within two minutes: the power or a switch was away. Once, when it is over; fleet.phones and count say which and how many.',
};

/** Groups of events by how their names begin, for those who want many. Other beginnings work too. */
export const EVENT_GROUPS: Readonly<Record<string, string>> = {
  'call.*': 'Every event of calls.',
  'phone.*':
    'Every event that phones send. phone.state_changed, phone.silent and phone.flapping are not in it, because they follow from them.',
  'phone.forward_*': 'Forwarding: switched on or off, and calls that were forwarded.',
  'phone.dnd_*': 'Do not disturb, on or off.',
  'phone.register*': 'Registered, or registration failed.',
  'custom.*': 'Every event that rules make with "emit".',
  '*': 'Everything that phones say and that is made of calls.',
};
