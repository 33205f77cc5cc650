// Events, deliveries and units of work for tests of a store: valid, small, and each unlike the others.
import type { Delivery } from '../../src/core/delivery.ts';
import type { CallDetails, CallEvent, CallPhone, NoteEvent, PhoneEvent } from '../../src/core/events.ts';
import type { JournalEntry, Pending, Store, UnitOfWork } from '../../src/core/store.ts';

/** 2026-01-01T00:00:00Z. */
export const START_MS = 1_767_225_600_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export function sampleEvent(n: number, change: Partial<PhoneEvent> = {}): PhoneEvent {
  const vars: Record<string, string> = Object.assign(Object.create(null), { mac: '0050581a2b3c', n: String(n) });
  return {
    id: `019b76da-a800-7000-8000-${n.toString(16).padStart(12, '0')}`,
    type: 'phone.incoming_call',
    at: new Date(START_MS + n).toISOString(),
    site: 'default',
    phone: { id: `desk-${n % 3}`, vendor: 'sangoma' },
    line: {},
    local: { number: '201' },
    remote: { number: '+493012345678', name: `Caller ${n}` },
    vars,
    suspect: [],
    ...change,
  };
}

export const sampleEntry = (n: number, change: Partial<PhoneEvent> = {}): JournalEntry & { event: PhoneEvent } => ({
  event: sampleEvent(n, change),
  raw: new TextEncoder().encode(`GET /a/***/incoming_call?n=${n} HTTP/1.1`),
});

/** A person's order about a phone, or what a look-up answered. */
export function sampleNote(n: number, phone?: string): JournalEntry {
  const base = { id: sampleEvent(n).id, at: sampleEvent(n).at, site: 'default' };
  const event: NoteEvent =
    phone === undefined
      ? { ...base, type: 'note.contact', contact: { number: '+4930100', name: 'Erika' } }
      : { ...base, type: 'note.clear_missed', phone: { id: phone } };
  return { event, raw: new Uint8Array() };
}

export const answered = (id: string): CallPhone => ({ id, outcome: 'answered' });

export function sampleCall(n: number, change: Partial<CallDetails>): CallEvent {
  const { id, at, site } = sampleEvent(n);
  const call: CallDetails = { key: id, remote: { kind: 'withheld' }, phones: [], groups: [], startedAt: at, ...change };
  return { id: `${id}-answered`, type: 'call.answered', at, site, call };
}

export function sampleDelivery(event: PhoneEvent, n = 0, change: Partial<Delivery> = {}): Delivery {
  const madeAtMs = Date.parse(event.at);
  return {
    id: `${event.id}/rule/${n}`,
    event: event.id,
    site: event.site,
    rule: 'rule',
    to: 'slack',
    type: 'slack',
    message: { text: `Missed call ${n}`, nested: [1, null, { deep: true }] },
    order: `slack|${event.phone.id}`,
    state: 'waiting',
    attempts: 0,
    madeAtMs,
    dueAtMs: madeAtMs,
    expiresAtMs: madeAtMs + 72 * HOUR_MS,
    ...change,
  };
}

export const sampleUnit = (change: Partial<UnitOfWork> = {}): UnitOfWork => ({
  site: 'default',
  epoch: 1,
  processed: [],
  made: [],
  state: [],
  deliveries: [],
  settled: [],
  ...change,
});

/** Everything that a start would be told. */
export async function loadAll(store: Store, sites = ['default']): Promise<Pending[]> {
  const all: Pending[] = [];
  for await (const pending of store.load(sites)) all.push(pending);
  return all;
}
