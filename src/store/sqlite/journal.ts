// The journal: hits, and the events that the engine made, as rows with a sequence number.
import type { Batch } from './batch.ts';
import type { Database } from './driver.ts';
import type { EventRow } from './rows.ts';
import type { TallyKeeper } from './tally.ts';

export type Journal = {
  /** Writes `count` entries from `first`; puts the `seq` of each into `seqs`, negative where the id was known. */
  append(batch: Batch, first: number, count: number, seqs: number[]): void;
  /** Writes events that need no processing. A known id is left as it is. */
  keep(events: readonly EventRow[]): void;
  /** Takes the mark "unprocessed" off. Unknown numbers are no error: it may have been done before a crash. */
  processed(seqs: readonly number[]): void;
};

/** Both ways of writing stand inside the caller's transaction. */
export function openJournal(db: Database, tally: TallyKeeper): Journal {
  const insert = db.prepare(
    'INSERT INTO events (seq, id, site, phone, type, at_ms, event, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  const wait = db.prepare('INSERT INTO unprocessed (seq) VALUES (?)');
  const find = db.prepare('SELECT seq FROM events WHERE id = ?');
  const settle = db.prepare('DELETE FROM unprocessed WHERE seq = ?');
  const { now } = tally;
  return {
    append(batch, first, count, seqs) {
      const { texts, atMs, rawEnds, raws } = batch;
      for (let i = first; i < first + count; i++) {
        const id = texts[i * 5] as string;
        const raw = raws.subarray(i === 0 ? 0 : rawEnds[i - 1], rawEnds[i]);
        const seq = now.eventSeq + 1;
        const [site, phone, type, json] = [texts[i * 5 + 1], texts[i * 5 + 2], texts[i * 5 + 3], texts[i * 5 + 4]];
        const { changes } = insert.run(
          seq,
          id,
          site as string,
          phone as string,
          type as string,
          atMs[i] as number,
          json as string,
          raw,
        );
        if (Number(changes) === 0) {
          seqs[i] = -Number(find.get(id)?.seq);
          continue;
        }
        wait.run(seq);
        now.eventSeq = seq;
        now.events++;
        now.unprocessed++;
        seqs[i] = seq;
      }
    },
    keep(events) {
      for (const [id, site, phone, type, at, json] of events) {
        const { changes } = insert.run(now.eventSeq + 1, id, site, phone, type, at, json, null);
        if (Number(changes) === 0) continue;
        now.eventSeq++;
        now.events++;
      }
    },
    processed(seqs) {
      for (const seq of seqs) now.unprocessed -= Number(settle.run(seq).changes);
    },
  };
}
