// What every store promises about deliveries: attempts, ends and replays.
import { expect, test } from 'vitest';
import type { Delivery, DeliveryState } from '../../src/core/delivery.ts';
import { STATE_OF_OUTBOX, type Store } from '../../src/core/store.ts';
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

  test('a slot is kept; what was replaced or cancelled waits no more and is found by its state', async () => {
    const [a, b, c] = [0, 1, 2].map((n) => sampleDelivery(event, n, { slot: 'lamp \0' })) as [
      Delivery,
      Delivery,
      Delivery,
    ];
    const settled = [
      { id: a.id, state: 'replaced' as const, attempts: 0, dueAtMs: START_MS + 1, error: 'a newer one went' },
      { id: b.id, state: 'cancelled' as const, attempts: 2, dueAtMs: START_MS + 2 },
    ];
    await store().commit(sampleUnit({ deliveries: [a, b, c], settled }));
    await reopen();
    expect(await loadAll(store())).toEqual([{ kind: 'delivery', delivery: c }]);
    const states = async (state: DeliveryState) => store().deliveries({ states: [state], limit: 9 });
    expect(await states('replaced')).toMatchObject([{ id: a.id, slot: 'lamp \0', settledAtMs: START_MS + 1 }]);
    expect(await states('cancelled')).toMatchObject([{ id: b.id, attempts: 2, settledAtMs: START_MS + 2 }]);
    expect((await store().stats()).deliveries).toMatchObject({ waiting: 1, replaced: 1, cancelled: 1 });
  });

  test('what was replaced goes as early as what was delivered, what was cancelled stays as long as what is dead', async () => {
    const all = [0, 1, 2, 3].map((n) => sampleDelivery(event, n));
    const ends: DeliveryState[] = ['delivered', 'replaced', 'dead', 'cancelled'];
    const settled = ends.map((state, n) => ({ id: all[n]?.id ?? '', state, attempts: 1, dueAtMs: START_MS }));
    await store().commit(sampleUnit({ deliveries: all, settled }));
    const policy = { nowMs: START_MS + 20, eventsMs: 1e9, deliveredMs: 10, deadMs: 30, rawMs: 1e9 };
    expect(await store().prune(policy)).toMatchObject({ deliveries: 2 });
    expect((await store().deliveries({ limit: 9 })).map(({ state }) => state)).toEqual(['cancelled', 'dead']);
    expect(await store().prune({ ...policy, deadMs: 10 })).toMatchObject({ deliveries: 2 });
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

  test('replay: a cancelled one waits again, and its connection is not put down as gone any more', async () => {
    const { disabled, kept } = STATE_OF_OUTBOX;
    const [mine, other] = [sampleDelivery(event, 0, { to: 'hook' }), sampleDelivery(event, 1)];
    const settled = [mine, other].map(({ id }) => ({
      id,
      state: 'cancelled' as const,
      attempts: 0,
      dueAtMs: START_MS,
    }));
    const rows = [
      { kind: disabled, key: 'hook', value: 1 },
      { kind: disabled, key: 'slack', value: 2 },
      { kind: kept, key: 'hook\nk', value: 3 },
    ];
    await store().commit(sampleUnit({ deliveries: [mine, other], settled, state: rows }));
    expect(await store().replay([mine.id], START_MS + 5)).toMatchObject([{ id: mine.id, state: 'waiting' }]);
    const state = (await loadAll(store())).filter(({ kind }) => kind === 'state');
    expect(state).toEqual(rows.slice(1).map((change) => ({ kind: 'state', site: 'default', change })));
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
