// The synchronous heart of the store: all work on one open database, used by the store's thread and, for tests and commands, inline.
import type { PrunePolicy, PurgedRows } from '../../core/store.ts';
import { StoreError } from '../../core/store.ts';
import type { Batch } from './batch.ts';
import type { Database, Row } from './driver.ts';
import { isFatal } from './errors.ts';
import { type GroupReply, openGroup, openTransaction } from './group.ts';
import { openPurge, openScour } from './purge.ts';
import { openReads, type Reads } from './reads.ts';
import { openReplay, openSetAside } from './replay.ts';
import type { Reserve } from './reserve.ts';
import { openRetention, type PruneCursor, type PruneStep } from './retention.ts';
import { keepTally } from './tally.ts';

/** What a port to the core can be asked beside writing a batch. Everything in it crosses threads by structured clone. */
export type CoreCalls = Reads & {
  replay(ids: string[], nowMs: number): Row[];
  setAside(kind: 'event' | 'delivery', seq: number): void;
  pruneStep(policy: PrunePolicy, cursor: PruneCursor): PruneStep;
  purge(rows: PurgedRows): void;
  scour(whole: boolean): void;
};

export type Core = {
  group(batch: Batch): GroupReply;
  calls: CoreCalls;
  close(): void;
};

/**
 * An open database. `release` lets go of it and of its lock; `suspect` has the next start look for damage; `known` says what
 * an error means for this file.
 */
export type OpenedDatabase = {
  db: Database;
  path: string;
  reserve: Reserve;
  release(): void;
  suspect(): void;
  known(error: unknown): StoreError | TypeError;
};

/**
 * Every function throws StoreErrors, and TypeErrors for what the caller did wrong. After `io` or `corrupt` every further call
 * throws that same error: a failed fsync is not tried again, and nothing is acknowledged from a damaged file.
 */
export function createCore({ db, path, reserve, release, suspect, known: meaning }: OpenedDatabase): Core {
  const tally = keepTally(db);
  const transaction = openTransaction(db, tally);
  const writeGroup = openGroup(db, tally, transaction, path);
  const reads = openReads(db, tally);
  let ended: StoreError | undefined;

  const guarded =
    <Values extends unknown[], Result>(work: (...values: Values) => Result) =>
    (...values: Values): Result => {
      if (ended !== undefined) throw ended;
      try {
        return work(...values);
      } catch (error) {
        const known = meaning(error);
        if (isFatal(known)) {
          ended = known as StoreError;
          suspect();
        }
        throw known;
      }
    };

  const plainStep = openRetention(db, tally, transaction);
  const pruneStep = (policy: PrunePolicy, cursor: PruneCursor): PruneStep => {
    try {
      const step = plainStep(policy, cursor);
      if (step.next === null) reserve.restore();
      return step;
    } catch (error) {
      const known = meaning(error);
      if (!(known instanceof StoreError) || known.code !== 'full' || !reserve.free()) throw error;
      return plainStep(policy, cursor);
    }
  };

  return {
    group: guarded(writeGroup),
    calls: {
      loadBounds: guarded(reads.loadBounds),
      statePage: guarded(reads.statePage),
      eventPage: guarded(reads.eventPage),
      deliveryPage: guarded(reads.deliveryPage),
      events: guarded(reads.events),
      deliveries: guarded(reads.deliveries),
      attempts: guarded(reads.attempts),
      lastAtMs: guarded(reads.lastAtMs),
      stats: guarded(reads.stats),
      replay: guarded(openReplay(db, tally, transaction)),
      setAside: guarded(openSetAside(db, tally, transaction)),
      pruneStep: guarded(pruneStep),
      purge: guarded(openPurge(db, tally, transaction)),
      scour: guarded(openScour(db)),
    },
    close() {
      if (ended?.code === 'closed') return;
      const whole = ended === undefined;
      ended = new StoreError('closed', `${path}: the store was closed`);
      // After a failure the file stays as it is: what a restart finds is what a crash would have left.
      if (whole) emptyLog(db);
      release();
    },
  };
}

/** On a full disk the log stays as it is, and the next start reads it: nothing is lost, so it is no failure to close. */
function emptyLog(db: Database): void {
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // See above.
  }
}
