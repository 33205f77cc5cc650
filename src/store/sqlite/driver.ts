// The SQLite driver: one API (`DatabaseSync`) from two places, and which of them is used.
import { createRequire } from 'node:module';
import { StoreError } from '../../core/store.ts';

export type SqlValue = null | number | bigint | string | Uint8Array;
export type Row = Record<string, SqlValue>;

export type Statement = {
  run(...values: SqlValue[]): { changes: number | bigint };
  get(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
};

/** What of `DatabaseSync` the store uses. Source: nodejs.org/api/sqlite.html. */
export type Database = {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
};

type OpenDatabase = new (path: string) => Database;

export type DriverName = 'node:sqlite' | '@photostructure/sqlite';

export type Driver = {
  name: DriverName;
  /** Version of SQLite itself. */
  version: string;
  /** Why this driver is not what one would wish for; missing if it is. */
  warning?: string;
  open(path: string): Database;
};

export type Candidate = { name: DriverName; load(): OpenDatabase };

/**
 * Older SQLite has a bug in WAL mode: two connections that write and checkpoint at the same moment can damage the file.
 * Source: sqlite.org/wal.html, "The WAL-Reset Bug".
 */
export const SQLITE_VERSION_WANTED = '3.51.3';

const require = createRequire(import.meta.url);

/** `node:sqlite` is first: it is maintained with Node. Before 22.13 it stood behind a flag, so it cannot be loaded there. */
const CANDIDATES: readonly Candidate[] = [
  { name: 'node:sqlite', load: () => (require('node:sqlite') as { DatabaseSync: OpenDatabase }).DatabaseSync },
  {
    name: '@photostructure/sqlite',
    load: () => (require('@photostructure/sqlite') as { DatabaseSync: OpenDatabase }).DatabaseSync,
  },
];

/**
 * The first driver whose SQLite is recent enough; else the one with the newest SQLite, with a `warning`, because a phone's
 * words in a slightly older SQLite are better than none. Throws a StoreError `io` if no driver can be loaded.
 */
export function chooseDriver(candidates: readonly Candidate[] = CANDIDATES): Driver {
  let best: Driver | undefined;
  for (const candidate of candidates) {
    const driver = loaded(candidate);
    if (driver === undefined) continue;
    if (compareVersions(driver.version, SQLITE_VERSION_WANTED) >= 0) return driver;
    if (best === undefined || compareVersions(driver.version, best.version) > 0) best = driver;
  }
  if (best === undefined) {
    throw new StoreError(
      'io',
      'no SQLite driver can be loaded; use Node 22.13 or newer, or install the optional package @photostructure/sqlite',
    );
  }
  const advice = 'update Node, or install the optional package @photostructure/sqlite';
  return {
    ...best,
    warning: `SQLite ${best.version} of ${best.name} is older than ${SQLITE_VERSION_WANTED}, which fixes a WAL bug; ${advice}`,
  };
}

function loaded(candidate: Candidate): Driver | undefined {
  try {
    const DatabaseSync = candidate.load();
    const probe = new DatabaseSync(':memory:');
    const version = String(probe.prepare('SELECT sqlite_version() AS version').get()?.version);
    probe.close();
    return { name: candidate.name, version, open: (path) => new DatabaseSync(path) };
  } catch {
    // Not there, or not for this platform: the next candidate may serve.
    return undefined;
  }
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Ends a transaction after an error. SQLite may have done so by itself (quota, disk), and whether it has cannot be asked on
 * every Node that is supported (`isTransaction` came with 22.16); to ask for it twice does no harm.
 */
export function rollBack(db: Database): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // No transaction is open: just what was wanted.
  }
}

/** A fresh in-memory database. Hand it to `openInlineStore` again and again to see what a crash would leave. */
export const openMemoryDatabase = (): Database => chooseDriver().open(':memory:');
