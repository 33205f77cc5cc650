// Wildcards: `*` any run of characters, `?` one of them, `\` takes either literally. No regular expressions.

/** One piece between two `*`. A `?` is kept as undefined. */
type Piece = readonly (number | undefined)[];

export const PATTERN_CHARACTERS_MAX = 512;

/**
 * Compiles a pattern for whole values. Characters are UTF-16 units. The work for one value is at most its length times the
 * pattern's, whatever either holds, because a piece is never tried again once it was found. Undefined: a `\` at the end.
 */
export function compileWildcard(pattern: string): ((value: string) => boolean) | undefined {
  const pieces: (number | undefined)[][] = [[]];
  for (let i = 0; i < pattern.length; i++) {
    const piece = pieces[pieces.length - 1] as (number | undefined)[];
    if (pattern[i] === '\\') {
      if (++i >= pattern.length) return undefined;
      piece.push(pattern.charCodeAt(i));
    } else if (pattern[i] === '*') pieces.push([]);
    else piece.push(pattern[i] === '?' ? undefined : pattern.charCodeAt(i));
  }
  const first = pieces[0] as Piece;
  if (pieces.length === 1) return (value) => value.length === first.length && fits(first, value, 0);
  const last = pieces[pieces.length - 1] as Piece;
  const between = pieces.slice(1, -1).filter((piece) => piece.length > 0);
  return (value) => matches(value, first, between, last);
}

function matches(value: string, first: Piece, between: readonly Piece[], last: Piece): boolean {
  const end = value.length - last.length;
  if (end < first.length || !fits(first, value, 0) || !fits(last, value, end)) return false;
  let from = first.length;
  for (const piece of between) {
    while (from + piece.length <= end && !fits(piece, value, from)) from += 1;
    if (from + piece.length > end) return false;
    from += piece.length;
  }
  return true;
}

function fits(piece: Piece, value: string, at: number): boolean {
  for (let i = 0; i < piece.length; i++) {
    const wanted = piece[i];
    if (wanted !== undefined && wanted !== value.charCodeAt(at + i)) return false;
  }
  return true;
}

/**
 * The literal text before the first and after the last special character of a pattern, which every value that it matches begins
 * and ends with. `whole`: there is none, and both are all of it. For patterns that compile.
 */
export function literalEnds(pattern: string): { head: string; tail: string; whole: boolean } {
  const texts = [''];
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '*' || pattern[i] === '?') texts.push('');
    else {
      if (pattern[i] === '\\') i += 1;
      texts.push(`${texts.pop() ?? ''}${pattern[i] ?? ''}`);
    }
  }
  return { head: texts[0] ?? '', tail: texts.at(-1) ?? '', whole: texts.length === 1 };
}
