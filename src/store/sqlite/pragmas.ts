// How SQLite is set up: on every open, because all but two of these fall back to the build's defaults, and then read back.
import { StoreError } from '../../core/store.ts';
import type { Database } from './driver.ts';

/** Pages the log may reach before it is copied into the main file: about 16 MiB. */
const CHECKPOINT_PAGES = 4000;

/** The log's size on disk after a peak. Above what a checkpoint cycle needs: a log that is cut each time must grow again each time. */
const LOG_BYTES_MAX = 24 * 1024 * 1024;

/** SQLite's own limit. Source: sqlite.org/limits.html. */
export const PAGES_MAX = 4_294_967_294;

/** How long to wait for another program's lock. The store's own thread waits, nobody else. */
const BUSY_MS = 250;

/**
 * Sets up a connection and asserts the result. `bytesMax`: the quota of the main file; a file that is larger already keeps its
 * size and takes nothing more. Throws a StoreError `io` naming the PRAGMA that did not take.
 * `synchronous` is FULL: reopened, SQLite's WAL mode falls back to NORMAL here, which loses what was acknowledged before a
 * power cut. Source: sqlite.org/pragma.html.
 */
export function setPragmas(db: Database, path: string, bytesMax: number, inMemory: boolean): void {
  const pageBytes = read(db, 'page_size') as number;
  const pagesMax = Math.min(PAGES_MAX, Math.max(1, Math.floor(bytesMax / pageBytes)));
  db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  // Before the first table and before WAL: both are written into the file's head.
  db.exec('PRAGMA auto_vacuum = INCREMENTAL');
  const wanted: [name: string, set: string, expected: (value: unknown) => boolean][] = [
    ['journal_mode', 'WAL', (value) => value === (inMemory ? 'memory' : 'wal')],
    ['synchronous', 'FULL', (value) => value === 2],
    ['wal_autocheckpoint', String(CHECKPOINT_PAGES), (value) => value === CHECKPOINT_PAGES],
    ['foreign_keys', 'ON', (value) => value === 1],
    ['trusted_schema', 'OFF', (value) => value === 0],
    ['secure_delete', 'ON', (value) => value === 1],
    ['journal_size_limit', String(LOG_BYTES_MAX), (value) => value === LOG_BYTES_MAX],
    [
      'max_page_count',
      String(pagesMax),
      (value) => value === pagesMax || (Number(value) > pagesMax && value === read(db, 'page_count')),
    ],
  ];
  for (const [name, value] of wanted) db.exec(`PRAGMA ${name} = ${value}`);
  for (const [name, value, expected] of [...wanted, ['auto_vacuum', 'INCREMENTAL', isIncremental] as const]) {
    const found = read(db, name);
    if (!expected(found)) throw new StoreError('io', `${path}: PRAGMA ${name} is ${found}; must be ${value}`);
  }
}

const isIncremental = (value: unknown): boolean => value === 2;

function read(db: Database, pragma: string): unknown {
  return Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
}
