// Contacts as JSON: a list of { "name", "numbers" }, or one object { "<number>": "<name>" }.
import {
  BATCH_ROWS,
  type ContactBatch,
  type ContactDocument,
  type ContactDocuments,
  type ContactEntry,
  type ContactFault,
  type ContactPlace,
  type ContactSheet,
} from './entry.ts';

const LISTED = 'write it like { "name": "Erika Mustermann", "numbers": ["+49 30 1234567"] }';

/** Reads JSON, with comments where the file is not above 10 MB. `file` is the name that problems show. */
export function readJson(text: string, file: string, documents: ContactDocuments): ContactSheet {
  const read = parsedOf(text, file, documents);
  if ('problems' in read) return read;
  const { value, document } = read;
  if (typeof value !== 'object' || value === null)
    return { problems: [{ path: [], message: 'must be a list [ … ] or an object { … }', hint: LISTED }] };
  // What stands twice was read once; that is a row's own fault.
  const twice = (document?.problems ?? []).map(({ message, hint, line, column }): ContactFault => {
    const place = { ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
    return { message, ...(hint === undefined ? {} : { hint }), place };
  });
  return { batches: batchesOf(rowsOf(value), twice, document) };
}

/** Above the limit of documents no places are known, and the parser of the language itself reads the text. */
function parsedOf(
  text: string,
  file: string,
  documents: ContactDocuments,
): { value: unknown; document?: ContactDocument } | Extract<ContactSheet, { problems: unknown }> {
  if (Buffer.byteLength(text) <= documents.bytesMax) {
    const document = documents.read(text, file);
    return document.broken ? { problems: document.problems } : { value: document.value, document };
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { problems: [{ path: [], message: 'is not JSON', hint: 'a JSON file above 10 MB may hold no comments' }] };
  }
}

function fromList(row: unknown, index: number): ContactEntry | ContactFault {
  const place = { path: [index] };
  if (typeof row !== 'object' || row === null) return { message: 'is no object { … }', hint: LISTED, place };
  const { name, numbers } = row as { name?: unknown; numbers?: unknown };
  if (name !== undefined && typeof name !== 'string')
    return { message: 'its name is no text', hint: LISTED, place: { path: [index, 'name'] } };
  const list = typeof numbers === 'string' ? [numbers] : numbers;
  if (!Array.isArray(list) || !list.every((number) => typeof number === 'string'))
    return { message: 'its numbers are no list of texts', hint: LISTED, place: { path: [index, 'numbers'] } };
  return { name: name ?? '', numbers: list, place };
}

function fromPair(number: string, name: unknown): ContactEntry | ContactFault {
  const place = { path: [number] };
  if (typeof name === 'string') return { name, numbers: [number], place };
  return { message: 'its name is no text', hint: 'write "<number>": "<name>"', place };
}

function* rowsOf(value: object): Iterable<ContactEntry | ContactFault> {
  if (!Array.isArray(value)) for (const [number, name] of Object.entries(value)) yield fromPair(number, name);
  else for (const [index, row] of value.entries()) yield fromList(row, index);
}

function* batchesOf(
  rows: Iterable<ContactEntry | ContactFault>,
  twice: ContactBatch,
  document: ContactDocument | undefined,
): Iterable<ContactBatch> {
  let batch: (ContactEntry | ContactFault)[] = [];
  for (const row of rows) {
    batch.push({ ...row, place: placeIn(document, row.place) });
    if (batch.length < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  yield [...batch, ...twice];
}

/** The line says more than a path, and the path of a pair is a number, which belongs in no log. */
function placeIn(document: ContactDocument | undefined, place: ContactPlace): ContactPlace {
  const { path = [] } = place;
  if (document !== undefined) return document.locate(path);
  return typeof path[0] === 'string' ? {} : place;
}
