// Calls as one phone lives through them, in pieces that scenarios are put together from.
import type { Other, Script } from './script.ts';

/** The phone rings from then on. */
export function ring(script: Script, phone: number, seconds: number, other: Other): void {
  script.say(phone, seconds, 'incoming_call', other);
}

/** Somebody lifts the handset and speaks. */
export function answer(script: Script, phone: number, seconds: number, other: Other): void {
  script.say(phone, seconds, 'off_hook');
  script.say(phone, seconds + 0.1, 'established', other);
  script.say(phone, seconds + 0.15, 'idle_to_busy');
}

/** The conversation is over and the handset back. */
export function hangUp(script: Script, phone: number, seconds: number, other: Other): void {
  script.say(phone, seconds, 'terminated', other);
  script.say(phone, seconds + 0.3, 'on_hook');
  script.say(phone, seconds + 0.4, 'busy_to_idle');
}

/** Dials, reaches the other side after `ringsFor` seconds, speaks `talksFor` seconds. Returns when it was over. */
export function callOut(
  script: Script,
  phone: number,
  seconds: number,
  other: Other,
  { ringsFor, talksFor }: { ringsFor: number; talksFor: number },
): number {
  const answered = seconds + 1 + ringsFor;
  script.say(phone, seconds, 'off_hook');
  script.say(phone, seconds + 1, 'outgoing_call', other);
  script.say(phone, answered, 'established', other);
  script.say(phone, answered + 0.05, 'idle_to_busy');
  hangUp(script, phone, answered + talksFor, other);
  return answered + talksFor;
}

/** All phones ring, each a little later than the switch meant it. */
export function ringAll(script: Script, seconds: number, other: Other): void {
  for (let phone = 0; phone < script.count; phone++) ring(script, phone, seconds + script.between(0, 0.4), other);
}

/** All phones but one say that they missed the call. */
export function missAll(script: Script, seconds: number, other: Other, but = -1): void {
  for (let phone = 0; phone < script.count; phone++)
    if (phone !== but) script.say(phone, seconds + script.between(0, 0.4), 'missed_call', other);
}
