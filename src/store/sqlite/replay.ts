// What people and repairs change: deliveries that are tried again, and rows that the disk damaged.
import { type DeliveryState, RETRIED_STATES } from '../../core/delivery.ts';
import { STATE_OF_OUTBOX } from '../../core/store.ts';
import type { Database, Row } from './driver.ts';
import type { Transaction } from './group.ts';
import { writeText } from './rows.ts';
import type { TallyKeeper } from './tally.ts';

/**
 * Returns the function that makes deliveries that ended without success wait again: attempts 0, due now, and as long to live,
 * from now, as they had at first (with the old end they would expire at once). The rows come back in the order they were made
 * in. What was put down about their connections being gone for good is taken back: somebody wants them tried.
 */
export function openReplay(db: Database, tally: TallyKeeper, transaction: Transaction) {
  const find = db.prepare(
    `SELECT p.seq, p.state, d.destination FROM deliveries d CROSS JOIN progress p ON p.seq = d.seq
     WHERE d.id = ? AND p.state IN (${RETRIED_STATES.map((state) => `'${state}'`).join(', ')})`,
  );
  const reopen = db.prepare(
    `UPDATE progress SET state = 'waiting', attempts = 0, due_ms = ?1, expires_ms = ?1 + ttl_ms, settled_ms = NULL
     WHERE seq = ?2`,
  );
  const read = db.prepare(
    'SELECT d.delivery, p.* FROM deliveries d CROSS JOIN progress p ON p.seq = d.seq WHERE d.seq = ?',
  );
  const enable = db.prepare(`DELETE FROM state WHERE kind = '${STATE_OF_OUTBOX.disabled}' AND key = ?`);
  return (ids: string[], nowMs: number): Row[] =>
    transaction(() => {
      const seqs: number[] = [];
      const connections = new Set<string>();
      for (const id of new Set(ids)) {
        const found = find.get(writeText(id));
        if (found === undefined) continue;
        reopen.run(nowMs, Number(found.seq));
        tally.now[found.state as DeliveryState]--;
        tally.now.waiting++;
        seqs.push(Number(found.seq));
        connections.add(String(found.destination));
      }
      for (const connection of connections) enable.run(connection);
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
