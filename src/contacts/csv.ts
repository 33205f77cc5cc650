// Contacts in a table: CSV as spreadsheets, address books and telephone systems export it. Its first line names the columns.
import { parse } from 'csv-parse/sync';
import { type Columns, columnsOf, nameIn } from './columns.ts';
import { BATCH_ROWS, type ContactEntry, type ContactFault, type ContactSheet } from './entry.ts';

/** Of a record whose quoted cells hold line breaks. Beyond that, a quotation mark was forgotten. */
const RECORD_LINES_MAX = 50;
/** One cell may hold several numbers; address books of Google put ` ::: ` between them. */
const NUMBER_ENDS = /:::|[;,\n]/;
const DELIMITERS = [',', ';', '\t'];

/** One record as it stands in the file, or why it is none. */
type RawRecord = { line: number; text: string } | ContactFault;
/** Undefined until the first record has shown it. */
type Format = { delimiter: string | undefined };

/** Reads a table: delimiter `,` `;` or tab, quotation marks as in RFC 4180, any line ends. A broken row is a fault of that row. */
export function readCsv(text: string): ContactSheet {
  const lines = text.split(/\r\n|\n|\r/);
  // Excel's own first line, which says the delimiter.
  const told = /^sep=([,;\t])$/i.exec(lines[0] ?? '')?.[1];
  const format: Format = { delimiter: told };
  const records = recordsOf(lines, told === undefined ? 0 : 1, format);
  const first = records.next().value;
  const head = first !== undefined && 'text' in first ? first.text : '';
  format.delimiter ??= delimiterOf(head);
  const columns = columnsOf(cellsOf(head, format.delimiter)?.[0] ?? []);
  return 'problems' in columns ? columns : { batches: batchesOf(records, format.delimiter, columns) };
}

/** The one that stands most often outside of quotation marks. */
function delimiterOf(head: string): string {
  const bare = head.replace(/"[^"]*"/g, '');
  const count = (mark: string): number => bare.split(mark).length;
  return DELIMITERS.reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

/** The records from that line on, empty ones left out. One that never ends is a fault, and the next line begins anew. */
function* recordsOf(lines: readonly string[], from: number, format: Format): Generator<RawRecord, undefined> {
  for (let at = from; at < lines.length; at++) {
    let text = lines[at] ?? '';
    if (text.trim() === '') continue;
    let open = text.includes('"') && staysOpen(text, format);
    const last = Math.min(at + RECORD_LINES_MAX, lines.length) - 1;
    let end = at;
    while (open && end < last) {
      end += 1;
      text += `\n${lines[end] ?? ''}`;
      // Only a line with a quotation mark can close the cell.
      if (lines[end]?.includes('"')) open = staysOpen(text, format);
    }
    // A cell that seems to end lines later, in the middle of another one, was never meant to go on.
    if (open || (end > at && cellsOf(text, format.delimiter ?? delimiterOf(text)) === undefined)) {
      const hint = 'close it, or write "" where a cell holds one';
      yield { message: 'a quotation mark is not closed', hint, place: { line: at + 1 } };
      continue;
    }
    yield { line: at + 1, text };
    at = end;
  }
  return undefined;
}

/** Whether a text ends inside of a quoted cell. A quotation mark opens a cell only where it is the first of it. */
function staysOpen(text: string, { delimiter }: Format): boolean {
  let quoted = false;
  let first = true;
  for (let at = 0; at < text.length; at++) {
    const mark = text[at] ?? '';
    if (quoted) {
      if (mark !== '"') continue;
      if (text[at + 1] === '"') at += 1;
      else quoted = false;
    } else if (mark === '"' && first) {
      quoted = true;
      first = false;
    } else if (mark === delimiter || (delimiter === undefined && DELIMITERS.includes(mark))) first = true;
    else if (mark !== ' ') first = false;
  }
  return quoted;
}

/** The cells of one or more records, or undefined if one of them is broken. */
function cellsOf(text: string, delimiter: string): string[][] | undefined {
  try {
    return parse(text, { delimiter, relax_column_count: true, relax_quotes: true, trim: delimiter !== '\t' });
  } catch {
    // Which rule of CSV was broken makes no difference to anybody: the row is told.
    return undefined;
  }
}

function* batchesOf(records: Iterable<RawRecord>, delimiter: string, columns: Columns) {
  let waiting: RawRecord[] = [];
  for (const record of records) {
    waiting.push(record);
    if (waiting.length < BATCH_ROWS) continue;
    yield rowsOf(waiting, delimiter, columns);
    waiting = [];
  }
  yield rowsOf(waiting, delimiter, columns);
}

/** Many records at once are read ten times as fast as one by one; one by one it is known which of them is broken. */
function rowsOf(records: readonly RawRecord[], delimiter: string, columns: Columns): (ContactEntry | ContactFault)[] {
  const whole = records.flatMap((record) => ('text' in record ? [record.text] : []));
  const together = whole.length === 0 ? [] : cellsOf(whole.join('\n'), delimiter);
  const inStep = together?.length === whole.length ? together.values() : undefined;
  return records.map((record) => {
    if (!('text' in record)) return record;
    const cells = inStep === undefined ? cellsOf(record.text, delimiter)?.[0] : inStep.next().value;
    if (cells !== undefined) return entryOf(cells, record.line, columns);
    return { message: 'this row is not CSV', hint: 'look at its quotation marks', place: { line: record.line } };
  });
}

function entryOf(cells: readonly string[], line: number, columns: Columns): ContactEntry {
  const numbers = columns.numbers.flatMap((column) => (cells[column] ?? '').split(NUMBER_ENDS));
  return { name: nameIn(cells, columns), numbers: numbers.filter((number) => number.trim() !== ''), place: { line } };
}
