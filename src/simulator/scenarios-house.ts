// Scenarios without a call: power, registration, do not disturb, forwarding.
import type { Slug } from '../core/events.ts';
import type { Script } from './script.ts';

const HOUR_SECONDS = 3_600;
const FLAPS = 5;

function each(script: Script, tell: (phone: number) => void): void {
  for (let phone = 0; phone < script.count; phone++) tell(phone);
}

export function powerCut(script: Script): void {
  each(script, (phone) => {
    const up = script.between(20, 60);
    script.say(phone, up, 'setup_completed');
    script.say(phone, up + script.between(1, 3), 'registered');
  });
}

export function registrationLost(script: Script): void {
  each(script, (phone) => {
    const lost = script.between(0, 1);
    script.say(phone, lost, 'unregistered');
    for (const failed of [30, 60, 90]) script.say(phone, lost + failed, 'register_failed');
    script.say(phone, lost + 120, 'registered');
  });
}

/** Registration comes and goes: a switch or a network that is ill. */
export function registerFlap(script: Script): void {
  each(script, (phone) => {
    let at = script.between(0, 5);
    for (let round = 0; round < FLAPS; round++) {
      script.say(phone, at, 'unregistered');
      script.say(phone, at + 10, 'register_failed');
      at += script.between(20, 40);
      script.say(phone, at, 'registered');
      at += script.between(20, 60);
    }
  });
}

function dayOf(script: Script, on: Slug, off: Slug): void {
  each(script, (phone) => {
    script.say(phone, script.between(0, 120), on);
    script.say(phone, 8 * HOUR_SECONDS + script.between(0, 120), off);
  });
}

export const dndDay = (script: Script): void => dayOf(script, 'dnd_on', 'dnd_off');
export const forwardDay = (script: Script): void => dayOf(script, 'forward_always_on', 'forward_always_off');
