// What a person does to deliveries: sends them again, or calls them off; by id, or all, some at a time.
import type { Delivery, DeliveryState } from '../core/delivery.ts';
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
  const retried: string[] = [];
  for await (const ids of pages(deps, ['dead', 'expired'], to)) {
    if (retried.length >= ALL_MAX) return { retried, unchanged: [], more: true };
    retried.push(...(await deps.retry(ids)).map((delivery) => delivery.id));
  }
  return { retried, unchanged: [], more: false };
}

/** All in these states, the newest first. By a mark, for what cannot be changed, or died again meanwhile, stays among them. */
async function* pages(deps: DeliveryDeps, states: DeliveryState[], to: string | undefined): AsyncGenerator<string[]> {
  const query: DeliveryQuery = { states, limit: AT_ONCE, ...(to === undefined ? {} : { to }) };
  const seen = new Set<string>();
  for (;;) {
    const ids = (await deps.deliveries(query)).map((delivery) => delivery.id).filter((id) => !seen.has(id));
    const last = ids.at(-1);
    if (last === undefined) return;
    for (const id of ids) seen.add(id);
    yield ids;
    query.before = last;
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
  for await (const ids of pages(deps, ['waiting'], which.to)) {
    if (done.cancelled.length >= ALL_MAX) return { ...done, more: true };
    await call(ids);
  }
  return done;
}

function* inParts(ids: readonly string[]): Generator<string[]> {
  for (let from = 0; from < ids.length; from += AT_ONCE) yield ids.slice(from, from + AT_ONCE);
}
