// Group commit: what many callers want written, in one transaction and one fsync; a bad member does not fail the others.
import { StoreError } from '../../core/store.ts';
import { type Batch, type Part, partsOf } from './batch.ts';
import { type Database, rollBack } from './driver.ts';
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
      rollBack(db);
      throw error;
    }
  };
}

/**
 * Returns the function that writes a batch: all members in one transaction. If one of them is at fault, halves of the batch, and
 * so on, until it stands alone; that costs some transactions instead of a savepoint for every member that is not at fault.
 * (Savepoints would not do: when the quota is reached, SQLite rolls back the whole transaction by itself.) Throws if nothing
 * could be stored for a reason that is no member's own.
 */
export function openGroup(
  db: Database,
  tally: TallyKeeper,
  transaction: Transaction,
  path: string,
): (batch: Batch) => GroupReply {
  const journal = openJournal(db, tally);
  const applyUnit = openUnits(db, tally, journal);

  const writeParts = (batch: Batch, parts: readonly PlacedPart[], reply: GroupReply): void => {
    try {
      transaction(() => {
        for (const { part } of parts) {
          if (part.kind === 'unit') applyUnit(part.unit);
          else journal.append(batch, part.first, part.count, reply.seqs);
        }
      });
    } catch (error) {
      const known = storeErrorOf(error, path);
      if (!isOwnFault(known)) throw error;
      const [only] = parts;
      if (parts.length === 1 && only !== undefined) {
        reply.failures.push({ member: only.member, error: toWire(known) });
        return;
      }
      const half = parts.length >> 1;
      writeParts(batch, parts.slice(0, half), reply);
      writeParts(batch, parts.slice(half), reply);
    }
  };

  return (batch) => {
    const reply: GroupReply = { seqs: new Array<number>(batch.atMs.length).fill(0), failures: [] };
    const parts: PlacedPart[] = [];
    for (const [member, part] of partsOf(batch).entries()) {
      const refusal = part.kind === 'unit' ? fenced(part.unit) : undefined;
      if (refusal === undefined) parts.push({ member, part });
      else reply.failures.push({ member, error: toWire(refusal) });
    }
    if (parts.length > 0) writeParts(batch, parts, reply);
    return reply;
  };
}

type PlacedPart = { member: number; part: Part };

/** `full` may be one large member's doing: smaller ones, and units that only change what is there, may still fit. */
const isOwnFault = (error: StoreError | TypeError): boolean => !(error instanceof StoreError) || error.code === 'full';
