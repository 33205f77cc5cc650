// Target: the raw target of a request → path segments, variables, parties, MAC, and why it is doubtful. Nothing here throws.
import type { Party } from '../core/events.ts';
import { normaliseMac } from '../core/phone-card.ts';
import { partyOf } from './party.ts';
import { HIT_NAMES, type Pieces, split } from './query.ts';
import { decodeValue, withoutBidi } from './text.ts';

/** `pathAt`: where the path begins in the raw target, so that the token can be taken out of the raw bytes. */
export type TargetParts = { pathAt: number; path: string; segments: string[]; query: string | undefined };

/** What the variables of one hit say. `started` counts the variables that began, empty and unfilled ones too. */
export type Reading = {
  vars: Record<string, string>;
  local: Party;
  remote: Party;
  mac: string | undefined;
  suspect: Set<string>;
  started: number;
};

const ORIGIN = /^https?:\/\/[^/?]*/i;

/** Path and query part at the first `?`; `#` is an ordinary byte. Segments are raw; a target that is no path has none. */
export function splitTarget(target: string): TargetParts {
  const pathAt = target.charCodeAt(0) === 0x2f ? 0 : (ORIGIN.exec(target)?.[0].length ?? 0);
  const mark = target.indexOf('?', pathAt);
  const path = target.slice(pathAt, mark < 0 ? target.length : mark);
  const segments = path.startsWith('/') ? path.slice(1).split('/') : [];
  return { pathAt, path, segments, query: mark < 0 ? undefined : target.slice(mark + 1) };
}

/** Decodes what `split` found. `vendorVariables`: a value that is exactly one of them was never filled in, so it is absent. */
export function readPieces(
  pieces: Pieces,
  vendorVariables: ReadonlySet<string>,
  fieldOf: (name: string) => string = (name) => name,
): Reading {
  const vars: Record<string, string> = Object.create(null);
  for (const [name, raw] of pieces.values) {
    if (name === '_' || raw === '') continue;
    const field = fieldOf(name);
    let value = decodeValue(raw);
    if (field === 'display_local' || field === 'display_remote') value = withoutBidi(value);
    if (value !== '' && !vendorVariables.has(value)) vars[field] = value;
  }
  const suspect = pieces.marks;
  const mac = vars.mac === undefined ? undefined : normaliseMac(vars.mac);
  if (vars.mac !== undefined && mac === undefined) suspect.add('bad-mac');
  const local = partyOf(vars.local, vars.display_local);
  const remote = partyOf(vars.remote, vars.display_remote);
  return { vars, local, remote, mac, suspect, started: pieces.values.size };
}

/** Reads the query part of a URL that Hookswitch made (`/a/<token>/<slug>?…&_=.`); without its sentinel it was cut short. */
export function readQuery(query: string | undefined, vendorVariables: ReadonlySet<string>): Reading {
  const pieces = split(query ?? '', HIT_NAMES);
  const reading = readPieces(pieces, vendorVariables);
  if (!pieces.whole) reading.suspect.add('truncated');
  return reading;
}
