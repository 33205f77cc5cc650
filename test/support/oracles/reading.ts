// A reading: what a destination's grammar finds in bytes that were sent. Structure is what only an author may write; a value
// is text that stands in one place of it. Written for the tests alone, from the grammars and not from the encoders.

export type Reading = { structure: string[]; values: string[] };

/** Text that UTF-8 can say and JSON has not torn apart. */
export const isWellFormed = (text: string): boolean => !/\p{Cs}/u.test(text);

/** Adds a JSON tree: brackets, keys, numbers and truth values are structure, texts are values (or what `text` makes of them). */
export function readJson(
  node: unknown,
  into: Reading,
  text: (value: string, path: readonly string[], into: Reading) => void = (value) => void into.values.push(value),
  path: readonly string[] = [],
): void {
  if (typeof node === 'string') {
    if (!isWellFormed(node)) throw new Error(`a lone surrogate at ${path.join('.')}`);
    into.structure.push('text');
    text(node, path, into);
  } else if (Array.isArray(node)) {
    into.structure.push('[');
    for (const [n, each] of node.entries()) readJson(each, into, text, [...path, String(n)]);
    into.structure.push(']');
  } else if (typeof node === 'object' && node !== null) {
    into.structure.push('{');
    for (const [key, each] of Object.entries(node)) {
      into.structure.push(`${JSON.stringify(key)}:`);
      readJson(each, into, text, [...path, key]);
    }
    into.structure.push('}');
  } else into.structure.push(String(node));
}

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as UTF-8; throws where they are none. */
export const strictUtf8 = (bytes: Uint8Array): string => STRICT.decode(bytes);
