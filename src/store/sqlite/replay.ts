// What people and repairs change: deliveries that are tried again, and rows that the disk damaged.
import type { DeliveryState } from '../../core/delivery.ts';
import type { Database, Row } from './driver.ts';
import type { Transaction } from './group.ts';
import { writeText } from './rows.ts';
import type { TallyKeeper } from './tally.ts';

/**
 * Returns the function that makes dead and expired deliveries wait again: attempts 0, due now, and as long to live, from now,
 * as they had at first (with the old end they would expire at once). The rows come back in the order they were made in.
 */
export function openReplay(db: Database, tally: TallyKeeper, transaction: Transaction) {
  const find = db.prepare(
    `SELECT p.seq, p.state FROM deliveries d CROSS JOIN progress p ON p.seq = d.seq
     WHERE d.id = ? AND p.state IN ('dead', 'expired')`,
  );
  const reopen = db.prepare(
    `UPDATE progress SET state = 'waiting', attempts = 0, due_ms = ?1, expires_ms = ?1 + ttl_ms, settled_ms = NULL
     WHERE seq = ?2`,
  );
  const read = db.prepare(
    'SELECT d.delivery, p.* FROM deliveries d CROSS JOIN progress p ON p.seq = d.seq WHERE d.seq = ?',
  );
  return (ids: string[], nowMs: number): Row[] =>
    transaction(() => {
      const seqs: number[] = [];
      for (const id of new Set(ids)) {
        const found = find.get(writeText(id));
        if (found === undefined) continue;
        reopen.run(nowMs, Number(found.seq));
        tally.now[found.state as DeliveryState]--;
        tally.now.waiting++;
        seqs.push(Number(found.seq));
      }
      return seqs
        .sort((a, b) => a - b)
        .map((seq) => read.get(seq))
        .filter((row) => row !== undefined);
    });
}

/**
 * Returns the function that takes a row out of the way whose text cannot be read any more (bits that flipped inside a text are
 * no damage that SQLite could see): an event counts as processed, a delivery as dead. Otherwise every start would trip over it.
 */
export function openSetAside(db: Database, tally: TallyKeeper, transaction: Transaction) {
  const process = db.prepare('DELETE FROM unprocessed WHERE seq = ?');
  const bury = db.prepare(
    `UPDATE progress SET state = 'dead', settled_ms = due_ms, last_error = 'what was stored cannot be read any more'
     WHERE seq = ? AND state = 'waiting'`,
  );
  return (kind: 'event' | 'delivery', seq: number): void =>
    transaction(() => {
      if (kind === 'event') {
        tally.now.unprocessed -= Number(process.run(seq).changes);
        return;
      }
      const changes = Number(bury.run(seq).changes);
      tally.now.waiting -= changes;
      tally.now.dead += changes;
    });
}
