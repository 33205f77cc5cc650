// The program as a process whose output is a pipe: a reader gets all of it, however long it is.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openInlineStore } from '../../src/store/index.ts';
import { storePath } from '../../src/store-path.ts';
import { journalEntry, phoneEvent } from '../support/journal.ts';
import { tempFolder } from '../support/temp-folder.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const EVENTS = 3_000;

test('events --json into a slow pipe: the last event arrives, too', async () => {
  const folder = tempFolder();
  const store = openInlineStore({ path: storePath(folder.at('data')), bytesMax: 2 ** 30, nowMs: 0 });
  const entries = Array.from({ length: EVENTS }, (_, n) => journalEntry(phoneEvent(n)));
  await store.append(entries);
  await store.close();
  const args = ['--import', 'tsx', MAIN, 'events', '--json', '--limit', '100000', '--data', folder.at('data')];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 28 });
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(EVENTS);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ id: entries.at(-1)?.event.id });
});
