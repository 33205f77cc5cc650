// Paths: requests whose URL is not ours, read by the `paths` entries of the config.
import { SLUGS, type Slug } from '../core/events.ts';
import type { PathEntry } from './path-entry.ts';
import { matchPattern, parsePattern, patternNames, type Segment } from './path-pattern.ts';
import { HIT_NAMES, type NameRole, type Names, split } from './query.ts';
import { type Reading, readPieces, type TargetParts } from './target.ts';
import { decodeValue, percentDecodeBytes } from './text.ts';

const SLUG_BY_NAME: ReadonlyMap<string, Slug> = new Map(SLUGS.map((slug) => [slug, slug]));

/** `Missed-Call` → `missed_call`: percent-decoded once, without regard to ASCII case, `-` equals `_`. Undefined: no such event. */
export function slugOf(raw: string): Slug | undefined {
  const exact = SLUG_BY_NAME.get(raw);
  if (exact !== undefined || raw.length > 128) return exact;
  return SLUG_BY_NAME.get(percentDecodeBytes(raw).replaceAll('-', '_').toLowerCase());
}

/** An entry ready to use: `names` are the known names as the URL writes them, `fields` what they are called here. */
export type CompiledPath = {
  entry: PathEntry;
  pattern: readonly Segment[];
  names: Names;
  fields: ReadonlyMap<string, string>;
  separator: '&' | ':';
};

const roleOf = (field: string): NameRole => HIT_NAMES.get(field) ?? 'own';

function compile(entry: PathEntry): CompiledPath {
  const pattern = parsePattern(entry.path);
  if (typeof pattern === 'string') throw new TypeError(`paths: ${pattern}`);
  const fields = new Map(Object.entries(entry.vars));
  const fieldOf = (name: string): string => fields.get(name) ?? name;
  const taken = new Set([...fields.values(), ...patternNames(pattern).map(fieldOf)]);
  // A name of ours that another name is stored under may not come in by itself as well.
  const names = new Map<string, NameRole>([...taken].map((name) => [name, 'seal']));
  for (const [name, role] of HIT_NAMES) if (!taken.has(name)) names.set(name, role);
  for (const [written, field] of fields) names.set(written, roleOf(field));
  for (const part of pattern) {
    if (part.kind === 'variable') names.set(part.name, 'seal');
    if (part.kind !== 'pairs') continue;
    for (const [written, name] of part.names) {
      names.set(written, roleOf(fieldOf(name)));
      fields.set(written, fieldOf(name));
    }
  }
  if (typeof entry.event !== 'string' && !names.has(entry.event.var)) names.set(entry.event.var, 'own');
  const last = pattern[pattern.length - 1];
  return { entry, pattern, names, fields, separator: last?.kind === 'pairs' ? last.separator : '&' };
}

/** Makes entries ready; throws a TypeError for an entry that the schema would have refused. */
export const compilePaths = (entries: readonly PathEntry[]): CompiledPath[] => entries.map(compile);

/**
 * What an entry made of a request. `slug` undefined: its variable names no event. `token` is raw, as it stands in the path, and
 * `token.at` counts from where the path begins.
 */
export type PathReading = {
  entry: PathEntry;
  reading: Reading;
  slug: Slug | undefined;
  token?: { bytes: string; at: number };
};

function eventOf(path: CompiledPath, raw: ReadonlyMap<string, string>): Slug | undefined {
  const { event } = path.entry;
  if (typeof event === 'string') return event;
  let said = raw.get(event.var);
  // In pairs the variable may go by the name in the URL or by its own.
  if (said === undefined) for (const [name, value] of raw) if (path.fields.get(name) === event.var) said = value;
  if (said === undefined) return undefined;
  const text = decodeValue(said);
  return Object.hasOwn(event.map, text) ? event.map[text] : slugOf(said);
}

function tokenOf(path: CompiledPath, segments: readonly string[]): PathReading['token'] {
  let at = 1;
  for (const [index, part] of path.pattern.entries()) {
    const bytes = segments[index] ?? '';
    if (part.kind === 'variable' && part.name === 'token') return { bytes, at };
    at += bytes.length + 1;
  }
  return undefined;
}

/** Reads a request by the first entry whose path fits; undefined if none does. Never throws. */
export function readPath(
  paths: readonly CompiledPath[],
  parts: TargetParts,
  vendorVariables: ReadonlySet<string>,
): PathReading | undefined {
  for (const path of paths) {
    const match = matchPattern(path.pattern, parts.segments);
    if (match === undefined) continue;
    const pairs = match.pairsFrom;
    const query = parts.query ?? '';
    const rest = pairs === undefined ? query : parts.segments.slice(pairs).join('/');
    const text = pairs === undefined || parts.query === undefined ? rest : `${rest}?${query}`;
    const pieces = split(text, path.names, path.separator);
    match.values.delete('token');
    for (const [name, raw] of match.values) pieces.values.set(name, raw);
    const reading = readPieces(pieces, vendorVariables, (name) => path.fields.get(name) ?? name);
    const token = tokenOf(path, parts.segments);
    return { entry: path.entry, reading, slug: eventOf(path, pieces.values), ...(token ? { token } : {}) };
  }
  return undefined;
}
