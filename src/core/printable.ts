// What may be shown on a terminal or in a log as it is, and how the rest is written instead.

/** Letters, marks, digits, punctuation, symbols and the plain space. Controls, bidi and zero-width characters, line
 * separators, private use and lone surrogates are none of these. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

const escapeUnit = (unit: string): string =>
  Array.from({ length: unit.length }, (_, i) => `\\u${unit.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');

/** The text with everything that could steer a terminal written as `\u001b`. Total. */
export const escapeUnprintable = (text: string): string => text.replace(UNPRINTABLE, escapeUnit);

/** The text as printable ASCII: everything else is written as `\u00fc`. Inside JSON text the result is the same JSON. */
export const escapeToAscii = (text: string): string => text.replace(/[^\x20-\x7e]/gu, escapeUnit);
