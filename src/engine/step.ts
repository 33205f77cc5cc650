// step: one input in, what follows from it out. No clock, no I/O, no randomness: the same input gives the same result.
import type { Delivery, Json } from '../core/delivery.ts';
import { type CustomEvent, type Event, isPhoneEvent, type JournalEvent, MAC_MISMATCH } from '../core/events.ts';
import type { Known } from '../core/fields.ts';
import type { StateChange } from '../core/store.ts';
import {
  advance,
  type Folded,
  foldEvent,
  foldNote,
  keepAlive,
  knownOf,
  type Met,
  restarted,
  type Touched,
} from './fold.ts';
import type { Program } from './program.ts';
import { EMIT_DEPTH_MAX } from './rules/circles.ts';
import { type CompiledRule, type Deliver, type Emit, TemplateFailure } from './rules/compiled.ts';
import { pin, type State } from './state.ts';

/** `now`: ISO 8601, time that has passed without an event. `started`: the daemon was away until now. */
export type Input = { event: JournalEvent } | { now: string; started?: boolean };

/** A line that a rule wrote, or why one of its actions came to nothing. `event`: id of the event it was about. */
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
  /** True if the event is suspect of another phone's MAC; then it met no rule and changed nothing. */
  quarantined: boolean;
  /** Phones about which something is to be shown, in that order. */
  touched: Touched[];
  /** Numbers outside the house that nobody has a name for. */
  unnamed: string[];
  /** The next moment at which time alone changes something, ms since 1970; undefined while nothing waits for time. */
  nextDueMs: number | undefined;
};

/** Where the results of one step are gathered. */
type Work = {
  program: Program;
  result: Stepped;
  /** Events that wait for their rules. */
  queue: Met[];
};

/**
 * Decides what follows from one input. Updates `state` IN PLACE, and returns the same as `changes`, to be stored together with
 * the rest in one unit of work. What time alone did before the event comes first. An event that is suspect of another phone's MAC
 * changes nothing and meets no rule. A message that cannot be sent becomes a delivery that is dead from the start, so that it is
 * seen and holds nobody up. Throws nothing that depends on what a phone said.
 */
export function step(state: State, input: Input, program: Program): Stepped {
  const folded: Folded = { changes: [], met: [], touched: [], unnamed: [] };
  const result: Stepped = {
    changes: folded.changes,
    events: [],
    deliveries: [],
    logs: [],
    matched: [],
    quarantined: false,
    touched: folded.touched,
    unnamed: folded.unnamed,
    nextDueMs: undefined,
  };
  const atMs = Date.parse('event' in input ? input.event.at : input.now);
  advance(state, atMs, program, folded);
  if ('event' in input) result.quarantined = take(state, input.event, program, folded);
  else if (input.started === true) restarted(state, atMs, program, folded);
  const work: Work = { program, result, queue: folded.met };
  for (let next = 0; next < work.queue.length; next++) {
    const met = work.queue[next] as Met;
    if (!('event' in input && met.event === input.event)) result.events.push(met.event);
    meet(met, work);
  }
  result.nextDueMs = keepAlive(state, Math.max(atMs, state.nowMs), folded);
  return result;
}

/** Returns whether the event is kept from the rules. */
function take(state: State, event: JournalEvent, program: Program, folded: Folded): boolean {
  if (!isPhoneEvent(event)) {
    foldNote(state, event, folded);
    return false;
  }
  if (event.suspect.includes(MAC_MISMATCH)) return true;
  const known = knownOf(state, event, program);
  const change = pin(state, event, known.card);
  if (change !== undefined) folded.changes.push(change);
  foldEvent(state, event, known, program, folded);
  return false;
}

function meet({ event, known }: Met, work: Work): void {
  for (const rule of work.program.rulesFor(event.type)) {
    if (!rule.when(event, known)) continue;
    work.result.matched.push(rule.id);
    for (let n = 0; n < rule.actions.length; n++) act(event, known, rule, n, work);
  }
}

function act(event: Event, known: Known, rule: CompiledRule, n: number, work: Work): void {
  const action = rule.actions[n];
  if (action === undefined) return;
  if (action.kind === 'deliver') {
    work.result.deliveries.push(deliver(action, event, known, rule, n, work));
    return;
  }
  const log = (level: RuleLog['level'], text: string): void => {
    work.result.logs.push({ rule: rule.id, level, text, event: event.id });
  };
  try {
    if (action.kind === 'log') log(action.level, action.text(event, known));
    else emit(action, event, known, rule, n, work);
  } catch (error) {
    log('warn', `${action.kind}: ${reasonOf(error)}`);
  }
}

function deliver(action: Deliver, event: Event, known: Known, rule: CompiledRule, n: number, work: Work): Delivery {
  const { message, problem } = render(action, event, known);
  // The event's own moment, not the input's: a replay makes the same, whenever its time passes.
  const atMs = Date.parse(event.at);
  const delivery: Delivery = {
    id: `${event.id}/${rule.id}/${n}`,
    event: event.id,
    site: event.site,
    rule: rule.id,
    to: action.to,
    type: action.type,
    message,
    order: `${action.to}|${laneOf(event)}`,
    state: problem === undefined ? 'waiting' : 'dead',
    attempts: 0,
    madeAtMs: atMs,
    dueAtMs: atMs,
    expiresAtMs: atMs + work.program.expiresMs(action.to),
  };
  if (problem !== undefined) delivery.lastError = problem;
  return delivery;
}

/** What is told in order: everything of one phone, and everything of one call. */
const laneOf = (event: Event): string => ('call' in event ? `call:${event.call.key}` : event.phone.id);

/** A message that could not be rendered is empty, so that not even a retry by hand sends half of one. */
function render(
  { fields, check }: Deliver,
  event: Event,
  known: Known,
): { message: Record<string, Json>; problem: string | undefined } {
  let place = 'message';
  try {
    const message: Record<string, Json> = {};
    for (const field of fields) {
      place = field.name;
      message[place] = field.render(event, known);
    }
    place = 'message';
    return { message, problem: check?.(message) };
  } catch (error) {
    return { message: {}, problem: `${place}: ${reasonOf(error)}` };
  }
}

/** Whatever broke, the other actions go on; an unknown error's own text might name what a caller said. */
function reasonOf(error: unknown): string {
  if (error instanceof TemplateFailure) return error.message;
  return `cannot be made for this event (${error instanceof Error ? error.name : 'unknown'})`;
}

function emit(action: Emit, event: Event, known: Known, rule: CompiledRule, n: number, work: Work): void {
  const depth = 'depth' in event ? event.depth + 1 : 1;
  // Held by the check of the rules; this keeps the promise for a catalogue of rules that nobody checked.
  if (depth > EMIT_DEPTH_MAX) return;
  const given = 'vars' in event ? event.vars : {};
  const vars: Record<string, string> = Object.assign(Object.create(null), given);
  for (const { name, render: value } of action.vars) {
    const text = value(event, known);
    if (text === null) delete vars[name];
    else vars[name] = text;
  }
  const made: CustomEvent = {
    ...event,
    id: `${event.id}/${rule.id}/${n}`,
    type: action.event,
    vars,
    cause: event.id,
    depth,
  };
  work.queue.push({ event: made, known });
}
