// Act: the last stage. What a rule does about an event that got through all others: deliveries, events of its own, log lines.
import type { Delivery, Json } from '../../core/delivery.ts';
import type { CustomEvent, Event } from '../../core/events.ts';
import type { Known } from '../../core/fields.ts';
import type { Met } from '../fold.ts';
import { EMIT_DEPTH_MAX } from '../rules/circles.ts';
import { type CompiledRule, type Deliver, type Emit, TemplateFailure } from '../rules/compiled.ts';
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
function deliver(
  action: Deliver,
  { event, known }: Met,
  atMs: number,
  rule: CompiledRule,
  n: number,
  work: Work,
): Delivery {
  const { message, problem } = render(action, event, known);
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

/** What is told in order: everything of one phone, of one call, and about one site. */
function laneOf(event: Event): string {
  if ('call' in event) return `call:${event.call.key}`;
  return 'phone' in event ? event.phone.id : `site:${event.site}`;
}

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
