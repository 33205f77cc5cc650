// Which files were read, and how they looked at that moment: what a reload compares with what lies there now.
import { FileError, type FileState, type Files } from './core/files.ts';

/** By path: how it looked when it was read. */
export type Stamps = Map<string, string>;

/** Rule files by name: `*.json` and `*.jsonc`, without hidden files and JSON Schemas. */
export const isRuleFile = (name: string): boolean =>
  /\.jsonc?$/.test(name) && !name.startsWith('.') && !name.endsWith('.schema.json');

/** How a path looks now; of a folder only its rule files count, because editors leave other files beside them. Never rejects. */
export async function stampOf(files: Files, path: string): Promise<string> {
  try {
    const state = await files.state(path);
    if (state === undefined) return 'missing';
    return state.kind === 'folder' ? folderStamp(await files.list(path)) : state.stamp;
  } catch (error) {
    return error instanceof FileError ? error.code : 'io';
  }
}

const folderStamp = (names: readonly string[]): string => `folder/${names.filter(isRuleFile).join('/')}`;

/** The parts of Files that read, each noting in `stamps` what it saw. */
export function recording(files: Files, stamps: Stamps): Pick<Files, 'read' | 'list' | 'state'> {
  return {
    state: (path) => files.state(path),
    async read(path, bytesMax, otherwise): Promise<{ text: string; state: FileState }> {
      try {
        const found = await files.read(path, bytesMax, otherwise);
        // From the file that was read, not from a second look: a swap in between must show as a change.
        stamps.set(path, found.state.stamp);
        return found;
      } catch (error) {
        stamps.set(path, await stampOf(files, path));
        throw error;
      }
    },
    async list(path): Promise<string[]> {
      try {
        const names = await files.list(path);
        stamps.set(path, folderStamp(names));
        return names;
      } catch (error) {
        stamps.set(path, await stampOf(files, path));
        throw error;
      }
    },
  };
}
