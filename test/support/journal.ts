// Events and deliveries for a store: what a phone said, and what followed from it.
import type { Delivery } from '../../src/core/delivery.ts';
import type { PhoneEvent, Slug } from '../../src/core/events.ts';
import type { JournalEntry, Store } from '../../src/core/store.ts';

const EVENT_MS = Date.UTC(2026, 10, 24, 9);

/** The event number `n`, one second after the one before. */
export function phoneEvent(n: number, more: Partial<PhoneEvent> & { slug?: Slug } = {}): PhoneEvent {
  const { slug = 'missed_call', ...rest } = more;
  return {
    id: `019ab000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    type: `phone.${slug}`,
    at: new Date(EVENT_MS + n * 1_000).toISOString(),
    site: 'default',
    phone: { id: 'desk', vendor: 'sangoma' },
    line: {},
    local: { number: '201' },
    remote: { number: '+493023125100', name: 'Erika' },
    vars: { remote: '+493023125100' },
    suspect: [],
    ...rest,
  };
}

export const journalEntry = (event: PhoneEvent): JournalEntry & { event: PhoneEvent } => ({
  event,
  raw: Buffer.from(`GET /a/***/${event.type.slice(6)}?_=. HTTP/1.1`),
});

/** The delivery of an event by the rule `tell` to the connection `team`. */
export function delivery(event: PhoneEvent, more: Partial<Delivery> = {}): Delivery {
  return {
    id: `${event.id}/tell/0`,
    event: event.id,
    site: event.site,
    rule: 'tell',
    to: 'team',
    type: 'slack',
    message: { text: 'Missed call' },
    order: `team|${event.phone.id}`,
    state: 'waiting',
    attempts: 0,
    madeAtMs: Date.parse(event.at),
    dueAtMs: Date.parse(event.at),
    expiresAtMs: Date.parse(event.at) + 86_400_000,
    ...more,
  };
}

/** Stores the events with what follows from them, as if they were decided. */
export async function record(store: Store, events: PhoneEvent[], deliveries: Delivery[] = []): Promise<void> {
  const appended = await store.append(events.map(journalEntry));
  const settled = deliveries.filter((one) => one.state !== 'waiting');
  await store.commit({
    site: 'default',
    epoch: 1,
    processed: appended.map(({ seq }) => seq),
    made: [],
    state: [],
    deliveries: deliveries.map((one) => ({ ...one, state: 'waiting', attempts: 0 })),
    settled: settled.map(({ id, state, attempts, dueAtMs, lastError, lastCode }) => ({
      id,
      state,
      attempts,
      dueAtMs,
      ...(lastError === undefined ? {} : { error: lastError }),
      ...(lastCode === undefined ? {} : { code: lastCode }),
    })),
  });
}
