// Messages: an action for a destination, checked by the destination's own declaration and made ready to be rendered.
import type { Json } from '../../core/delivery.ts';
import type { Destination, TemplateSpec } from '../../core/destination.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import { checkWith } from '../../core/schema-problems.ts';
import type { Deliver, JsonOf, MessageField } from './compiled.ts';
import { readJsonTree } from './json-tree.ts';
import { readTemplate, type TemplateContext } from './template/read.ts';
import { isTemplate } from './template/scan.ts';
import { isObject, kindOf, type Raw } from './tree.ts';

/** By name: the connections of the config. `settings` undefined: they are wrong themselves, which somebody else says. */
export type Connections = Readonly<Record<string, { type: string; settings: unknown }>>;

export type MessageContext = TemplateContext & { connections: Connections };

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
  const checked = checkWith(destination.message, plain(message), path, ['to']);
  if ('problems' in checked)
    for (const { path: at, message: text, hint } of checked.problems)
      if (!isFilledIn(destination, message, at[path.length])) report(at, text, hint);
  const readField = fieldReader(destination, path, context);
  // Read even where the schema complains, so that all problems are told at once.
  const written = Object.keys(message).map((name) => readField(name, message[name]));
  if ('problems' in checked || connection === undefined || written.includes(undefined)) return undefined;
  if (connection.settings !== undefined && !lint(destination, checked.value, connection.settings, path, context))
    return undefined;
  // What the schema adds (defaults) or changes goes out; templates are only ever what the author wrote.
  const fields: MessageField[] = [];
  for (const [name, value] of Object.entries(checked.value)) {
    if (value === undefined) continue;
    const render = sameText(value, message[name])
      ? written[Object.keys(message).indexOf(name)]
      : readField(name, value);
    if (render === undefined) return undefined;
    fields.push({ name, render });
  }
  return { kind: 'deliver', type: destination.type, to: to as string, fields, check: destination.check };
}

/** Of a constant field that holds a template it is enough to say that it cannot: its value is not the author's last word. */
function isFilledIn({ templates }: Destination, message: Raw, name: string | number | undefined): boolean {
  return typeof name === 'string' && !Object.hasOwn(templates, name) && firstTemplate(message[name], []) !== undefined;
}

/** Zod's own objects have a prototype; so that a destination's schema sees what it would see elsewhere, ours get one too. */
const plain = (message: Raw): Raw => ({ ...message });

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

function lint(
  destination: Destination,
  message: Record<string, Json>,
  settings: unknown,
  path: Path,
  { report }: MessageContext,
): boolean {
  const findings = destination.lint?.(message, settings) ?? [];
  for (const finding of findings) report([...path, ...finding.path], finding.message, finding.hint);
  return findings.length === 0;
}

function fieldReader(
  destination: Destination,
  path: Path,
  context: MessageContext,
): (name: string, value: unknown) => JsonOf | undefined {
  return (name, value) => {
    const spec = Object.hasOwn(destination.templates, name) ? destination.templates[name] : undefined;
    const here = [...path, name];
    if (spec === undefined || !('encode' in spec || spec.as === 'json'))
      return readConstant(value, here, context, Object.keys(destination.templates));
    if (spec.as === 'json') return readJsonTree(value, here, context);
    if (typeof value === 'string') return readText(value, here, spec, context);
    // A number where a text is meant is what the schema complains about.
    return spec.as === 'textOrJson' ? readJsonTree(value, here, context) : () => value as Json;
  };
}

function readText(
  source: string,
  path: Path,
  spec: Extract<TemplateSpec, { encode: unknown }>,
  context: MessageContext,
): JsonOf | undefined {
  if (spec.as === 'textOrJson' && /^\s*(?:\[|\{(?![{%]))/.test(source) && isTemplate(source)) {
    context.report(
      path,
      'looks like JSON with values filled into its text',
      'write the payload as a JSON object, not as text',
    );
    return undefined;
  }
  return readTemplate(source, path, spec.encode, context)?.render;
}

/** A field that is the same for every event; made anew each time, because a message belongs to whoever gets it. */
function readConstant(value: unknown, path: Path, { report }: MessageContext, templates: string[]): JsonOf | undefined {
  const found = firstTemplate(value, path);
  if (found === undefined)
    return typeof value === 'object' ? () => structuredClone(value) as Json : () => value as Json;
  const hint = templates.length > 0 ? `{{ }} may stand in: ${templates.join(', ')}` : undefined;
  report(found, 'cannot be filled in: it is the same for every event', hint);
  return undefined;
}

function firstTemplate(value: unknown, path: Path): Path | undefined {
  if (typeof value === 'string') return isTemplate(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, entry] of entries) {
    const found = firstTemplate(entry, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
