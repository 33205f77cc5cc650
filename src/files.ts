// The real file system behind the Files port. The only file of the daemon that reads and writes files of people.
import { randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError, type FileErrorCode, type FileState, type Files } from './core/files.ts';
import { fromWindows1252 } from './core/windows-1252.ts';

const CODES: Record<string, FileErrorCode> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  ELOOP: 'missing',
  ENAMETOOLONG: 'missing',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  EISDIR: 'kind',
  ENXIO: 'kind',
};

function fileError(error: unknown): FileError {
  if (error instanceof FileError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new FileError(CODES[code] ?? 'io', code === '' ? 'the file system failed' : `the file system says ${code}`);
}

function stateOf(stats: BigIntStats): FileState {
  return {
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other',
    mode: Number(stats.mode & 0o7777n),
    stamp: `${stats.dev}:${stats.ino}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.size}:${stats.mode}`,
  };
}

async function read(path: string, bytesMax: number, otherwise?: 'windows-1252') {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) throw new FileError('kind', 'not an ordinary file');
    const bytes = Buffer.alloc(Math.min(Number(stats.size), bytesMax) + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > bytesMax) throw new FileError('large', `larger than ${bytesMax} bytes`);
    return { text: decode(bytes.subarray(0, length), otherwise), state: stateOf(stats) };
  } finally {
    await handle.close();
  }
}

function decode(bytes: Buffer, otherwise: 'windows-1252' | undefined): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    if (otherwise === undefined) throw new FileError('encoding', 'not UTF-8');
    return fromWindows1252(bytes);
  }
}

async function writeAside(path: string, text: string, mode: number): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const handle = await open(aside, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Every rejection of the ports below is a FileError, so that callers can decide by its code. */
function guarded<Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) {
  return async (...args: Args): Promise<Result> => {
    try {
      return await work(...args);
    } catch (error) {
      throw fileError(error);
    }
  };
}

export const systemFiles: Files = {
  read: guarded(read),
  writeAside: guarded(writeAside),
  list: guarded(async (path) => (await readdir(path)).sort()),
  makeFolder: guarded(async (path, mode) => {
    await mkdir(path, { recursive: true, mode });
  }),
  state: async (path) => {
    try {
      return stateOf(await stat(path, { bigint: true }));
    } catch (error) {
      const known = fileError(error);
      if (known.code === 'missing') return undefined;
      throw known;
    }
  },
};
