// Checks a DKIM signature by its grammar (RFC 6376, relaxed/relaxed), written for the tests alone.
import { createHash, createVerify, type KeyObject } from 'node:crypto';

/** The tags of the signature. Throws if the signature, or the hash of the body, does not fit the mail. `raw` as latin1. */
export function readDkim(raw: string, publicKey: KeyObject): Record<string, string> {
  const end = raw.indexOf('\r\n\r\n');
  const fields = raw.slice(0, end).split(/\r\n(?![ \t])/);
  const own = fields.find((field) => /^dkim-signature:/i.test(field));
  if (own === undefined) throw new Error('not signed');
  const tags = Object.fromEntries(
    relaxed(own)
      .replace(/^dkim-signature:/, '')
      .split(';')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '')
      .map((tag) => [tag.slice(0, tag.indexOf('=')), tag.slice(tag.indexOf('=') + 1).trim()]),
  );
  const body = raw
    .slice(end + 4)
    .split('\r\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''))
    .join('\r\n')
    .replace(/(?:\r\n)*$/, '\r\n');
  const hash = createHash('sha256')
    .update(body === '\r\n' ? '' : body, 'latin1')
    .digest('base64');
  if (hash !== tags.bh?.replace(/ /g, '')) throw new Error('another body');
  // From the bottom up, where a name stands twice (section 5.4.2).
  const left = [...fields].reverse();
  const signed = (tags.h ?? '').split(':').map((name) => {
    const at = left.findIndex((field) => field.slice(0, field.indexOf(':')).trim().toLowerCase() === name.trim());
    return at < 0 ? '' : `${relaxed(left.splice(at, 1)[0] ?? '')}\r\n`;
  });
  const bare = relaxed(own.replace(/([;\s]b=)[^;]*/, '$1'));
  const fits = createVerify('RSA-SHA256')
    .update(signed.join('') + bare, 'latin1')
    .verify(publicKey, tags.b?.replace(/ /g, '') ?? '', 'base64');
  if (!fits) throw new Error('another header, or another key');
  return tags;
}

/** Section 3.4.2: name in lower case, unfolded, runs of blanks are one, none at the ends of the value. */
function relaxed(field: string): string {
  const colon = field.indexOf(':');
  const value = field
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${field.slice(0, colon).trim().toLowerCase()}:${value}`;
}
