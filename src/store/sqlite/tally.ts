// The numbers that every transaction changes together with the rows: next sequence numbers, and how much there is.
import type { DeliveryState } from '../../core/delivery.ts';
import type { Database } from './driver.ts';

/** Kept in one row, so that figures cost no count of a million rows and a `seq` is never given out twice, even after a prune. */
export type Tally = {
  eventSeq: number;
  deliverySeq: number;
  events: number;
  unprocessed: number;
} & Record<DeliveryState, number>;

export type TallyKeeper = {
  /** The numbers as the open transaction sees them. */
  now: Tally;
  copy(): Tally;
  restore(copy: Tally): void;
  /** Writes the row, inside the caller's transaction. */
  write(): void;
};

export function keepTally(db: Database): TallyKeeper {
  const row = db.prepare('SELECT * FROM tally').get() ?? {};
  const update = db.prepare(
    `UPDATE tally SET event_seq = ?, delivery_seq = ?, events = ?, unprocessed = ?, waiting = ?, delivered = ?, dead = ?,
     expired = ?, replaced = ?, cancelled = ? WHERE one = 1`,
  );
  const now: Tally = {
    eventSeq: Number(row.event_seq),
    deliverySeq: Number(row.delivery_seq),
    events: Number(row.events),
    unprocessed: Number(row.unprocessed),
    waiting: Number(row.waiting),
    delivered: Number(row.delivered),
    dead: Number(row.dead),
    expired: Number(row.expired),
    replaced: Number(row.replaced),
    cancelled: Number(row.cancelled),
  };
  return {
    now,
    copy: () => ({ ...now }),
    restore: (copy) => Object.assign(now, copy),
    write() {
      update.run(
        now.eventSeq,
        now.deliverySeq,
        now.events,
        now.unprocessed,
        now.waiting,
        now.delivered,
        now.dead,
        now.expired,
        now.replaced,
        now.cancelled,
      );
    },
  };
}
