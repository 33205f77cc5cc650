// Purge: rows that somebody has a right to see gone are removed at once, whatever their state, and then written over.
import type { DeliveryState } from '../../core/delivery.ts';
import { type PurgedRows, StoreError } from '../../core/store.ts';
import type { Database } from './driver.ts';
import type { Transaction } from './group.ts';
import type { TallyKeeper } from './tally.ts';

/** Stands where an entry of the audit log said something that nobody may know any more: that something was done stays. */
const PURGED = 'purged';

/** Returns the function that removes rows, in one transaction. What is not there (any more) is no error. */
export function openPurge(db: Database, tally: TallyKeeper, transaction: Transaction) {
  const among = 'IN (SELECT value FROM json_each(?))';
  const unprocess = db.prepare(`DELETE FROM unprocessed WHERE seq ${among}`);
  const events = db.prepare(`DELETE FROM events WHERE seq ${among}`);
  const states = db.prepare(`SELECT state, count(*) AS n FROM progress WHERE seq ${among} GROUP BY 1`);
  // Progress and attempts go with the delivery (ON DELETE CASCADE).
  const deliveries = db.prepare(`DELETE FROM deliveries WHERE seq ${among}`);
  const calls = db.prepare(`DELETE FROM calls WHERE key ${among}`);
  const state = db.prepare('DELETE FROM state WHERE site = ? AND kind = ? AND key = ?');
  const audit = db.prepare(`UPDATE audit SET who = '${PURGED}', detail = '${PURGED}' WHERE seq ${among}`);
  return (rows: PurgedRows): void =>
    transaction(() => {
      const { now } = tally;
      now.unprocessed -= Number(unprocess.run(JSON.stringify(rows.events)).changes);
      now.events -= Number(events.run(JSON.stringify(rows.events)).changes);
      for (const found of states.all(JSON.stringify(rows.deliveries)))
        now[found.state as DeliveryState] -= Number(found.n);
      deliveries.run(JSON.stringify(rows.deliveries));
      calls.run(JSON.stringify(rows.calls));
      for (const key of rows.state) state.run(...key);
      audit.run(JSON.stringify(rows.audit));
    });
}

/**
 * Returns the function that lets nothing removed be left behind. SQLite overwrites what is deleted (`secure_delete`), but not the copies
 * that it left where it moved a row from one page to another: those go when the database is written anew (`whole`).
 * Source: sqlite.org/pragma.html#pragma_secure_delete; the rest by reading pages.
 */
export function openScour(db: Database) {
  return (whole: boolean): void => {
    if (whole) {
      db.exec('VACUUM');
    } else db.exec('PRAGMA incremental_vacuum');
    // Somebody who reads at this moment keeps the log from being emptied; so it is told, and tried again.
    if (db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 1)
      throw new StoreError('busy', 'the log could not be emptied, because somebody reads; try again');
  };
}
