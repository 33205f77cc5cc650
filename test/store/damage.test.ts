// A damaged database: set aside with its log and told, never a crash loop and never silence.
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { openInlineStore, openSqliteStore } from '../../src/store/index.ts';
import { chooseDriver } from '../../src/store/sqlite/driver.ts';
import { loadAll, sampleDelivery, sampleEntry, sampleEvent, sampleUnit } from '../support/store-samples.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { OPTIONS } from './places.ts';

const ENTRIES = 400;

/** A closed database with some hundred events. */
async function filled(path = tempFolder().at('data/hookswitch.db'), entries = ENTRIES): Promise<string> {
  const store = openInlineStore({ path, ...OPTIONS });
  await store.append(Array.from({ length: entries }, (_, n) => sampleEntry(n)));
  await store.close();
  return path;
}

function overwrite(path: string, page: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, page * 4096);
  closeSync(file);
}

const DAMAGES: Record<string, (path: string) => void> = {
  'garbage from the start': (path) => writeFileSync(path, 'this is not a database'.repeat(500)),
  'a head that was zeroed': (path) => overwrite(path, 0, new Uint8Array(100)),
  'a file that was cut': (path) => truncateSync(path, 40_000),
  'a page in the middle that was zeroed': (path) => overwrite(path, 20, new Uint8Array(4096)),
  'bits flipped in the inner pages': (path) => {
    for (let page = 2; page < 40; page++) overwrite(path, page, new Uint8Array([0xff, 0xff, 0xff, 0xff]));
  },
};

test.each(Object.keys(DAMAGES))('%s: set aside, told, and the store begins empty', async (name) => {
  const path = await filled();
  DAMAGES[name]?.(path);
  const bytes = readFileSync(path);
  const told: string[] = [];
  const store = await openSqliteStore({ path, ...OPTIONS, onDamaged: (where) => told.push(where) });
  const expected = `${path}.damaged-20260102T030405Z`;
  expect(told).toEqual([expected]);
  expect(store.opened.damaged).toBe(expected);
  expect(readFileSync(expected).equals(bytes)).toBe(true);
  expect((await store.stats()).events).toBe(0);
  await store.append([sampleEntry(1)]);
  await store.close();
  const again = openInlineStore({ path, ...OPTIONS, onDamaged: (where) => told.push(where) });
  expect((await again.stats()).events).toBe(1);
  expect(told).toHaveLength(1);
  await again.close();
});

test('the log goes with the database that it belongs to, and a second one gets a name of its own', async () => {
  const path = await filled();
  for (const expected of ['', '-2']) {
    writeFileSync(path, 'garbage'.repeat(2000));
    writeFileSync(`${path}-wal`, 'garbage'.repeat(2000));
    const store = openInlineStore({ path, ...OPTIONS });
    const damaged = `${path}.damaged-20260102T030405Z${expected}`;
    expect(store.opened?.damaged).toBe(damaged);
    expect(existsSync(`${damaged}-wal`)).toBe(true);
    await store.close();
  }
});

test('an empty file beside a log is damage, not a new database', async () => {
  const path = await filled();
  truncateSync(path, 0);
  writeFileSync(`${path}-wal`, 'x'.repeat(5000));
  const store = openInlineStore({ path, ...OPTIONS });
  expect(store.opened?.damaged).toContain('.damaged-');
  await store.close();
});

test('damage that shows while it is in use stops the store; the next start sets the database aside', async () => {
  const path = await filled(undefined, 6000);
  const store = openInlineStore({ path, ...OPTIONS });
  for (let page = 300; page < 900; page++) overwrite(path, page, new Uint8Array(4096).fill(0xa5));
  await expect(store.events({ limit: 6000 })).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
  await expect(store.append([sampleEntry(9999)])).rejects.toMatchObject({ code: 'corrupt' });
  await expect(store.stats()).rejects.toMatchObject({ code: 'corrupt' });
  await store.close();
  const next = openInlineStore({ path, ...OPTIONS });
  expect(next.opened).toMatchObject({ check: 'full', damaged: expect.any(String) });
  expect((await next.stats()).events).toBe(0);
  await next.close();
  expect(readdirSync(dirname(path)).some((name) => name.endsWith('.suspect'))).toBe(false);
});

test('a text in which bits flipped is told and taken out of the way; all the rest is loaded', async () => {
  const path = tempFolder().at('hookswitch.db');
  const store = openInlineStore({ path, ...OPTIONS });
  await store.append([1, 2, 3].map((n) => sampleEntry(n)));
  const deliveries = [0, 1].map((n) => sampleDelivery(sampleEvent(1), n));
  await store.commit(sampleUnit({ deliveries, state: [{ kind: 'k', key: 'a', value: 1 }] }));
  await store.close();
  const db = chooseDriver().open(path);
  db.exec(`UPDATE events SET event = replace(event, '{', '[') WHERE seq = 2;
    UPDATE deliveries SET delivery = 'x' || delivery WHERE seq = 1; UPDATE state SET value = '{'`);
  db.close();
  const told: unknown[] = [];
  const next = openInlineStore({ path, ...OPTIONS, onUnreadable: (row) => told.push(row) });
  expect((await loadAll(next)).map((each) => (each.kind === 'event' ? each.seq : each.kind))).toEqual([
    1,
    3,
    'delivery',
  ]);
  expect(told).toEqual([
    { kind: 'state', key: 'default/k/a' },
    { kind: 'event', key: '2' },
    { kind: 'delivery', key: '1' },
  ]);
  expect(await next.stats()).toMatchObject({ unprocessed: 2, deliveries: { waiting: 1, dead: 1 } });
  expect(await next.events({ limit: 9 })).toHaveLength(2);
  await next.close();
});

test('a database that was not closed is checked, and sound it is kept', async () => {
  const path = tempFolder().at('hookswitch.db');
  const store = openInlineStore({ path, ...OPTIONS });
  await store.append([sampleEntry(1)]);
  const copy = tempFolder().at('hookswitch.db');
  for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix);
  await store.close();
  const next = openInlineStore({ path: copy, ...OPTIONS });
  expect(next.opened?.check).toBe('quick');
  expect(next.opened?.damaged).toBeUndefined();
  expect((await next.stats()).events).toBe(1);
  await next.close();
});
