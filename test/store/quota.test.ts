// A quota that is used up: hits are refused, everything else goes on, and after a prune so do they.
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/index.ts';
import {
  DAY_MS,
  loadAll,
  START_MS,
  sampleDelivery,
  sampleEntry,
  sampleEvent,
  sampleUnit,
} from '../support/store-samples.ts';
import { tempFolder } from '../support/temp-folder.ts';

const large = (n: number) => ({ event: sampleEvent(n), raw: new Uint8Array(1_500_000) });

test('full, read, settled, pruned, and written again', async () => {
  const path = tempFolder().at('hookswitch.db');
  const bytesMax = 2_000_000;
  const store = await openSqliteStore({ path, bytesMax, nowMs: 0 });
  const delivery = sampleDelivery(sampleEvent(0));
  await store.commit(sampleUnit({ deliveries: [delivery] }));
  const seqs: number[] = [];
  let refusal: unknown;
  for (let n = 0; refusal === undefined && n < 10_000; n += 20) {
    const entries = Array.from({ length: 20 }, (_, i) => sampleEntry(n + i));
    await store.append(entries).then(
      (results) => seqs.push(...results.map(({ seq }) => seq)),
      (error: unknown) => {
        refusal = error;
      },
    );
  }
  expect(refusal).toMatchObject({ name: 'StoreError', code: 'full', message: expect.stringContaining('quota') });
  const full = await store.stats();
  expect(full.events).toBe(seqs.length);
  expect(full.bytesMax).toBeLessThanOrEqual(bytesMax);
  expect(full.bytes).toBeGreaterThan(bytesMax * 0.9);

  // Refused again and again, it still answers, and units that only change what is there are stored.
  const refused = await Promise.allSettled([1, 2, 3].map((n) => store.append([large(20_000 + n)])));
  expect(refused.every(({ status }) => status === 'rejected')).toBe(true);
  expect(await store.events({ limit: 5 })).toHaveLength(5);
  await store.commit(sampleUnit({ processed: seqs }));
  const settled = [{ id: delivery.id, state: 'delivered' as const, attempts: 1, dueAtMs: START_MS }];
  await store.commit(sampleUnit({ settled }));
  expect((await loadAll(store)).filter(({ kind }) => kind === 'delivery')).toEqual([]);

  const policy = { nowMs: START_MS + DAY_MS, eventsMs: 0, deliveredMs: 0, deadMs: 0, rawMs: 0 };
  expect((await store.prune(policy)).events).toBe(seqs.length);
  expect((await store.stats()).bytes).toBeLessThan(full.bytes / 4);
  await store.append([sampleEntry(30_000)]);
  expect((await store.stats()).events).toBe(1);
  await store.close();
});

test('one that does not fit does not keep out the small ones of its group', async () => {
  const path = tempFolder().at('hookswitch.db');
  const store = await openSqliteStore({ path, bytesMax: 1_000_000, nowMs: 0 });
  const answers = await Promise.allSettled([
    store.append([sampleEntry(2)]),
    store.append([large(1)]),
    store.append([sampleEntry(3)]),
  ]);
  expect(answers).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'full' } },
    { status: 'fulfilled' },
  ]);
  expect(store.groups()).toMatchObject({ batches: 1, members: 3 });
  const kept = await store.events({ limit: 10 });
  expect(kept.map(({ event }) => event.id)).toEqual([2, 3].map((n) => sampleEvent(n).id));
  await store.close();
});
