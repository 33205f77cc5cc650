// A folder of its own for one test, gone when the test ends.
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export type TempFolder = {
  path: string;
  /** Path of a name inside. */
  at(name: string): string;
  /** Writes a file with exactly that mode; a value that is no text as JSON. Returns its path. */
  write(name: string, content: unknown, mode?: number): string;
};

/** An empty folder that only this account can enter. */
export function tempFolder(): TempFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'hookswitch-test-')));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const at = (name: string): string => join(path, name);
  return {
    path,
    at,
    write(name, content, mode = 0o600) {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
      chmodSync(at(name), mode);
      return at(name);
    },
  };
}
