// A hundred thousand deliveries that wait: bodies come from the store when they are needed, memory and timers stay small.
import { expect, test } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import { createBench } from './fixture.ts';

test('beyond residentMax only id and order are kept; bodies are fetched in batches, and order holds', async () => {
  const rows = new Map<string, Delivery>();
  const asked: number[] = [];
  let failures = 2;
  const bench = createBench({
    limits: { residentMax: 100, fetchMax: 50 },
    fetch: async (ids) => {
      if (failures-- > 0) throw new Error('busy');
      asked.push(ids.length);
      return ids.flatMap((id) => rows.get(id) ?? []);
    },
  });
  const all = Array.from({ length: 2_000 }, (_, n) =>
    bench.delivery(`${n % 7}:${String(n).padStart(4, '0')}`, 'a', { order: `a|${n % 7}` }),
  );
  for (const delivery of all) rows.set(delivery.id, structuredClone(delivery));
  // One was removed by hand, one settled by hand: neither is sent, and neither blocks its lane.
  rows.delete(all[1_500]?.id ?? '');
  const byHand = rows.get(all[1_600]?.id ?? '');
  if (byHand !== undefined) byHand.state = 'delivered';
  bench.outbox.add(all);
  const place = await bench.place('a');
  place.tookMs = 1;
  await bench.time.advance(20_000);
  expect(place.taken).toHaveLength(1_998);
  expect(new Set(place.sent.map(({ id }) => id)).size).toBe(place.sent.length);
  for (let lane = 0; lane < 7; lane++) {
    const taken = place.taken.filter((id) => id.startsWith(`${lane}:`));
    expect(taken).toEqual(taken.toSorted());
  }
  expect(Math.max(...asked)).toBeLessThanOrEqual(50);
  expect(asked.length).toBeLessThan(200);
  expect(bench.counts.get('outbox_vanished a')).toBe(2);
  expect(bench.outbox.stats().get('a')).toMatchObject({ waiting: 0, inFlight: 0 });
});

test('100,000 waiting deliveries: one timer, quickly taken in, within the memory bound, all delivered', async () => {
  const bench = createBench({ fetch: async (ids) => ids.map((id) => row(Number(id.slice(1)))) });
  const row = (n: number): Delivery =>
    bench.delivery(`d${n}`, 'a', {
      order: `a|${n % 50}`,
      madeAtMs: madeAtMs,
      dueAtMs: madeAtMs,
      expiresAtMs: madeAtMs + 72 * 3_600_000,
      // Distinct strings, as they come from a database.
      message: { topic: `phones/${n}/state`, payload: `${n}`.padEnd(400, 'x') },
    });
  const madeAtMs = bench.time.clock.wallMs();
  let down = true;
  const place = await bench.place('a', () => (down ? { kind: 'unavailable', error: 'down' } : { kind: 'delivered' }), {
    concurrency: 50,
  });
  place.tookMs = 1;
  const heapBefore = process.memoryUsage().heapUsed;
  const startedAt = performance.now();
  for (let n = 0; n < 100_000; n += 1_000) bench.outbox.add(Array.from({ length: 1_000 }, (_, k) => row(n + k)));
  const tookMs = performance.now() - startedAt;
  const heapMiB = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;
  expect(heapMiB).toBeLessThan(150);
  expect(tookMs).toBeLessThan(5_000);
  expect(bench.time.waiting()).toBeLessThan(200);
  await bench.time.advance(60_000);
  down = false;
  place.ready();
  await bench.time.until(() => place.taken.length === 100_000, 60_000);
  expect(bench.outbox.stats().get('a')).toMatchObject({ waiting: 0, delivered: 100_000 });
});
