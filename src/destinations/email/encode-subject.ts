// What a caller's text must look like in the subject of a mail.
import { cleanLine } from '../../core/caller-text.ts';

const VALUE_GRAPHEMES_MAX = 150;
const WORD_JOINER = '\u2060';

/**
 * One value for the subject: one line without control characters, so it can neither end the header nor start another. The start
 * of an encoded word (`=?`, RFC 2047) is parted by a word joiner, which is not seen: mail programs would decode it to anything,
 * and nodemailer leaves one that a caller wrote as it is. Total.
 */
export const encodeSubject = (value: string): string =>
  cleanLine(value, VALUE_GRAPHEMES_MAX).replace(/=(?=\?|$)/g, `=${WORD_JOINER}`);
