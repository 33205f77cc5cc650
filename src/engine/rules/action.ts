// Actions: the entries of `do`. Each is an object with exactly one key: a type of destination, `emit` or `log`.
import { cleanLine, wellFormed } from '../../core/caller-text.ts';
import type { Destination } from '../../core/destination.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import type { Action, Emit, EmitVariable, LogLine, TextOf } from './compiled.ts';
import { CUSTOM_EVENT } from './event-names.ts';
import { type MessageContext, readDeliver } from './message.ts';
import { type ReadTemplate, readTemplate } from './template/read.ts';
import { isObject, kindOf, type Raw } from './tree.ts';

export type ActionContext = MessageContext & { destinations: readonly Destination[] };

const OWN = ['emit', 'log'];
/** A value in a log line. */
const LOG_GRAPHEMES_MAX = 200;
const ACTIONS_MAX = 100;

/** Reads `do`; every problem is reported, and then nothing is returned. */
export function readDo(raw: unknown, path: Path, context: ActionContext): Action[] | undefined {
  const example = 'like [{ "log": { "text": "{{ phone.id }}" } }]';
  if (!Array.isArray(raw)) {
    const message = raw === undefined ? 'is missing' : `must be a list [ … ] of actions, not ${kindOf(raw)}`;
    context.report(path, message, example);
    return undefined;
  }
  if (raw.length === 0) context.report(path, 'is an empty list', example);
  if (raw.length > ACTIONS_MAX) context.report(path, `has more than ${ACTIONS_MAX} actions`, 'make it several rules');
  const actions = raw.map((entry, index) => readAction(entry, [...path, index], context));
  return actions.length > 0 && !actions.includes(undefined) ? (actions as Action[]) : undefined;
}

function readAction(raw: unknown, path: Path, context: ActionContext): Action | undefined {
  const types = [...context.destinations.map(({ type }) => type), ...OWN];
  if (!isObject(raw)) {
    context.report(path, `must be an object with one key, not ${kindOf(raw)}`, `one of ${types.join(', ')}`);
    return undefined;
  }
  const keys = Object.keys(raw);
  if (keys.length !== 1) {
    const message = keys.length === 0 ? 'is empty' : `has ${keys.length} keys (${keys.slice(0, 5).join(', ')})`;
    context.report(path, message, `an action has exactly one: ${types.join(', ')}`);
  }
  const actions = keys.map((key) => readKey(key, raw[key], [...path, key], types, context));
  return actions.length === 1 ? actions[0] : undefined;
}

function readKey(key: string, raw: unknown, path: Path, types: string[], context: ActionContext): Action | undefined {
  if (key === 'emit') return readEmit(raw, path, context);
  if (key === 'log') return readLog(raw, path, context);
  const destination = context.destinations.find(({ type }) => type === key);
  if (destination !== undefined) return readDeliver(raw, path, destination, context);
  context.report(path, 'is not an action', didYouMean(key, types) ?? `known: ${types.join(', ')}`);
  return undefined;
}

function readEmit(raw: unknown, path: Path, context: ActionContext): Emit | undefined {
  const { report } = context;
  if (!hasKeys(raw, path, ['event', 'vars'], context)) return undefined;
  const { event, vars = {} } = raw;
  const named = typeof event === 'string' && CUSTOM_EVENT.test(event);
  if (!named)
    report(
      [...path, 'event'],
      event === undefined ? 'is missing' : 'is not a name for an event of your own',
      'write it like "custom.vip_called": a-z, 0-9, _ and -, up to 64',
    );
  if (!isObject(vars)) {
    report([...path, 'vars'], `must be an object { … }, not ${kindOf(vars)}`, 'like { "queue": "sales" }');
    return undefined;
  }
  const variables = Object.keys(vars).map((name) => readVariable(name, vars[name], [...path, 'vars', name], context));
  if (!named || variables.includes(undefined)) return undefined;
  return { kind: 'emit', event: event as `custom.${string}`, vars: variables as EmitVariable[] };
}

function readVariable(name: string, raw: unknown, path: Path, context: ActionContext): EmitVariable | undefined {
  if (name === '') context.report(path, 'has no name');
  const template = readText(raw, path, wellFormed, context);
  if (template === undefined || name === '') return undefined;
  const { render, value } = template;
  if (value === undefined) return { name, render };
  return { name, render: (event, known) => (value(event, known) === null ? null : render(event, known)) };
}

const encodeLog = (value: string): string => cleanLine(value, LOG_GRAPHEMES_MAX);

function readLog(raw: unknown, path: Path, context: ActionContext): LogLine | undefined {
  if (!hasKeys(raw, path, ['text', 'level'], context)) return undefined;
  const { text, level = 'info' } = raw;
  const known = level === 'info' || level === 'warn';
  if (!known) context.report([...path, 'level'], 'is not a level', 'one of "info", "warn"');
  const render: TextOf | undefined = readText(text, [...path, 'text'], encodeLog, context)?.render;
  return render === undefined || !known ? undefined : { kind: 'log', level, text: render };
}

function readText(
  raw: unknown,
  path: Path,
  encode: (value: string) => string,
  context: ActionContext,
): ReadTemplate | undefined {
  if (typeof raw === 'string') return readTemplate(raw, path, encode, context);
  const quoted = typeof raw === 'number' || typeof raw === 'boolean' ? `write it as "${raw}"` : undefined;
  context.report(path, raw === undefined ? 'is missing' : `must be text in double quotes, not ${kindOf(raw)}`, quoted);
  return undefined;
}

function hasKeys(raw: unknown, path: Path, known: string[], { report }: ActionContext): raw is Raw {
  if (!isObject(raw)) {
    report(path, `must be an object { … }, not ${kindOf(raw)}`, `its keys: ${known.join(', ')}`);
    return false;
  }
  for (const key of Object.keys(raw))
    if (!known.includes(key)) report([...path, key], 'unknown key', didYouMean(key, known));
  return true;
}
