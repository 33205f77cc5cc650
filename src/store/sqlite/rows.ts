// Rows ↔ the words of the field: how events, deliveries and state are written down and read again.
import type { Delivery, Settlement } from '../../core/delivery.ts';
import { type Event, type JournalEvent, type NoteEvent, phoneIdOf } from '../../core/events.ts';
import type { AuditEntry } from '../../core/history.ts';
import type { Attempt, JournalEntry, StateChange, StoredDelivery, StoredEvent, UnitOfWork } from '../../core/store.ts';
import type { Row } from './driver.ts';
import { type CallRow, callRowsOf } from './history/tables.ts';
import { readText, writeText } from './text.ts';

export { readText, writeText } from './text.ts';

/** `id, site, phone, type, at in ms, JSON`. */
export type EventRow = [string, string, string, string, number, string];
/** `site`-less: a unit has one. `kind, key, JSON or null`. */
export type StateRow = [string, string, string | null];
/** `id, event, site, destination, JSON, lane and slot, state, attempts, due, expires, time to live, settled, last error, last code`. */
export type DeliveryRow = [
  string,
  string,
  string,
  string,
  string,
  string | null,
  string,
  number,
  number,
  number,
  number,
  number | null,
  string | null,
  string | null,
];
/** `id, state, attempts, due, attempt at, attempt took, error, code`. */
export type SettledRow = [string, string, number, number, number | null, number | null, string | null, string | null];

export type PackedUnit = {
  site: string;
  epoch: number;
  processed: number[];
  made: EventRow[];
  state: StateRow[];
  deliveries: DeliveryRow[];
  settled: SettledRow[];
  calls: CallRow[];
  audit: Omit<AuditEntry, 'seq'>[];
};

/** Hits as flat lists, which cost the least on their way to the store's thread. Five texts and one number an entry. */
export type PackedHits = { texts: string[]; atMs: number[]; raws: Uint8Array[]; bytes: number };

const textOrNull = (text: string | undefined): string | null => (text === undefined ? null : writeText(text));

export function packHits(entries: readonly JournalEntry[]): PackedHits {
  const packed: PackedHits = { texts: [], atMs: [], raws: [], bytes: 0 };
  for (const { event, raw } of entries) {
    const [id, site, phone, type, atMs, json] = packEvent(event);
    packed.texts.push(id, site, phone, type, json);
    packed.atMs.push(atMs);
    packed.raws.push(raw);
    packed.bytes += json.length + raw.length + 128;
  }
  return packed;
}

/** Throws a TypeError if `at` is no date: the store orders and prunes by it. */
function packEvent(event: Event | NoteEvent): EventRow {
  const atMs = Date.parse(event.at);
  if (Number.isNaN(atMs)) throw new TypeError(`event ${event.id}: at is ${event.at}; must be an ISO 8601 date`);
  const text = JSON.stringify(event);
  return [
    writeText(event.id),
    writeText(event.site),
    writeText(phoneIdOf(event) ?? ''),
    writeText(event.type),
    atMs,
    text,
  ];
}

export function packUnit(unit: UnitOfWork): PackedUnit {
  return {
    site: writeText(unit.site),
    epoch: unit.epoch,
    processed: unit.processed,
    made: unit.made.map(packEvent),
    state: unit.state.map(packState),
    deliveries: unit.deliveries.map(packDelivery),
    settled: unit.settled.map(packSettlement),
    calls: callRowsOf(unit.made),
    audit: unit.audit ?? [],
  };
}

const packState = ({ kind, key, value }: StateChange): StateRow => [
  writeText(kind),
  writeText(key),
  value === null ? null : JSON.stringify(value),
];

function packDelivery(delivery: Delivery): DeliveryRow {
  const { state, attempts, dueAtMs, expiresAtMs, lastError, lastCode, ...made } = delivery;
  return [
    writeText(delivery.id),
    writeText(delivery.event),
    writeText(delivery.site),
    writeText(delivery.to),
    JSON.stringify(made),
    made.slot === undefined ? null : JSON.stringify([made.order, made.slot]),
    state,
    attempts,
    dueAtMs,
    expiresAtMs,
    expiresAtMs - delivery.madeAtMs,
    state === 'waiting' ? null : delivery.madeAtMs,
    textOrNull(lastError),
    textOrNull(lastCode),
  ];
}

function packSettlement({ id, state, attempts, dueAtMs, attempt, error, code }: Settlement): SettledRow {
  const [atMs, tookMs] = attempt === undefined ? [null, null] : [attempt.atMs, attempt.tookMs];
  return [writeText(id), state, attempts, dueAtMs, atMs, tookMs, textOrNull(error), textOrNull(code)];
}

/** An event as it was stored, or undefined if the text was damaged on disk. */
export function readEvent(text: string): Event | NoteEvent | undefined {
  const event = parsed(text) as Event | NoteEvent | undefined;
  if (typeof event?.id !== 'string' || typeof event.type !== 'string' || typeof event.at !== 'string') return undefined;
  if ('vars' in event) event.vars = Object.assign(Object.create(null), event.vars) as Record<string, string>;
  return event;
}

export function readStoredEvent(row: Row): StoredEvent | undefined {
  const event = readEvent(String(row.event));
  if (event === undefined) return undefined;
  const raw = row.raw;
  return {
    seq: Number(row.seq),
    event,
    raw: raw instanceof Uint8Array ? raw : null,
    processed: row.processed === 1,
  };
}

/** An event of the journal that waits to be decided. */
export function readJournalEvent(row: Row): JournalEvent | undefined {
  return readEvent(String(row.event)) as JournalEvent | undefined;
}

/** A state row, or undefined if the text was damaged on disk. */
export function readState(row: Row): StateChange | undefined {
  const value = parsed(String(row.value));
  if (value === undefined) return undefined;
  return {
    kind: readText(String(row.kind)),
    key: readText(String(row.key)),
    value: value as StateChange['value'],
  };
}

/** A delivery as it stands now, or undefined if the text was damaged on disk. */
export function readDelivery(row: Row): StoredDelivery | undefined {
  const made = parsed(String(row.delivery)) as Delivery | undefined;
  if (typeof made?.id !== 'string' || typeof made.message !== 'object') return undefined;
  const delivery: StoredDelivery = {
    ...made,
    state: row.state as Delivery['state'],
    attempts: Number(row.attempts),
    dueAtMs: Number(row.due_ms),
    expiresAtMs: Number(row.expires_ms),
  };
  if (typeof row.last_error === 'string') delivery.lastError = readText(row.last_error);
  if (typeof row.last_code === 'string') delivery.lastCode = readText(row.last_code);
  if (typeof row.settled_ms === 'number') delivery.settledAtMs = row.settled_ms;
  return delivery;
}

export function readAttempt(row: Row): Attempt {
  const attempt: Attempt = { n: Number(row.n), atMs: Number(row.at_ms), tookMs: Number(row.took_ms) };
  if (typeof row.code === 'string') attempt.code = readText(row.code);
  if (typeof row.error === 'string') attempt.error = readText(row.error);
  return attempt;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
