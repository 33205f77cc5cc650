// The contact files that a config names: read row by row into one directory of numbers and names; what is wrong is told, row by row.
import { basename, extname, resolve } from 'node:path';
import { FileError, type Files, fileErrorText } from '../core/files.ts';
import { didYouMean, type Path, type Problem } from '../core/problems.ts';
import { readCsv } from './csv.ts';
import type { ContactDocuments, ContactEntry, ContactFault, ContactPlace, ContactSheet } from './entry.ts';
import { readJson } from './json.ts';
import { contactName } from './name.ts';
import { readVcards } from './vcard.ts';

export { contactName } from './name.ts';

export const CONTACT_BYTES_MAX = 50 * 1024 * 1024;
export const CONTACT_NUMBERS_MAX = 500_000;
/** Of one file; beyond that they are counted. */
const WARNINGS_MAX = 20;

type Reader = (text: string, file: string, documents: ContactDocuments) => ContactSheet;

const READERS: Readonly<Record<string, Reader>> = {
  '.csv': readCsv,
  '.vcf': readVcards,
  '.json': readJson,
};

export type ContactSource = {
  /** Relative entries start here: the folder of the config. */
  folder: string;
  files: Pick<Files, 'read'>;
  documents: ContactDocuments;
  /** The name of a file as people see it. */
  shownAs(path: string): string;
  /** A number in the phone book's spelling, null if it is none. */
  readNumber(text: string): string | null;
  /** Whether a number without a country code can be read; if not, those are pointed out. */
  hasCountry: boolean;
  numbersMax?: number;
};

/** `contacts`: names by number. Problems are about a file as a whole, warnings about its rows. */
export type ReadContacts = { contacts: Map<string, string>; problems: Problem[]; warnings: Problem[] };

/**
 * Reads every contact file of `entries`; `path` says where an entry stands in the config. A number that stands twice has its first
 * name. A file that cannot be read is a problem, the others are read all the same; never rejects for what stands in a file.
 */
export async function readContacts(
  entries: readonly { entry: string; path: Path }[],
  source: ContactSource,
): Promise<ReadContacts> {
  const result: ReadContacts = { contacts: new Map(), problems: [], warnings: [] };
  const seen = new Set<string>();
  const directory: Directory = {
    ...source,
    numbersMax: source.numbersMax ?? CONTACT_NUMBERS_MAX,
    result,
    first: new Map(),
  };
  for (const { entry, path } of entries) {
    const file = resolve(source.folder, entry);
    if (seen.has(file)) continue;
    seen.add(file);
    const shown = source.shownAs(file);
    const sheet = await sheetOf(file, shown, directory);
    if ('problems' in sheet) result.problems.push(...sheet.problems.map((problem) => aboutFile(problem, path, shown)));
    else if (!(await take(sheet.batches, shown, directory))) {
      const message = `more than ${directory.numbersMax} numbers`;
      result.problems.push({ path, message, hint: 'leave out what nobody calls from' });
      break;
    }
  }
  return result;
}

/** A problem with a place in the file stays there; any other stands at the entry of the config. */
const aboutFile = (problem: Problem, path: Path, shown: string): Problem =>
  problem.line === undefined
    ? { ...problem, path, message: `${basename(shown)}: ${problem.message}` }
    : { ...problem, file: shown };

async function sheetOf(path: string, shown: string, { files, documents, result }: Directory): Promise<ContactSheet> {
  const extension = extname(path).toLowerCase();
  const reader = READERS[extension];
  if (reader === undefined) {
    const hint = didYouMean(extension, Object.keys(READERS));
    const message = 'this kind of file holds no contacts';
    return { problems: [{ path: [], message, ...(hint === undefined ? {} : { hint }) }] };
  }
  try {
    const { text, state } = await files.read(path, CONTACT_BYTES_MAX, 'windows-1252');
    if ((state.mode & 0o002) !== 0) {
      const message = 'every account can change this file, and with it what people read';
      result.warnings.push({ path: [], file: shown, message, hint: `chmod o-w ${shown}` });
    }
    // Spreadsheets save "Unicode text" as UTF-16, half of whose bytes are zero.
    if (text.includes('\0')) return { problems: [{ path: [], message: 'is no text file', hint: 'save it as UTF-8' }] };
    return reader(text, shown, documents);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const large = error.code === 'large' ? { hint: `at most ${CONTACT_BYTES_MAX / 1024 / 1024} MB` } : {};
    return { problems: [{ path: [], ...fileErrorText(error), ...large }] };
  }
}

type Directory = ContactSource & {
  numbersMax: number;
  result: ReadContacts;
  /** Where a number stands first. */
  first: Map<string, { file: string; place: ContactPlace }>;
};

/** Takes in the rows of one file; false once there are too many numbers. */
async function take(batches: Iterable<readonly (ContactEntry | ContactFault)[]>, file: string, directory: Directory) {
  const warn = warnings(file, directory.result.warnings);
  let homeless = 0;
  for (const batch of batches) {
    for (const row of batch) {
      if ('message' in row) warn(row);
      else homeless += enter(row, file, directory, warn);
      if (directory.result.contacts.size > directory.numbersMax) return false;
    }
    // Phones are answered in between: a large file takes seconds.
    await new Promise((resolve) => setImmediate(resolve));
  }
  warn.end();
  if (homeless > 0)
    directory.result.warnings.push({
      path: [],
      file,
      message: `numbers without a country code: ${homeless}; no call will match them`,
      hint: 'set contacts.country, or sites.default.country',
    });
  return true;
}

/** Enters one row, and says how many of its numbers belong to no country. */
function enter(row: ContactEntry, file: string, directory: Directory, warn: Warn): number {
  const { place } = row;
  if (row.numbers.length === 0) return 0;
  const name = contactName(row.name);
  if (name === '') {
    warn({ message: 'has a number, but no name', hint: 'give it a name, or leave it out', place });
    return 0;
  }
  const { contacts } = directory.result;
  let homeless = 0;
  for (const text of row.numbers) {
    const number = directory.readNumber(text);
    if (number === null) {
      warn({ message: 'holds a number that cannot be read', hint: 'write it like "+49 30 1234567"', place });
      continue;
    }
    const known = contacts.get(number);
    if (known === undefined) {
      contacts.set(number, name);
      directory.first.set(number, { file, place });
      if (!directory.hasCountry && /^0\d{5,}$/.test(number)) homeless += 1;
    } else if (known !== name) {
      const message = `its number stands in ${placeText(directory.first.get(number), file)} already, under another name`;
      warn({ message, hint: 'the first one counts', place });
    }
  }
  return homeless;
}

function placeText(first: { file: string; place: ContactPlace } | undefined, file: string): string {
  const line = first?.place.line === undefined ? '' : `line ${first.place.line}`;
  if (first === undefined || first.file === file) return line === '' ? 'this file' : line;
  return line === '' ? first.file : `${first.file}, ${line},`;
}

type Warn = ((fault: ContactFault) => void) & { end(): void };

/** Warnings of one file: the first ones as they are, then how many there were. */
function warnings(file: string, into: Problem[]): Warn {
  let count = 0;
  const warn = ({ place: { path = [], line, column }, message, hint }: ContactFault): void => {
    count += 1;
    if (count > WARNINGS_MAX) return;
    const where = { ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
    into.push({ path, file, ...where, message, ...(hint === undefined ? {} : { hint }) });
  };
  return Object.assign(warn, {
    end() {
      if (count > WARNINGS_MAX) into.push({ path: [], file, message: `and ${count - WARNINGS_MAX} more` });
    },
  });
}
