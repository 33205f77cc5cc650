// Act: the last stage. What a rule does about an event that got through all others: deliveries, events of its own, log lines.
import { veiled } from '../../core/caller-data.ts';
import type { Delivery, Json } from '../../core/delivery.ts';
import type { CustomEvent, Event, NoteEvent } from '../../core/events.ts';
import type { Known } from '../../core/fields.ts';
import type { Met } from '../fold.ts';
import type { Program, Route } from '../program.ts';
import { EMIT_DEPTH_MAX } from '../rules/circles.ts';
import { type CompiledRule, type Deliver, type Emit, TemplateFailure } from '../rules/compiled.ts';
import { spend } from './budget.ts';
import { tell, type Work } from './work.ts';

/**
 * Does what stands under `do`. `atMs`: when, in ms since 1970. An event that waited has its own moment behind it; what follows
 * from it is made when the wait ends, and lives from then on.
 */
export function act(rule: CompiledRule, met: Met, atMs: number, work: Work): void {
  work.result.matched.push(rule.id);
  if (work.trace !== undefined) tell(work, met.event.id, rule.id, 'fired', true);
  for (let n = 0; n < rule.actions.length; n++) actOnce(rule, n, met, atMs, work);
}

function actOnce(rule: CompiledRule, n: number, met: Met, atMs: number, work: Work): void {
  const action = rule.actions[n];
  const { event, known } = met;
  if (action === undefined) return;
  if (action.kind === 'deliver') {
    work.result.deliveries.push(deliver(action, met, atMs, rule, n, work));
    return;
  }
  const log = (level: 'info' | 'warn', text: string): void => {
    work.result.logs.push({ rule: rule.id, level, text, event: event.id });
  };
  try {
    if (action.kind === 'log') log(action.level, action.text(event, known));
    else emit(action, met, atMs, rule, n, work);
  } catch (error) {
    log('warn', `${action.kind}: ${reasonOf(error)}`);
  }
}

/** The moment is the input's or the wait's own, not the clock's: a replay makes the same, whenever its time passes. */
function deliver(action: Deliver, met: Met, atMs: number, rule: CompiledRule, n: number, work: Work): Delivery {
  const { event, known } = met;
  const route = work.program.routeTo(action.to);
  const shown = route.callerData === 'full' ? met : veiled(event, known, route.callerData);
  const { message, problem, slot } = render(action, shown.event, shown.known, atMs);
  // Counted whatever became of the message: a rule in a loop is in a loop.
  const over = route.budget === undefined ? undefined : spend(rule.id, action.to, route.budget, atMs, event.id, work);
  const trouble = problem ?? tooLarge(message, action.to, route) ?? over;
  const delivery: Delivery = {
    id: `${event.id}/${rule.id}/${n}`,
    event: event.id,
    site: event.site,
    rule: rule.id,
    to: action.to,
    type: action.type,
    message,
    order: `${action.to}|${laneOf(event)}`,
    state: trouble === undefined ? 'waiting' : 'dead',
    attempts: 0,
    madeAtMs: atMs,
    dueAtMs: atMs,
    expiresAtMs: atMs + route.expiresMs,
  };
  if (slot !== undefined) delivery.slot = slot;
  if (trouble !== undefined) delivery.lastError = trouble;
  return delivery;
}

/** Why a message is larger than its connection takes; a person who raises the limit can send it all the same. */
function tooLarge(message: Record<string, Json>, to: string, { bytesMax }: Route): string | undefined {
  if (bytesMax === undefined) return undefined;
  const bytes = Buffer.byteLength(JSON.stringify(message));
  if (bytes <= bytesMax) return undefined;
  return `the message has ${bytes} bytes, more than the ${bytesMax} of connections.${to}.delivery.maxBytes`;
}

/**
 * The message of a test over a connection, as the destination makes it; undefined where there is no such connection. It goes the
 * way of all messages, but belongs to no rule and waits behind none.
 */
export function deliverTest(note: NoteEvent & { type: 'note.test' }, program: Program): Delivery | undefined {
  const { id, at, site, to } = note;
  const atMs = Date.parse(at);
  const route = program.routeTo(to);
  if (route.trial === undefined) return undefined;
  const { type, message: made, check } = route.trial;
  const message = made(at);
  const problem = check?.(message) ?? tooLarge(message, to, route);
  return {
    id: testDeliveryOf(id),
    event: id,
    site,
    rule: TEST_RULE,
    to,
    type,
    message,
    order: `${to}|test`,
    state: problem === undefined ? 'waiting' : 'dead',
    attempts: 0,
    madeAtMs: atMs,
    dueAtMs: atMs,
    expiresAtMs: atMs + route.expiresMs,
    ...(problem === undefined ? {} : { lastError: problem }),
  };
}

/** No rule of a file can have this id. */
const TEST_RULE = '(test)';

/** The id of the delivery that follows from a note which asks for a test. */
export const testDeliveryOf = (note: string): string => `${note}/${TEST_RULE}/0`;

/** What is told in order: everything of one phone, and everything of one call. */
const laneOf = (event: Event): string => ('call' in event ? `call:${event.call.key}` : event.phone.id);

type Rendered = { message: Record<string, Json>; problem: string | undefined; slot: string | undefined };

/** A message that could not be rendered is empty, so that not even a retry by hand sends half of one. */
function render({ fields, check, slot }: Deliver, event: Event, known: Known, atMs: number): Rendered {
  let place = 'message';
  try {
    const message: Record<string, Json> = {};
    for (const field of fields) {
      place = field.name;
      const value = field.render(event, known, atMs);
      if (value !== undefined) message[place] = value;
    }
    place = 'message';
    return { message, problem: check?.(message), slot: slot?.(message) };
  } catch (error) {
    return { message: {}, problem: `${place}: ${reasonOf(error)}`, slot: undefined };
  }
}

/** Whatever broke, the other actions go on; an unknown error's own text might name what a caller said. */
function reasonOf(error: unknown): string {
  if (error instanceof TemplateFailure) return error.message;
  return `cannot be made for this event (${error instanceof Error ? error.name : 'unknown'})`;
}

function emit(action: Emit, { event, known }: Met, atMs: number, rule: CompiledRule, n: number, work: Work): void {
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
    at: new Date(atMs).toISOString(),
    vars,
    cause: event.id,
    depth,
  };
  work.queue.push({ event: made, known });
}
