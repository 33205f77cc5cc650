// step: one input in, what follows from it out. No clock, no I/O, no randomness: the same input gives the same result.
import type { Delivery } from '../core/delivery.ts';
import { type Event, isPhoneEvent, isQuarantined, type JournalEvent } from '../core/events.ts';
import type { StateChange } from '../core/store.ts';
import { prepareFleet } from './fleet/facts.ts';
import { type Quarantined, quarantine, release } from './fleet/quarantine.ts';
import { advance, type Folded, foldEvent, keepAlive, knownOf, type Met, restarted, type Touched } from './fold.ts';
import { foldNote } from './fold-note.ts';
import type { Program } from './program.ts';
import { deliverTest } from './stages/act.ts';
import { adopt } from './stages/adopt.ts';
import { WAIT_DUE } from './stages/memory.ts';
import { goOn, meet } from './stages/run.ts';
import type { Trace } from './stages/trace.ts';
import type { Work } from './stages/work.ts';
import { pin, type State } from './state.ts';

/** `now`: ISO 8601, time that has passed without an event. `started`: the daemon was away until now. */
export type Input = { event: JournalEvent } | { now: string; started?: boolean };

/** A line that a rule wrote, or why something that it was to do came to nothing. `event`: id of the event that it was about; `''`
 * where it was about all that the rule remembered. */
export type RuleLog = { rule: string; level: 'info' | 'warn'; text: string; event: string };

export type Stepped = {
  /** Values are the state's own objects, not copies: they must be written before the next step. */
  changes: StateChange[];
  /** Events about calls and changes of state, and those that rules emitted, in the order in which they were made. */
  events: Event[];
  deliveries: Delivery[];
  logs: RuleLog[];
  /** Ids of the rules that acted, in their order; a rule that took several of the events stands there as often. */
  matched: string[];
  /** True if the phone is unknown, or the event suspect of another phone's MAC; then it met no rule and changed nothing. */
  quarantined: boolean;
  /** Of a quarantined event: what is remembered of who spoke. */
  kept?: Quarantined;
  /** Waits that came to nothing although nothing cancelled them: too late after a start, too many, other rules. `logs` says why. */
  dropped: number;
  /** Deliveries that are dead from the start, because their rule made too many within a minute. */
  overBudget: number;
  /** Phones about which something is to be shown, in that order. */
  touched: Touched[];
  /** Numbers outside the house that nobody has a name for. */
  unnamed: string[];
  /** The next moment at which time alone changes something, ms since 1970; undefined while nothing waits for time. */
  nextDueMs: number | undefined;
};

/**
 * Decides what follows from one input. Updates `state` IN PLACE, and returns the same as `changes`, to be stored together with
 * the rest in one unit of work. What time alone did before the event comes first, each at its own moment. An event of an unknown
 * phone, or one that is suspect of another phone's MAC, is counted, changes nothing else and meets no rule. A message that cannot be sent becomes a delivery that is dead from the
 * start, so that it is seen and holds nobody up. With another program than before, what rules remember is held against their new
 * form first. `trace` hears what each stage said. Throws nothing that depends on what a phone said.
 */
export function step(state: State, input: Input, program: Program, trace?: Trace): Stepped {
  const folded: Folded = { changes: [], met: [], touched: [], unnamed: [] };
  const result: Stepped = {
    changes: folded.changes,
    events: [],
    deliveries: [],
    logs: [],
    matched: [],
    quarantined: false,
    dropped: 0,
    overBudget: 0,
    touched: folded.touched,
    unnamed: folded.unnamed,
    nextDueMs: undefined,
  };
  const said = 'event' in input ? input.event : undefined;
  const atMs = Date.parse('event' in input ? input.event.at : input.now);
  const started = 'now' in input && input.started === true;
  const work: Work = { state, program, result, queue: folded.met, startedMs: started ? atMs : undefined, trace };
  adopt(work);
  prepareFleet(state, program.fleet, work.startedMs);
  advance(state, atMs, program, folded, (due) => {
    if (due.startsWith(WAIT_DUE)) goOn(due, work);
    meetAll(said, work);
  });
  if (said?.type === 'note.test') {
    const delivery = deliverTest(said, program);
    if (delivery !== undefined) result.deliveries.push(delivery);
  } else if (said !== undefined) {
    const kept = take(state, said, program, folded);
    if (kept !== undefined) Object.assign(result, { quarantined: true, kept });
  } else if (started) restarted(state, atMs, program, folded);
  meetAll(said, work);
  result.nextDueMs = keepAlive(state, Math.max(atMs, state.nowMs), folded);
  return result;
}

/** Returns what is remembered of who spoke where the event is kept from the rules. */
function take(state: State, event: JournalEvent, program: Program, folded: Folded): Quarantined | undefined {
  if (!isPhoneEvent(event)) {
    foldNote(state, event, program, folded);
    return undefined;
  }
  if (isQuarantined(event)) {
    const kept = quarantine(state.fleet, event, folded.changes);
    if (kept.hits === 1 && kept.why === 'unknown') folded.touched.push({ phone: kept.id, discovered: true });
    return kept;
  }
  release(state.fleet, event, folded.changes);
  const known = knownOf(state, event, program);
  const change = pin(state, event, known.card);
  if (change !== undefined) folded.changes.push(change);
  foldEvent(state, event, known, program, folded);
  return undefined;
}

/** All that waits for its rules, and what they make of it. `said`: the input's own event, which is known already. */
function meetAll(said: JournalEvent | undefined, work: Work): void {
  const { queue, result } = work;
  for (let next = 0; next < queue.length; next++) {
    const met = queue[next] as Met;
    if (met.event !== said) result.events.push(met.event);
    meet(met, work);
  }
  queue.length = 0;
}
