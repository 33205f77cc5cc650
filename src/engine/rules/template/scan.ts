// The scan: a template's text taken apart into text, {{ }} and {% %}, at the same places as the library takes it apart.
import { Mistake } from './tree.ts';

export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'output'; code: string; trims: boolean }
  | { kind: 'tag'; name: string; code: string; trims: boolean };

/** Whether a text has anything to be filled in. */
export const isTemplate = (text: string): boolean => text.includes('{{') || text.includes('{%');

/** The pieces in their order. Throws a Mistake where a delimiter is not closed. */
export function scan(source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < source.length) {
    const begin = nextDelimiter(source, at);
    if (begin > at) pieces.push({ kind: 'text', text: source.slice(at, begin) });
    if (begin >= source.length) break;
    const isTag = source[begin + 1] === '%';
    const end = isTag ? source.indexOf('%}', begin + 2) : endOfOutput(source, begin + 2);
    if (end < 0) {
      const shown = JSON.stringify(source.slice(begin, begin + 20));
      throw new Mistake(`${shown} is not closed`, `close it with ${isTag ? '%}' : '}}'}, and quotes with quotes`);
    }
    pieces.push(
      isTag ? tagOf(source.slice(begin + 2, end)) : { kind: 'output', ...inner(source.slice(begin + 2, end)) },
    );
    at = end + 2;
  }
  return pieces;
}

function nextDelimiter(source: string, from: number): number {
  for (let at = source.indexOf('{', from); at >= 0; at = source.indexOf('{', at + 1))
    if (source[at + 1] === '{' || source[at + 1] === '%') return at;
  return source.length;
}

/** Where `}}` stands outside of quotes. In a tag quotes hide nothing: the library closes it at the first `%}`. */
function endOfOutput(source: string, from: number): number {
  let quote = '';
  for (let at = from; at < source.length; at++) {
    const unit = source[at] as string;
    if (quote !== '') {
      if (unit === '\\') at += 1;
      else if (unit === quote) quote = '';
    } else if (unit === '"' || unit === "'") quote = unit;
    else if (unit === '}' && source[at + 1] === '}') return at;
  }
  return -1;
}

function inner(code: string): { code: string; trims: boolean } {
  const left = code.startsWith('-');
  const right = code.length > (left ? 1 : 0) && code.endsWith('-');
  return { code: code.slice(left ? 1 : 0, right ? -1 : undefined), trims: left || right };
}

function tagOf(source: string): Piece {
  const { code, trims } = inner(source);
  const name = /^[ \t\r\n\v\f]*([^ \t\r\n\v\f"'=:|,.[\]()]*)/.exec(code) as RegExpExecArray;
  return { kind: 'tag', name: name[1] ?? '', code: code.slice(name[0].length), trims };
}
