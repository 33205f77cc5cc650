// Path pattern: how a `paths` entry writes a path, `/status/:mac/:ip` or `/gs/mac=:mac&local=:local`, and how one is matched.
import { percentDecodeBytes } from './text.ts';

/** `pairs` is the last segment: `name=value` joined by `separator`; it takes the rest of the target, so nothing is lost. */
export type Segment =
  | { kind: 'literal'; bytes: string }
  | { kind: 'variable'; name: string }
  | { kind: 'pairs'; separator: '&' | ':'; names: readonly (readonly [written: string, name: string])[] };

const VARIABLE = /^:([A-Za-z0-9_.-]{1,64})$/;
const PAIR = '[A-Za-z0-9_.-]{1,64}=:[A-Za-z0-9_.-]{1,64}';
const PAIRS = new RegExp(`^${PAIR}(?:&${PAIR})*$|^${PAIR}(?::${PAIR})+$`);

function parseSegment(text: string): Segment | string {
  const variable = VARIABLE.exec(text);
  if (variable) return { kind: 'variable', name: variable[1] ?? '' };
  if (PAIRS.test(text)) {
    const separator = text.includes('&') ? '&' : ':';
    // Behind a ':' that joins pairs stands a name and '=', behind the ':' of a variable none.
    const pairs = text.split(separator === '&' ? '&' : /:(?=[^:=]+=)/);
    return {
      kind: 'pairs',
      separator,
      names: pairs.map((pair) => {
        const [written = '', name = ''] = pair.split('=:');
        return [written, name] as const;
      }),
    };
  }
  if (/[:=$]/.test(text)) {
    return `"${text}" is neither a fixed text nor a variable; a variable is ":name", pairs are "mac=:mac&local=:local"`;
  }
  return { kind: 'literal', bytes: Buffer.from(text, 'utf8').toString('latin1') };
}

/** The segments of a pattern, or what is wrong with it. */
export function parsePattern(pattern: string): Segment[] | string {
  if (!pattern.startsWith('/')) return 'must start with "/"';
  if (/[?#\s]/.test(pattern)) return 'must be the path alone; the names behind "?" go into "vars"';
  const segments: Segment[] = [];
  const names = new Set<string>();
  for (const text of pattern.slice(1).split('/')) {
    const segment = parseSegment(text);
    if (typeof segment === 'string') return segment;
    if (segments.some((earlier) => earlier.kind === 'pairs')) return 'pairs must be the last part of the path';
    const own =
      segment.kind === 'variable' ? [segment.name] : segment.kind === 'pairs' ? segment.names.map((n) => n[1]) : [];
    for (const name of own) {
      if (names.has(name)) return `":${name}" occurs twice`;
      names.add(name);
    }
    segments.push(segment);
  }
  const first = segments[0];
  if (first?.kind === 'literal' && first.bytes === 'a')
    return 'must not start with "/a/", which is the path of phones with a token';
  return segments;
}

/** The names of the variables in a pattern. */
export const patternNames = (segments: readonly Segment[]): string[] =>
  segments.flatMap((segment) => {
    if (segment.kind === 'variable') return [segment.name];
    return segment.kind === 'pairs' ? segment.names.map(([, name]) => name) : [];
  });

/** Raw values by name, and for pairs the raw text from their segment to the end of the target. */
export type PatternMatch = { values: Map<string, string>; pairsFrom?: number };

/** Compares raw segments with a pattern; a fixed text is compared after percent-decoding. Undefined: another path. */
export function matchPattern(pattern: readonly Segment[], segments: readonly string[]): PatternMatch | undefined {
  const last = pattern[pattern.length - 1];
  const open = last?.kind === 'pairs';
  if (open ? segments.length < pattern.length : segments.length !== pattern.length) return undefined;
  const values = new Map<string, string>();
  for (const [index, part] of pattern.entries()) {
    const raw = segments[index] ?? '';
    if (part.kind === 'variable') values.set(part.name, raw);
    else if (part.kind === 'literal' && percentDecodeBytes(raw) !== part.bytes) return undefined;
    else if (part.kind === 'pairs') {
      if (!part.names.some(([written]) => raw.startsWith(`${written}=`))) return undefined;
      return { values, pairsFrom: index };
    }
  }
  return { values };
}
