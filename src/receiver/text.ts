// Text: the bytes of one value → the characters that people see. Byte strings hold one byte a character (U+0000 to U+00FF).
import { isUtf8 } from 'node:buffer';
import { fromWindows1252 } from '../core/windows-1252.ts';

const PLAIN = /^[\x20-\x24\x26-\x7e]*$/;
const UNWANTED = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;
const BIDI = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g;

const HEX = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}
const hexDigit = (bytes: string, at: number): number => HEX[bytes.charCodeAt(at)] ?? -1;

/** `%` and two hex digits become that byte, once; every other `%` stays, and so does `+` (RFC 3986, not a form). */
export function percentDecode(bytes: string): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes.charCodeAt(at);
    if (byte === 0x25) {
      const high = hexDigit(bytes, at + 1);
      const low = hexDigit(bytes, at + 2);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        at += 2;
      }
    }
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/** A byte string percent-decoded into another byte string; for path segments, which are compared and never shown. */
export const percentDecodeBytes = (bytes: string): string =>
  bytes.includes('%') ? percentDecode(bytes).toString('latin1') : bytes;

/** Strict UTF-8 (no overlong forms, no surrogates), otherwise all of the value is windows-1252. */
function charactersOf(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : fromWindows1252(bytes);
}

/** Control characters become U+FFFD, TAB a space. */
export const cleanCharacters = (text: string): string =>
  text.replace(UNWANTED, (unwanted) => (unwanted === '\t' ? ' ' : '\ufffd'));

/** The bytes of a body as clean characters; a line end is a space there. Never throws. */
export const cleanText = (bytes: Buffer): string => cleanCharacters(charactersOf(bytes).replace(/\r?\n/g, ' '));

/** One value, percent-decoded, as clean characters: TAB is a space, other control characters are U+FFFD. Never throws. */
export function decodeValue(bytes: string): string {
  if (PLAIN.test(bytes)) return bytes;
  return cleanCharacters(charactersOf(percentDecode(bytes)));
}

/** Takes out the controls that turn the direction of text round; ZWJ and ZWNJ stay, since names need them. */
export const withoutBidi = (text: string): string => text.replace(BIDI, '');
