// Retention of the history's tables: calls go with the events they are made of; figures and the audit log are kept for over a year.
import type { PrunePolicy } from '../../../core/store.ts';
import type { Database } from '../driver.ts';

/** A year and a month: this month can be compared with the same one a year ago. */
const LONG_MS = 400 * 86_400_000;

/** Functions that remove at most `rows` rows each, inside the caller's transaction, and return how many they removed. */
export function openHistoryPruning(db: Database, rows: number) {
  const calls = db.prepare(
    `DELETE FROM calls WHERE rowid IN (
       SELECT rowid FROM calls INDEXED BY calls_by_start WHERE started_ms < ? ORDER BY started_ms LIMIT ${rows})`,
  );
  const hours = db.prepare(
    `DELETE FROM delivery_hours WHERE (hour_ms, destination, state) IN (
       SELECT hour_ms, destination, state FROM delivery_hours WHERE hour_ms < ? ORDER BY hour_ms LIMIT ${rows})`,
  );
  // From the oldest on: an entry is never taken out from between others, whatever the clock said when it was made.
  const audit = db.prepare(
    `DELETE FROM audit WHERE seq IN (SELECT seq FROM audit ORDER BY seq LIMIT ${rows})
       AND seq < coalesce((SELECT min(seq) FROM audit WHERE at_ms >= ?), 9223372036854775807)`,
  );
  return {
    calls: ({ nowMs, eventsMs }: PrunePolicy): number => Number(calls.run(nowMs - eventsMs).changes),
    hours: ({ nowMs }: PrunePolicy): number => Number(hours.run(nowMs - LONG_MS).changes),
    audit: ({ nowMs }: PrunePolicy): number => Number(audit.run(nowMs - LONG_MS).changes),
  };
}
