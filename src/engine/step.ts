// step: one event in, what follows from it out. No clock, no I/O, no randomness: the same input gives the same result.
import type { Delivery } from '../core/delivery.ts';
import { type CustomEvent, type Event, MAC_MISMATCH, type PhoneEvent } from '../core/events.ts';
import type { PhoneCard } from '../core/phone-card.ts';
import type { StateChange } from '../core/store.ts';
import type { Program } from './program.ts';
import type { Action, DeliveryAction, EmitAction } from './rules/action.ts';
import type { Rule } from './rules/rule.ts';
import type { Scope } from './rules/template.ts';
import type { State } from './state.ts';

export type Input = { event: PhoneEvent } | { now: string };

export type RuleLog = { rule: string; level: 'info' | 'warn'; text: string; event: string };

export type Stepped = {
  changes: StateChange[];
  /** Events that rules emitted. */
  events: Event[];
  deliveries: Delivery[];
  logs: RuleLog[];
  /** Ids of the rules that acted. */
  matched: string[];
  /** The next moment at which time alone changes something. Nothing waits for time in this version. */
  nextDue?: string;
};

const DEPTH_MAX = 8;

/**
 * Decides what follows from one input. Updates `state` in place, and returns the same as `changes`, to be stored together with
 * the rest. An event whose MAC contradicts its token changes nothing and meets no rule.
 */
export function step(state: State, input: Input, program: Program): Stepped {
  const result: Stepped = { changes: [], events: [], deliveries: [], logs: [], matched: [] };
  if (!('event' in input) || input.event.suspect.includes(MAC_MISMATCH)) return result;
  const { event } = input;
  const card = program.cardOf(event.site, event.phone.id);
  pin(state, event, card, result);
  let next: Event[] = [event];
  while (next.length > 0) {
    const made: CustomEvent[] = [];
    for (const each of next) meet(each, card, program, result, made);
    result.events.push(...made);
    next = made;
  }
  return result;
}

/** A phone with a token of its own, whose MAC the config does not know, is held to the first one that it names. */
function pin(state: State, event: PhoneEvent, card: PhoneCard | undefined, result: Stepped): void {
  const { id, mac } = event.phone;
  if (mac === undefined || card === undefined || card.mac !== undefined) return;
  if (state.pins.has(id)) return;
  state.pins.set(id, mac);
  result.changes.push({ kind: 'pin', key: id, value: mac });
}

function meet(event: Event, card: PhoneCard | undefined, program: Program, result: Stepped, made: CustomEvent[]): void {
  const scope: Scope = { event, card };
  for (const rule of program.rulesFor(event.type)) {
    if (!rule.when(event, card)) continue;
    result.matched.push(rule.id);
    for (const [n, action] of rule.actions.entries()) act(action, n, rule, scope, program, result, made);
  }
}

function act(
  action: Action,
  n: number,
  rule: Rule,
  scope: Scope,
  program: Program,
  result: Stepped,
  made: CustomEvent[],
): void {
  const id = `${scope.event.id}/${rule.id}/${n}`;
  if (action.kind === 'deliver') {
    result.deliveries.push(deliver(action, id, rule, scope, program));
    return;
  }
  try {
    if (action.kind === 'log') {
      result.logs.push({ rule: rule.id, level: action.level, text: action.text(scope), event: scope.event.id });
    } else {
      const event = emit(action, id, scope);
      if (event !== undefined) made.push(event);
    }
  } catch (error) {
    result.logs.push({
      rule: rule.id,
      level: 'warn',
      text: `could not be rendered (${nameOf(error)})`,
      event: scope.event.id,
    });
  }
}

function deliver(action: DeliveryAction, id: string, rule: Rule, scope: Scope, program: Program): Delivery {
  const { event } = scope;
  const atMs = Date.parse(event.at);
  const delivery: Delivery = {
    id,
    event: event.id,
    site: event.site,
    rule: rule.id,
    to: action.to,
    type: action.type,
    message: {},
    order: `${action.to}|${event.phone.id}`,
    state: 'waiting',
    attempts: 0,
    madeAtMs: atMs,
    dueAtMs: atMs,
    expiresAtMs: atMs + program.expiresMs(action.to),
  };
  let problem: string | undefined;
  try {
    delivery.message = action.build(scope);
    problem = action.check(delivery.message);
  } catch (error) {
    problem = `the message could not be rendered (${nameOf(error)})`;
  }
  // It will never be sendable: dead and visible at once, so that it holds nobody up.
  if (problem !== undefined) Object.assign(delivery, { state: 'dead', lastError: problem });
  return delivery;
}

function emit(action: EmitAction, id: string, { event, ...scope }: Scope): CustomEvent | undefined {
  const depth = 'depth' in event ? event.depth + 1 : 1;
  if (depth > DEPTH_MAX) return undefined;
  const vars: Record<string, string> = Object.assign(Object.create(null), event.vars);
  for (const [name, render] of action.vars) vars[name] = render({ event, ...scope });
  return { ...event, id, type: action.event, vars, cause: event.id, depth };
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
