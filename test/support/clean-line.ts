// What is left of a caller's text once it is one clean line: an oracle that goes through it code point by code point.

const isControl = (code: number): boolean =>
  code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0x2028 || code === 0x2029;
const isBidi = (code: number): boolean =>
  code === 0x61c ||
  code === 0x200e ||
  code === 0x200f ||
  (code >= 0x202a && code <= 0x202e) ||
  (code >= 0x2066 && code <= 0x2069);
const isLone = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

/** The line, cut to `graphemesMax` graphemes of which the last is then `…`. Only for text below eight code units a grapheme. */
export function readCleanLine(value: string, graphemesMax: number): string {
  let line = '';
  for (const point of value) {
    const code = point.codePointAt(0) ?? 0;
    if (isBidi(code)) continue;
    line += isLone(code) ? '\uFFFD' : isControl(code) ? ' ' : point;
  }
  if (graphemesMax === Number.POSITIVE_INFINITY) return line;
  const graphemes = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment);
  return graphemes.length <= graphemesMax ? line : `${graphemes.slice(0, graphemesMax - 1).join('')}…`;
}
