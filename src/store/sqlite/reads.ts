// Questions to the database: history, deliveries, and what a start needs to go on; every answer is bounded.
import { MADE_OF_PHONES } from '../../core/events.ts';
import type { DeliveryQuery, EventQuery, StoreStats } from '../../core/store.ts';
import type { Database, Row, SqlValue } from './driver.ts';
import { writeText } from './rows.ts';
import { numberOf } from './schema.ts';
import type { TallyKeeper } from './tally.ts';

/** Rows a page while a start reads what is pending: bounds memory, and hits can be written between two pages. */
export const PAGE_ROWS = 500;

export type Reads = ReturnType<typeof openReads>;

const DELIVERY = `d.seq, d.delivery, p.state, p.attempts, p.due_ms, p.expires_ms, p.settled_ms, p.last_error, p.last_code`;

export function openReads(db: Database, tally: TallyKeeper) {
  const newest = db.prepare('SELECT at_ms FROM events WHERE site = ? ORDER BY at_ms DESC LIMIT 1');
  return {
    ...openPages(db),
    /** The numbers up to which a load reads: what comes later is known to the process that made it. */
    loadBounds: () => ({ event: tally.now.eventSeq, delivery: tally.now.deliverySeq }),
    events: (query: EventQuery): Row[] => selectEvents(db, query),
    deliveries: (query: DeliveryQuery): Row[] => selectDeliveries(db, query),
    attempts: openAttempts(db),
    lastAtMs: (site: string): number => Number(newest.get(writeText(site))?.at_ms ?? 0),
    stats(): StoreStats {
      const { events, unprocessed, waiting, delivered, dead, expired, replaced, cancelled } = tally.now;
      const pageBytes = numberOf(db, 'page_size');
      return {
        events,
        unprocessed,
        deliveries: { waiting, delivered, dead, expired, replaced, cancelled },
        bytes: numberOf(db, 'page_count') * pageBytes,
        bytesMax: numberOf(db, 'max_page_count') * pageBytes,
      };
    },
  };
}

export function openAttempts(db: Database): (id: string) => Row[] {
  const attempts = db.prepare(
    `SELECT a.n, a.at_ms, a.took_ms, a.code, a.error FROM deliveries d CROSS JOIN attempts a ON a.seq = d.seq
     WHERE d.id = ?1
     UNION ALL
     SELECT (SELECT coalesce(max(n), 0) + 1 FROM attempts WHERE seq = p.seq), p.settled_ms - p.took_ms, p.took_ms, p.last_code, NULL
     FROM deliveries d CROSS JOIN progress p ON p.seq = d.seq WHERE d.id = ?1 AND p.state = 'delivered' AND p.took_ms IS NOT NULL
     ORDER BY 1`,
  );
  return (id) => attempts.all(writeText(id));
}

/** Pages of what is pending. `after` is the last row of the page before. */
function openPages(db: Database) {
  const inSites = 'IN (SELECT value FROM json_each(?))';
  const state = db.prepare(
    `SELECT site, kind, key, value FROM state WHERE site ${inSites} AND (site, kind, key) > (?, ?, ?)
     ORDER BY site, kind, key LIMIT ${PAGE_ROWS}`,
  );
  const events = db.prepare(
    `SELECT u.seq, e.event FROM unprocessed u CROSS JOIN events e ON e.seq = u.seq
     WHERE e.site ${inSites} AND u.seq > ? AND u.seq <= ? ORDER BY u.seq LIMIT ${PAGE_ROWS}`,
  );
  const deliveries = db.prepare(
    `SELECT ${DELIVERY} FROM progress p INDEXED BY progress_by_state CROSS JOIN deliveries d ON d.seq = p.seq
     WHERE p.state = 'waiting' AND p.settled_ms IS NULL AND d.site ${inSites} AND p.seq > ? AND p.seq <= ?
     ORDER BY p.seq LIMIT ${PAGE_ROWS}`,
  );
  const list = (sites: readonly string[]): string => JSON.stringify(sites.map(writeText));
  return {
    statePage: (sites: string[], after: [string, string, string]): Row[] => state.all(list(sites), ...after),
    eventPage: (sites: string[], after: number, upTo: number): Row[] => events.all(list(sites), after, upTo),
    deliveryPage: (sites: string[], after: number, upTo: number): Row[] => deliveries.all(list(sites), after, upTo),
  };
}

/** What came in by `append`: hits and notes. */
const OF_JOURNAL = `((type LIKE 'phone.%' AND type NOT IN ('${MADE_OF_PHONES.join("', '")}')) OR type LIKE 'note.%')`;

/**
 * `byTime`: what is filtered, and wanted newest first, comes in the order of its times instead of its numbers, so that the narrow
 * index is read from its end and only as far as needed.
 */
export function selectEvents(db: Database, query: EventQuery, { byTime = false } = {}): Row[] {
  const where: string[] = [];
  const values: SqlValue[] = [];
  const add = (condition: string, value: SqlValue): void => {
    where.push(condition);
    values.push(value);
  };
  if (query.phone !== undefined) add('phone = ?', writeText(query.phone));
  if (query.type !== undefined) add('type = ?', writeText(query.type));
  if (query.sinceMs !== undefined) add('at_ms >= ?', query.sinceMs);
  const narrow = where.length > 0 && query.id === undefined;
  if (query.id !== undefined) add('id = ?', writeText(query.id));
  if (query.journal === true) where.push(OF_JOURNAL);
  if (query.afterSeq !== undefined) add('seq > ?', query.afterSeq);
  const timed = byTime && narrow && query.newestFirst === true;
  if (query.beforeSeq !== undefined && !timed) add('seq < ?', query.beforeSeq);
  if (query.beforeSeq !== undefined && timed) {
    // Where that event is gone, so are those before it.
    where.push('(at_ms, seq) < (SELECT at_ms, seq FROM events WHERE seq = ?)');
    values.push(query.beforeSeq);
  }
  const order = timed ? 'ORDER BY at_ms DESC, seq DESC' : `ORDER BY seq ${query.newestFirst ? 'DESC' : 'ASC'}`;
  // The narrow index is told by name: a planner that reads the wide rows instead costs twenty times as much.
  const found = `SELECT seq FROM events ${narrow ? 'INDEXED BY events_by_time' : ''}
    ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ${order} LIMIT ?`;
  return db
    .prepare(
      `SELECT seq, event, ${query.raw === false ? 'NULL AS raw' : 'raw'}, NOT EXISTS (SELECT 1 FROM unprocessed u WHERE u.seq = e.seq) AS processed
       FROM events e WHERE seq IN (${found}) ${order}`,
    )
    .all(...values, limitOf(query.limit));
}

export function selectDeliveries(db: Database, query: DeliveryQuery): Row[] {
  const where: string[] = [];
  const values: SqlValue[] = [];
  const add = (condition: string, value: SqlValue): void => {
    where.push(condition);
    values.push(value);
  };
  const among = 'IN (SELECT value FROM json_each(?))';
  if (query.ids !== undefined) add(`d.id ${among}`, JSON.stringify(query.ids.map(writeText)));
  if (query.before !== undefined) add('d.seq < (SELECT seq FROM deliveries WHERE id = ?)', writeText(query.before));
  if (query.event !== undefined) add('d.event = ?', writeText(query.event));
  if (query.to !== undefined) add('d.destination = ?', writeText(query.to));
  if (query.states !== undefined) add(`p.state ${among}`, JSON.stringify(query.states));
  return db
    .prepare(
      `SELECT ${DELIVERY} FROM deliveries d JOIN progress p ON p.seq = d.seq
       ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ORDER BY d.seq DESC LIMIT ?`,
    )
    .all(...values, limitOf(query.limit));
}

/** A limit that is no whole number would read everything: SQLite takes a negative one for "no limit". */
function limitOf(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 0)
    throw new TypeError(`limit is ${limit}; must be a whole number from 0`);
  return limit;
}
