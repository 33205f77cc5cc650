// Retention: what is older than its age goes, in transactions small enough for hits to be written in between.
import type { DeliveryState } from '../../core/delivery.ts';
import type { PrunePolicy } from '../../core/store.ts';
import type { Database, Row } from './driver.ts';
import type { Transaction } from './group.ts';
import { openHistoryPruning } from './history/pruning.ts';
import { numberOf } from './schema.ts';
import type { TallyKeeper } from './tally.ts';

/** Rows a transaction. */
export const PRUNE_ROWS = 500;

/** Where the next step goes on. `atMs`, `seq`: the last event that was looked at. */
export type PruneCursor = {
  phase: 'deliveries' | 'events' | 'raw' | 'calls' | 'hours' | 'audit' | 'vacuum';
  atMs: number;
  seq: number;
};

/** `next` null: all is done. */
export type PruneStep = { events: number; deliveries: number; raw: number; next: PruneCursor | null };

export const PRUNE_START: PruneCursor = { phase: 'deliveries', atMs: Number.MIN_SAFE_INTEGER, seq: 0 };

const begin = (phase: PruneCursor['phase']): PruneCursor => ({ ...PRUNE_START, phase });
const after = (phase: PruneCursor['phase'], last: Row): PruneCursor => ({
  phase,
  atMs: Number(last.at_ms),
  seq: Number(last.seq),
});

const BEHIND = { calls: 'hours', hours: 'audit', audit: 'vacuum' } as const;

const NOTHING = { events: 0, deliveries: 0, raw: 0 };

/**
 * Returns the function that does one step: at most `PRUNE_ROWS` rows, or as many pages given back to the file system. A phase is
 * over with the first step that is not full; so a prune ends although new rows, old at once, may be coming in all the time.
 */
export function openRetention(db: Database, tally: TallyKeeper, transaction: Transaction) {
  const pruneDeliveries = openDeliveryPruning(db, tally, transaction);
  const pruneEvents = openEventPruning(db, tally, transaction);
  const pruneRaw = openRawPruning(db, transaction);
  const pruneHistory = openHistoryPruning(db, PRUNE_ROWS);
  return (policy: PrunePolicy, cursor: PruneCursor): PruneStep => {
    switch (cursor.phase) {
      case 'deliveries': {
        const count = pruneDeliveries(policy);
        return { ...NOTHING, deliveries: count, next: count < PRUNE_ROWS ? begin('events') : cursor };
      }
      case 'events':
        return pruneEvents(policy.nowMs - policy.eventsMs, cursor);
      case 'raw':
        return pruneRaw(policy.nowMs - policy.rawMs, cursor);
      case 'calls':
      case 'hours':
      case 'audit': {
        const { phase } = cursor;
        const count = transaction(() => pruneHistory[phase](policy));
        return { ...NOTHING, next: count < PRUNE_ROWS ? begin(BEHIND[phase]) : cursor };
      }
      case 'vacuum':
        return { ...NOTHING, next: shrink(db) ? cursor : null };
    }
  };
}

function openDeliveryPruning(db: Database, tally: TallyKeeper, transaction: Transaction) {
  const find = db.prepare(
    `SELECT seq FROM progress INDEXED BY progress_by_state WHERE state = ? AND settled_ms < ? LIMIT ?`,
  );
  // Progress and attempts go with the delivery (ON DELETE CASCADE).
  const remove = db.prepare('DELETE FROM deliveries WHERE seq IN (SELECT value FROM json_each(?))');
  return (policy: PrunePolicy): number =>
    transaction(() => {
      const ages: [DeliveryState, number][] = [
        ['delivered', policy.deliveredMs],
        ['replaced', policy.deliveredMs],
        ['dead', policy.deadMs],
        ['expired', policy.deadMs],
        ['cancelled', policy.deadMs],
      ];
      let count = 0;
      for (const [state, ageMs] of ages) {
        const rows = find.all(state, policy.nowMs - ageMs, PRUNE_ROWS - count);
        if (rows.length === 0) continue;
        remove.run(seqsOf(rows));
        tally.now[state] -= rows.length;
        count += rows.length;
      }
      return count;
    });
}

/** Walks events by their time, from the oldest. `upToMs` exclusive. */
function openWalk(db: Database) {
  const page = db.prepare(
    `SELECT seq, at_ms FROM events INDEXED BY events_by_time
     WHERE at_ms >= ?1 AND at_ms < ?2 AND (at_ms > ?1 OR seq > ?3) ORDER BY at_ms, seq LIMIT ${PRUNE_ROWS}`,
  );
  return (fromMs: number, upToMs: number, afterSeq: number): Row[] => page.all(fromMs, upToMs, afterSeq);
}

function openEventPruning(db: Database, tally: TallyKeeper, transaction: Transaction) {
  const walk = openWalk(db);
  const remove = db.prepare(
    `DELETE FROM events WHERE seq IN (SELECT value FROM json_each(?))
       AND NOT EXISTS (SELECT 1 FROM unprocessed u WHERE u.seq = events.seq)
       AND NOT EXISTS (SELECT 1 FROM deliveries d CROSS JOIN progress p ON p.seq = d.seq
                       WHERE d.event = events.id AND p.state = 'waiting')`,
  );
  return (boundMs: number, cursor: PruneCursor): PruneStep => {
    const rows = walk(cursor.atMs, boundMs, cursor.seq);
    const last = rows.at(-1);
    if (last === undefined) return { ...NOTHING, next: begin('raw') };
    const events = transaction(() => {
      const count = Number(remove.run(seqsOf(rows)).changes);
      tally.now.events -= count;
      return count;
    });
    return { ...NOTHING, events, next: rows.length < PRUNE_ROWS ? begin('raw') : after('events', last) };
  };
}

/**
 * How far behind its mark a prune of raw bytes begins again: sites have clocks of their own (`at` is pushed forward where
 * one stepped back), so an event may be written with an `at` before the mark.
 */
const RAW_OVERLAP_MS = 600_000;

/** Where the last prune of raw bytes stopped is kept, so that the next one does not read everything again to find nothing. */
function openRawPruning(db: Database, transaction: Transaction) {
  const walk = openWalk(db);
  const readMark = db.prepare("SELECT v FROM meta WHERE k = 'raw_pruned_ms'");
  const writeMark = db.prepare(
    "INSERT INTO meta (k, v) VALUES ('raw_pruned_ms', ?) ON CONFLICT DO UPDATE SET v = excluded.v",
  );
  const strip = db.prepare(
    'UPDATE events SET raw = NULL WHERE raw IS NOT NULL AND seq IN (SELECT value FROM json_each(?))',
  );
  return (boundMs: number, cursor: PruneCursor): PruneStep => {
    const mark = readMark.get()?.v;
    const fromMs = Math.max(cursor.atMs, mark === undefined ? PRUNE_START.atMs : Number(mark) - RAW_OVERLAP_MS);
    const rows = walk(fromMs, boundMs, cursor.atMs === fromMs ? cursor.seq : 0);
    const last = rows.at(-1);
    if (last === undefined) return { ...NOTHING, next: begin('calls') };
    const raw = transaction(() => {
      writeMark.run(String(last.at_ms));
      return Number(strip.run(seqsOf(rows)).changes);
    });
    return { ...NOTHING, raw, next: rows.length < PRUNE_ROWS ? begin('calls') : after('raw', last) };
  };
}

/** Gives free pages back, some at a time; true while there are more. At the end the log is emptied: it holds old page images. */
function shrink(db: Database): boolean {
  const free = numberOf(db, 'freelist_count');
  if (free > 0) {
    db.exec(`PRAGMA incremental_vacuum(${PRUNE_ROWS})`);
    if (numberOf(db, 'freelist_count') < free) return true;
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return false;
}

const seqsOf = (rows: readonly Row[]): string => JSON.stringify(rows.map((row) => row.seq));
