// Group commit: what many callers want written, in one transaction and one fsync; a bad member does not fail the others.
import { StoreError } from '../../core/store.ts';
import { type Batch, type Part, partsOf } from './batch.ts';
import type { Database } from './driver.ts';
import { storeErrorOf, toWire, type WireError } from './errors.ts';
import { openJournal } from './journal.ts';
import type { TallyKeeper } from './tally.ts';
import { fenced, openUnits } from './units.ts';

export type GroupReply = {
  /** One an entry of the batch: its `seq`, negative if the id was known. Means nothing for a member that failed. */
  seqs: number[];
  /** Members (by place in the plan) of which nothing was stored. */
  failures: { member: number; error: WireError }[];
};

export type Transaction = <Result>(work: () => Result) => Result;

/** Runs `work` in one transaction with the tally; on any error nothing of it stays, in the file or in memory. */
export function openTransaction(db: Database, tally: TallyKeeper): Transaction {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  return (work) => {
    begin.run();
    const before = tally.copy();
    try {
      const result = work();
      tally.write();
      commit.run();
      return result;
    } catch (error) {
      tally.restore(before);
      // SQLite has rolled back by itself after some errors.
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };
}

/**
 * Returns the function that writes a batch. First all members plainly, since savepoints cost and members hardly ever fail; if
 * one does, all again with a savepoint each. Throws if no member could be stored for a reason that is not the member's own.
 */
export function openGroup(
  db: Database,
  tally: TallyKeeper,
  transaction: Transaction,
  path: string,
): (batch: Batch) => GroupReply {
  const journal = openJournal(db, tally);
  const applyUnit = openUnits(db, tally, journal);
  const savepoint = db.prepare('SAVEPOINT member');
  const release = db.prepare('RELEASE member');

  const apply = (batch: Batch, part: Part, seqs: number[]): void => {
    if (part.kind === 'unit') applyUnit(part.unit);
    else journal.append(batch, part.first, part.count, seqs);
  };

  const applyApart = (batch: Batch, part: Part, seqs: number[]): WireError | undefined => {
    const before = tally.copy();
    savepoint.run();
    try {
      apply(batch, part, seqs);
      release.run();
      return undefined;
    } catch (error) {
      const known = storeErrorOf(error, path);
      if (!isOwnFault(known) || !db.isTransaction) throw error;
      db.exec('ROLLBACK TO member; RELEASE member');
      tally.restore(before);
      return toWire(known);
    }
  };

  return (batch) => {
    const reply: GroupReply = { seqs: new Array<number>(batch.atMs.length).fill(0), failures: [] };
    const parts: [number, Part][] = [];
    for (const [member, part] of partsOf(batch).entries()) {
      const refusal = part.kind === 'unit' ? fenced(part.unit) : undefined;
      if (refusal === undefined) parts.push([member, part]);
      else reply.failures.push({ member, error: toWire(refusal) });
    }
    if (parts.length === 0) return reply;
    try {
      transaction(() => {
        for (const [, part] of parts) apply(batch, part, reply.seqs);
      });
    } catch (error) {
      if (!isOwnFault(storeErrorOf(error, path))) throw error;
      transaction(() => {
        for (const [member, part] of parts) {
          const failure = applyApart(batch, part, reply.seqs);
          if (failure !== undefined) reply.failures.push({ member, error: failure });
        }
      });
    }
    return reply;
  };
}

/** `full` may be one large member's doing: smaller ones may still fit. */
const isOwnFault = (error: StoreError | TypeError): boolean =>
  !(error instanceof StoreError) || error.code === 'full' || error.code === 'fenced';
