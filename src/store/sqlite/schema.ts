// The tables, version by version, and how a database of an older version becomes one of today.
import { StoreError } from '../../core/store.ts';
import { type Database, rollBack } from './driver.ts';
import { HISTORY_TABLES } from './history/tables.ts';
import { PAGES_MAX } from './pragmas.ts';

/**
 * Version n is what the first n steps make. A step that was released is never changed.
 *
 * `unprocessed` and `progress` are tables of their own because they change after the wide rows are written: a mark in a wide
 * row would write that row's page a second time. `events_by_time` carries phone and type so that a history of one phone reads
 * this narrow index only; an index by phone would touch a page of its own for nearly every hit.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE tally (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    event_seq INTEGER NOT NULL, delivery_seq INTEGER NOT NULL,
    events INTEGER NOT NULL, unprocessed INTEGER NOT NULL,
    waiting INTEGER NOT NULL, delivered INTEGER NOT NULL, dead INTEGER NOT NULL, expired INTEGER NOT NULL
  ) STRICT;
  INSERT INTO tally VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0);

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, site TEXT NOT NULL, phone TEXT NOT NULL, type TEXT NOT NULL,
    at_ms INTEGER NOT NULL, event TEXT NOT NULL, raw BLOB
  ) STRICT;
  CREATE INDEX events_by_time ON events (at_ms, site, phone, type);
  CREATE TABLE unprocessed (seq INTEGER PRIMARY KEY) STRICT;

  CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, event TEXT NOT NULL, site TEXT NOT NULL, destination TEXT NOT NULL,
    delivery TEXT NOT NULL
  ) STRICT;
  CREATE INDEX deliveries_by_event ON deliveries (event);
  CREATE TABLE progress (
    seq INTEGER PRIMARY KEY REFERENCES deliveries (seq) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead', 'expired')),
    attempts INTEGER NOT NULL, due_ms REAL NOT NULL, expires_ms REAL NOT NULL, ttl_ms REAL NOT NULL, settled_ms REAL,
    last_error TEXT, last_code TEXT
  ) STRICT;
  CREATE INDEX progress_by_state ON progress (state, settled_ms);
  CREATE TABLE attempts (
    seq INTEGER NOT NULL REFERENCES deliveries (seq) ON DELETE CASCADE, n INTEGER NOT NULL,
    at_ms REAL NOT NULL, took_ms REAL NOT NULL, code TEXT, error TEXT, PRIMARY KEY (seq, n)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE state (
    site TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (site, kind, key)
  ) STRICT, WITHOUT ROWID;
  `,
  // `replaced` and `cancelled` came. A check of a column cannot be changed, so the (narrow) table is copied. `slot`: lane and slot
  // of a delivery that has one, so that what is older than its newest one is found. `took_ms`: of the attempt that delivered it, which is over at `settled_ms`
  // and answered `last_code`: as it is the last one for ever, it needs no row in `attempts`.
  `
  CREATE TABLE progress_next (
    seq INTEGER PRIMARY KEY REFERENCES deliveries (seq) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead', 'expired', 'replaced', 'cancelled')),
    attempts INTEGER NOT NULL, due_ms REAL NOT NULL, expires_ms REAL NOT NULL, ttl_ms REAL NOT NULL, settled_ms REAL,
    last_error TEXT, last_code TEXT, took_ms REAL
  ) STRICT;
  INSERT INTO progress_next (seq, state, attempts, due_ms, expires_ms, ttl_ms, settled_ms, last_error, last_code)
    SELECT seq, state, attempts, due_ms, expires_ms, ttl_ms, settled_ms, last_error, last_code FROM progress ORDER BY seq;
  DROP TABLE progress;
  ALTER TABLE progress_next RENAME TO progress;
  CREATE INDEX progress_by_state ON progress (state, settled_ms);
  ALTER TABLE deliveries ADD COLUMN slot TEXT;
  CREATE INDEX deliveries_by_slot ON deliveries (slot) WHERE slot IS NOT NULL;
  ALTER TABLE tally ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE tally ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0;
  `,
  // The history: calls to look up, deliveries by the hour, and who did what.
  HISTORY_TABLES,
];

/** "Hswi": tells our files from those of other programs (`PRAGMA application_id`). */
const APPLICATION_ID = 0x48737769;

/**
 * Returns the version of the tables, 0 for an empty file. Throws a StoreError `newer` if the file is from a later version,
 * `denied` if it belongs to another program. Only reads: to be asked before anything is set.
 */
export function versionOf(db: Database, path: string, migrations: readonly string[] = MIGRATIONS): number {
  const version = numberOf(db, 'user_version');
  const application = numberOf(db, 'application_id');
  const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n);
  if (application !== APPLICATION_ID && (application !== 0 || version !== 0 || tables > 0)) {
    throw new StoreError('denied', `${path}: this is the database of another program; name another file`);
  }
  if (version > migrations.length) {
    throw new StoreError(
      'newer',
      `${path}: version ${version} of the tables, this program knows ${migrations.length}; install the version that wrote it or a newer one`,
    );
  }
  return version;
}

/**
 * Brings the tables to the newest version, one transaction a version: old or new, never between. Returns the version. The quota
 * does not hold meanwhile: a step may need room for a copy, and a database that is full must open all the same.
 */
export function migrate(db: Database, path: string, migrations: readonly string[] = MIGRATIONS): number {
  const version = versionOf(db, path, migrations);
  if (version === migrations.length) return version;
  const pagesMax = numberOf(db, 'max_page_count');
  db.exec(`PRAGMA max_page_count = ${PAGES_MAX}`);
  try {
    return migrateFrom(db, version, migrations);
  } finally {
    db.exec(`PRAGMA max_page_count = ${pagesMax}`);
  }
}

function migrateFrom(db: Database, version: number, migrations: readonly string[]): number {
  for (let next = version; next < migrations.length; next++) {
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(migrations[next] ?? '');
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.exec(`PRAGMA user_version = ${next + 1}`);
      db.exec('COMMIT');
    } catch (error) {
      rollBack(db);
      throw error;
    }
  }
  return migrations.length;
}

/** The value of a PRAGMA that answers with one number. */
export function numberOf(db: Database, pragma: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
}
