// What every store promises about deliveries: attempts, ends and replays.
import { expect, test } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import type { Store } from '../../src/core/store.ts';
import { HOUR_MS, loadAll, START_MS, sampleDelivery, sampleEvent, sampleUnit } from './store-samples.ts';

type Current = () => Store;

export function deliveryContract(store: Current, reopen: () => Promise<void>): void {
  const event = sampleEvent(1);
  const delivery = sampleDelivery(event);
  const found = async () => (await store().deliveries({ ids: [delivery.id], limit: 1 }))[0];
  const settle = (change: object) =>
    store().commit(
      sampleUnit({ settled: [{ id: delivery.id, state: 'waiting', attempts: 1, dueAtMs: START_MS, ...change }] }),
    );

  test('an attempt that failed is told at the next start', async () => {
    await store().commit(sampleUnit({ deliveries: [delivery] }));
    const error = 'peer said \0 \ud800 "no"';
    await settle({ dueAtMs: START_MS + 1500.25, attempt: { atMs: START_MS, tookMs: 12.5 }, error, code: '503' });
    await reopen();
    expect(await loadAll(store())).toEqual([
      {
        kind: 'delivery',
        delivery: { ...delivery, attempts: 1, dueAtMs: START_MS + 1500.25, lastError: error, lastCode: '503' },
      },
    ]);
  });

  test('what worked has no error and is over when its attempt ended; it does not wait any more', async () => {
    await store().commit(sampleUnit({ deliveries: [delivery] }));
    await settle({ error: 'not now', code: '503' });
    await settle({ state: 'delivered', attempts: 2, attempt: { atMs: START_MS + 5, tookMs: 20 }, code: '200' });
    expect(await loadAll(store())).toEqual([]);
    const kept = await found();
    expect(kept).toEqual({
      ...delivery,
      state: 'delivered',
      attempts: 2,
      dueAtMs: START_MS,
      lastCode: '200',
      settledAtMs: START_MS + 25,
    });
  });

  test('what is given up keeps its last error', async () => {
    await store().commit(sampleUnit({ deliveries: [delivery] }));
    await settle({ error: 'not now', code: '503' });
    await settle({ state: 'expired', dueAtMs: START_MS + 7 });
    expect(await found()).toMatchObject({
      state: 'expired',
      lastError: 'not now',
      lastCode: '503',
      settledAtMs: START_MS + 7,
    });
  });

  test('one unit may make a delivery and settle it', async () => {
    const settled = [{ id: delivery.id, state: 'dead' as const, attempts: 0, dueAtMs: START_MS, error: 'refused' }];
    await store().commit(sampleUnit({ deliveries: [delivery], settled }));
    expect(await found()).toMatchObject({ state: 'dead', lastError: 'refused' });
  });

  test('a settlement of a delivery that is not there changes nothing', async () => {
    await settle({ state: 'delivered' });
    const none = { waiting: 0, delivered: 0, dead: 0, expired: 0, replaced: 0, cancelled: 0 };
    expect((await store().stats()).deliveries).toEqual(none);
  });
}

export function replayContract(store: Current, reopen: () => Promise<void>): void {
  const event = sampleEvent(1);

  test('replay: dead and expired ones wait again, from their place, with as long to live as at first', async () => {
    const [a, b, c, d] = [0, 1, 2, 3].map((n) => sampleDelivery(event, n)) as [Delivery, Delivery, Delivery, Delivery];
    const settled = [
      { id: a.id, state: 'dead' as const, attempts: 5, dueAtMs: START_MS, error: 'gone' },
      { id: b.id, state: 'delivered' as const, attempts: 1, dueAtMs: START_MS },
      { id: d.id, state: 'expired' as const, attempts: 2, dueAtMs: START_MS },
    ];
    await store().commit(sampleUnit({ deliveries: [a, b, c, d], settled }));
    const nowMs = START_MS + 100 * HOUR_MS;
    const again = await store().replay([d.id, 'unknown', c.id, b.id, a.id, a.id], nowMs);
    const fresh = { state: 'waiting', attempts: 0, dueAtMs: nowMs, expiresAtMs: nowMs + (a.expiresAtMs - a.madeAtMs) };
    expect(again).toEqual([
      { ...a, ...fresh, lastError: 'gone' },
      { ...d, ...fresh },
    ]);
    await reopen();
    const waiting = (await loadAll(store())).map((each) => each.kind === 'delivery' && each.delivery);
    expect(waiting).toEqual([again[0], c, again[1]]);
    expect(await store().replay([a.id], nowMs)).toEqual([]);
  });

  test('are found by id, event, destination and state, newest first', async () => {
    const other = sampleEvent(2);
    const all = [
      sampleDelivery(event, 0),
      sampleDelivery(event, 1, { to: 'mail' }),
      sampleDelivery(other, 0, { state: 'dead' }),
    ];
    await store().commit(sampleUnit({ deliveries: all }));
    const ids = async (query: object) => (await store().deliveries({ limit: 10, ...query })).map(({ id }) => id);
    const [a, b, c] = all.map(({ id }) => id) as [string, string, string];
    expect(await ids({})).toEqual([c, b, a]);
    expect(await ids({ limit: 2 })).toEqual([c, b]);
    expect(await ids({ before: c })).toEqual([b, a]);
    expect(await ids({ before: c, limit: 1, to: 'slack' })).toEqual([a]);
    expect(await ids({ before: a })).toEqual([]);
    expect(await ids({ event: event.id })).toEqual([b, a]);
    expect(await ids({ to: 'slack' })).toEqual([c, a]);
    expect(await ids({ states: ['dead', 'expired'] })).toEqual([c]);
    expect(await ids({ states: [] })).toEqual([]);
    expect(await ids({ ids: [a, c, 'x'], states: ['waiting'] })).toEqual([a]);
  });
}
