// How makers spell a MAC address: in names of files, in URLs and in what their phones say of themselves.

/** Pairs of digits with something between them. */
const apart = (mac: string, between: string): string => mac.replace(/..(?=.)/g, `$&${between}`);

/** A text with `<mac>`, `<MAC>`, `<mac:>` or `<MAC->` in it, for that phone: `cfg<mac>.xml` → `cfg005058a1b2c3.xml`. `mac`: 12 lower-case
 * hex digits. */
export const withMac = (text: string, mac: string): string =>
  text
    .replaceAll('<mac>', mac)
    .replaceAll('<MAC>', mac.toUpperCase())
    .replaceAll('<mac:>', apart(mac, ':'))
    .replaceAll('<MAC->', apart(mac.toUpperCase(), '-'));

export type MacSpelling = 'plain' | 'upper' | 'colons' | 'upper-colons' | 'dashes';

/** The MAC in that spelling. */
export function spelledMac(mac: string, spelling: MacSpelling): string {
  const text = spelling.startsWith('upper') ? mac.toUpperCase() : mac;
  return spelling.endsWith('colons') ? apart(text, ':') : spelling === 'dashes' ? apart(text, '-') : text;
}
