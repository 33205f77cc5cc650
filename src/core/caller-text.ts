// Caller text: a string that a stranger chose, made fit for one line of a message before a destination encodes it.

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
/** They turn the reading order of what stands around them. The joiners U+200C and U+200D stay: emoji and Persian need them. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const SURROGATES = /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g;

/** A grapheme may carry any number of marks; more than this many code units each, on average, is no name. */
const UNITS_PER_GRAPHEME = 8;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Lone surrogates become U+FFFD; total. */
export const wellFormed = (value: string): string =>
  value.replace(SURROGATES, (unit) => (unit.length === 2 ? unit : '\uFFFD'));

/**
 * One line of well-formed text: control characters and line separators become spaces, bidi controls go, and what is longer
 * than `graphemesMax` is cut between graphemes and ends in `…`. Nothing is escaped: that is the destination's work. Total.
 */
export function cleanLine(value: string, graphemesMax: number): string {
  const unitsMax = graphemesMax * UNITS_PER_GRAPHEME;
  // Cut roughly first, so that the work is bounded by the limit and not by the caller.
  const text = wellFormed(value.slice(0, unitsMax * 2))
    .replace(CONTROL, ' ')
    .replace(BIDI, '');
  if (text.length <= graphemesMax) return text;
  let end = 0;
  let graphemes = 0;
  for (const { segment } of segmenter.segment(text)) {
    if (graphemes === graphemesMax - 1 || end + segment.length > unitsMax) break;
    end += segment.length;
    graphemes += 1;
  }
  const rest = text.slice(end);
  if (rest === '') return text;
  // Exactly one grapheme is left: it fits in the place of the ellipsis.
  if (graphemes === graphemesMax - 1 && end + rest.length <= unitsMax && isOneGrapheme(rest)) return text;
  return `${text.slice(0, end)}…`;
}

function isOneGrapheme(text: string): boolean {
  const [first] = segmenter.segment(text);
  return first?.segment.length === text.length;
}
