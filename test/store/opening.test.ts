// Opening a database file: settings that hold on every open, versions of the tables, locks, and who may read the files.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openInlineStore, openSqliteStore } from '../../src/store/index.ts';
import { chooseDriver } from '../../src/store/sqlite/driver.ts';
import { openFile } from '../../src/store/sqlite/open.ts';
import { MIGRATIONS } from '../../src/store/sqlite/schema.ts';
import { loadAll, sampleDelivery, sampleEntry, sampleEvent, sampleUnit } from '../support/store-samples.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { OPTIONS } from './places.ts';

const databasePath = (): string => tempFolder().at('data/hookswitch.db');
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const raw = (path: string) => chooseDriver().open(path);

const PRAGMAS = {
  journal_mode: 'wal',
  synchronous: 2,
  wal_autocheckpoint: 4000,
  auto_vacuum: 2,
  foreign_keys: 1,
  trusted_schema: 0,
  secure_delete: 1,
  max_page_count: 2441,
  journal_size_limit: 25_165_824,
};

test.each(['made', 'reopened'])('a database that was just %s is set up for durability', (when) => {
  const options = { ...OPTIONS, path: databasePath(), bytesMax: 10_000_000 };
  if (when === 'reopened') openFile(options).release();
  const { db, release, opened } = openFile(options);
  const found = Object.keys(PRAGMAS).map((name) => [name, Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]]);
  expect(Object.fromEntries(found)).toEqual(PRAGMAS);
  expect(opened).toMatchObject({ created: when === 'made', schemaVersion: MIGRATIONS.length });
  release();
});

test('only this account can read the folder and the files in it', async () => {
  const path = databasePath();
  const store = await openSqliteStore({ path, ...OPTIONS });
  await store.append([sampleEntry(1)]);
  expect(modeOf(join(path, '..'))).toBe('700');
  const names = readdirSync(join(path, '..'));
  expect(names.sort()).toEqual(['hookswitch.db', 'hookswitch.db-shm', 'hookswitch.db-wal', 'hookswitch.db.lock']);
  for (const name of names) expect([name, modeOf(join(path, '..', name))]).toEqual([name, '600']);
  await store.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
});

test('a database of an older version is brought up to date, with everything in it', async () => {
  const path = databasePath();
  const store = openInlineStore({ path, ...OPTIONS });
  await store.append([sampleEntry(1)]);
  await store.close();
  const next = [...MIGRATIONS, 'ALTER TABLE events ADD COLUMN note TEXT; UPDATE events SET note = id'];
  const { db, release, opened } = openFile({ path, ...OPTIONS }, next);
  expect(opened.schemaVersion).toBe(MIGRATIONS.length + 1);
  expect(db.prepare('SELECT note FROM events').all()).toEqual([{ note: sampleEvent(1).id }]);
  release();
  expect(() => openFile({ path, ...OPTIONS })).toThrow(expect.objectContaining({ code: 'newer' }));
});

const FIRST = MIGRATIONS.slice(0, 1);

/** A database of version 1, with a delivery in each of its states and an attempt. Returns what `progress` holds. */
function writeVersion1(path: string): unknown[] {
  const { db, release, opened } = openFile({ path, ...OPTIONS }, FIRST);
  expect(opened.schemaVersion).toBe(1);
  for (const [n, state] of ['waiting', 'delivered', 'dead', 'expired'].entries()) {
    const { state: _, attempts, ...made } = sampleDelivery(sampleEvent(1), n);
    const { id, event, site, to, dueAtMs } = made;
    const row = [n + 1, id, event, site, to, JSON.stringify(made)] as const;
    db.prepare('INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?)').run(...row);
    const settled = state === 'waiting' ? null : dueAtMs + 5.5;
    db.prepare('INSERT INTO progress VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      ...[n + 1, state, attempts, dueAtMs, made.expiresAtMs, 9.25, settled, `error ${n}`, null],
    );
  }
  db.exec("INSERT INTO attempts VALUES (2, 1, 10, 5, '200', NULL)");
  db.exec('UPDATE tally SET delivery_seq = 4, waiting = 1, delivered = 1, dead = 1, expired = 1');
  const rows = db.prepare('SELECT * FROM progress ORDER BY seq').all();
  release();
  return rows;
}

test('a database of version 1 gets the states of today: nothing of it is lost, and what waits can be cancelled', async () => {
  const path = databasePath();
  const before = writeVersion1(path);
  const { db, release, opened } = openFile({ path, ...OPTIONS });
  expect(opened.schemaVersion).toBe(MIGRATIONS.length);
  expect(db.prepare('SELECT * FROM progress ORDER BY seq').all()).toEqual(before);
  expect(db.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
  release();
  const store = openInlineStore({ path, ...OPTIONS });
  const id = sampleDelivery(sampleEvent(1)).id;
  expect(await loadAll(store)).toMatchObject([{ kind: 'delivery', delivery: { id, state: 'waiting' } }]);
  const settled = [{ id, state: 'cancelled' as const, attempts: 0, dueAtMs: 1 }];
  await store.commit(sampleUnit({ settled }));
  const counts = { waiting: 0, delivered: 1, dead: 1, expired: 1, replaced: 0, cancelled: 1 };
  expect((await store.stats()).deliveries).toEqual(counts);
  expect(await store.attempts(`${sampleEvent(1).id}/rule/1`)).toMatchObject([{ n: 1, code: '200' }]);
  // Progress and attempts still go with their delivery.
  const ages = { eventsMs: 1, deliveredMs: 1, deadMs: 1, rawMs: 1 };
  expect(await store.prune({ nowMs: 1e15, ...ages })).toMatchObject({ deliveries: 4 });
  expect(await store.attempts(`${sampleEvent(1).id}/rule/1`)).toEqual([]);
  await store.close();
});

test.each([1, 3, 5, 7])(
  'a step towards the states of today that breaks off after %i of its statements leaves version 1',
  (count) => {
    const path = databasePath();
    const before = writeVersion1(path);
    const statements = (MIGRATIONS[1] ?? '').split(';').slice(0, count);
    const broken = [...FIRST, `${statements.join(';')}; INSERT INTO nowhere VALUES (1)`];
    expect(() => openFile({ path, ...OPTIONS }, broken)).toThrow();
    const { db, release, opened } = openFile({ path, ...OPTIONS }, FIRST);
    expect(opened.schemaVersion).toBe(1);
    expect(db.prepare('SELECT * FROM progress ORDER BY seq').all()).toEqual(before);
    expect(Object.keys(db.prepare('SELECT * FROM tally').get() ?? {})).not.toContain('replaced');
    release();
  },
);

test('a database that has used up its quota is brought up to date all the same, and the quota holds afterwards', () => {
  const path = databasePath();
  writeVersion1(path);
  const full = statSync(path).size;
  const { db, release, opened } = openFile({ path, ...OPTIONS, bytesMax: full });
  expect(opened.schemaVersion).toBe(MIGRATIONS.length);
  const pages = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  expect(pages('max_page_count')).toBe(pages('page_count'));
  release();
});

test('a step that fails leaves the version before it, and nothing in between', () => {
  const path = databasePath();
  openFile({ path, ...OPTIONS }).release();
  const bad = [...MIGRATIONS, 'CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)'];
  expect(() => openFile({ path, ...OPTIONS }, bad)).toThrow();
  const { db, release } = openFile({ path, ...OPTIONS });
  expect(db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'half'").get()).toEqual({ n: 0 });
  release();
});

test('a database of a later version is refused and not touched', async () => {
  const path = databasePath();
  openFile({ path, ...OPTIONS }).release();
  const db = raw(path);
  db.exec('PRAGMA user_version = 99');
  db.close();
  await expect(openSqliteStore({ path, ...OPTIONS })).rejects.toMatchObject({
    name: 'StoreError',
    code: 'newer',
    message: expect.stringContaining('99'),
  });
  const again = raw(path);
  expect(again.prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 });
  again.close();
});

test('the database of another program is refused', () => {
  const path = tempFolder().at('other.db');
  const db = raw(path);
  db.exec('CREATE TABLE mine (x)');
  db.close();
  expect(() => openInlineStore({ path, ...OPTIONS })).toThrow(expect.objectContaining({ code: 'denied' }));
});

test('a second one is refused at once while the first one runs, and not afterwards', async () => {
  const path = databasePath();
  const first = await openSqliteStore({ path, ...OPTIONS });
  await first.append([sampleEntry(1)]);
  const refusal = { code: 'locked', message: expect.stringMatching(/another Hookswitch.*stop it first/) };
  await expect(openSqliteStore({ path, ...OPTIONS })).rejects.toMatchObject(refusal);
  expect(() => openInlineStore({ path, ...OPTIONS })).toThrow(expect.objectContaining(refusal));
  await first.append([sampleEntry(2)]);
  await first.close();
  const next = openInlineStore({ path, ...OPTIONS });
  expect((await next.stats()).events).toBe(2);
  await next.close();
});

test('a lock of another program is told as such, when opening and when writing', async () => {
  const path = databasePath();
  const holder = [
    "const { chooseDriver } = await import('./src/store/sqlite/driver.ts');",
    `const db = chooseDriver().open(${JSON.stringify(path)});`,
    "process.stdin.on('data', (line) => { db.exec(String(line)); console.log('done'); });",
    "console.log('ready');",
  ].join('\n');
  const other = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', holder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const tell = async (sql: string): Promise<void> => {
      other.stdin.write(`${sql}\n`);
      await once(other.stdout, 'data');
    };
    const store = openInlineStore({ path, ...OPTIONS });
    await store.append([sampleEntry(1)]);
    await once(other.stdout, 'data');
    await tell('BEGIN EXCLUSIVE');
    const refusal = { code: 'locked', message: expect.stringMatching(/another program holds the database locked/) };
    await expect(store.append([sampleEntry(2)])).rejects.toMatchObject(refusal);
    await tell('ROLLBACK');
    await store.append([sampleEntry(3)]);
    expect((await store.stats()).events).toBe(2);
    await store.close();
    await tell('BEGIN EXCLUSIVE');
    expect(() => openInlineStore({ path, ...OPTIONS })).toThrow(expect.objectContaining(refusal));
  } finally {
    other.kill('SIGKILL');
    await once(other, 'exit');
  }
});

test('a folder that cannot be used is told as such', async () => {
  const folder = tempFolder();
  writeFileSync(folder.at('file'), '');
  mkdirSync(folder.at('folder.db'));
  for (const path of [folder.at('file/data/hookswitch.db'), folder.at('folder.db')]) {
    await expect(openSqliteStore({ path, ...OPTIONS })).rejects.toMatchObject({ code: 'denied' });
  }
});

test('a database that is handed over is as a crash would have left it', async () => {
  const database = chooseDriver().open(':memory:');
  const before = openInlineStore({ database });
  const [result] = await before.append([sampleEntry(1), sampleEntry(2)]);
  const deliveries = [sampleDelivery(sampleEvent(1))];
  await before.commit(sampleUnit({ processed: [result?.seq as number], deliveries }));
  // No close: the process is gone. What it had begun and not committed is gone too.
  database.exec('BEGIN; DELETE FROM events');
  const after = openInlineStore({ database });
  expect((await loadAll(after)).map(({ kind }) => kind)).toEqual(['event', 'delivery']);
  await after.append([sampleEntry(3)]);
  expect((await after.stats()).events).toBe(3);
  database.close();
});
