// Faults of the disk, one at a time: what is refused, what stops, and what is never acknowledged.
import { existsSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openInlineStore } from '../../src/store/index.ts';
import { batchOf } from '../../src/store/sqlite/batch.ts';
import { createCore } from '../../src/store/sqlite/core.ts';
import type { Database } from '../../src/store/sqlite/driver.ts';
import { type FileOptions, openFile } from '../../src/store/sqlite/open.ts';
import { PRUNE_START } from '../../src/store/sqlite/retention.ts';
import { packHits, packUnit } from '../../src/store/sqlite/rows.ts';
import { DAY_MS, START_MS, sampleEntry, sampleUnit } from '../support/store-samples.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { OPTIONS } from './places.ts';

const [FULL, IOERR_FSYNC, CORRUPT] = [13, 1034, 11];

/** A store on a real file whose statements that start with `sql` fail while `fault.code` is set. */
function faultyStore(sql: string, more: Partial<FileOptions> = {}) {
  const path = tempFolder().at('hookswitch.db');
  const opened = openFile({ path, ...OPTIONS, ...more });
  const fault: { code?: number; times: number; hits: number } = { times: Number.POSITIVE_INFINITY, hits: 0 };
  const db: Database = {
    exec: (text) => opened.db.exec(text),
    close: () => opened.db.close(),
    prepare(text) {
      const statement = opened.db.prepare(text);
      if (!text.startsWith(sql)) return statement;
      return {
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
        run(...values) {
          if (fault.code === undefined || fault.hits >= fault.times) return statement.run(...values);
          fault.hits++;
          throw Object.assign(new Error('a fault of the disk'), { errcode: fault.code });
        },
      };
    },
  };
  const core = createCore({ ...opened, db });
  const append = (...numbers: number[]) =>
    core.group(batchOf(numbers.map((n) => ({ kind: 'hits', hits: packHits([sampleEntry(n)]) }))));
  return { path, core, fault, append, events: () => core.calls.stats().events };
}

const code = (wanted: string) => expect.objectContaining({ name: 'StoreError', code: wanted });

test.each([
  ['a failed fsync', IOERR_FSYNC, 'io'],
  ['damage', CORRUPT, 'corrupt'],
])(
  '%s at the commit: no member is acknowledged, nothing is tried again, the next start looks',
  (_, errcode, wanted) => {
    const { path, core, fault, append } = faultyStore('COMMIT');
    append(1);
    fault.code = errcode;
    expect(() => append(2, 3)).toThrow(code(wanted));
    expect(fault.hits).toBe(1);
    delete fault.code;
    for (const call of [() => append(4), () => core.calls.stats(), () => core.calls.lastAtMs('default')]) {
      expect(call).toThrow(code(wanted));
    }
    core.close();
    const { release, opened, db } = openFile({ path, ...OPTIONS });
    expect(opened).toMatchObject({ check: 'full', created: false });
    expect(db.prepare('SELECT count(*) AS n FROM events').get()).toEqual({ n: 1 });
    release();
    expect(existsSync(`${path}.suspect`)).toBe(false);
  },
);

test('a disk that is full at the commit: each member is refused, and recovers when there is room', () => {
  const { core, fault, append, events } = faultyStore('COMMIT');
  append(1);
  fault.code = FULL;
  expect(append(2, 3).failures).toMatchObject([
    { member: 0, error: { code: 'full' } },
    { member: 1, error: { code: 'full' } },
  ]);
  expect(events()).toBe(1);
  delete fault.code;
  expect(append(2, 3, 1).failures).toEqual([]);
  expect(events()).toBe(3);
  core.close();
});

test('a full disk and a prune: the reserve is freed once, and taken again when the prune is done', () => {
  const reserveBytes = 300_000;
  const { path, core, fault, append, events } = faultyStore('DELETE FROM events', { reserveBytes });
  const reserve = `${path}.reserve`;
  expect(statSync(reserve)).toMatchObject({ size: reserveBytes });
  expect((statSync(reserve).blocks * 512) / reserveBytes).toBeGreaterThan(0.9);
  append(1, 2);
  core.group(batchOf([{ kind: 'unit', unit: packUnit(sampleUnit({ processed: [1, 2] })) }]));
  Object.assign(fault, { code: FULL, times: 1 });
  const policy = { nowMs: START_MS + DAY_MS, eventsMs: 0, deliveredMs: 0, deadMs: 0, rawMs: 0 };
  let step = core.calls.pruneStep(policy, { ...PRUNE_START, phase: 'events' });
  expect(step.events).toBe(2);
  expect(existsSync(reserve)).toBe(false);
  expect(events()).toBe(0);
  while (step.next !== null) step = core.calls.pruneStep(policy, step.next);
  expect(statSync(reserve).size).toBe(reserveBytes);

  append(3);
  core.group(batchOf([{ kind: 'unit', unit: packUnit(sampleUnit({ processed: [3] })) }]));
  Object.assign(fault, { times: Number.POSITIVE_INFINITY });
  expect(() => core.calls.pruneStep(policy, { ...PRUNE_START, phase: 'events' })).toThrow(code('full'));
  expect(events()).toBe(1);
  core.close();
});

test('a reserve that would fill the disk is not taken', async () => {
  const path = tempFolder().at('hookswitch.db');
  const store = openInlineStore({ path, ...OPTIONS, reserveBytes: Number.MAX_SAFE_INTEGER / 8 });
  expect(existsSync(`${path}.reserve`)).toBe(false);
  await store.close();
});
