// The fields of a message: each one as its destination declares it, made ready to be rendered.
import { callCardOf, eventGroupOf } from '../../core/call-card.ts';
import { wellFormed } from '../../core/caller-text.ts';
import type { Json } from '../../core/delivery.ts';
import type { Destination, TemplateSpec } from '../../core/destination.ts';
import type { CallEvent, Event } from '../../core/events.ts';
import type { Path } from '../../core/problems.ts';
import type { Schedules } from '../stages/read-values.ts';
import type { FieldOf, JsonOf } from './compiled.ts';
import { readJsonTree } from './json-tree.ts';
import { type Choice, renderChoice } from './message-choice.ts';
import { readTemplate, type TemplateContext } from './template/read.ts';
import { isTemplate } from './template/scan.ts';
import { isObject, type Raw } from './tree.ts';

/** `rule`: what it takes, and whether events come together in it. */
export type FieldContext = TemplateContext & {
  schedules: Schedules;
  rule: { on: readonly string[]; gathers: boolean };
};

type FieldReader = (name: string, value: unknown, choices: readonly Choice[] | undefined) => FieldOf | undefined;

/** Reads one field after the other; every problem is reported, and then nothing is returned. */
export function fieldReader(destination: Destination, path: Path, context: FieldContext): FieldReader {
  const { templates } = destination;
  const filled = Object.keys(templates).filter((name) => FILLED.includes(templates[name]?.as ?? ''));
  return (name, value, choices) => {
    const spec = Object.hasOwn(templates, name) ? templates[name] : undefined;
    const here = [...path, name];
    if (spec === undefined) return readConstant(value, here, context, filled);
    switch (spec.as) {
      case 'choice': {
        if (choices === undefined) return readConstant(value, here, context, filled);
        const uses = choices.map(({ use, place }) => readConstant(use, [...here, place, 'use'], context, filled));
        return uses.includes(undefined) ? undefined : renderChoice(choices, uses as JsonOf[]);
      }
      case 'call':
        return readCall(value, here, context);
      case 'group':
        return readGroup(value, here, context);
      case 'texts':
        return readTexts(value, here, spec, context);
      case 'json':
        return readJsonTree(value, here, context);
      default:
        if (typeof value === 'string') return readText(value, here, spec, context);
        // A number where a text is meant is what the schema complains about.
        return spec.as === 'textOrJson' ? readJsonTree(value, here, context) : () => value as Json;
    }
  };
}

/** Ways to write a field in which a template may stand. */
const FILLED: readonly string[] = ['text', 'json', 'textOrJson', 'texts'];

const LEFT_OUT: FieldOf = () => undefined;

/** What is neither true nor false is what the schema complains about. */
function readCall(value: unknown, path: Path, { rule, report }: FieldContext): FieldOf | undefined {
  if (value !== true) return LEFT_OUT;
  const others = rule.on.filter((type) => !type.startsWith('call.'));
  if (others.length === 0)
    return (event, known) => {
      const card = callCardOf(event as CallEvent, known);
      // The list is the event's own, and a message must not share it.
      return { ...card, groups: [...card.groups] } as unknown as Json;
    };
  const more = others.length > 3 ? ', …' : '';
  const message = `shows a call, and this rule also takes what is no call: ${others.slice(0, 3).join(', ')}${more}`;
  report(path, message, 'take only call.* events in "on", or leave it out');
  return undefined;
}

function readGroup(value: unknown, path: Path, { rule, report }: FieldContext): FieldOf | undefined {
  if (value !== true) return LEFT_OUT;
  if (rule.gathers) return (event: Event, known) => eventGroupOf(event, known) as unknown as Json;
  report(
    path,
    'shows events that came together, and in this rule none do',
    'give it "count" or "wait", or leave it out',
  );
  return undefined;
}

function readText(
  source: string,
  path: Path,
  spec: Extract<TemplateSpec, { encode: unknown }>,
  context: FieldContext,
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

/** Texts by name; what is no object of texts is what the schema complains about. */
function readTexts(
  value: unknown,
  path: Path,
  spec: Extract<TemplateSpec, { encode: unknown }>,
  context: FieldContext,
): JsonOf | undefined {
  if (!isObject(value)) return () => value as Json;
  const names = Object.keys(value);
  for (const name of names.filter(isTemplate))
    context.report([...path, name], 'a key is no template', 'put the template into the value; keys stay as they are');
  const texts = names.map((name) => readEntry(value, name, path, spec, context));
  if (texts.includes(undefined) || names.some(isTemplate)) return undefined;
  const keys = names.map(wellFormed);
  return (event, known) => {
    const object: { [key: string]: Json } = {};
    for (let n = 0; n < keys.length; n++) object[keys[n] as string] = (texts[n] as JsonOf)(event, known);
    return object;
  };
}

function readEntry(
  texts: Raw,
  name: string,
  path: Path,
  spec: Extract<TemplateSpec, { encode: unknown }>,
  context: FieldContext,
): JsonOf | undefined {
  const text = texts[name];
  return typeof text === 'string' ? readText(text, [...path, name], spec, context) : () => text as Json;
}

/** A field that is the same for every event; made anew each time, because a message belongs to whoever gets it. */
function readConstant(value: unknown, path: Path, { report }: FieldContext, filled: string[]): JsonOf | undefined {
  const found = firstTemplate(value, path);
  if (found === undefined)
    return typeof value === 'object' ? () => structuredClone(value) as Json : () => value as Json;
  const hint = filled.length > 0 ? `{{ }} may stand in: ${filled.join(', ')}` : undefined;
  report(found, 'cannot be filled in: it is the same for every event', hint);
  return undefined;
}

/** Where the first template stands below a value; undefined if there is none. */
export function firstTemplate(value: unknown, path: Path): Path | undefined {
  if (typeof value === 'string') return isTemplate(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, entry] of entries) {
    const found = firstTemplate(entry, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
