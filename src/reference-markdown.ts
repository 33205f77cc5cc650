// Markdown for the reference pages: tables, code, and the keys of a JSON Schema as people read them.
import type { Json } from './core/delivery.ts';
import type { JsonSchema } from './engine/schema/index.ts';

/** Paragraphs, tables and headings with an empty line between them. */
export const page = (title: string, ...parts: readonly (string | undefined)[]): string =>
  `${[`# ${title}`, ...parts].filter((part) => part !== undefined && part !== '').join('\n\n')}\n`;

/** A bar would end the cell, a line break the row. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [headings, headings.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** A sentence of the program's own, in which marks of Markdown are only characters; what stands in backticks stays code. */
export const prose = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part, n) => (n % 2 === 1 ? part : part.replace(/[\\*<[\]]|(?<!\w)_|_(?!\w)/g, '\\$&')))
    .join('');

/** Inline code, whatever is in it. */
export function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return `${fence}${text}${fence}`;
}

/** A value as it stands in a file, on one line. */
export const json = (value: Json): string => code(oneLine(value));

function oneLine(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${oneLine(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

export const block = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;

export const jsonBlock = (value: Json): string => block('json', JSON.stringify(value, null, 2));

/** How many words a choice may have before only the examples are shown. */
const CHOICE_MAX = 14;

/** What may stand there besides what the description says: a choice, a range, the usual value. */
function limitsOf(schema: JsonSchema): string {
  const { enum: words = [], default: usual } = schema;
  const parts: string[] = [];
  if (words.length > 1 && words.length <= CHOICE_MAX) parts.push(`One of ${words.map(json).join(', ')}.`);
  const range = rangeOf(schema);
  if (range !== undefined) parts.push(range);
  if (usual !== undefined && !(typeof usual === 'object' && usual !== null))
    parts.push(`Unless given: ${json(usual)}.`);
  return parts.map((part) => ` ${part}`).join('');
}

function rangeOf({ minimum, exclusiveMinimum, maximum }: JsonSchema): string | undefined {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (most === undefined) return minimum === undefined || minimum <= 0 ? undefined : `At least ${minimum}.`;
  return exclusiveMinimum === undefined ? `${minimum ?? 0} to ${most}.` : `Above ${exclusiveMinimum}, up to ${most}.`;
}

const withStop = (text: string): string => (/[.?!:]$/.test(text) ? text : `${text}.`);

/** One row for each key of an object: its name (with what must be there marked), its meaning, an example. */
function keyTable({ properties = {}, required = [] }: JsonSchema): string {
  const rows = Object.entries(properties).map(([name, schema]) => [
    `${code(name)}${required.includes(name) ? ' (needed)' : ''}`,
    `${prose(withStop(schema.description ?? ''))}${limitsOf(schema)}`,
    schema.examples?.[0] === undefined ? '' : json(schema.examples[0]),
  ]);
  return table(['key', 'meaning', 'example'], rows);
}

type Section = { path: string; schema: JsonSchema };

/** An object under a key, under the entries of its list, or under its names; a secret is told elsewhere. */
function objectsUnder(schema: JsonSchema, path: string): Section[] {
  if (isSecret(schema)) return [];
  const { properties, items, additionalProperties, anyOf = [] } = schema;
  if (properties !== undefined) return [{ path, schema }];
  return [
    ...(items === undefined ? [] : objectsUnder(items, `${path}[]`)),
    ...(typeof additionalProperties === 'object' ? objectsUnder(additionalProperties, `${path}.<name>`) : []),
    ...anyOf.flatMap((form) => objectsUnder(form, path)),
  ];
}

/** `{ "env": … }` or `{ "file": … }`. */
const isSecret = ({ anyOf = [] }: JsonSchema): boolean => anyOf.some(({ properties }) => properties?.env !== undefined);

/** The keys of an object and, under headings of their own, those of every object inside it; `skip`: paths told elsewhere. */
export function keySections(path: string, schema: JsonSchema, skip: readonly string[] = [], level = 2): string[] {
  const inner = Object.entries(schema.properties ?? {})
    .flatMap(([name, under]) => objectsUnder(under, path === '' ? name : `${path}.${name}`))
    .filter(({ path: at }) => !skip.includes(at));
  return [
    keyTable(schema),
    ...inner.flatMap(({ path: at, schema: under }) => [
      `${'#'.repeat(level)} ${code(at)}`,
      ...keySections(at, under, skip, Math.min(level + 1, 4)),
    ]),
  ];
}
