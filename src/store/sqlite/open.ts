// Opening a database file: lock, check, set up, migrate; what is damaged is set aside, so that a start never fails twice for it.
import { StoreError } from '../../core/store.ts';
import type { OpenedDatabase } from './core.ts';
import { chooseDriver, type Database, type Driver, type DriverName, rollBack } from './driver.ts';
import { isFailedSync, isUncoded, storeErrorOf } from './errors.ts';
import {
  bytesOf,
  clearSuspect,
  hasLog,
  isDiskFull,
  isSuspect,
  noteSuspect,
  prepareFile,
  setAsideFiles,
} from './folder.ts';
import { takeLock } from './lock.ts';
import { setPragmas } from './pragmas.ts';
import { NO_RESERVE, openReserve } from './reserve.ts';
import { MIGRATIONS, migrate, versionOf } from './schema.ts';

/**
 * `bytesMax`: quota of the main file; the log (24 MiB) and the reserve come on top. `nowMs` names a database that is set aside.
 * `reserveBytes`: room kept for a prune on a full disk, none unless told.
 */
export type FileOptions = { path: string; bytesMax: number; nowMs: number; reserveBytes?: number };

/** What a start found; worth a log line. */
export type Opened = {
  path: string;
  driver: DriverName;
  sqliteVersion: string;
  schemaVersion: number;
  created: boolean;
  /** Which check for damage was made of what was there: none after a clean end of a large database. */
  check: 'none' | 'quick' | 'full';
  /** Where a damaged database was put; the store is empty then. */
  damaged?: string;
  /** Something to put right, that does not stop the store: an old SQLite. */
  warning?: string;
};

/** Up to this size a database is checked at every start, whatever its last run ended with: it takes less than 0.2 s. */
const SMALL_BYTES = 64 * 1024 * 1024;

/**
 * Opens (and makes, if it is missing) a database file. Throws a StoreError: `locked`, `newer`, `denied`, `full` or `io`; damage
 * is no error but is told in `opened.damaged`.
 */
export function openFile(
  options: FileOptions,
  migrations: readonly string[] = MIGRATIONS,
): OpenedDatabase & { opened: Opened } {
  const { path } = options;
  let unlock: (() => void) | undefined;
  try {
    const driver = chooseDriver();
    const { created } = prepareFile(path);
    unlock = takeLock(driver, path);
    const found = openSound(driver, options, migrations);
    const opened: Opened = { path, driver: driver.name, sqliteVersion: driver.version, created, ...found.opened };
    if (driver.warning !== undefined) opened.warning = driver.warning;
    const reserve = openReserve(path, options.reserveBytes ?? 0);
    reserve.restore();
    const release = (): void => {
      found.db.close();
      unlock?.();
    };
    return {
      db: found.db,
      path,
      release,
      reserve,
      suspect: () => noteSuspect(path),
      known: (error) => knownError(isUncoded(error) ? diagnosed(found.db, path, error) : error, path),
      opened,
    };
  } catch (error) {
    unlock?.();
    throw knownError(error, path);
  }
}

/** What an error means for this file: some of SQLite's "cannot open" and "I/O error" say no more than that the disk is full. */
function knownError(error: unknown, path: string): StoreError | TypeError {
  const known = storeErrorOf(error, path);
  const unclear = known instanceof StoreError && (known.code === 'io' || known.code === 'denied');
  if (!unclear || isFailedSync(error) || !isDiskFull(path)) return known;
  return new StoreError('full', `${known.message}; the disk has no room left`);
}

/** What is behind an error that came without its code: damage, if a check finds any. */
function diagnosed(db: Database, path: string, error: unknown): unknown {
  try {
    assertSound(db, path, 'quick');
    return error;
  } catch (finding) {
    return finding;
  }
}

type Sound = { db: Database; opened: Pick<Opened, 'schemaVersion' | 'check' | 'damaged'> };

function openSound(driver: Driver, options: FileOptions, migrations: readonly string[]): Sound {
  const first = openChecked(driver, options, migrations);
  if ('db' in first) return first;
  prepareFile(options.path);
  const fresh = openChecked(driver, options, migrations);
  if ('db' in fresh) return { db: fresh.db, opened: { ...fresh.opened, ...first } };
  throw new StoreError('io', `${options.path}: damaged again as soon as it was made; check the disk`);
}

function openChecked(
  driver: Driver,
  { path, bytesMax, nowMs }: FileOptions,
  migrations: readonly string[],
): Sound | Pick<Opened, 'damaged' | 'check'> {
  const [bytes, log, suspect] = [bytesOf(path), hasLog(path), isSuspect(path)];
  // SQLite takes an empty file for a new database and throws its log away; but a log is never written before the file's head.
  if (bytes === 0 && log) return { damaged: setAsideFiles(path, nowMs), check: 'none' };
  const check = suspect ? 'full' : bytes > 0 && (log || bytes <= SMALL_BYTES) ? 'quick' : 'none';
  let db: Database | undefined;
  try {
    db = driver.open(path);
    db.exec('PRAGMA busy_timeout = 250');
    if (check !== 'none') assertSound(db, path, check);
    versionOf(db, path, migrations);
    setPragmas(db, path, bytesMax, false);
    // Shows a lock of another program now, rather than when the first hit is written.
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
    const schemaVersion = migrate(db, path, migrations);
    if (suspect) clearSuspect(path);
    return { db, opened: { schemaVersion, check } };
  } catch (error) {
    const known = storeErrorOf(error, path);
    const damaged = known instanceof StoreError && known.code === 'corrupt';
    // Renamed before it is closed (on closing, SQLite removes the log by its name), closed before the next one is made.
    const target = damaged ? setAsideFiles(path, nowMs) : undefined;
    db?.close();
    if (target === undefined) throw known;
    return { damaged: target, check };
  }
}

/** Throws a StoreError `corrupt` with the first finding. */
function assertSound(db: Database, path: string, check: 'quick' | 'full'): void {
  const finding = db.prepare(check === 'full' ? 'PRAGMA integrity_check(1)' : 'PRAGMA quick_check(1)').get();
  const text = Object.values(finding ?? {})[0];
  if (text !== 'ok') throw new StoreError('corrupt', `${path}: damaged: ${text}`);
}

/** The same for a database that is open already and stays open: an in-memory one, in tests and simulations. */
export function openGiven(db: Database, bytesMax: number): OpenedDatabase {
  rollBack(db);
  setPragmas(db, ':memory:', bytesMax, true);
  migrate(db, ':memory:');
  return {
    db,
    path: ':memory:',
    reserve: NO_RESERVE,
    release: () => {},
    suspect: () => {},
    known: (error) => storeErrorOf(error, ':memory:'),
  };
}
