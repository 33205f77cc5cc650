// The store's thread: groups what arrives, bounds what waits, keeps faults apart, and its end is noticed.
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/index.ts';
import { QUEUE_LIMITS } from '../../src/store/sqlite/queue.ts';
import { packHits } from '../../src/store/sqlite/rows.ts';
import { startThread } from '../../src/store/sqlite/thread.ts';
import { loadAll, sampleDelivery, sampleEntry, sampleEvent, sampleUnit } from '../support/store-samples.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { OPTIONS } from './places.ts';

const open = (queue = {}) => openSqliteStore({ path: tempFolder().at('hookswitch.db'), ...OPTIONS, queue });

test('what arrives together is committed together: hits and units of work, many callers, few commits', async () => {
  const store = await open();
  const unit = sampleUnit({ deliveries: [sampleDelivery(sampleEvent(1))] });
  const calls = Array.from({ length: 2000 }, (_, n) => store.append([sampleEntry(n)]));
  await Promise.all([...calls, store.commit(unit)]);
  const { batches, members, entries, membersMax } = store.groups();
  expect({ members, entries }).toEqual({ members: 2001, entries: 2000 });
  expect(batches).toBeLessThanOrEqual(3);
  expect(membersMax).toBeGreaterThan(900);
  const results = (await Promise.all(calls)).flat();
  expect(results.map(({ seq }) => seq)).toEqual(Array.from({ length: 2000 }, (_, n) => n + 1));
  await store.close();
});

test('a lone hit waits for no other', async () => {
  const store = await open();
  for (let n = 0; n < 5; n++) await store.append([sampleEntry(n)]);
  expect(store.groups()).toMatchObject({ batches: 5, membersMax: 1 });
  await store.close();
});

test('a member that the database refuses fails alone, wherever it stands in the group', async () => {
  const store = await open();
  const bad = { ...sampleDelivery(sampleEvent(1)), attempts: Number.NaN };
  const answers = await Promise.allSettled([
    store.append([sampleEntry(1)]),
    store.commit(
      sampleUnit({ deliveries: [sampleDelivery(sampleEvent(7)), bad], state: [{ kind: 'k', key: 'a', value: 1 }] }),
    ),
    store.append([sampleEntry(2), sampleEntry(1)]),
    store.commit(sampleUnit({ epoch: 0, state: [{ kind: 'k', key: 'b', value: 1 }] })),
    store.commit(sampleUnit({ state: [{ kind: 'k', key: 'c', value: 1 }] })),
  ]);
  expect(store.groups().batches).toBe(1);
  expect(answers).toMatchObject([
    { status: 'fulfilled', value: [{ seq: 1, duplicate: false }] },
    { status: 'rejected', reason: expect.any(TypeError) },
    {
      status: 'fulfilled',
      value: [
        { seq: 2, duplicate: false },
        { seq: 1, duplicate: true },
      ],
    },
    { status: 'rejected', reason: { code: 'fenced' } },
    { status: 'fulfilled' },
  ]);
  expect((await loadAll(store)).map((each) => (each.kind === 'state' ? each.change.key : each.kind))).toEqual([
    'c',
    'event',
    'event',
  ]);
  expect(await store.stats()).toMatchObject({ events: 2, unprocessed: 2, deliveries: { waiting: 0 } });
  await store.close();
});

test.each([
  ['entries', { entriesMax: 10 }],
  ['bytes', { bytesMax: 10_000 }],
])('more %s than may wait are refused at once, and taken again when there is room', async (_, queue) => {
  const store = await open(queue);
  const answers = await Promise.allSettled(Array.from({ length: 100 }, (_, n) => store.append([sampleEntry(n)])));
  const kept = answers.filter(({ status }) => status === 'fulfilled').length;
  expect(kept).toBeGreaterThan(4);
  expect(kept).toBeLessThan(30);
  const refused = answers.filter((answer) => answer.status === 'rejected');
  expect(refused.every(({ reason }) => reason.code === 'busy')).toBe(true);
  expect(refused.length + kept).toBe(100);
  await store.append([sampleEntry(1000)]);
  expect((await store.stats()).events).toBe(kept + 1);
  await store.close();
});

test('a flood of hits does not keep units of work out', async () => {
  const store = await open({ entriesMax: 5, unitsMax: 2 });
  const hits = Array.from({ length: 10 }, (_, n) => store.append([sampleEntry(n)]));
  const units = [1, 2, 3].map((n) => store.commit(sampleUnit({ state: [{ kind: 'k', key: `${n}`, value: n }] })));
  const statuses = (await Promise.allSettled([...hits, ...units])).map(({ status }) => status);
  expect(statuses.slice(4, 6)).toEqual(['fulfilled', 'rejected']);
  expect(statuses.slice(10)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  await store.close();
});

test('closing finishes what waits', async () => {
  const path = tempFolder().at('hookswitch.db');
  const store = await openSqliteStore({ path, ...OPTIONS });
  const calls = Array.from({ length: 3000 }, (_, n) => store.append([sampleEntry(n)]));
  await store.close();
  expect((await Promise.allSettled(calls)).every(({ status }) => status === 'fulfilled')).toBe(true);
  const next = await openSqliteStore({ path, ...OPTIONS });
  expect((await next.stats()).events).toBe(3000);
  expect(next.opened.check).toBe('quick');
  await next.close();
});

/** A thread that says it has opened the database and ends at the first thing that it is asked. */
const shortLived = (end: string) => () =>
  new Worker(
    `const { parentPort } = require('node:worker_threads');
     parentPort.on('message', () => { ${end} });
     parentPort.postMessage({ kind: 'opened', opened: { path: 'x.db' } });`,
    { eval: true },
  );

test.each([
  ['exits', 'process.exit(1);'],
  ['throws', "throw new Error('out of order');"],
])('when the thread %s, what waits and what comes later is refused', async (_, end) => {
  const port = await startThread({ path: 'x.db', ...OPTIONS }, QUEUE_LIMITS, shortLived(end));
  const write = (n: number) => port.write({ kind: 'hits', hits: packHits([sampleEntry(n)]) });
  const refusal = { status: 'rejected', reason: { name: 'StoreError', code: 'io' } };
  const refusals = [refusal, refusal, refusal];
  expect(await Promise.allSettled([write(1), port.call('stats'), write(2)])).toMatchObject(refusals);
  expect(await Promise.allSettled([write(3), port.call('stats'), write(4)])).toMatchObject(refusals);
  await port.close();
});

test('a thread that ends before it has opened anything is an error too', async () => {
  const spawn = () => new Worker('process.exit(1)', { eval: true });
  await expect(startThread({ path: 'x.db', ...OPTIONS }, QUEUE_LIMITS, spawn)).rejects.toMatchObject({ code: 'io' });
});

test('attempts are kept, oldest first', async () => {
  const store = await open();
  const delivery = sampleDelivery(sampleEvent(1));
  const settle = (n: number, more: object) =>
    store.commit(sampleUnit({ settled: [{ id: delivery.id, state: 'waiting', attempts: n, dueAtMs: n, ...more }] }));
  await store.commit(sampleUnit({ deliveries: [delivery] }));
  await settle(1, { attempt: { atMs: 10, tookMs: 5 }, error: 'timeout' });
  await settle(1, { error: 'nothing was sent' });
  await settle(2, { attempt: { atMs: 20, tookMs: 0.5 }, state: 'dead', code: '400', error: 'bad \0 request' });
  await store.replay([delivery.id], 30);
  await settle(1, { attempt: { atMs: 40, tookMs: 1 }, state: 'delivered', code: '200' });
  expect(await store.attempts(delivery.id)).toEqual([
    { n: 1, atMs: 10, tookMs: 5, error: 'timeout' },
    { n: 2, atMs: 20, tookMs: 0.5, code: '400', error: 'bad \0 request' },
    { n: 3, atMs: 40, tookMs: 1, code: '200' },
  ]);
  await store.close();
});
