// Scenarios of calls that come in: answered, missed, rejected, tried again, called back, two at once.
import { answer, callOut, hangUp, missAll, ring, ringAll } from './calls.ts';
import { type Other, type Script, secondCaller } from './script.ts';

/** All phones ring, one is answered, the others say that they missed it. Returns when the conversation is over. */
function groupAnswered(script: Script, seconds: number, other: Other): number {
  const who = script.pick();
  const answered = seconds + script.around(6);
  const over = answered + script.around(40);
  ringAll(script, seconds, other);
  answer(script, who, answered, other);
  missAll(script, answered + 0.3, other, who);
  hangUp(script, who, over, other);
  return over;
}

/** All phones ring, nobody answers. Returns when they stop. */
function groupMissed(script: Script, seconds: number, other: Other): number {
  const over = seconds + script.around(20);
  ringAll(script, seconds, other);
  missAll(script, over, other);
  return over;
}

export function ringGroupAnswered(script: Script): void {
  groupAnswered(script, 0, script.other);
}

export function ringGroupMissed(script: Script): void {
  groupMissed(script, 0, script.other);
}

/** As is asked for: who answers and when, or nobody. */
export function ringGroup(script: Script): void {
  const { answer: asked } = script;
  if (asked === undefined) ringGroupAnswered(script);
  else if (asked === null) ringGroupMissed(script);
  else groupAnsweredBy(script, asked);
}

function groupAnsweredBy(script: Script, asked: { phone: number; afterSeconds: number }): void {
  const { other, count } = script;
  if (asked.phone < 1 || asked.phone > count)
    throw new RangeError(`there is no phone ${asked.phone} of ${count} to answer`);
  const who = asked.phone - 1;
  const over = asked.afterSeconds + script.around(40);
  ringAll(script, 0, other);
  answer(script, who, asked.afterSeconds, other);
  missAll(script, asked.afterSeconds + 0.3, other, who);
  hangUp(script, who, over, other);
}

export function callAnswered(script: Script): void {
  const answered = script.around(6);
  ring(script, 0, 0, script.other);
  answer(script, 0, answered, script.other);
  hangUp(script, 0, answered + script.around(40), script.other);
}

export function callMissed(script: Script): void {
  ring(script, 0, 0, script.other);
  script.say(0, script.around(20), 'missed_call', script.other);
}

export function callRejected(script: Script): void {
  const rejected = script.around(4);
  ring(script, 0, 0, script.other);
  script.say(0, rejected, 'reject_incoming_call', script.other);
  script.say(0, rejected + 0.1, 'terminated', script.other);
}

export function calledBack(script: Script): void {
  const over = groupMissed(script, 0, script.other);
  callOut(script, 0, over + script.around(300), script.other, { ringsFor: 5, talksFor: script.around(60) });
}

export function secondTry(script: Script): void {
  const over = groupMissed(script, 0, script.other);
  groupAnswered(script, over + script.around(120), script.other);
}

/** The words of a call in an order that no phone means: hits overtake each other. */
export function outOfOrder(script: Script): void {
  const { other } = script;
  script.say(0, 0, 'established', other);
  script.say(0, 0.2, 'incoming_call', other);
  script.say(0, 30, 'busy_to_idle');
  script.say(0, 30.1, 'terminated', other);
}

export function callWaiting(script: Script): void {
  const { other } = script;
  const second = secondCaller(other);
  ring(script, 0, 0, other);
  answer(script, 0, 6, other);
  ring(script, 0, 20, second);
  script.say(0, 24, 'hold', other);
  script.say(0, 24.1, 'answer_new_call', second);
  script.say(0, 24.2, 'established', second);
  script.say(0, 50, 'terminated', second);
  script.say(0, 52, 'unhold', other);
  hangUp(script, 0, 80, other);
}

export function callHeld(script: Script): void {
  const { other } = script;
  ring(script, 0, 0, other);
  answer(script, 0, 6, other);
  script.say(0, 15, 'hold', other);
  script.say(0, 35, 'unhold', other);
  script.say(0, 40, 'mute', other);
  script.say(0, 45, 'unmute', other);
  hangUp(script, 0, 60, other);
}
