// step: one event in, what follows from it out. No clock, no I/O, no randomness: the same input gives the same result.
import type { Delivery, Json } from '../core/delivery.ts';
import { type CustomEvent, type Event, MAC_MISMATCH, type PhoneEvent } from '../core/events.ts';
import type { PhoneCard } from '../core/phone-card.ts';
import type { StateChange } from '../core/store.ts';
import type { Program } from './program.ts';
import { EMIT_DEPTH_MAX } from './rules/circles.ts';
import { type CompiledRule, type Deliver, type Emit, TemplateFailure } from './rules/compiled.ts';
import { pin, type State } from './state.ts';

/** `now`: ISO 8601, time that has passed without an event. */
export type Input = { event: PhoneEvent } | { now: string };

/** A line that a rule wrote, or why one of its actions came to nothing. `event`: id of the event it was about. */
export type RuleLog = { rule: string; level: 'info' | 'warn'; text: string; event: string };

export type Stepped = {
  changes: StateChange[];
  /** Events that rules emitted, in the order in which they were made. */
  events: Event[];
  deliveries: Delivery[];
  logs: RuleLog[];
  /** Ids of the rules that acted, in their order; a rule that took several of the events stands there as often. */
  matched: string[];
  /** True if the event is suspect of another phone's MAC; then it met no rule and changed nothing. */
  quarantined: boolean;
  /** The next moment at which time alone changes something. Nothing waits for time in this version. */
  nextDue?: string;
};

/** Where the results of one step are gathered. */
type Work = {
  program: Program;
  result: Stepped;
  card: PhoneCard | undefined;
  /** Arrival of the event that began it, in ms since 1970. */
  atMs: number;
  /** Events that wait for their rules. */
  queue: Event[];
};

/**
 * Decides what follows from one input. Updates `state` IN PLACE, and returns the same as `changes`, to be stored together with
 * the rest in one unit of work. An event that is suspect of another phone's MAC changes nothing and meets no rule. A message that
 * cannot be sent becomes a delivery that is dead from the start, so that it is seen and holds nobody up. Throws nothing that
 * depends on what a phone said.
 */
export function step(state: State, input: Input, program: Program): Stepped {
  const result: Stepped = { changes: [], events: [], deliveries: [], logs: [], matched: [], quarantined: false };
  if (!('event' in input)) return result;
  const { event } = input;
  const card = program.cardOf(event.site, event.phone.id);
  if (event.suspect.includes(MAC_MISMATCH)) {
    result.quarantined = true;
    return result;
  }
  const change = pin(state, event, card);
  if (change !== undefined) result.changes.push(change);
  const work: Work = { program, result, card, atMs: Date.parse(event.at), queue: [event] };
  for (let next = 0; next < work.queue.length; next++) meet(work.queue[next] as Event, work);
  return result;
}

function meet(event: Event, work: Work): void {
  for (const rule of work.program.rulesFor(event.type)) {
    if (!rule.when(event, work.card)) continue;
    work.result.matched.push(rule.id);
    for (let n = 0; n < rule.actions.length; n++) act(event, rule, n, work);
  }
}

function act(event: Event, rule: CompiledRule, n: number, work: Work): void {
  const action = rule.actions[n];
  if (action === undefined) return;
  if (action.kind === 'deliver') {
    work.result.deliveries.push(deliver(action, event, rule, n, work));
    return;
  }
  const log = (level: RuleLog['level'], text: string): void => {
    work.result.logs.push({ rule: rule.id, level, text, event: event.id });
  };
  try {
    if (action.kind === 'log') log(action.level, action.text(event, work.card));
    else emit(action, event, rule, n, work);
  } catch (error) {
    log('warn', `${action.kind}: ${reasonOf(error)}`);
  }
}

function deliver(action: Deliver, event: Event, rule: CompiledRule, n: number, work: Work): Delivery {
  const { message, problem } = render(action, event, work.card);
  const { atMs } = work;
  const delivery: Delivery = {
    id: `${event.id}/${rule.id}/${n}`,
    event: event.id,
    site: event.site,
    rule: rule.id,
    to: action.to,
    type: action.type,
    message,
    order: `${action.to}|${event.phone.id}`,
    state: problem === undefined ? 'waiting' : 'dead',
    attempts: 0,
    madeAtMs: atMs,
    dueAtMs: atMs,
    expiresAtMs: atMs + work.program.expiresMs(action.to),
  };
  if (problem !== undefined) delivery.lastError = problem;
  return delivery;
}

/** A message that could not be rendered is empty, so that not even a retry by hand sends half of one. */
function render(
  { fields, check }: Deliver,
  event: Event,
  card: PhoneCard | undefined,
): { message: Record<string, Json>; problem: string | undefined } {
  let place = 'message';
  try {
    const message: Record<string, Json> = {};
    for (const field of fields) {
      place = field.name;
      message[place] = field.render(event, card);
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

function emit(action: Emit, event: Event, rule: CompiledRule, n: number, work: Work): void {
  const depth = 'depth' in event ? event.depth + 1 : 1;
  // Held by the check of the rules; this keeps the promise for a catalogue of rules that nobody checked.
  if (depth > EMIT_DEPTH_MAX) return;
  const vars: Record<string, string> = Object.assign(Object.create(null), event.vars);
  for (const { name, render: value } of action.vars) {
    const text = value(event, work.card);
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
  work.result.events.push(made);
  work.queue.push(made);
}
