// What SQLite and the file system report, as the store's own errors; decided by code, never by text.
import { StoreError, type StoreErrorCode } from '../../core/store.ts';

/** Primary result codes. Source: sqlite.org/rescode.html. */
const CODE_OF_SQLITE = new Map<number, StoreErrorCode | 'refused'>([
  [3, 'denied'], // PERM
  [5, 'locked'], // BUSY
  [6, 'locked'], // LOCKED
  [8, 'denied'], // READONLY
  [10, 'io'], // IOERR
  [11, 'corrupt'], // CORRUPT
  [13, 'full'], // FULL
  [14, 'denied'], // CANTOPEN
  [18, 'refused'], // TOOBIG
  [19, 'refused'], // CONSTRAINT
  [20, 'refused'], // MISMATCH
  [23, 'denied'], // AUTH
  [25, 'refused'], // RANGE
  [26, 'corrupt'], // NOTADB
]);

const CODE_OF_FILE_SYSTEM = new Map<string, StoreErrorCode>([
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EACCES', 'denied'],
  ['EPERM', 'denied'],
  ['EROFS', 'denied'],
  ['ENOENT', 'denied'],
  ['ENOTDIR', 'denied'],
  ['EISDIR', 'denied'],
]);

const WHAT_TO_DO: Record<StoreErrorCode, string> = {
  full: 'the quota or the disk is used up; make room, raise the quota or shorten the retention',
  busy: 'too much waits to be written; try again',
  locked: 'another program holds the database locked; close it (a sqlite3 shell, a backup) and try again',
  corrupt: 'the database is damaged; the next start sets it aside and begins an empty one',
  io: 'the disk cannot be read or written; check the disk, then start again',
  newer: 'the database was written by a later version; install that version or newer',
  denied: 'the data folder cannot be used; check that it exists and who owns it',
  fenced: "the site's lease is lost",
  closed: 'the store was closed',
};

/** SQLite's extended result code, or undefined if the error is not SQLite's. */
export function sqliteCodeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code : undefined;
}

/** An error of SQLite without its code: what @photostructure/sqlite 1.2 throws from `all()`, though not from `get()` and `run()`. */
export const isUncoded = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'ERR_SQLITE_ERROR' && sqliteCodeOf(error) === undefined;

/** IOERR_FSYNC and IOERR_DIR_FSYNC: what was written before may be lost, whatever the disk's state is now. */
export function isFailedSync(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  return code === 1034 || code === 1290;
}

/**
 * The error that a caller of the store sees. A StoreError stays as it is. A TypeError means: the caller handed over something
 * that the database does not take (a missing field, no number where one is due), and it would not take it the next time.
 */
export function storeErrorOf(error: unknown, path: string): StoreError | TypeError {
  if (error instanceof StoreError || error instanceof TypeError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const sqlite = sqliteCodeOf(error);
  if (sqlite !== undefined) {
    const code = CODE_OF_SQLITE.get(sqlite & 0xff) ?? 'io';
    if (code === 'refused') return new TypeError(`the database refused the value: ${text}`);
    return new StoreError(code, `${path}: ${text} (SQLite ${sqlite}); ${WHAT_TO_DO[code]}`);
  }
  const system = (error as NodeJS.ErrnoException | null)?.code;
  const code = (typeof system === 'string' ? CODE_OF_FILE_SYSTEM.get(system) : undefined) ?? 'io';
  return new StoreError(code, `${path}: ${text}; ${WHAT_TO_DO[code]}`);
}

/** After these nothing more may be acknowledged: a failed fsync is never tried again, a damaged file is not written to. */
export const isFatal = (error: unknown): boolean =>
  error instanceof StoreError && (error.code === 'io' || error.code === 'corrupt');

/** An error as it crosses from the store's thread: classes do not survive that way. */
export type WireError = { code: StoreErrorCode | 'refused'; message: string };

export function toWire(error: StoreError | TypeError): WireError {
  return { code: error instanceof StoreError ? error.code : 'refused', message: error.message };
}

export function fromWire(error: WireError): StoreError | TypeError {
  return error.code === 'refused' ? new TypeError(error.message) : new StoreError(error.code, error.message);
}
