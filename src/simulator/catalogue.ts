// The catalogue: every scenario by its name, with its line for the reference page. A new scenario is one function and one line here.
import type { CourseOptions, Scenario } from '../core/simulation.ts';
import { type Find, playBusyHours } from './mix.ts';
import { dndDay, forwardDay, powerCut, registerFlap, registrationLost } from './scenarios-house.ts';
import {
  callAnswered,
  calledBack,
  callHeld,
  callMissed,
  callRejected,
  callWaiting,
  outOfOrder,
  ringGroup,
  ringGroupAnswered,
  ringGroupMissed,
  secondTry,
} from './scenarios-in.ts';
import { attendedTransfer, blindTransfer, callOutAnswered, callOutUnanswered, forwarded } from './scenarios-on.ts';
import { createScript, type Script } from './script.ts';

type Phones = { least: number; usual: number };
const ONE: Phones = { least: 1, usual: 1 };
const TWO: Phones = { least: 2, usual: 2 };
const GROUP: Phones = { least: 2, usual: 10 };
const ANY: Phones = { least: 1, usual: 10 };
const MANY: Phones = { least: 1, usual: 60 };

/** `write` puts the course into a script. */
function scenario(name: string, phones: Phones, summary: string, write: (script: Script) => void): Scenario {
  return {
    name,
    summary,
    phonesMin: phones.least,
    phonesUsual: phones.usual,
    play(options: CourseOptions) {
      if (options.phones.length < phones.least) throw new RangeError(`${name} needs ${phones.least} phones`);
      const script = createScript(options);
      write(script);
      return script.hits();
    },
  };
}

/** All scenarios, in the order in which the reference page tells them. */
export const SCENARIOS: readonly Scenario[] = [
  scenario(
    'ring-group-answered',
    GROUP,
    'All phones ring; one is answered after 6 s, the others say that they missed it; 40 s of talk.',
    ringGroupAnswered,
  ),
  scenario('ring-group-missed', GROUP, 'All phones ring for 20 s, and nobody answers.', ringGroupMissed),
  scenario('call-answered', ONE, 'One phone rings and is answered after 6 s; 40 s of talk.', callAnswered),
  scenario('call-missed', ONE, 'One phone rings for 20 s, and nobody answers.', callMissed),
  scenario('call-rejected', ONE, 'One phone rings, and the call is turned away after 4 s.', callRejected),
  scenario(
    'called-back',
    ANY,
    'All phones ring for 20 s and nobody answers; 5 min later the first phone calls back and gets through.',
    calledBack,
  ),
  scenario(
    'second-try',
    GROUP,
    'All phones ring for 20 s and nobody answers; the caller tries again 2 min later and is answered.',
    secondTry,
  ),
  scenario(
    'out-of-order',
    ONE,
    'A call whose hits overtake each other: established before incoming, idle before terminated; 30 s of talk.',
    outOfOrder,
  ),
  scenario(
    'call-waiting',
    ONE,
    'A second caller rings while the first is spoken to; the first is held, the second answered.',
    callWaiting,
  ),
  scenario(
    'call-held',
    ONE,
    'One call that is answered, held for 20 s, muted for 5 s, and ended after a minute.',
    callHeld,
  ),
  scenario('call-out', ONE, 'One phone dials, is answered after 8 s, and talks for 60 s.', callOutAnswered),
  scenario('call-out-unanswered', ONE, 'One phone dials, and gives up after 25 s.', callOutUnanswered),
  scenario(
    'blind-transfer',
    TWO,
    'The first phone answers and hands the caller on after 20 s; the second answers.',
    blindTransfer,
  ),
  scenario(
    'attended-transfer',
    TWO,
    'The first phone answers, asks the second, and joins the two after 28 s.',
    attendedTransfer,
  ),
  scenario('forwarded', ONE, 'One phone rings and sends the caller on after 3 s.', forwarded),
  scenario('power-cut', ANY, 'All phones restart and register again, 20 s to a minute after the beginning.', powerCut),
  scenario(
    'registration-lost',
    ANY,
    'All phones lose their registration, fail three times in 90 s, and register again after 2 min.',
    registrationLost,
  ),
  scenario('dnd-day', ANY, 'All phones switch do-not-disturb on, and off again 8 h later.', dndDay),
  scenario('forward-day', ANY, 'All phones switch forwarding on, and off again 8 h later.', forwardDay),
  scenario(
    'register-flap',
    ANY,
    'All phones lose their registration and get it back five times, every minute or so.',
    registerFlap,
  ),
  scenario('reboot-storm', MANY, 'A power cut of many phones: all restart and register within one minute.', powerCut),
  scenario('missed-call', ONE, 'One phone rings for 20 s, and nobody answers; the same as call-missed.', callMissed),
  scenario(
    'ring-group',
    GROUP,
    'All phones ring; who answers and when can be said, else it is ring-group-answered.',
    ringGroup,
  ),
  {
    name: 'busy-day',
    summary: 'Calls of all kinds, ten an hour in each group of ten phones; for an hour, or as many as are asked for.',
    phonesMin: 1,
    phonesUsual: 10,
    play(options) {
      if (options.phones.length < 1) throw new RangeError('busy-day needs 1 phones');
      return playBusyHours(options, scenarioNamed as Find);
    },
  },
];

const BY_NAME = new Map(SCENARIOS.map((each) => [each.name, each]));

/** The scenario of that name, or undefined. */
export const scenarioNamed = (name: string): Scenario | undefined => BY_NAME.get(name);
