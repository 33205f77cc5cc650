// Outcomes reach the store in batches, survive a store that is full, and never cause a second sending.
import { expect, test } from 'vitest';
import type { Settlement } from '../../src/core/delivery.ts';
import { StoreError } from '../../src/core/store.ts';
import { createBench } from './fixture.ts';

test('what ends together is stored together, one batch at a time', async () => {
  const batches: number[] = [];
  let writing = 0;
  let atOnceMax = 0;
  const bench = createBench({
    settle: (batch) => {
      writing += 1;
      atOnceMax = Math.max(atOnceMax, writing);
      batches.push(batch.length);
      return new Promise((resolve) =>
        bench.time.clock.after(10, () => {
          writing -= 1;
          resolve();
        }),
      );
    },
  });
  const place = await bench.place('a', undefined, { concurrency: 100 });
  place.tookMs = 1;
  bench.outbox.add(Array.from({ length: 1_000 }, (_, n) => bench.delivery(`d${n}`, 'a', { order: `a|${n % 100}` })));
  await bench.time.advance(1_000);
  expect(batches.reduce((sum, size) => sum + size, 0)).toBe(1_000);
  expect(atOnceMax).toBe(1);
  expect(batches.length).toBeLessThan(10);
  expect(bench.outbox.unsettled()).toBe(0);
});

test('a store that is full: outcomes are kept in order and stored later, nothing is sent twice, and sending stops at the limit', async () => {
  const stored: Settlement[] = [];
  let full = true;
  const bench = createBench({
    limits: { unsettledMax: 50 },
    settle: async (batch) => {
      if (full) throw new StoreError('full', 'quota reached');
      stored.push(...batch);
    },
  });
  const place = await bench.place('a');
  bench.outbox.add(Array.from({ length: 200 }, (_, n) => bench.delivery(`d${n}`, 'a', { order: `a|${n % 10}` })));
  await bench.time.advance(600_000);
  expect(bench.outbox.unsettled()).toBeGreaterThanOrEqual(50);
  expect(bench.outbox.unsettled()).toBeLessThanOrEqual(54);
  expect(place.sent.length).toBe(bench.outbox.unsettled());
  full = false;
  await bench.time.advance(10_000);
  expect(stored.map(({ id }) => id).toSorted()).toEqual(Array.from({ length: 200 }, (_, n) => `d${n}`).toSorted());
  expect(place.sent).toHaveLength(200);
  expect(bench.counts.get('outbox_settle_failures')).toBeGreaterThan(10);
});

test('a settle function that throws at once is no different', async () => {
  let calls = 0;
  const bench = createBench({
    settle: () => {
      calls += 1;
      if (calls < 3) throw new StoreError('busy', 'too much waits');
      return Promise.resolve();
    },
  });
  const place = await bench.place('a');
  bench.outbox.add([bench.delivery('d', 'a')]);
  await bench.time.advance(2_000);
  expect(calls).toBe(3);
  expect(place.sent).toHaveLength(1);
  expect(bench.outbox.unsettled()).toBe(0);
});
