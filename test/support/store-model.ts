// A model of a store in forty lines of maps, and the random sequences of calls in which store and model must agree.
import fc from 'fast-check';
import { expect } from 'vitest';
import { DELIVERY_STATES, type DeliveryState, RETRIED_STATES } from '../../src/core/delivery.ts';
import type { PhoneEvent } from '../../src/core/events.ts';
import type { PrunePolicy, Store, StoredDelivery } from '../../src/core/store.ts';
import type { StorePlace } from './store-contract.ts';
import { HOUR_MS, loadAll, START_MS, sampleDelivery, sampleEntry, sampleUnit } from './store-samples.ts';

type Model = {
  events: Map<string, { seq: number; event: PhoneEvent; processed: boolean; raw: boolean }>;
  deliveries: Map<string, StoredDelivery>;
  state: Map<string, number>;
  lastSeq: number;
};
type Real = { store: Store; place: StorePlace };
type Step = fc.AsyncCommand<Model, Real>;

const STATES = DELIVERY_STATES;

const step = (label: string, run: (model: Model, real: Real) => Promise<void>): Step => ({
  check: () => true,
  run,
  toString: () => label,
});

const append = fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 6 }).map((numbers) =>
  step(`append ${numbers}`, async (model, { store }) => {
    const entries = numbers.map((n) => sampleEntry(n));
    const results = await store.append(entries);
    for (const [i, { event }] of entries.entries()) {
      const known = model.events.get(event.id);
      expect(results[i]?.duplicate).toBe(known !== undefined);
      const seq = results[i]?.seq as number;
      if (known !== undefined) {
        expect(seq).toBe(known.seq);
        continue;
      }
      expect(seq).toBeGreaterThan(model.lastSeq);
      model.lastSeq = seq;
      model.events.set(event.id, { seq, event, processed: false, raw: true });
    }
  }),
);

const commit = fc
  .record({ take: fc.nat(4), keys: fc.array(fc.nat(5), { maxLength: 3 }), value: fc.option(fc.nat(9)), n: fc.nat(2) })
  .map(({ take, keys, value, n }) =>
    step(`commit ${take} ${keys} ${value} ${n}`, async (model, { store }) => {
      const open = [...model.events.values()].filter(({ processed }) => !processed).slice(0, take);
      const deliveries = open.flatMap(({ event }) => Array.from({ length: n }, (_, i) => sampleDelivery(event, i)));
      const state = [...new Set(keys)].map((key) => ({ kind: 'k', key: `${key}`, value }));
      await store.commit(sampleUnit({ processed: open.map(({ seq }) => seq), deliveries, state }));
      for (const entry of open) entry.processed = true;
      for (const each of deliveries) if (!model.deliveries.has(each.id)) model.deliveries.set(each.id, each);
      for (const { key } of state) {
        if (value === null) model.state.delete(key);
        else model.state.set(key, value);
      }
    }),
  );

const settle = fc
  .record({ which: fc.nat(30), state: fc.constantFrom(...STATES), attempts: fc.nat(5), tookMs: fc.nat(50) })
  .map(({ which, state, attempts, tookMs }) =>
    step(`settle ${which} ${state}`, async (model, { store }) => {
      const waiting = [...model.deliveries.values()].filter((each) => each.state === 'waiting');
      const chosen = waiting[which % Math.max(1, waiting.length)];
      if (chosen === undefined) return;
      const dueAtMs = START_MS + which;
      const settled = [{ id: chosen.id, state, attempts, dueAtMs, attempt: { atMs: START_MS, tookMs } }];
      await store.commit(sampleUnit({ settled }));
      Object.assign(chosen, { state, attempts, dueAtMs });
      if (state !== 'waiting') chosen.settledAtMs = START_MS + tookMs;
    }),
  );

const replay = fc.nat(1000).map((hours) =>
  step(`replay ${hours}`, async (model, { store }) => {
    const nowMs = START_MS + hours * HOUR_MS;
    const over = [...model.deliveries.values()].filter(({ state }) => RETRIED_STATES.some((each) => each === state));
    const ids = [...model.deliveries.keys()].reverse();
    for (const each of over) {
      Object.assign(each, { state: 'waiting', attempts: 0, dueAtMs: nowMs, expiresAtMs: nowMs + 72 * HOUR_MS });
      delete each.settledAtMs;
    }
    expect(await store.replay(ids, nowMs)).toEqual(over);
  }),
);

const prune = fc
  .record({ eventsMs: fc.nat(40), deliveredMs: fc.nat(80), deadMs: fc.nat(80), rawMs: fc.nat(40) })
  .map((ages) =>
    step(`prune ${JSON.stringify(ages)}`, async (model, { store }) => {
      const policy: PrunePolicy = { nowMs: START_MS + 60, ...ages };
      const counts = { events: 0, deliveries: 0, raw: 0 };
      for (const [id, { state, settledAtMs = 0 }] of model.deliveries) {
        const ageMs = state === 'delivered' || state === 'replaced' ? ages.deliveredMs : ages.deadMs;
        if (state === 'waiting' || settledAtMs >= policy.nowMs - ageMs) continue;
        model.deliveries.delete(id);
        counts.deliveries++;
      }
      const sources = new Set(
        [...model.deliveries.values()].filter(({ state }) => state === 'waiting').map(({ event }) => event),
      );
      for (const [id, entry] of model.events) {
        const atMs = Date.parse(entry.event.at);
        if (entry.processed && !sources.has(id) && atMs < policy.nowMs - ages.eventsMs) {
          model.events.delete(id);
          counts.events++;
        } else if (entry.raw && atMs < policy.nowMs - ages.rawMs) {
          entry.raw = false;
          counts.raw++;
        }
      }
      expect(await store.prune(policy)).toEqual(counts);
    }),
  );

const reopen = fc.constant(
  step('reopen', async (_model, real) => {
    await real.store.close();
    real.store = await real.place.open();
  }),
);

/** The store tells what the model knows: figures, history, deliveries, and what a start would be told. */
const look = fc.constant(step('look', agree));

async function agree(model: Model, { store }: Real): Promise<void> {
  const all = [...model.deliveries.values()];
  const count = (wanted: DeliveryState) => all.filter(({ state }) => state === wanted).length;
  const open = [...model.events.values()].filter(({ processed }) => !processed);
  expect(await store.stats()).toMatchObject({
    events: model.events.size,
    unprocessed: open.length,
    deliveries: Object.fromEntries(STATES.map((state) => [state, count(state)])),
  });
  const history = await store.events({ limit: 1000 });
  expect(history.map(({ seq, event, processed, raw }) => [seq, event, processed, raw !== null])).toEqual(
    [...model.events.values()].map(({ seq, event, processed, raw }) => [seq, event, processed, raw]),
  );
  expect((await store.deliveries({ limit: 1000 })).reverse()).toEqual(all);
  expect(await loadAll(store)).toEqual([
    ...[...model.state]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ kind: 'state', site: 'default', change: { kind: 'k', key, value } })),
    ...open.map(({ seq, event }) => ({ kind: 'event', seq, event })),
    ...all.filter(({ state }) => state === 'waiting').map((delivery) => ({ kind: 'delivery', delivery })),
  ]);
}

/** Runs random sequences of calls against a fresh store each, and compares. */
export async function storeMachine(makePlace: () => Promise<StorePlace>, numRuns: number): Promise<void> {
  const steps = fc.commands([append, commit, settle, replay, prune, reopen, look], { maxCommands: 40, size: '+1' });
  await fc.assert(
    fc.asyncProperty(steps, async (commands) => {
      const place = await makePlace();
      const real: Real = { store: await place.open(), place };
      const model: Model = { events: new Map(), deliveries: new Map(), state: new Map(), lastSeq: 0 };
      try {
        await fc.asyncModelRun(() => ({ model, real }), commands);
        await agree(model, real);
      } finally {
        await real.store.close();
        await place.remove();
      }
    }),
    { numRuns },
  );
}
