// What every store promises, whatever stands behind it; both ways of opening one pass the same tests.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { History } from '../../src/core/history.ts';
import type { Store } from '../../src/core/store.ts';
import { deliveryContract, replayContract } from './store-contract-deliveries.ts';
import { againContract, endsContract } from './store-contract-ends.ts';
import {
  historyContract,
  journalContract,
  otherEventsContract,
  pruneUnderLoadContract,
  retentionContract,
} from './store-contract-events.ts';
import { lookedUpContract } from './store-contract-history.ts';
import { atomicityContract, startContract } from './store-contract-units.ts';
import { storeMachine } from './store-model.ts';
import { loadAll, START_MS, sampleEntry, sampleUnit } from './store-samples.ts';

/** A place where a store lives: opened, closed and opened again it is the same store. */
export type StorePlace = {
  open(): Promise<Store>;
  /** The history beside the open store. It is closed before the store is written to again. */
  history(): History;
  remove(): Promise<void>;
};

/**
 * Declares the suite. `makePlace` makes an empty place; each test gets its own. `sequences`: how many random sequences of calls
 * are compared with the model.
 */
export function storeContract(name: string, makePlace: () => Promise<StorePlace>, sequences: number): void {
  describe(name, () => {
    let place: StorePlace;
    let store: Store;
    beforeEach(async () => {
      place = await makePlace();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await place.open();
    };

    describe('journal', () => journalContract(() => store, reopen));
    describe('a start', () => startContract(() => store, reopen));
    describe('units of work', () => atomicityContract(() => store));
    describe('deliveries', () => deliveryContract(() => store, reopen));
    describe('replay', () => replayContract(() => store, reopen));
    describe('replaced and cancelled ones', () => endsContract(() => store, reopen));
    describe('what is sent again', () => againContract(() => store));
    describe('history', () => historyContract(() => store));
    describe('notes and calls', () => otherEventsContract(() => store, reopen));
    describe('retention', () => retentionContract(() => store));
    describe('calls, hours and audit', () =>
      lookedUpContract(
        () => store,
        () => place.history(),
      ));
    describe('a prune under load', () => pruneUnderLoadContract(() => store));
    test('after close every call is refused, and closing again is no error', async () => {
      await store.close();
      await store.close();
      for (const call of [
        store.append([sampleEntry(1)]),
        store.commit(sampleUnit()),
        loadAll(store),
        store.events({ limit: 1 }),
        store.deliveries({ limit: 1 }),
        store.replay([], START_MS),
        store.stats(),
        store.lastAtMs('default'),
      ]) {
        await expect(call).rejects.toMatchObject({ name: 'StoreError', code: 'closed' });
      }
    });
    test('does what the model does, for any sequence of calls', () => storeMachine(makePlace, sequences), 60_000);
  });
}
