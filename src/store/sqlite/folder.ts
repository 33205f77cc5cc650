// The data folder: who may read it, which files belong to a database, and how a damaged one is set aside.
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes the folder (0700) and the file (0600) if they are missing. SQLite gives its other files the mode of the main one. A file
 * that is there is not opened: closing it again would take from this process every lock that it has on it (POSIX).
 */
export function prepareFile(path: string): { created: boolean } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const created = !existsSync(path);
  if (created) {
    closeSync(openSync(path, 'a', 0o600));
    syncFolder(path);
  }
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  return { created };
}

/** A file's name is durable only after an fsync of its folder. */
function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** A log that was not emptied says that the last run did not end by itself. */
export const hasLog = (path: string): boolean => bytesOf(`${path}-wal`) > 0;

const suspectPath = (path: string): string => `${path}.suspect`;

/** Leaves a note that the database reported damage while it was in use. Best effort: the disk may be the reason. */
export function noteSuspect(path: string): void {
  try {
    writeFileSync(suspectPath(path), '', { mode: 0o600 });
  } catch {
    // Without the note the next start still does its quick check, because the log is there.
  }
}

export const isSuspect = (path: string): boolean => existsSync(suspectPath(path));
export const clearSuspect = (path: string): void => rmSync(suspectPath(path), { force: true });

/**
 * Renames the database together with its log, so that the damaged whole can be examined (`sqlite3 <name> .recover`), and returns
 * the new name: `<path>.damaged-20260102T030405Z`. `nowMs`: milliseconds since 1970.
 */
export function setAsideFiles(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  let target = `${path}.damaged-${stamp}`;
  for (let n = 2; existsSync(target); n++) target = `${path}.damaged-${stamp}-${n}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  }
  clearSuspect(path);
  syncFolder(path);
  return target;
}

/** Room on the disk for this account, in bytes; as much as one likes if the disk does not say. */
export function bytesFree(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize;
  } catch {
    return Number.MAX_SAFE_INTEGER;
  }
}

/** Whether the disk has no room left; then some of SQLite's "cannot open" and "I/O error" mean just that. */
export const isDiskFull = (path: string): boolean => bytesFree(path) < 65_536;
