// One daemon per database: a lock that the kernel takes back when its holder ends, however it ends.
import { StoreError } from '../../core/store.ts';
import type { Driver } from './driver.ts';
import { sqliteCodeOf } from './errors.ts';
import { prepareFile } from './folder.ts';

const SQLITE_BUSY = 5;

/**
 * Takes the lock of a database and returns the function that gives it back. It is SQLite's own lock on a second, empty file
 * next to the database: the database itself stays readable for `sqlite3` and for backups. The file stays; only the lock
 * counts. Throws a StoreError `locked` at once if somebody has it, also within one process.
 */
export function takeLock(driver: Driver, path: string): () => void {
  const file = `${path}.lock`;
  prepareFile(file);
  const lock = driver.open(file);
  try {
    lock.exec('PRAGMA busy_timeout = 0');
    // Nothing is ever written here; without this SQLite would lay a journal beside it all the same.
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (((sqliteCodeOf(error) ?? 0) & 0xff) !== SQLITE_BUSY) throw error;
    throw new StoreError(
      'locked',
      `${path}: another Hookswitch is using this database; stop it first, or give this one a data folder of its own`,
    );
  }
  return () => lock.close();
}
