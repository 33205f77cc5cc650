// Templates: checked once when the rules are read, rendered for each event, every value encoded for its destination.
import type { Encode } from '../../core/destination.ts';
import type { Event } from '../../core/events.ts';
import { FIELDS, FIELDS_NOT_YET, type Field, type FieldValue } from '../../core/fields.ts';
import type { PhoneCard } from '../../core/phone-card.ts';
import { didYouMean, type Path } from '../../core/problems.ts';
import { asText, FILTERS, forbidden, liquidFor, TAGS, variablesOf } from './liquid.ts';
import type { Report } from './report.ts';

/** What a template sees: one event and what the config says of its phone. */
export type Scope = { event: Event; card: PhoneCard | undefined; plain?: object };
export type Render = (scope: Scope) => string;
export type ReadValue = (scope: Scope) => FieldValue;

const TEMPLATE_CHARACTERS_MAX = 10_000;
const BY_NAME = new Map(FIELDS.map((field) => [field.name, field]));
const KNOWN = [...BY_NAME.keys()];
/** What Liquid offers of a text or a list. */
const PARTS = ['size', 'first', 'last'];

/** Whether a text has anything to be filled in. */
export const isTemplate = (text: string): boolean => text.includes('{{') || text.includes('{%');

/** Reads a template; problems go to `report`, and undefined is returned. */
export function readTemplate(source: string, path: Path, encode: Encode, report: Report): Render | undefined {
  if (source.length > TEMPLATE_CHARACTERS_MAX) {
    report(path, `is longer than ${TEMPLATE_CHARACTERS_MAX} characters`);
    return undefined;
  }
  if (!isTemplate(source)) return () => source;
  const refused = forbidden(source);
  for (const { what, name } of refused) {
    const known = what === 'tag' ? TAGS : FILTERS;
    report(
      path,
      `the ${what} ${JSON.stringify(name.slice(0, 40))} is not available`,
      didYouMean(name, known) ?? `known: ${known.join(', ')}`,
    );
  }
  if (refused.length > 0) return undefined;
  const liquid = liquidFor(encode);
  try {
    const parsed = liquid.parse(source);
    const unknown = variablesOf(liquid, parsed)
      .map((segments) => unknownVariable(segments))
      .filter((each) => each !== undefined);
    for (const { message, hint } of unknown) report(path, message, hint);
    if (unknown.length > 0) return undefined;
    return simple(source, encode) ?? ((scope) => liquid.renderSync(parsed, plainScope(scope)) as string);
  } catch (error) {
    // The library's sentence, without the excerpt that follows it.
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 200) : 'unknown';
    report(path, `is not a template: ${reason}`);
    return undefined;
  }
}

function unknownVariable(segments: unknown[]): { message: string; hint: string | undefined } | undefined {
  const words = segments.filter((segment) => typeof segment === 'string' || typeof segment === 'number').map(String);
  if (words[0] === 'vars' && segments.length >= 2) return undefined;
  if (words.length === segments.length) {
    for (let length = words.length; length > 0; length--) {
      if (!BY_NAME.has(words.slice(0, length).join('.'))) continue;
      const rest = words.slice(length);
      if (rest.length === 0 || (rest.length === 1 && (PARTS.includes(rest[0] ?? '') || /^-?\d+$/.test(rest[0] ?? ''))))
        return undefined;
    }
  }
  const name = words.join('.').slice(0, 80);
  if (FIELDS_NOT_YET.includes(name))
    return { message: `the variable ${JSON.stringify(name)} is not built yet in this version`, hint: undefined };
  const inside = KNOWN.filter((known) => known.startsWith(`${name}.`));
  const hint = inside.length > 0 ? `use one of ${inside.join(', ')}` : didYouMean(name, KNOWN);
  return { message: `unknown variable ${JSON.stringify(name)}`, hint };
}

/** Reads what one variable holds, with its type; undefined if there is no such variable. */
export function variable(name: string): ReadValue | undefined {
  const field = BY_NAME.get(name);
  if (field !== undefined) return (scope) => field.read(scope.event, scope.card);
  const own = /^vars\.([A-Za-z_][\w-]*)$/.exec(name)?.[1];
  if (own === undefined) return undefined;
  return ({ event }) => (Object.hasOwn(event.vars, own) ? (event.vars[own] ?? null) : null);
}

const OUTPUT =
  /\{\{ *([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*) *(?:\| *default: *("[^"{}\\]*"|'[^'{}\\]*'|[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*) *)?\}\}/g;

/**
 * The common templates, text with `{{ name }}` and `{{ name | default: other }}`, without the library's interpreter: about
 * twenty times faster, and the same to the byte (a property test holds it to that). undefined: leave it to the library.
 */
function simple(source: string, encode: Encode): Render | undefined {
  const parts: (string | Render)[] = [];
  let at = 0;
  for (const match of source.matchAll(OUTPUT)) {
    const text = source.slice(at, match.index);
    at = match.index + match[0].length;
    const render = output(match[1] ?? '', match[2], encode);
    if (render === undefined || isTemplate(text) || isList(match[1]) || isList(match[2])) return undefined;
    if (text !== '') parts.push(text);
    parts.push(render);
  }
  const tail = source.slice(at);
  if (isTemplate(tail)) return undefined;
  if (tail !== '') parts.push(tail);
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'function') return only;
  return (scope) => {
    let result = '';
    for (const part of parts) result += typeof part === 'string' ? part : part(scope);
    return result;
  };
}

const isList = (name: string | undefined): boolean => name !== undefined && BY_NAME.get(name)?.type === 'list';

function output(name: string, fallback: string | undefined, encode: Encode): Render | undefined {
  const read = variable(name);
  if (read === undefined) return undefined;
  if (fallback === undefined) return (scope) => encode(asText(read(scope)));
  const constant = fallback.startsWith('"') || fallback.startsWith("'") ? fallback.slice(1, -1) : undefined;
  const other = constant === undefined ? variable(fallback) : () => constant;
  if (other === undefined) return undefined;
  return (scope) => {
    const value = read(scope);
    return encode(asText(value === null || value === '' ? other(scope) : value));
  };
}

/** The event as Liquid sees it: plain data without prototypes, made once per event. */
function plainScope(scope: Scope): object {
  scope.plain ??= plainOf(FIELDS, scope);
  return scope.plain;
}

function plainOf(fields: readonly Field[], { event, card }: Scope): object {
  const root: Record<string, unknown> = Object.create(null);
  for (const field of fields) {
    const steps = field.name.split('.');
    let here = root;
    for (const step of steps.slice(0, -1)) {
      here[step] ??= Object.create(null);
      here = here[step] as Record<string, unknown>;
    }
    here[steps.at(-1) ?? ''] = field.read(event, card);
  }
  root.vars = Object.assign(Object.create(null), event.vars);
  return root;
}
