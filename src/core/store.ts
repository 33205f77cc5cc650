// Store: what must survive a crash. Cut at the unit of work; both implementations pass the suite in test/support/store-contract.ts.
import type { Delivery, DeliveryState, Json, Settlement } from './delivery.ts';
import type { Event, JournalEvent, NoteEvent } from './events.ts';
import type { AuditEntry } from './history.ts';

/** One hit or note, ready for the journal. `raw` is the hit's first line as bytes, with the token taken out; empty for a note. */
export type JournalEntry = { event: JournalEvent; raw: Uint8Array };

/** `seq` orders the journal. A known id is a duplicate: nothing is written, `seq` is the first one's. */
export type AppendResult = { seq: number; duplicate: boolean };

/** One row of state: a phone's pin, a phone, a call, a waiting rule. `value: null` removes it. */
export type StateChange = { kind: string; key: string; value: Json | null };

/**
 * Kinds of state rows that are the outbox's, not the engine's. `kept`: what a destination remembers, by `connection\nkey`.
 * `disabled`: connections whose peer said that it is gone for good, by name.
 */
export const STATE_OF_OUTBOX = { kept: 'kept', disabled: 'disabled' } as const;

/** Everything that follows from some events or attempts: stored whole or not at all. */
export type UnitOfWork = {
  site: string;
  /** The lease under which this was decided; a unit of an older epoch is refused (`fenced`). Embedded store: always 1. */
  epoch: number;
  /** `seq` of the journal entries that are dealt with. */
  processed: number[];
  /** Events that the engine made (calls, `emit`), kept for history. */
  made: Event[];
  state: StateChange[];
  deliveries: Delivery[];
  settled: Settlement[];
  /** Who did what, for the audit log. */
  audit?: Omit<AuditEntry, 'seq'>[];
};

/** What a node must know to go on after a crash, in the order it is yielded: state, then events, then deliveries. */
export type Pending =
  | { kind: 'state'; site: string; change: StateChange }
  | { kind: 'event'; seq: number; event: JournalEvent }
  | { kind: 'delivery'; delivery: Delivery };

export type StoredEvent = { seq: number; event: Event | NoteEvent; raw: Uint8Array | null; processed: boolean };

/** `sinceMs` ms since 1970, inclusive. `afterSeq`, `beforeSeq` exclusive. Oldest first unless `newestFirst`. `raw: false`: without the
 * requests. `journal`: only what phones said and people added, not what the engine made of it. */
export type EventQuery = {
  id?: string;
  phone?: string;
  type?: string;
  sinceMs?: number;
  afterSeq?: number;
  beforeSeq?: number;
  limit: number;
  newestFirst?: boolean;
  raw?: false;
  journal?: true;
};

/** Answered newest first. `before`: id of a delivery; only those that were made before it. */
export type DeliveryQuery = {
  ids?: string[];
  before?: string;
  event?: string;
  to?: string;
  states?: DeliveryState[];
  limit: number;
};

/** One attempt to send a delivery, as it was recorded; `n` counts on over replays. */
export type Attempt = { n: number; atMs: number; tookMs: number; code?: string; error?: string };

export type StoredDelivery = Delivery & { settledAtMs?: number };

/** Ages in ms: what is older goes. Deliveries that wait are never pruned, nor the events they come from. */
export type PrunePolicy = { nowMs: number; eventsMs: number; deliveredMs: number; deadMs: number; rawMs: number };

export type StoreStats = {
  events: number;
  unprocessed: number;
  deliveries: Record<DeliveryState, number>;
  /** Size of the main database file in bytes, and the quota it may grow to. */
  bytes: number;
  bytesMax: number;
};

/** Rows as a history's `traces` names them; `state` by site, kind and key. */
export type PurgedRows = {
  events: number[];
  deliveries: number[];
  calls: string[];
  state: [string, string, string][];
  audit: number[];
};

export type Store = {
  /** Resolves when the entries are on disk (fsync), in their order. Rejects with a StoreError; then none of them is stored. */
  append(entries: JournalEntry[]): Promise<AppendResult[]>;
  /** One transaction. Resolves when it is on disk. */
  commit(unit: UnitOfWork): Promise<void>;
  load(sites: string[]): AsyncIterable<Pending>;
  events(query: EventQuery): Promise<StoredEvent[]>;
  deliveries(query: DeliveryQuery): Promise<StoredDelivery[]>;
  /** The attempts of one delivery, oldest first. */
  attempts(deliveryId: string): Promise<Attempt[]>;
  /** Deliveries in one of RETRIED_STATES become waiting again: attempts 0, due now, the time to live as it was; their
   * connections are not `disabled` any more. One of whose slot a newer one waits or was delivered stays as it is. Returns those
   * changed. */
  replay(ids: string[], nowMs: number): Promise<Delivery[]>;
  prune(policy: PrunePolicy): Promise<{ events: number; deliveries: number; raw: number }>;
  /** Removes rows for good, whatever their state; of the audit log only what they say, not that they were. One transaction. */
  purge(rows: PurgedRows): Promise<void>;
  /** Empties the log and gives free pages back, so that nothing removed is left in them. `whole`: writes the database anew, which
   * keeps hits waiting about 10 s for each GB, and takes as much room again. Rejects with `busy` or `locked` while somebody reads. */
  scour(whole: boolean): Promise<void>;
  stats(): Promise<StoreStats>;
  /** The newest `at` of a site in ms since 1970, 0 if it has no event: what the receiver goes on from. */
  lastAtMs(site: string): Promise<number>;
  close(): Promise<void>;
};

/**
 * `full`: quota or disk is used up; recovers by itself. `busy`: more waits to be written than the limit. `locked`: another
 * daemon has the data folder. `corrupt`, `io`: stop. `newer`: written by a later version. `denied`: the folder cannot be
 * written. `fenced`: the site's lease is lost. `closed`: the store was closed.
 */
export type StoreErrorCode = 'full' | 'busy' | 'locked' | 'corrupt' | 'io' | 'newer' | 'denied' | 'fenced' | 'closed';

export class StoreError extends Error {
  override name = 'StoreError';
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
