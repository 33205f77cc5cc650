// What every store promises about deliveries that were replaced or called off, and about the slots they share.
import { expect, test } from 'vitest';
import type { Delivery, DeliveryState } from '../../src/core/delivery.ts';
import { STATE_OF_OUTBOX, type Store } from '../../src/core/store.ts';
import { loadAll, START_MS, sampleDelivery, sampleEvent, sampleUnit } from './store-samples.ts';

export function endsContract(store: () => Store, reopen: () => Promise<void>): void {
  const event = sampleEvent(1);

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

/** Which of them are sent again, and which not. */
export function againContract(store: () => Store): void {
  const event = sampleEvent(1);

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

  test('replay: not one of whose slot a newer one waits or was delivered; another lane or slot is no matter', async () => {
    const names = ['old', 'newer', 'dead', 'other slot', 'other lane'];
    const changes: Partial<Delivery>[] = [{}, {}, {}, { slot: 'door' }, { order: 'slack|elsewhere' }];
    const all = changes.map((change, n) => sampleDelivery(event, n, { slot: 'lamp', order: 'slack|here', ...change }));
    const end = (n: number, state: DeliveryState) => ({ id: all[n]?.id ?? '', state, attempts: 1, dueAtMs: START_MS });
    const again = async (n: number) => (await store().replay([all[n]?.id ?? ''], START_MS)).length === 1;
    await store().commit(
      sampleUnit({
        deliveries: all,
        settled: [end(0, 'dead'), end(2, 'dead'), end(3, 'delivered'), end(4, 'delivered')],
      }),
    );
    expect([names[0], await again(0)]).toEqual([names[0], false]);
    expect([names[2], await again(2)]).toEqual([names[2], true]);
    await store().commit(sampleUnit({ settled: [end(1, 'dead'), end(2, 'dead')] }));
    expect(await again(0)).toBe(true);
    await store().commit(sampleUnit({ settled: [end(0, 'expired'), end(1, 'delivered')] }));
    expect(await again(0)).toBe(false);
  });
}
