// What a caller's text must look like in the subject, in the text and in the HTML of a mail.
import { cleanLine } from '../../core/caller-text.ts';

const SUBJECT_VALUE_GRAPHEMES_MAX = 150;
const TEXT_VALUE_GRAPHEMES_MAX = 1_000;

const WORD_JOINER = '\u2060';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * One value for the subject: one line without control characters, so it can neither end the header nor start another. The start
 * of an encoded word (`=?`, RFC 2047) is parted by a word joiner, which is not seen: mail programs would decode it to anything,
 * and nodemailer leaves one that a caller wrote as it is. Total.
 */
export const encodeSubject = (value: string): string =>
  cleanLine(value, SUBJECT_VALUE_GRAPHEMES_MAX).replace(/=(?=\?|$)/g, `=${WORD_JOINER}`);

/** One value for the text part: one line; only the author makes new lines. Total. */
export const encodeText = (value: string): string => cleanLine(value, TEXT_VALUE_GRAPHEMES_MAX);

/** One value for the HTML part, between tags or inside a quoted attribute; `misplacedValues` finds it elsewhere. Total. */
export const encodeHtml = (value: string): string =>
  encodeText(value).replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '');

/** A readable HTML part for a message that has only text: the same words, line by line. `text` is final, nothing is a tag. */
export function htmlOf(text: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? ''));
  return `<!DOCTYPE html><html><body><div style="font-family:sans-serif">${lines.join('<br>\n')}</div></body></html>`;
}
