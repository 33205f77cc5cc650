// A batch: what waits to be written, merged into flat lists, so that one message to the store's thread carries a whole group.
import type { PackedHits, PackedUnit } from './rows.ts';

/** What one caller wants written: it is stored whole or not at all. */
export type Member = { kind: 'hits'; hits: PackedHits } | { kind: 'unit'; unit: PackedUnit };

export type Batch = {
  /** One number a member, in the order of the calls: how many hits it has, or -1 for a unit of work. */
  plan: number[];
  /** Five an entry: id, site, phone, type, JSON. */
  texts: string[];
  atMs: number[];
  /** Where each entry's bytes end in `raws`. One buffer: to copy a small view to another thread copies all of its buffer. */
  rawEnds: number[];
  raws: Uint8Array;
  units: PackedUnit[];
};

/** A member's place in the batch: `count` entries from `first`, or the unit. */
export type Part = { kind: 'hits'; first: number; count: number } | { kind: 'unit'; unit: PackedUnit };

export function batchOf(members: readonly Member[]): Batch {
  let bytes = 0;
  for (const member of members) {
    if (member.kind === 'hits') for (const raw of member.hits.raws) bytes += raw.length;
  }
  const batch: Batch = { plan: [], texts: [], atMs: [], rawEnds: [], raws: new Uint8Array(bytes), units: [] };
  let end = 0;
  for (const member of members) {
    if (member.kind === 'unit') {
      batch.plan.push(-1);
      batch.units.push(member.unit);
      continue;
    }
    const { texts, atMs, raws } = member.hits;
    batch.plan.push(raws.length);
    for (const text of texts) batch.texts.push(text);
    for (const at of atMs) batch.atMs.push(at);
    for (const raw of raws) {
      batch.raws.set(raw, end);
      end += raw.length;
      batch.rawEnds.push(end);
    }
  }
  return batch;
}

export function partsOf(batch: Batch): Part[] {
  let first = 0;
  let units = 0;
  return batch.plan.map((count): Part => {
    if (count < 0) return { kind: 'unit', unit: batch.units[units++] as PackedUnit };
    first += count;
    return { kind: 'hits', first: first - count, count };
  });
}
