// Windows-1252: how spreadsheets and address books of Western Windows write text that is not UTF-8.

/** The bytes 80 to 9F. Source: WHATWG Encoding, index-windows-1252; the five bytes without a character are U+FFFD. */
const HIGH =
  '\u20ac\ufffd\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\ufffd\u017d\ufffd' +
  '\ufffd\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\ufffd\u017e\u0178';

/** The text of those bytes; total. Not TextDecoder: some releases of Node give control characters for the bytes 80 to 9F. */
export const fromWindows1252 = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/[\x80-\x9f]/g, (byte) => HIGH[byte.charCodeAt(0) - 0x80] ?? '\ufffd');

/** The bytes of that text; a character that the encoding does not have is `?`. Total. */
export const toWindows1252 = (text: string): Buffer =>
  Buffer.from(
    Array.from(text, (character) => {
      const point = character.codePointAt(0) ?? 0;
      if (point < 0x80 || (point >= 0xa0 && point <= 0xff)) return point;
      const high = character === '\ufffd' ? -1 : HIGH.indexOf(character);
      return high < 0 ? 0x3f : 0x80 + high;
    }),
  );
