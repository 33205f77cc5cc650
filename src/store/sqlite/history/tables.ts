// The tables of the history: calls as they stand, deliveries counted by hour, and who did what; how the store's thread keeps them.
import type { CallEvent, Event } from '../../../core/events.ts';
import type { AuditEntry } from '../../../core/history.ts';
import type { Database } from '../driver.ts';
import { writeText } from '../text.ts';

/**
 * `search`: number, name and contact in lower case, for a look by any part of them. `calls_by_start` carries what a list is narrowed
 * by, so that only rows that are shown are read whole.
 */
export const HISTORY_TABLES = `
  CREATE TABLE calls (
    key TEXT PRIMARY KEY, site TEXT NOT NULL, started_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, direction TEXT,
    state TEXT NOT NULL, number TEXT, name TEXT, contact TEXT, kind TEXT NOT NULL, phones TEXT NOT NULL, answered_by TEXT,
    ring_seconds INTEGER, talk_seconds INTEGER, returned_by TEXT, returned_ms INTEGER, claimed_by TEXT, search TEXT NOT NULL
  ) STRICT;
  CREATE INDEX calls_by_start ON calls (started_ms, key, state, direction, ring_seconds, returned_ms);
  CREATE INDEX calls_open ON calls (started_ms) WHERE state = 'open';
  CREATE TABLE delivery_hours (
    hour_ms INTEGER NOT NULL, destination TEXT NOT NULL, state TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (hour_ms, destination, state)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL
  ) STRICT;
`;

/** In the order of the columns. */
export type CallRow = (string | number | null)[];

const HOUR_MS = 3_600_000;

/** The newest word on each call among these events, as rows. */
export function callRowsOf(made: readonly Event[]): CallRow[] {
  const newest = new Map<string, CallEvent>();
  for (const event of made) if (isCallEvent(event)) newest.set(event.call.key, event);
  return [...newest.values()].map(rowOf);
}

const isCallEvent = (event: Event): event is CallEvent => event.type.startsWith('call.');

/** How a call stands by an event about it. */
function stateOf({ type, call }: CallEvent): string {
  if (call.outcome !== undefined) return call.outcome;
  return type === 'call.ended' || type === 'call.corrected' ? 'ended' : 'open';
}

function rowOf(event: CallEvent): CallRow {
  const { call } = event;
  const { number, name, contact, kind } = call.remote;
  const text = (value: string | undefined): string | null => (value === undefined ? null : writeText(value));
  return [
    writeText(call.key),
    writeText(event.site),
    Date.parse(call.startedAt),
    Date.parse(event.at),
    call.direction ?? null,
    stateOf(event),
    text(number),
    text(name),
    text(contact),
    kind,
    JSON.stringify(call.phones),
    text(call.answeredBy),
    call.ringSeconds ?? null,
    call.talkSeconds ?? null,
    text(call.returnedBy),
    call.returnedAt === undefined ? null : Date.parse(call.returnedAt),
    text(call.claimedBy),
    searchText([number, name, contact]),
  ];
}

/** What a search looks in: lower case, one line each. NUL and lone surrogates, which the driver would cut at, become a space. */
export const searchText = (parts: readonly (string | undefined)[]): string =>
  parts
    .filter((part) => part !== undefined)
    .join('\n')
    .replace(/[\0\ud800-\udfff]/g, (unit) => (unit === '\0' ? ' ' : unit))
    .toWellFormed()
    .toLowerCase();

export type HistoryKeeper = {
  putCalls(rows: readonly CallRow[]): void;
  /** Counts settled deliveries; ms since 1970 of each. */
  countSettled(settled: readonly { atMs: number; to: string; state: string }[]): void;
  note(entry: Omit<AuditEntry, 'seq'>): void;
};

/** What keeps the tables, inside the caller's transaction. A claim or a call-back that is known is not forgotten by a later word. */
export function openHistoryKeeper(db: Database): HistoryKeeper {
  const put = db.prepare(
    `INSERT INTO calls VALUES (${new Array(18).fill('?').join(', ')}) ON CONFLICT (key) DO UPDATE SET
       updated_ms = excluded.updated_ms, direction = excluded.direction, state = excluded.state, number = excluded.number,
       name = excluded.name, contact = excluded.contact, kind = excluded.kind, phones = excluded.phones,
       answered_by = excluded.answered_by, ring_seconds = excluded.ring_seconds, talk_seconds = excluded.talk_seconds,
       returned_by = coalesce(excluded.returned_by, returned_by), returned_ms = coalesce(excluded.returned_ms, returned_ms),
       claimed_by = coalesce(excluded.claimed_by, claimed_by), search = excluded.search`,
  );
  const count = db.prepare(
    'INSERT INTO delivery_hours VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n',
  );
  const note = db.prepare('INSERT INTO audit (at_ms, who, action, detail) VALUES (?, ?, ?, ?)');
  return {
    putCalls(rows) {
      for (const row of rows) put.run(...row);
    },
    countSettled(settled) {
      const sums = new Map<string, [number, string, string, number]>();
      for (const { atMs, to, state } of settled) {
        const hourMs = Math.floor(atMs / HOUR_MS) * HOUR_MS;
        const key = `${hourMs} ${state} ${to}`;
        const sum = sums.get(key);
        if (sum === undefined) sums.set(key, [hourMs, to, state, 1]);
        else sum[3] += 1;
      }
      for (const sum of sums.values()) count.run(...sum);
    },
    note: ({ atMs, who, action, detail }) => void note.run(atMs, writeText(who), writeText(action), writeText(detail)),
  };
}
