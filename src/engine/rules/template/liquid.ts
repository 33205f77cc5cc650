// LiquidJS behind our own reader: an instance holds only the tags and filters of our lists, no files, limits, one encoder.
import { AssertionError, Liquid, LiquidError, type Template as Parsed } from 'liquidjs';
import type { Encode } from '../../../core/destination.ts';
import type { Event } from '../../../core/events.ts';
import type { Field, Known } from '../../../core/fields.ts';
import { TemplateFailure, type TextOf } from '../compiled.ts';
import { FILTERS } from './filters.ts';
import { TAGS } from './parse.ts';
import { formatTime } from './time.ts';

/** Characters of a template. */
export const TEMPLATE_CHARACTERS_MAX = 10_000;
const RENDER_MS_MAX = 50;
/** Roughly characters that a rendering may make, counted by the library. */
const MEMORY_MAX = 1_000_000;

/** The instance whose every output goes through `encode`; the same for the same function. */
export type Liquids = (encode: Encode) => Liquid;

/** `zone`: the time zone of `date` where a template names none. */
export function createLiquids(zone: string): Liquids {
  const instances = new Map<Encode, Liquid>();
  return (encode) => {
    const known = instances.get(encode);
    if (known !== undefined) return known;
    const made = create(encode, zone);
    instances.set(encode, made);
    return made;
  };
}

/** Nothing can be read, whatever a template says. */
const NO_FILES = {
  exists: () => Promise.resolve(false),
  existsSync: () => false,
  readFile: () => Promise.reject(new Error('templates read no files')),
  readFileSync: () => {
    throw new Error('templates read no files');
  },
  resolve: () => '',
};

function create(encode: Encode, zone: string): Liquid {
  const liquid = new Liquid({
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    parseLimit: TEMPLATE_CHARACTERS_MAX,
    renderLimit: RENDER_MS_MAX,
    memoryLimit: MEMORY_MAX,
    fs: NO_FILES,
    relativeReference: false,
    dynamicPartials: false,
    globals: Object.create(null),
    locale: 'en-US',
    timezoneOffset: 0,
    outputEscape: (value: unknown) => encode(asText(value)),
  });
  for (const tag of Object.keys(liquid.tags)) if (!TAGS.includes(tag)) delete liquid.tags[tag];
  for (const filter of Object.keys(liquid.filters)) if (!FILTERS.includes(filter)) liquid.unregisterFilter(filter);
  // Ours: the library's reads the clock for "now" and depends on the machine's time zone.
  liquid.registerFilter('date', (value: unknown, format: unknown, named: unknown) =>
    typeof value === 'string' ? formatTime(value, String(format), typeof named === 'string' ? named : zone) : value,
  );
  return liquid;
}

/** A value as Liquid prints it: nothing for null, the members of a list one after the other. Total. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(asText).join('');
  return typeof value === 'object' ? '' : String(value);
}

/**
 * Renders with the library. The scope is plain data without prototypes and holds nothing but the fields that the template
 * names. Throws a TemplateFailure. The library measures its time limit with the process's clock, so a pause of the process
 * looks like a slow template: what fails is tried once more, which changes nothing for a template that really is wrong.
 */
export function renderWith(liquid: Liquid, parsed: Parsed[], fields: readonly Field[]): TextOf {
  const fill = fields.map(filler);
  const once: TextOf = (event, known) => {
    const scope: Scope = Object.create(null);
    for (const put of fill) put(scope, event, known);
    return liquid.renderSync(parsed, scope) as string;
  };
  return (event, known) => {
    try {
      return once(event, known);
    } catch {
      try {
        return once(event, known);
      } catch (error) {
        throw new TemplateFailure(reasonOf(error));
      }
    }
  };
}

/** Says no value of the event: the library's own sentence might. */
function reasonOf(error: unknown): string {
  const cause: unknown = LiquidError.is(error)
    ? ((error as { originalError?: unknown }).originalError ?? error)
    : error;
  if (cause instanceof AssertionError)
    return `takes more than ${RENDER_MS_MAX} ms or makes more than ${MEMORY_MAX} characters`;
  return `cannot be rendered for this event (${cause instanceof Error ? cause.name : 'unknown'})`;
}

type Scope = { [key: string]: unknown };

function filler({ name, read }: Field): (scope: Scope, event: Event, known: Known) => void {
  // The name of a raw variable may hold dots of its own.
  const steps = name.startsWith('vars.') ? ['vars', name.slice(5)] : name.split('.');
  const last = steps[steps.length - 1] ?? '';
  return (scope, event, known) => {
    let here = scope;
    for (const step of steps.slice(0, -1)) {
      here[step] ??= Object.create(null);
      here = here[step] as Scope;
    }
    here[last] = read(event, known);
  };
}
