// Scenarios of calls that go out or go on: dialled, transferred, forwarded.
import { answer, callOut, hangUp, ring } from './calls.ts';
import type { Script } from './script.ts';

export function callOutAnswered(script: Script): void {
  callOut(script, 0, 0, script.other, { ringsFor: script.around(8), talksFor: script.around(60) });
}

export function callOutUnanswered(script: Script): void {
  const over = 1 + script.around(25);
  script.say(0, 0, 'off_hook');
  script.say(0, 1, 'outgoing_call', script.other);
  hangUp(script, 0, over, script.other);
}

/** The first phone hands its caller on to the second without asking. */
export function blindTransfer(script: Script): void {
  const { other } = script;
  ring(script, 0, 0, other);
  answer(script, 0, 6, other);
  script.say(0, 20, 'blind_transfer', other);
  script.say(0, 20.1, 'transfer_finished', other);
  hangUp(script, 0, 20.2, other);
  ring(script, 1, 21, other);
  answer(script, 1, 25, other);
  hangUp(script, 1, 70, other);
}

/** The first phone asks the second, and then joins it to the caller. */
export function attendedTransfer(script: Script): void {
  const { other } = script;
  const [asking, asked] = [{ number: script.extension(0) }, { number: script.extension(1) }];
  ring(script, 0, 0, other);
  answer(script, 0, 6, other);
  script.say(0, 15, 'hold', other);
  script.say(0, 16, 'outgoing_call', asked);
  ring(script, 1, 16.2, asking);
  answer(script, 1, 20, asking);
  script.say(0, 20.2, 'established', asked);
  script.say(0, 28, 'attended_transfer', asked);
  script.say(0, 28.2, 'transfer_finished', asked);
  script.say(0, 28.3, 'on_hook');
  script.say(0, 28.4, 'busy_to_idle');
  hangUp(script, 1, 75, asking);
}

export function forwarded(script: Script): void {
  ring(script, 0, 0, script.other);
  script.say(0, script.around(3), 'forward_incoming_call', script.other);
}
