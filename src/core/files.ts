// Files as the house sees them: read whole and capped, written aside and renamed, so that nobody meets a half-written one.

/** `mode`: the permission bits. `stamp` changes whenever the content may have (inode, times, size, mode); compare, never parse. */
export type FileState = { kind: 'file' | 'folder' | 'other'; mode: number; stamp: string };

export type Files = {
  /** The text (UTF-8, a leading byte order mark dropped; what is not UTF-8 in `otherwise`, if that is given) and the state of
   * exactly that file. Rejects with a FileError. */
  read(path: string, bytesMax: number, otherwise?: 'windows-1252'): Promise<{ text: string; state: FileState }>;
  /** State of what a path leads to, symbolic links followed; undefined if there is nothing. Rejects with a FileError. */
  state(path: string): Promise<FileState | undefined>;
  /** Names in a folder, sorted by code unit. Rejects with a FileError. */
  list(path: string): Promise<string[]>;
  /** Writes beside, fsyncs, renames over, fsyncs the folder: old or new after a crash, never between. Rejects with a FileError. */
  writeAside(path: string, text: string, mode: number): Promise<void>;
  /** Makes a folder and those above it; one that is there stays as it is. Rejects with a FileError. */
  makeFolder(path: string, mode: number): Promise<void>;
};

/** `kind`: a folder, pipe or device where a file should be, or the reverse. `encoding`: not UTF-8. */
export type FileErrorCode = 'missing' | 'denied' | 'large' | 'kind' | 'encoding' | 'io';

export class FileError extends Error {
  override name = 'FileError';
  readonly code: FileErrorCode;
  constructor(code: FileErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What is wrong with a file, in words for the person who wrote its path. */
export function fileErrorText(error: FileError): { message: string; hint?: string } {
  switch (error.code) {
    case 'missing':
      return { message: 'there is no such file', hint: 'check the path' };
    case 'denied':
      return { message: 'may not be read', hint: 'give the account that runs Hookswitch the right to read it' };
    case 'large':
      return { message: 'is too large' };
    case 'kind':
      return { message: 'is not a file', hint: 'name an ordinary file' };
    case 'encoding':
      return { message: 'is not UTF-8 text', hint: 'save it as UTF-8' };
    case 'io':
      return { message: 'cannot be read: the disk reports an error' };
  }
}
