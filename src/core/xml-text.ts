// Text inside XML: the five entities and numeric references, nothing else; no entity is ever looked up.

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const POINT_MAX = 0x10ffff;

/** For an element's text or a quoted attribute. Total. */
export const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

/** What the text says. A `&` that begins no reference stays, and so does one to anything but the five. Total. */
export const unescapeXml = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? whole) : whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    const character = point > 0 && point <= POINT_MAX && (point < 0xd800 || point > 0xdfff);
    return character ? String.fromCodePoint(point) : '\ufffd';
  });

/** The text without its comments; one that does not end goes on to the end. Linear, which a pattern would not be. */
export function withoutComments(text: string): string {
  let kept = '';
  let at = 0;
  for (;;) {
    const from = text.indexOf('<!--', at);
    if (from < 0) return kept + text.slice(at);
    kept += text.slice(at, from);
    const to = text.indexOf('-->', from + 4);
    if (to < 0) return kept;
    at = to + 3;
  }
}
