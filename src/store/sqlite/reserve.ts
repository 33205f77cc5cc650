// The reserve: room that is kept for the moment when the disk is full, because to delete rows SQLite must write first.
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { bytesFree, bytesOf } from './folder.ts';

export type Reserve = {
  /** Gives the room back to the disk; false if there was none. */
  free(): boolean;
  /** Takes it again, if the disk has plenty by now. Best effort: to have no reserve is no reason to stop. */
  restore(): void;
};

export const NO_RESERVE: Reserve = { free: () => false, restore: () => {} };

/** How many times its size must be free on the disk before a reserve is taken: it must not be what fills the disk. */
const ROOM_FACTOR = 4;

/** A file of `bytes` beside the database. It is really written, since a file with holes keeps no room. */
export function openReserve(database: string, bytes: number): Reserve {
  if (bytes === 0) return NO_RESERVE;
  const path = `${database}.reserve`;
  const free = (): boolean => {
    if (bytesOf(path) === 0) return false;
    rmSync(path, { force: true });
    return true;
  };
  return {
    free,
    restore() {
      if (bytesOf(path) >= bytes || bytesFree(path) < bytes * ROOM_FACTOR) return;
      try {
        write(path, bytes);
      } catch {
        free();
      }
    },
  };
}

function write(path: string, bytes: number): void {
  const file = openSync(path, 'w', 0o600);
  try {
    const chunk = new Uint8Array(Math.min(bytes, 1024 * 1024));
    for (let left = bytes; left > 0; ) left -= writeSync(file, chunk, 0, Math.min(left, chunk.length));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
