// What every store promises about units of work, and about what a start is told.
import { expect, test } from 'vitest';
import type { Store } from '../../src/core/store.ts';
import { HOSTILE_STRINGS } from './hostile-strings.ts';
import { loadAll, START_MS, sampleDelivery, sampleEntry, sampleEvent, sampleUnit } from './store-samples.ts';

type Current = () => Store;

export function startContract(store: Current, reopen: () => Promise<void>): void {
  test('a start is told state, then events that wait, then deliveries that wait, of its sites only', async () => {
    const [a, b, c] = [sampleEntry(1), sampleEntry(2), sampleEntry(3, { site: 'north' })];
    const [first] = await store().append([a, b, c]);
    const deliveries = [3, 1, 2].map((n) => sampleDelivery(a.event, n));
    await store().commit(
      sampleUnit({
        processed: [first?.seq as number],
        state: [
          { kind: 'phone', key: 'desk-1', value: { ringing: true, since: null } },
          { kind: 'phone', key: 'desk-2', value: [1] },
        ],
        deliveries,
      }),
    );
    await store().commit(sampleUnit({ site: 'north', state: [{ kind: 'phone', key: 'desk-1', value: 'north' }] }));
    await store().commit(sampleUnit({ state: [{ kind: 'phone', key: 'desk-2', value: null }] }));
    await reopen();
    const pending = await loadAll(store());
    expect(pending).toEqual([
      {
        kind: 'state',
        site: 'default',
        change: { kind: 'phone', key: 'desk-1', value: { ringing: true, since: null } },
      },
      { kind: 'event', seq: 2, event: b.event },
      ...deliveries.map((delivery) => ({ kind: 'delivery', delivery })),
    ]);
    expect((await loadAll(store(), ['north'])).map(({ kind }) => kind)).toEqual(['state', 'event']);
    expect(await loadAll(store(), ['default', 'north'])).toHaveLength(7);
    expect(await loadAll(store(), [])).toEqual([]);
  });

  test('is told everything once, however much it is, and while hits go on coming in', async () => {
    const entries = Array.from({ length: 1203 }, (_, n) => sampleEntry(n));
    await store().append(entries);
    const deliveries = entries.map(({ event }, n) => sampleDelivery(event, n));
    const state = entries.map((_, n) => ({ kind: 'k', key: `${n % 7}-${n}`, value: n }));
    await store().commit(sampleUnit({ deliveries, state }));
    const seen: Record<string, unknown[]> = { state: [], event: [], delivery: [] };
    let extra = 5000;
    for await (const pending of store().load(['default'])) {
      if (pending.kind === 'state') seen.state?.push(pending.change.key);
      if (pending.kind === 'event') seen.event?.push(pending.event.id);
      if (pending.kind === 'delivery') seen.delivery?.push(pending.delivery.id);
      if (extra < 5010) await store().append([sampleEntry(extra++)]);
    }
    expect(new Set(seen.state)).toEqual(new Set(state.map(({ key }) => key)));
    expect(seen.state).toHaveLength(1203);
    expect(seen.event).toEqual(entries.map(({ event }) => event.id));
    expect(seen.delivery).toEqual(deliveries.map(({ id }) => id));
  });
}

export function atomicityContract(store: Current): void {
  test('state keys of strangers stay apart', async () => {
    const keys = [...new Set([...HOSTILE_STRINGS, '\ud800', '\udfff', 'a', 'a\0', 'a\0b', '"a\\u0000"'])];
    await store().commit(sampleUnit({ state: keys.map((key) => ({ kind: 'call', key, value: key })) }));
    const pending = await loadAll(store());
    const found = pending.map((each) => (each.kind === 'state' ? [each.change.key, each.change.value] : []));
    expect(new Map(found as [string, string][])).toEqual(new Map(keys.map((key) => [key, key])));
  });

  test('a unit of an older lease is fenced, and nothing of it is stored', async () => {
    const [{ seq } = { seq: 0 }] = await store().append([sampleEntry(1)]);
    const unit = sampleUnit({ epoch: 0, processed: [seq], deliveries: [sampleDelivery(sampleEvent(1))] });
    const answers = await Promise.allSettled([store().commit(unit), store().append([sampleEntry(2)])]);
    expect(answers).toMatchObject([{ status: 'rejected', reason: { code: 'fenced' } }, { status: 'fulfilled' }]);
    expect(await store().stats()).toMatchObject({ unprocessed: 2, deliveries: { waiting: 0 } });
  });

  test('a unit is stored whole or not at all', async () => {
    const [{ seq } = { seq: 0 }] = await store().append([sampleEntry(1)]);
    const whole = sampleUnit({ processed: [seq], state: [{ kind: 'k', key: 'x', value: 1 }] });
    const broken = { ...sampleDelivery(sampleEvent(1)), dueAtMs: Number.NaN };
    await expect(store().commit({ ...whole, deliveries: [broken] })).rejects.toThrow(TypeError);
    expect((await loadAll(store())).map(({ kind }) => kind)).toEqual(['event']);
    expect(await store().stats()).toMatchObject({ unprocessed: 1, deliveries: { waiting: 0 } });
    await store().commit({ ...whole, deliveries: [sampleDelivery(sampleEvent(1))] });
    expect((await loadAll(store())).map(({ kind }) => kind)).toEqual(['state', 'delivery']);
  });

  test('committed a second time, as after a crash, it changes nothing', async () => {
    const [{ seq } = { seq: 0 }] = await store().append([sampleEntry(1)]);
    const cause = sampleEvent(1);
    const made = { ...sampleEvent(2), type: 'custom.door' as const, cause: cause.id, depth: 1 };
    const delivery = sampleDelivery(cause);
    const unit = sampleUnit({ processed: [seq], made: [made], deliveries: [delivery] });
    await store().commit(unit);
    const settlement = { id: delivery.id, state: 'delivered', attempts: 1, dueAtMs: START_MS } as const;
    await store().commit(sampleUnit({ settled: [settlement] }));
    await store().commit(unit);
    expect(await store().stats()).toMatchObject({
      events: 2,
      unprocessed: 0,
      deliveries: { waiting: 0, delivered: 1 },
    });
    const [kept] = await store().events({ type: 'custom.door', limit: 5 });
    expect(kept).toMatchObject({ event: made, raw: null, processed: true });
  });
}
