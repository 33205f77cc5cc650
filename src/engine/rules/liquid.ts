// LiquidJS, hardened: few tags and filters, own properties only, no files, no clock, limits, and one encoder per instance.
// A member of the library is used only if our own list names it; what the library allows by itself does not count.
import { Liquid, type Template } from 'liquidjs';
import type { Encode } from '../../core/destination.ts';

export const TAGS: readonly string[] = ['if', 'unless', 'case', 'for', 'assign', 'comment'];
/** Words that stand inside those tags. */
const INNER_TAGS = ['else', 'elsif', 'when', 'break', 'continue', ...TAGS.map((tag) => `end${tag}`)];

export const FILTERS: readonly string[] = (
  'default upcase downcase capitalize strip append prepend replace remove truncate truncatewords split join first last ' +
  'size slice date plus minus times divided_by modulo round floor ceil at_least at_most uniq sort map'
).split(' ');

const LIMITS = { parseLimit: 1e4, renderLimit: 50, memoryLimit: 1e6 };
const instances = new Map<Encode, Liquid>();

/** The one instance whose every output goes through `encode`. */
export function liquidFor(encode: Encode): Liquid {
  const known = instances.get(encode);
  if (known !== undefined) return known;
  const liquid = new Liquid({
    ...LIMITS,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    dynamicPartials: false,
    outputEscape: (value) => encode(asText(value)),
  });
  for (const tag of Object.keys(liquid.tags))
    if (!TAGS.includes(tag) && !INNER_TAGS.includes(tag)) delete liquid.tags[tag];
  const { date } = liquid.filters;
  for (const filter of Object.keys(liquid.filters)) if (!FILTERS.includes(filter)) delete liquid.filters[filter];
  if (typeof date === 'function') {
    // "now" would read the clock: the same event must give the same text when it is replayed.
    liquid.registerFilter('date', function (this: ThisParameterType<typeof date>, value: unknown, ...rest: unknown[]) {
      return value === 'now' || value === 'today' ? '' : date.call(this, value, ...rest);
    });
  }
  instances.set(encode, liquid);
  return liquid;
}

/** A value as Liquid prints it: nothing for null, list members one after the other. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(asText).join('');
  return typeof value === 'object' ? '' : String(value);
}

/** What stands between `{{ }}` or `{% %}`; `at` counts characters from the start. */
type Piece = { kind: 'output' | 'tag'; code: string; at: number };

/** Tags and filters that are not on our lists, by a scan of our own over the text. */
export function forbidden(source: string): { what: 'tag' | 'filter'; name: string }[] {
  const found: { what: 'tag' | 'filter'; name: string }[] = [];
  for (const { kind, code } of pieces(source)) {
    if (kind === 'tag') {
      const name = /^\s*([^\s]*)/.exec(code)?.[1] ?? '';
      if (!TAGS.includes(name) && !INNER_TAGS.includes(name)) found.push({ what: 'tag', name });
    }
    for (const [, name = ''] of withoutQuotes(code).matchAll(/\|\s*([^\s:|,]*)/g)) {
      if (!FILTERS.includes(name)) found.push({ what: 'filter', name });
    }
  }
  return found;
}

function pieces(source: string): Piece[] {
  const found: Piece[] = [];
  for (const match of source.matchAll(/\{\{-?([\s\S]*?)-?\}\}|\{%-?([\s\S]*?)-?%\}/g)) {
    const [, output, tag] = match;
    if (output !== undefined) found.push({ kind: 'output', code: output, at: match.index });
    else found.push({ kind: 'tag', code: tag ?? '', at: match.index });
  }
  return found;
}

const withoutQuotes = (code: string): string => code.replace(/"[^"]*"|'[^']*'/g, '""');

/** Paths of the variables that a parsed template takes from its scope; a computed step is a list. */
export const variablesOf = (liquid: Liquid, template: Template[]): unknown[][] =>
  liquid.globalVariableSegmentsSync(template) as unknown[][];
