// Purge and export of a number: everything that is stored or remembered of it, found in every spelling, shown or removed for good.
import type { Found, Purged } from './console/index.ts';
import type { History } from './core/history.ts';
import { type NumberSpelling, type Trace, traceOf } from './core/number-trace.ts';
import type { Clock } from './core/ports.ts';
import { type Store, StoreError } from './core/store.ts';
import { createState, forget, restore } from './engine/index.ts';

export type PurgeParts = {
  history: Pick<History, 'traces' | 'remains'>;
  store: Pick<Store, 'purge' | 'scour'>;
  /** Resolves when what came in until now is decided, false if that takes too long. */
  decided(): Promise<boolean>;
  /** Whatever is remembered in memory and in state. Resolves when that is stored. */
  forget(holds: Trace): Promise<void>;
  /** Calls deliveries off that wait. */
  cancel(ids: string[]): Promise<{ inFlight: string[] }>;
  clock: Pick<Clock, 'after'>;
};

/** Rows of one transaction: hits are written in between. */
const ROWS = 200;
const SCOURS_MAX = 50;
const SCOUR_AGAIN_MS = 100;

/**
 * Removes a number: from memory first, then from every table, and at last from what SQLite leaves behind. What the daemon's own files do
 * not hold cannot be reached from here: messages that were sent, logs, backups. Rejects with a StoreError, `busy` where hits come in
 * faster than they are decided.
 */
export async function purgeNumber(number: NumberSpelling, parts: PurgeParts): Promise<Purged> {
  const { history, store } = parts;
  if (!(await parts.decided())) throw new StoreError('busy', 'more events wait than can be decided; try again');
  await parts.forget(traceOf(number));
  const done: Purged = {
    events: 0,
    deliveries: 0,
    calls: 0,
    state: 0,
    audit: 0,
    inFlight: [],
    rewritten: false,
    remains: false,
  };
  const sent = new Set<number>();
  for await (const { deliveries, rows } of history.traces(number)) {
    const waiting = deliveries.filter(({ state }) => state === 'waiting').map(({ id }) => id);
    if (waiting.length > 0) done.inFlight.push(...(await parts.cancel(waiting)).inFlight);
    const ofDeliveries = rows.deliveries.filter((seq) => !sent.has(seq));
    for (const seq of ofDeliveries) sent.add(seq);
    done.events += rows.events.length;
    done.deliveries += ofDeliveries.length;
    done.calls += rows.calls.length;
    done.state += rows.state.length;
    done.audit += rows.audit.length;
    for (let n = 0; n < Math.max(...Object.values(rows).map(({ length }) => length)); n += ROWS) {
      const part = <T>(list: T[]): T[] => list.slice(n, n + ROWS);
      const { events, calls, state, audit } = rows;
      await store.purge({
        events: part(events),
        deliveries: part(rows.deliveries),
        calls: part(calls),
        state: part(state),
        audit: part(audit),
      });
    }
  }
  done.inFlight = [...new Set(done.inFlight)];
  await scoured(parts, false);
  done.remains = await history.remains(number);
  if (!done.remains) return done;
  done.rewritten = true;
  await scoured(parts, true);
  return { ...done, remains: await history.remains(number) };
}

/** Tries until nobody reads: a search takes less than a second. */
async function scoured({ store, clock }: PurgeParts, whole: boolean): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await store.scour(whole);
    } catch (error) {
      const isRead = error instanceof StoreError && (error.code === 'busy' || error.code === 'locked');
      if (!isRead || tries >= SCOURS_MAX) throw error;
      await new Promise<void>((resolve) => void clock.after(SCOUR_AGAIN_MS, resolve));
    }
  }
}

/** Everything that holds a number, as it is stored. */
export async function exportNumber(number: NumberSpelling, history: Pick<History, 'traces'>): Promise<Found> {
  const found: Found = { number: number.number, events: [], deliveries: [], calls: [], state: [], audit: [] };
  const known = new Set<string>();
  for await (const { events, deliveries, calls, state, audit } of history.traces(number)) {
    for (const { event, seq, raw } of events)
      found.events.push({ ...event, seq, raw_b64: raw === null ? null : Buffer.from(raw).toString('base64') });
    for (const delivery of deliveries) if (!known.has(delivery.id)) found.deliveries.push(delivery);
    for (const { id } of deliveries) known.add(id);
    found.calls.push(...calls);
    found.state.push(...state);
    found.audit.push(...audit);
  }
  return found;
}

/** The same where no daemon runs: state is read from the store, made to forget, and written again. */
export async function forgetStored(
  store: Pick<Store, 'load' | 'commit'>,
  sites: string[],
  holds: Trace,
): Promise<void> {
  for (const site of sites) {
    const state = createState(site);
    for await (const pending of store.load([site])) if (pending.kind === 'state') restore(state, pending.change);
    const { changes } = forget(state, holds);
    const nothing = { processed: [], made: [], deliveries: [], settled: [] };
    if (changes.length > 0) await store.commit({ site, epoch: 1, ...nothing, state: changes });
  }
}
