// Questions to the history: every answer is bounded, and every one is read by an index or by a narrow table.
import type { CallQuery, CallRecord } from '../../../core/history.ts';
import type { Database, Row, SqlValue } from '../driver.ts';
import { readText, writeText } from '../text.ts';
import { openFigures } from './figures.ts';
import { searchText } from './tables.ts';

/** A call's phones may say something shortly before the first word that we call its begin, and after its end. */
const AROUND_MS = 5_000;
const EVENTS_OF_CALL_MAX = 1_000;

export type HistoryReads = ReturnType<typeof openHistoryReads>;

/** The questions, on a connection that only reads. */
export function openHistoryReads(db: Database) {
  const one = db.prepare('SELECT * FROM calls WHERE key = ?');
  const audit = db.prepare('SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?');
  return {
    calls: (query: CallQuery): Row[] => selectCalls(db, query),
    call: (key: string): Row | undefined => one.get(writeText(key)),
    eventsOf: (call: Pick<CallRecord, 'key' | 'phones' | 'startedAtMs' | 'updatedAtMs'>): Row[] => eventsOf(db, call),
    ...openFigures(db),
    audit: (beforeSeq: number, limit: number): Row[] => audit.all(beforeSeq, limit),
  };
}

/** A pattern of LIKE for a part of a text: nothing that somebody typed has a meaning of its own. */
const partOf = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** What somebody typed as a number: its digits, where it is one; `0049 30` and `+49 (30)` lead to the same. */
function numberPart(text: string): string | undefined {
  if (!/^[+()0-9 ./-]*[0-9][+()0-9 ./-]*$/.test(text)) return undefined;
  const digits = text.replace(/[^0-9]/g, '').replace(/^0+/, '');
  return digits === '' ? undefined : digits;
}

function selectCalls(db: Database, query: CallQuery): Row[] {
  const where: string[] = [];
  const values: SqlValue[] = [];
  const add = (condition: string, ...given: SqlValue[]): void => {
    where.push(condition);
    values.push(...given);
  };
  const { text, phone, state, direction, fromMs, toMs, before } = query;
  if (fromMs !== undefined) add('started_ms >= ?', fromMs);
  if (toMs !== undefined) add('started_ms < ?', toMs);
  if (before !== undefined) add('(started_ms, key) < (?, ?)', before.startedAtMs, writeText(before.key));
  if (state !== undefined) add('state = ?', state);
  if (direction !== undefined) add('direction = ?', direction);
  if (phone !== undefined) add("phones LIKE ? ESCAPE '\\'", partOf(`"id":${JSON.stringify(phone)}`));
  if (text !== undefined) {
    const number = numberPart(text);
    if (number === undefined) add("search LIKE ? ESCAPE '\\'", partOf(searchText([text])));
    else add("number LIKE ? ESCAPE '\\'", partOf(number));
  }
  return db
    .prepare(
      `SELECT * FROM calls ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`}
       ORDER BY started_ms DESC, key DESC LIMIT ?`,
    )
    .all(...values, query.limit);
}

function eventsOf(
  db: Database,
  { key, phones, startedAtMs, updatedAtMs }: Pick<CallRecord, 'key' | 'phones' | 'startedAtMs' | 'updatedAtMs'>,
): Row[] {
  const ids = JSON.stringify(phones.map(({ id }) => writeText(id)));
  const prefix = `${writeText(key)}-`;
  return db
    .prepare(
      `SELECT seq, event, raw, 1 AS processed FROM events WHERE seq IN (
         SELECT seq FROM events WHERE id >= ?1 AND id < ?1 || 'zzzz'
         UNION SELECT seq FROM events INDEXED BY events_by_time
           WHERE at_ms >= ?2 AND at_ms <= ?3 AND phone IN (SELECT value FROM json_each(?4))
       ) ORDER BY seq LIMIT ${EVENTS_OF_CALL_MAX}`,
    )
    .all(prefix, startedAtMs - AROUND_MS, updatedAtMs + AROUND_MS, ids);
}

/** A call's row as a record. */
export function readCall(row: Row): CallRecord {
  const text = (value: SqlValue | undefined): string | null => (typeof value === 'string' ? readText(value) : null);
  const number = (value: SqlValue | undefined): number | null => (typeof value === 'number' ? value : null);
  return {
    key: readText(String(row.key)),
    site: readText(String(row.site)),
    startedAtMs: Number(row.started_ms),
    updatedAtMs: Number(row.updated_ms),
    direction: row.direction as CallRecord['direction'],
    state: row.state as CallRecord['state'],
    number: text(row.number),
    name: text(row.name),
    contact: text(row.contact),
    kind: row.kind as CallRecord['kind'],
    phones: JSON.parse(String(row.phones)) as CallRecord['phones'],
    answeredBy: text(row.answered_by),
    ringSeconds: number(row.ring_seconds),
    talkSeconds: number(row.talk_seconds),
    returnedBy: text(row.returned_by),
    returnedAtMs: number(row.returned_ms),
    claimedBy: text(row.claimed_by),
  };
}
