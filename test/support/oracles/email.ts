// Oracle of mail: header fields by name, the subject decoded, the text line by line, the HTML part as a browser reads it.
import { readMail } from '../mail-reader.ts';
import { readHtml } from './html.ts';
import { isWellFormed, type Reading } from './reading.ts';

/** Every mail has its own boundary and date; how it is coded is up to the library. */
const OWN = new Set(['content-type', 'content-transfer-encoding', 'date']);
/** They turn the reading order of what stands around them, unless they are closed (U+2068 and U+2069 together). */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066\u2067]/;
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

/** `raw`: a whole mail as latin1, as a server took it. */
export function readEmail(raw: string): Reading {
  const mail = readMail(raw);
  const reading: Reading = { structure: [...mail.names], values: [] };
  for (const name of mail.names) {
    const value = mail.headers[name.toLowerCase()] ?? '';
    if (CONTROL.test(value) || value.includes('\n')) throw new Error(`a control character in ${name}`);
    if (!OWN.has(name.toLowerCase())) reading.values.push(value);
  }
  const text = mail.text.replaceAll('\r\n', '\n');
  for (const part of [text, mail.html]) if (!isWellFormed(part)) throw new Error('a lone surrogate');
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (CONTROL.test(line)) throw new Error('a control character in the text');
    reading.structure.push('line');
    reading.values.push(line);
  }
  for (const value of [mail.headers.subject ?? '', text, mail.html])
    if (BIDI.test(value)) throw new Error('a control of reading order');
  readHtml(mail.html.replaceAll('\r\n', '\n').replace(/\n$/, ''), reading);
  return reading;
}
