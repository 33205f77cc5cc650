// The disk of a run: one database in memory that outlives the processes, behind the real store.
import { PHONE_EVENT_TYPES } from '../../src/core/events.ts';
import type { Store, StoredEvent } from '../../src/core/store.ts';
import { chooseDriver, openInlineStore } from '../../src/store/index.ts';
import type { Rows, SpokenEvent } from './judge.ts';
import { SITE } from './scenario.ts';

export type Database = {
  /** The store of a process that starts now. Only the newest one may be used. */
  openStore(): Store;
  /** Nothing waits to be decided or delivered. */
  done(): Promise<boolean>;
  rows(): Promise<Rows>;
  close(): void;
};

const driver = chooseDriver();
const ALL = 1_000_000;
const BYTES_MAX = 2 ** 30;

export function openDatabase(): Database {
  const database = driver.open(':memory:');
  let newest: Store = openInlineStore({ database, bytesMax: BYTES_MAX });
  return {
    openStore() {
      newest = openInlineStore({ database, bytesMax: BYTES_MAX });
      return newest;
    },
    async done() {
      const { unprocessed, deliveries } = await newest.stats();
      return unprocessed === 0 && deliveries.waiting === 0;
    },
    async rows() {
      const events = await newest.events({ limit: ALL });
      return {
        // Oldest first: the order in which they were made.
        deliveries: (await newest.deliveries({ limit: ALL })).reverse(),
        events: events.map(({ event }) => event).filter(isSpoken),
        made: new Set(events.filter(({ event }) => !SPOKEN.has(event.type)).map(({ event }) => event.id)),
        state: await stateOf(newest),
        unprocessed: events.filter(({ processed }) => !processed).length,
      };
    },
    close: () => database.close(),
  };
}

const SPOKEN: ReadonlySet<string> = new Set(PHONE_EVENT_TYPES);

const isSpoken = (event: StoredEvent['event']): event is SpokenEvent =>
  SPOKEN.has(event.type) || ('depth' in event && 'phone' in event);

async function stateOf(store: Store): Promise<Map<string, unknown>> {
  const rows = new Map<string, unknown>();
  for await (const pending of store.load([SITE]))
    if (pending.kind === 'state') rows.set(`${pending.change.kind} ${pending.change.key}`, pending.change.value);
  return rows;
}
