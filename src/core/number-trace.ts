// Traces of a number: whether a text holds it, in whatever spelling phones, people and encodings give it.

/** A number taken apart. `number`: E.164; `country`: its calling code; `trunk`: what stands in front of it within the country. */
export type NumberSpelling = { number: string; country: string; national: string; trunk: string };

/** Whether a text (or bytes, read as Latin-1) holds the number. */
export type Trace = (text: string) => boolean;

/** What people put between digits; some of it as it is encoded in an address. */
const BETWEEN = String.raw`(?:[\s()./_\p{Pd}\u2212\p{Cf}]|%20|%28|%29|%2[dDeEfF]){0,3}`;

/**
 * Finds E.164, with or without `+`, with `00` or `011`, national, behind a digit for an outside line, with separators, percent-encoded
 * (twice, if need be), and within base64. A longer number that only ends like it is another one.
 */
export function traceOf({ country, national, trunk }: NumberSpelling): Trace {
  const spaced = (digits: string): string => [...digits].join(BETWEEN);
  const fronts = [`(?:[09]?${BETWEEN}(?:00|011)${BETWEEN})?${spaced(country)}${BETWEEN}(?:\\(?0\\)?)?`];
  for (const front of new Set([trunk, '0'])) fronts.push(`[09]?${BETWEEN}${spaced(front)}`);
  const pattern = new RegExp(`(?<![0-9])(?:${fronts.join('|')})?${BETWEEN}${spaced(national)}(?![0-9])`, 'u');
  const pieces = base64Pieces(national);
  const last = national.slice(-1);
  return (text) => {
    // Most texts that hold no such digit are told apart at once.
    if (!text.includes(last) && !pieces.some((piece) => text.includes(piece))) return false;
    if (pattern.test(text) || pieces.some((piece) => text.includes(piece))) return true;
    if (!text.includes('%')) return false;
    const once = decoded(text);
    return pattern.test(once) || (once.includes('%') && pattern.test(decoded(once)));
  };
}

const decoded = (text: string): string =>
  text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** What any base64 of a text holds in which these digits stand: one piece for each place that they can have within three bytes. */
function base64Pieces(digits: string): string[] {
  return [0, 1, 2].map((shift) => {
    const bytes = '0'.repeat(shift) + digits;
    const whole = bytes.slice(0, bytes.length - (bytes.length % 3));
    // What the bytes before have a part in is left out.
    return btoa(whole).slice(shift === 0 ? 0 : 4);
  });
}
