// kill -9 again and again: what was acknowledged is there, what was decided is whole, and the file is sound.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { openInlineStore } from '../../src/store/index.ts';
import { chooseDriver } from '../../src/store/sqlite/driver.ts';
import { sampleEvent } from '../support/store-samples.ts';
import { tempFolder } from '../support/temp-folder.ts';

const CHILD = fileURLToPath(new URL('./kill-child.ts', import.meta.url));

/** Starts a child that writes from `first` on, kills it `delayMs` after its first acknowledgement, and returns what it printed. */
async function killed(path: string, first: number, delayMs: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), delayMs);
    output += text;
  });
  const [[, signal]] = await Promise.all([once(child, 'exit'), once(child.stdout, 'end')]);
  expect(signal).toBe('SIGKILL');
  // The last line may have been cut.
  return output.split('\n').slice(0, -1);
}

/** Runs that many cycles on one file, and returns how many numbers were acknowledged. Every run has other delays (`seed`). */
export async function killLoop(cycles: number, seed = 1): Promise<number> {
  const path = tempFolder().at('hookswitch.db');
  const appended = new Set<number>();
  const committed = new Set<number>();
  for (let cycle = 0; cycle < cycles; cycle++) {
    const delayMs = ((seed + cycle) * 7919) % 211;
    const lines = await killed(path, cycle * 1_000_000, delayMs);
    for (const line of lines) (line.startsWith('a') ? appended : committed).add(Number(line.slice(1)));
    const store = openInlineStore({ path, bytesMax: 1e9, nowMs: 0 });
    const where = `cycle ${cycle}, seed ${seed}, killed after ${delayMs} ms`;
    expect(store.opened, where).not.toHaveProperty('damaged');
    const events = new Map((await store.events({ limit: 1e9 })).map((each) => [each.event.id, each.processed]));
    const delivered = await store.deliveries({ states: ['delivered'], limit: 1e9 });
    const done = new Set(delivered.map(({ event }) => event));
    const idOf = (n: number): string => sampleEvent(n).id;
    expect(
      [...appended].filter((n) => !events.has(idOf(n))),
      where,
    ).toEqual([]);
    expect(
      [...committed].filter((n) => !done.has(idOf(n))),
      where,
    ).toEqual([]);
    // A unit is whole: an event is processed exactly if its delivery is there and settled.
    expect(
      [...events].filter(([id, processed]) => processed !== done.has(id)),
      where,
    ).toEqual([]);
    expect(await store.stats(), where).toMatchObject({
      events: events.size,
      unprocessed: events.size - done.size,
      deliveries: { waiting: 0, delivered: done.size },
    });
    await store.close();
    const db = chooseDriver().open(path);
    expect(db.prepare('PRAGMA integrity_check').all(), where).toEqual([{ integrity_check: 'ok' }]);
    db.close();
  }
  return appended.size;
}
