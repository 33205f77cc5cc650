// Messages: an action for a destination, checked by the destination's own declaration and made ready to be rendered.
import type { Json } from '../../core/delivery.ts';
import type { Destination } from '../../core/destination.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import type { Deliver, FieldOf, MessageField } from './compiled.ts';
import { checkVariants, chosenAt, readChoices } from './message-choice.ts';
import { type FieldContext, fieldReader, firstTemplate } from './message-field.ts';
import { isObject, kindOf, type Raw } from './tree.ts';

/** By name: the connections of the config. `settings` undefined: they are wrong themselves, which somebody else says. */
export type Connections = Readonly<Record<string, { type: string; settings: unknown }>>;

export type MessageContext = FieldContext & { connections: Connections };

/** Reads what stands under a destination's type; every problem is reported, and then nothing is returned. */
export function readDeliver(
  raw: unknown,
  path: Path,
  destination: Destination,
  context: MessageContext,
): Deliver | undefined {
  const { report } = context;
  if (!isObject(raw)) {
    report(path, `must be an object { … }, not ${kindOf(raw)}`, 'like { "to": "…", … }');
    return undefined;
  }
  const { to, ...message } = raw;
  const connection = readTo(to, [...path, 'to'], destination.type, context);
  const choices = readChoices(message, path, destination, context);
  const checked = checkVariants(destination, message, choices, path);
  for (const { path: at, message: text, hint } of checked.problems)
    if (!isFilledIn(destination, message, at[path.length])) report(at, text, hint);
  const readField = fieldReader(destination, path, context);
  // Read even where the schema complains, so that all problems are told at once.
  const written = Object.keys(message).map((name) => readField(name, message[name], choices.get(name)));
  const [first] = checked.values;
  if (first === undefined || checked.problems.length > 0 || connection === undefined || written.includes(undefined))
    return undefined;
  if (connection.settings !== undefined) {
    const findings = checked.values.flatMap(({ value, places }) =>
      lint(destination, value, connection.settings).map((finding) => ({
        ...finding,
        path: chosenAt(finding.path, places),
      })),
    );
    const told = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
    for (const finding of told.values()) report([...path, ...finding.path], finding.message, finding.hint);
    if (told.size > 0) return undefined;
  }
  // What the schema adds (defaults) or changes goes out; templates are only ever what the author wrote.
  const fields: MessageField[] = [];
  for (const [name, value] of Object.entries(first.value)) {
    if (value === undefined) continue;
    const chosen = checked.chosen.get(name);
    const render: FieldOf | undefined =
      chosen === undefined && sameText(value, message[name])
        ? written[Object.keys(message).indexOf(name)]
        : readField(name, value, chosen);
    if (render === undefined) return undefined;
    fields.push({ name, render });
  }
  const { type, check, slot } = destination;
  return { kind: 'deliver', type, to: to as string, fields, check, slot };
}

/** Of a constant field that holds a template it is enough to say that it cannot: its value is not the author's last word. */
function isFilledIn({ templates }: Destination, message: Raw, name: string | number | undefined): boolean {
  if (typeof name !== 'string' || (Object.hasOwn(templates, name) && templates[name]?.as !== 'choice')) return false;
  return firstTemplate(message[name], []) !== undefined;
}

const sameText = (value: unknown, written: unknown): boolean => JSON.stringify(value) === JSON.stringify(written);

type Target = { type: string; settings: unknown };

function readTo(to: unknown, path: Path, type: string, { report, connections }: MessageContext): Target | undefined {
  const fitting = Object.keys(connections).filter((name) => connections[name]?.type === type);
  const known = fitting.length > 0 ? `connections of type ${type}: ${fitting.slice(0, 12).join(', ')}` : undefined;
  const none = `the config has no connection of type ${type}; write one under "connections"`;
  if (typeof to !== 'string') {
    report(
      path,
      to === undefined ? 'is missing' : `must be the name of a connection, not ${kindOf(to)}`,
      known ?? none,
    );
    return undefined;
  }
  const connection = Object.hasOwn(connections, to) ? connections[to] : undefined;
  if (connection === undefined) {
    const near = didYouMean(to, fitting);
    const hint = near?.startsWith('did') === true ? near : (known ?? none);
    report(path, `there is no connection ${JSON.stringify(to.slice(0, 64))}`, hint);
    return undefined;
  }
  if (connection.type === type) return connection;
  report(path, `the connection ${JSON.stringify(to)} is of type ${connection.type}, not ${type}`, known ?? none);
  return undefined;
}

const lint = (destination: Destination, message: Record<string, Json>, settings: unknown) =>
  destination.lint?.(message, settings) ?? [];
