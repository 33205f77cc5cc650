// Contacts as vCards (versions 2.1, 3.0 and 4.0; RFC 2426, RFC 6350): every TEL, under FN, else N, else ORG.
import ICAL from 'ical.js';
import { fromWindows1252 } from '../core/windows-1252.ts';
import { BATCH_ROWS, type ContactEntry, type ContactFault, type ContactSheet, joined } from './entry.ts';

const WANTED = /^(?:[\w-]+\.)?(FN|N|ORG|TEL)(?=[;:])/i;
const EDGES = /^(BEGIN|END):VCARD[ \t]*$/gim;
const LINE_ENDS = /\r\n|\n|\r/g;

/** Reads the cards of a file; a card that is broken is a fault of that card. */
export function readVcards(text: string): ContactSheet {
  if (text.search(EDGES) < 0)
    return {
      problems: [{ path: [], message: 'holds no vCard', hint: 'a vCard begins with a line BEGIN:VCARD' }],
    };
  return { batches: batchesOf(text) };
}

function* batchesOf(text: string) {
  let rows: (ContactEntry | ContactFault)[] = [];
  for (const { line, content } of cardsOf(text)) {
    rows.push(content === undefined ? unended(line) : entryOf(line, content.split(LINE_ENDS)));
    if (rows.length < BATCH_ROWS) continue;
    yield rows;
    rows = [];
  }
  yield rows;
}

const unended = (line: number): ContactFault => ({
  message: 'this card does not end',
  hint: 'END:VCARD is missing',
  place: { line },
});

/** Each card with the line that it begins in, from 1; no content where its end is missing. */
function* cardsOf(text: string): Generator<{ line: number; content?: string }> {
  let begun: { line: number; from: number } | undefined;
  let line = 1;
  let counted = 0;
  for (const { 0: edge, 1: which = '', index } of text.matchAll(EDGES)) {
    line += text.slice(counted, index).match(LINE_ENDS)?.length ?? 0;
    counted = index;
    if (which.toUpperCase() === 'BEGIN') {
      if (begun !== undefined) yield { line: begun.line };
      begun = { line, from: index + edge.length };
    } else if (begun !== undefined) {
      yield { line: begun.line, content: text.slice(begun.from, index) };
      begun = undefined;
    }
  }
  if (begun !== undefined) yield { line: begun.line };
}

function entryOf(line: number, content: readonly string[]): ContactEntry | ContactFault {
  const place = { line };
  const properties = unfolded(content).flatMap((property) => (WANTED.test(property) ? [modern(property)] : []));
  try {
    const card = ICAL.parse(['BEGIN:VCARD', 'VERSION:3.0', ...properties, 'END:VCARD'].join('\r\n'));
    return { ...contactOf(card as Card), place };
  } catch {
    // The words of the parser may hold what stands in the card.
    return { message: 'this card cannot be read', hint: 'look at its lines FN, N, ORG and TEL', place };
  }
}

/** One property a line: what begins with a blank goes on with the line before, and so does quoted-printable text after its `=`. */
function unfolded(content: readonly string[]): string[] {
  const properties: string[] = [];
  let soft = false;
  for (const line of content) {
    const before = properties.length - 1;
    if (soft) properties[before] = `${(properties[before] ?? '').slice(0, -1)}${line}`;
    else if (/^[ \t]/.test(line) && before >= 0) properties[before] += line.slice(1);
    else properties.push(line);
    const last = properties.at(-1) ?? '';
    soft = last.endsWith('=') && /^[^:]*QUOTED-PRINTABLE[^:]*:/i.test(last);
  }
  return properties;
}

/** A property of any version as version 3.0 writes it: without parameters (nothing here depends on them), its text decoded. */
function modern(property: string): string {
  const name = (WANTED.exec(property)?.[1] ?? '').toUpperCase();
  const colon = valueAt(property);
  const parameters = property.slice(0, colon).toUpperCase();
  const value = property.slice(colon + 1);
  const text = parameters.includes('QUOTED-PRINTABLE') ? decoded(value, parameters) : value;
  return `${name}:${text.replace(/[\r\n]+/g, ' ')}`;
}

/** The colon that ends the parameters: one inside of quotation marks belongs to them. */
function valueAt(property: string): number {
  let quoted = false;
  for (let at = 0; at < property.length; at++) {
    if (property[at] === '"') quoted = !quoted;
    else if (property[at] === ':' && !quoted) return at;
  }
  return property.length;
}

/** Quoted-printable (RFC 2045, section 6.7), which version 2.1 uses for everything but ASCII. */
function decoded(value: string, parameters: string): string {
  const bytes = value.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const utf8 = !/CHARSET="?(?:ISO-8859|WINDOWS-125)/.test(parameters);
  // A file that was not ASCII holds characters already, which no byte stands for.
  if (/[^\x00-\xff]/.test(bytes)) return bytes;
  return utf8 ? Buffer.from(bytes, 'latin1').toString('utf8') : fromWindows1252(Buffer.from(bytes, 'latin1'));
}

/** `["vcard", [[name, parameters, type, value], …], []]` (RFC 7095). A structured value is a list, of lists where it has commas. */
type Value = string | (string | string[])[];
type Card = [string, [string, object, string, Value][], unknown[]];

function contactOf([, properties]: Card): { name: string; numbers: string[] } {
  const first = (name: string): string[] => partsOf(properties.find((property) => property[0] === name)?.[3]);
  const [family, given] = first('n');
  return {
    name: joined(first('fn')[0]) || joined(given, family) || joined(first('org')[0]),
    numbers: properties.flatMap(([name, , , value]) => (name === 'tel' ? [numberOf(partsOf(value).join(''))] : [])),
  };
}

const partsOf = (value: Value | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value.map((part) => [part].flat().join(' ')) : [value];

/** `tel:+49-30-1234567;phone-context=…` → the number (RFC 3966); an extension stays, so that it is seen. */
const numberOf = (text: string): string => text.replace(/^tel:/i, '').replace(/;(?!ext=).*$/i, '');
