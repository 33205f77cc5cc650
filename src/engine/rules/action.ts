// Actions: what `do` says, read into functions that make a delivery's message, an event or a log line.

import type { Json } from '../../core/delivery.ts';
import type { Destination, TemplateSpec } from '../../core/destination.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import { checkWith } from '../../core/schema-problems.ts';
import { type Build, readJsonTemplate, wellFormed } from './json-template.ts';
import { isObject, type Report, sayKind } from './report.ts';
import { isTemplate, type Render, readTemplate, type Scope } from './template.ts';

/** What rules may name: kinds of destinations, and the connections of the config (`settings` undefined: itself wrong). */
export type ActionContext = {
  report: Report;
  destinations: readonly Destination[];
  connections: Record<string, { type: string; settings: unknown }>;
};

export type DeliveryAction = {
  kind: 'deliver';
  to: string;
  type: string;
  build(scope: Scope): { [key: string]: Json };
  /** Why a rendered message can never be sent. */
  check: NonNullable<Destination['check']>;
};
export type EmitAction = { kind: 'emit'; event: `custom.${string}`; vars: [string, Render][]; path: Path };
export type LogAction = { kind: 'log'; level: 'info' | 'warn'; text: Render };
export type Action = DeliveryAction | EmitAction | LogAction;

const CUSTOM_EVENT = /^custom\.[a-z0-9][a-z0-9_-]{0,63}$/;
const OWN_ACTIONS = ['emit', 'log'];

/** Reads one entry of `do`; problems go to the report, and undefined is returned. */
export function readAction(raw: unknown, path: Path, context: ActionContext): Action | undefined {
  const { report, destinations } = context;
  const types = [...destinations.map((destination) => destination.type), ...OWN_ACTIONS];
  if (!isObject(raw))
    return void report(path, `must be an object with one key, not ${sayKind(raw)}`, `one of ${types.join(', ')}`);
  const keys = Object.keys(raw);
  for (const key of keys) {
    if (!types.includes(key)) report([...path, key], 'is not an action', didYouMean(key, types));
  }
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    report(path, `must have exactly one key, not ${keys.length}`, 'write one action per entry of the list');
  }
  const actions = keys.map((each) => readOne(each, raw[each], [...path, each], context));
  return actions.length === 1 ? actions[0] : undefined;
}

function readOne(key: string, raw: unknown, path: Path, context: ActionContext): Action | undefined {
  const destination = context.destinations.find((each) => each.type === key);
  if (destination === undefined && !OWN_ACTIONS.includes(key)) return undefined;
  if (!isObject(raw)) return void context.report(path, `must be an object { … }, not ${sayKind(raw)}`);
  if (key === 'emit') return readEmit(raw, path, context.report);
  if (key === 'log') return readLog(raw, path, context.report);
  return destination === undefined ? undefined : readDelivery(raw, path, destination, context);
}

function readDelivery(
  raw: Record<string, unknown>,
  path: Path,
  destination: Destination,
  context: ActionContext,
): Action | undefined {
  const { report } = context;
  const { to, ...message } = raw;
  const connection = readTo(to, [...path, 'to'], destination, context);
  const checked = checkWith(destination.message, message, path, ['to']);
  if ('problems' in checked)
    for (const problem of checked.problems) report(problem.path, problem.message, problem.hint);
  // Also where the schema complains: all problems at once.
  const builds = Object.entries(message).map(
    ([key, value]) => [key, readField(value, [...path, key], destination.templates[key], report)] as const,
  );
  if ('problems' in checked || connection === undefined) return undefined;
  const findings =
    connection.settings === undefined ? [] : (destination.lint?.(checked.value, connection.settings) ?? []);
  for (const finding of findings) report([...path, ...finding.path], finding.message, finding.hint);
  if (findings.length > 0 || builds.some(([, build]) => build === undefined)) return undefined;
  const fields = builds as (readonly [string, Build])[];
  return {
    kind: 'deliver',
    to: to as string,
    type: destination.type,
    build(scope) {
      const made: { [key: string]: Json } = {};
      for (const [key, build] of fields) made[key] = build(scope);
      return made;
    },
    check: destination.check ?? (() => undefined),
  };
}

function readTo(
  to: unknown,
  path: Path,
  { type }: Destination,
  { report, connections }: ActionContext,
): { settings: unknown } | undefined {
  const fitting = Object.keys(connections).filter((name) => connections[name]?.type === type);
  if (typeof to !== 'string')
    return void report(
      path,
      to === undefined ? 'is missing' : 'must be text in double quotes',
      `name a ${type} connection of the config${fitting.length > 0 ? `: ${fitting.join(', ')}` : ''}`,
    );
  const connection = Object.hasOwn(connections, to) ? connections[to] : undefined;
  if (connection === undefined) {
    const hint = didYouMean(to, fitting) ?? `the config has no connection of type ${type}`;
    return void report(path, `the config has no connection ${JSON.stringify(to.slice(0, 64))}`, hint);
  }
  if (connection.type !== type)
    return void report(path, `the connection ${JSON.stringify(to)} is of type ${connection.type}, not ${type}`);
  return connection;
}

function readField(value: unknown, path: Path, spec: TemplateSpec | undefined, report: Report): Build | undefined {
  if (spec === undefined) {
    if (holdsTemplate(value)) return void report(path, 'is no template: its value must be the same for every event');
    return () => value as Json;
  }
  if (spec.as === 'json') return readJsonTemplate(value, path, report);
  if (typeof value === 'string') {
    if (spec.as === 'textOrJson' && /^\s*[[{](?![{%])/.test(value) && isTemplate(value)) {
      return void report(
        path,
        'looks like JSON written as text',
        'write it as a JSON object, not as text, so that no caller can add to it',
      );
    }
    return readTemplate(value, path, spec.encode, report);
  }
  if (spec.as === 'textOrJson') return readJsonTemplate(value, path, report);
  // The schema has said by now what is wrong with it.
  return undefined;
}

const holdsTemplate = (value: unknown): boolean =>
  typeof value === 'string'
    ? isTemplate(value)
    : Array.isArray(value)
      ? value.some(holdsTemplate)
      : isObject(value) && Object.values(value).some(holdsTemplate);

function readEmit(raw: Record<string, unknown>, path: Path, report: Report): Action | undefined {
  unknownKeys(raw, ['event', 'vars'], path, report);
  const { event, vars = {} } = raw;
  if (typeof event !== 'string' || !CUSTOM_EVENT.test(event)) {
    report(
      [...path, 'event'],
      event === undefined ? 'is missing' : 'is not a name for an event of your own',
      'write it like "custom.vip_called"',
    );
  }
  if (!isObject(vars)) return void report([...path, 'vars'], 'must be an object { "name": "template" }');
  const renders = Object.entries(vars).map(
    ([name, source]) => [name, readText(source, [...path, 'vars', name], report)] as const,
  );
  if (typeof event !== 'string' || renders.some(([, render]) => render === undefined)) return undefined;
  return {
    kind: 'emit',
    event: event as `custom.${string}`,
    vars: renders as [string, Render][],
    path: [...path, 'event'],
  };
}

function readLog(raw: Record<string, unknown>, path: Path, report: Report): Action | undefined {
  unknownKeys(raw, ['text', 'level'], path, report);
  const { text, level = 'info' } = raw;
  if (level !== 'info' && level !== 'warn') report([...path, 'level'], 'is not a level', 'one of "info", "warn"');
  const render = readText(text, [...path, 'text'], report);
  return render === undefined ? undefined : { kind: 'log', level: level === 'warn' ? 'warn' : 'info', text: render };
}

function readText(source: unknown, path: Path, report: Report): Render | undefined {
  if (typeof source !== 'string')
    return void report(
      path,
      source === undefined ? 'is missing' : `must be text in double quotes, not ${sayKind(source)}`,
    );
  return readTemplate(source, path, wellFormed, report);
}

function unknownKeys(raw: Record<string, unknown>, known: string[], path: Path, report: Report): void {
  for (const key of Object.keys(raw))
    if (!known.includes(key)) report([...path, key], 'unknown key', didYouMean(key, known));
}
