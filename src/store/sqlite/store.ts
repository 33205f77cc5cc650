// The store as its callers see it: `Store` of core over a port, and the two ways of opening one.
import type { Store } from '../../core/store.ts';
import { createCore } from './core.ts';
import type { Database } from './driver.ts';
import { type FileOptions, type Opened, openFile, openGiven } from './open.ts';
import { inlinePort, type Port } from './port.ts';
import { type GroupFigures, QUEUE_LIMITS, type QueueLimits } from './queue.ts';
import { packHits, packUnit, readAttempt, readDelivery, readStoredEvent } from './rows.ts';
import { startThread } from './thread.ts';
import { loadPending, prune, type Unreadable } from './walks.ts';

/** Told what was lost or is odd; called before the store is used, or while it is loaded. */
export type StoreNotices = {
  /** The database was damaged: it stands under this name now, and the store began empty. */
  onDamaged?: (path: string) => void;
  /** A stored row cannot be read any more; it was taken out of the way. */
  onUnreadable?: (row: Unreadable) => void;
};

export type EmbeddedStore = Store & {
  /** What opening found; missing for a database that was handed over. */
  readonly opened?: Opened;
};

export type SqliteStore = EmbeddedStore & { readonly opened: Opened; groups(): GroupFigures };

/**
 * Opens the embedded store with a thread of its own. `path`: the database file; its folder is made (0700) if missing. Rejects
 * with a StoreError: `locked`, `newer`, `denied`, `full`, `io`. A damaged file is set aside and told to `onDamaged`.
 */
export async function openSqliteStore(
  options: FileOptions & StoreNotices & { queue?: Partial<QueueLimits> },
): Promise<SqliteStore> {
  const { path, bytesMax, nowMs, reserveBytes = 0 } = options;
  const port = await startThread({ path, bytesMax, nowMs, reserveBytes }, { ...QUEUE_LIMITS, ...options.queue });
  if (port.opened.damaged !== undefined) options.onDamaged?.(port.opened.damaged);
  return { ...storeOver(port, options), opened: port.opened, groups: port.groups };
}

/**
 * Opens the same store without a thread: each call is done when it returns, in its own transaction, and its promise resolves
 * on the microtask queue. For commands while no daemon runs, and for simulations: `database` is one that is open already, stays
 * open at `close()`, and may be handed over again, as after a crash. Throws what `openSqliteStore` rejects with.
 */
export function openInlineStore(
  options: (FileOptions | { database: Database; bytesMax?: number }) & StoreNotices,
): EmbeddedStore {
  if ('database' in options) {
    const { database, bytesMax = Number.MAX_SAFE_INTEGER } = options;
    return storeOver(inlinePort(createCore(openGiven(database, bytesMax))), options);
  }
  const opened = openFile(options);
  if (opened.opened.damaged !== undefined) options.onDamaged?.(opened.opened.damaged);
  return { ...storeOver(inlinePort(createCore(opened)), options), opened: opened.opened };
}

function storeOver(port: Port, notices: StoreNotices): EmbeddedStore {
  return {
    async append(entries) {
      const seqs = await port.write({ kind: 'hits', hits: packHits(entries) });
      return seqs.map((seq) => ({ seq: Math.abs(seq), duplicate: seq < 0 }));
    },
    async commit(unit) {
      await port.write({ kind: 'unit', unit: packUnit(unit) });
    },
    load: (sites) => loadPending(port, sites, (row) => notices.onUnreadable?.(row)),
    events: async (query) =>
      (await port.call('events', query)).map(readStoredEvent).filter((event) => event !== undefined),
    deliveries: async (query) =>
      (await port.call('deliveries', query)).map(readDelivery).filter((delivery) => delivery !== undefined),
    replay: async (ids, nowMs) =>
      (await port.call('replay', ids, nowMs)).map(readDelivery).filter((delivery) => delivery !== undefined),
    prune: (policy) => prune(port, policy),
    purge: (rows) => port.call('purge', rows),
    scour: (whole) => port.call('scour', whole),
    stats: () => port.call('stats'),
    lastAtMs: (site) => port.call('lastAtMs', site),
    async attempts(deliveryId) {
      return (await port.call('attempts', deliveryId)).map(readAttempt);
    },
    close: () => port.close(),
  };
}
