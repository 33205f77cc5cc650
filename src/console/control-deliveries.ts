// What a person does to deliveries: sends them again, or calls them off; by id, or all, some at a time.
import type { Delivery } from '../core/delivery.ts';
import type { DeliveryQuery, StoredDelivery } from '../core/store.ts';

export type DeliveryDeps = {
  deliveries(query: DeliveryQuery): Promise<StoredDelivery[]>;
  /** Deliveries that ended without success become waiting again and are sent. Answers with those it changed. */
  retry(ids: string[]): Promise<Delivery[]>;
  /** Deliveries that wait are called off. `inFlight`: those that are being sent, so that they cannot be. */
  cancel(ids: string[]): Promise<{ cancelled: string[]; inFlight: string[] }>;
};

/** By id, or all of one connection, or all. */
export type Which = { ids: string[] } | { all: true; to?: string | undefined };

/** `retried`: ids that wait again. `unchanged`: those that have not ended, were delivered or replaced, or are not there. */
export type Retried = { retried: string[]; unchanged: string[]; more: boolean };

/** `inFlight`: ids that are being sent. `unchanged`: those that do not wait, or are not there. */
export type CalledOff = { cancelled: string[]; inFlight: string[]; unchanged: string[]; more: boolean };

const AT_ONCE = 500;
/** Most deliveries that one `all` changes; asking again goes on. */
const ALL_MAX = 10_000;

/** Sends deliveries again. `all` leaves out what a person called off: that takes its id. */
export async function retry(deps: DeliveryDeps, which: Which): Promise<Retried> {
  if (!('ids' in which)) return retryAll(deps, which.to);
  const wanted = [...new Set(which.ids)];
  const retried: string[] = [];
  for (const some of inParts(wanted)) retried.push(...(await deps.retry(some)).map((delivery) => delivery.id));
  const done = new Set(retried);
  return { retried, unchanged: wanted.filter((id) => !done.has(id)), more: false };
}

async function retryAll(deps: DeliveryDeps, to: string | undefined): Promise<Retried> {
  const retried = new Set<string>();
  for (;;) {
    const query: DeliveryQuery = { states: ['dead', 'expired'], limit: AT_ONCE, ...(to === undefined ? {} : { to }) };
    // One that died again in the meantime has had its turn.
    const ids = (await deps.deliveries(query)).map((delivery) => delivery.id).filter((id) => !retried.has(id));
    const changed = ids.length === 0 ? [] : await deps.retry(ids);
    for (const delivery of changed) retried.add(delivery.id);
    const more = changed.length > 0;
    if (!more || retried.size >= ALL_MAX) return { retried: [...retried], unchanged: [], more };
  }
}

/** Calls deliveries off, the newest first. */
export async function cancel(deps: DeliveryDeps, which: Which): Promise<CalledOff> {
  const done: CalledOff = { cancelled: [], inFlight: [], unchanged: [], more: false };
  const call = async (ids: string[]): Promise<void> => {
    const { cancelled, inFlight } = await deps.cancel(ids);
    done.cancelled.push(...cancelled);
    done.inFlight.push(...inFlight);
  };
  if ('ids' in which) {
    const wanted = [...new Set(which.ids)];
    for (const some of inParts(wanted)) await call(some);
    const named = new Set([...done.cancelled, ...done.inFlight]);
    return { ...done, unchanged: wanted.filter((id) => !named.has(id)) };
  }
  const query: DeliveryQuery = { states: ['waiting'], limit: AT_ONCE };
  if (which.to !== undefined) query.to = which.to;
  for (;;) {
    const ids = (await deps.deliveries(query)).map((delivery) => delivery.id);
    if (ids.length > 0) await call(ids);
    const last = ids.at(-1);
    if (last === undefined || ids.length < AT_ONCE) return done;
    if (done.cancelled.length >= ALL_MAX) return { ...done, more: true };
    // What is in flight still waits: without a mark it would be found again and again.
    query.before = last;
  }
}

function* inParts(ids: readonly string[]): Generator<string[]> {
  for (let from = 0; from < ids.length; from += AT_ONCE) yield ids.slice(from, from + AT_ONCE);
}
