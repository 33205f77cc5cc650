// History: calls, events and deliveries as somebody looks them up, and figures over a span. Read beside the store, never in its way.
import type { CallOutcome, CallPhone, RemoteKind } from './events.ts';
import type { NumberSpelling } from './number-trace.ts';
import type { Attempt, DeliveryQuery, EventQuery, PurgedRows, StoredDelivery, StoredEvent } from './store.ts';

/** A call as it stands by the last event about it. Times in ms since 1970; what nobody knows is null. */
export type CallRecord = {
  key: string;
  site: string;
  startedAtMs: number;
  updatedAtMs: number;
  direction: 'in' | 'out' | null;
  /** `open` until a verdict; `ended`: it stopped, and nobody said how. */
  state: CallOutcome | 'open' | 'ended';
  number: string | null;
  name: string | null;
  contact: string | null;
  kind: RemoteKind;
  phones: CallPhone[];
  answeredBy: string | null;
  ringSeconds: number | null;
  talkSeconds: number | null;
  returnedBy: string | null;
  returnedAtMs: number | null;
  claimedBy: string | null;
};

/**
 * Newest first. `text`: part of a number (separators are left out), of the caller's name or of the contact. `before`: go on behind
 * this call of an earlier answer. `phone`: id of a phone that took part.
 */
export type CallQuery = {
  text?: string;
  phone?: string;
  state?: CallRecord['state'];
  direction?: 'in' | 'out';
  fromMs?: number;
  toMs?: number;
  before?: { startedAtMs: number; key: string };
  limit: number;
};

/** The span in ms since 1970, from inclusive, to exclusive. */
export type Span = { fromMs: number; toMs: number };

/** Counts of one quarter of an hour, those without anything left out; `atMs` is its begin. */
export type CallFigure = {
  atMs: number;
  state: CallRecord['state'];
  direction: 'in' | 'out' | null;
  calls: number;
  returned: number;
};
export type RingFigure = { atMs: number; ringSeconds: number; calls: number };
export type PhoneFigure = { phone: string; rang: number; answered: number };
export type DeliveryFigure = { atMs: number; to: string; state: string; deliveries: number };
export type HitFigure = { atMs: number; hits: number };

export type History = {
  calls(query: CallQuery): Promise<CallRecord[]>;
  call(key: string): Promise<CallRecord | undefined>;
  /** What was said of a call, oldest first: the events made of it, and what its phones said meanwhile (at most 1,000). */
  eventsOf(call: CallRecord): Promise<StoredEvent[]>;
  /** As the store's own, but beside it. */
  events(query: EventQuery): Promise<StoredEvent[]>;
  deliveries(query: DeliveryQuery): Promise<StoredDelivery[]>;
  attempts(delivery: string): Promise<Attempt[]>;
  callFigures(span: Span): Promise<CallFigure[]>;
  /** How long incoming calls rang until they were answered. Not by quarters of an hour: from each begin to the next, the last to `toMs`;
   * `begins` rise, and `atMs` is one of them. */
  ringFigures(begins: readonly number[], toMs: number): Promise<RingFigure[]>;
  /** The 50 busiest, by calls that rang there. */
  phoneFigures(span: Span): Promise<PhoneFigure[]>;
  /** By hour. */
  deliveryFigures(span: Span): Promise<DeliveryFigure[]>;
  hitFigures(span: Span): Promise<HitFigure[]>;
  /** Everything that holds a number, a part at a time; deliveries of an event that does among them. */
  traces(number: NumberSpelling): AsyncIterable<Traced>;
  /** Whether the store's files hold it anywhere, in what was removed as well. */
  remains(number: NumberSpelling): Promise<boolean>;
  audit(query: { beforeSeq?: number; limit: number }): Promise<AuditEntry[]>;
  close(): Promise<void>;
};

/** Who did what: append-only. `detail` holds no secret. */
export type AuditEntry = { seq: number; atMs: number; who: string; action: string; detail: string };

export type TracedDelivery = StoredDelivery & { tries: Attempt[] };
/** What holds a number, as it can be read; and where it stands, what cannot be read included. */
export type Traced = {
  events: StoredEvent[];
  deliveries: TracedDelivery[];
  calls: CallRecord[];
  state: { site: string; kind: string; key: string; value: string }[];
  audit: AuditEntry[];
  rows: PurgedRows;
};
