// Files that a command makes for people: written into a folder, or compared with what lies there.
import { join } from 'node:path';
import { FileError, fileErrorText } from '../core/files.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, say } from './io.ts';

/** Much more than any of them has. */
const BYTES_MAX = 16 * 1024 * 1024;

/** Permission bits of a folder and its files, and the exit code where they cannot be written. */
export type Writing = { folderMode: number; fileMode: number; failed: number };

const FOR_EVERYBODY: Writing = { folderMode: 0o755, fileMode: 0o644, failed: EXIT.failed };

/** Writes each text into the folder, which is made if need be; resolves with the exit code. */
export async function writeTexts(
  texts: ReadonlyMap<string, string>,
  folder: string,
  io: CommandIo,
  { folderMode, fileMode, failed }: Writing = FOR_EVERYBODY,
): Promise<number> {
  let path = folder;
  try {
    await io.files.makeFolder(folder, folderMode);
    for (const [name, text] of texts) {
      path = join(folder, name);
      await io.files.writeAside(path, text, fileMode);
      say(io.out, path);
    }
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const why = error.code === 'denied' ? 'may not be written' : fileErrorText(error).message;
    say(io.err, `${path}: ${why}`);
    return failed;
  }
}

/** Names of those that lie in the folder with another text, or do not lie there. */
export async function staleTexts(texts: ReadonlyMap<string, string>, folder: string, io: CommandIo): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, text] of texts) if ((await textAt(join(folder, name), io)) !== text) stale.push(name);
  return stale;
}

/** Names in the folder that are like those of the texts (`*.md`), and yet none of them. */
export async function leftoverNames(
  texts: ReadonlyMap<string, string>,
  folder: string,
  ending: string,
  io: CommandIo,
): Promise<string[]> {
  try {
    return (await io.files.list(folder)).filter((name) => name.endsWith(ending) && !texts.has(name));
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}

async function textAt(path: string, io: CommandIo): Promise<string | undefined> {
  try {
    return (await io.files.read(path, BYTES_MAX)).text;
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}
