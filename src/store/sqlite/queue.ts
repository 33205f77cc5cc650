// What waits to be written: collected into batches while others are on their way, and bounded.
import { StoreError } from '../../core/store.ts';
import { batchOf, type Member } from './batch.ts';
import { fromWire } from './errors.ts';
import type { Request, Response } from './messages.ts';
import { shareOut } from './port.ts';

/** What may wait, the batches on their way included; more is refused (`busy`). */
export type QueueLimits = { entriesMax: number; bytesMax: number; unitsMax: number };

export const QUEUE_LIMITS: QueueLimits = { entriesMax: 20_000, bytesMax: 64 * 1024 * 1024, unitsMax: 20_000 };

/** Entries and bytes of one batch: bounds how long the first of a batch waits for the last. */
const BATCH_ENTRIES_MAX = 1024;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;

/** One is written while the next one is on its way, so the disk need not wait for a message. */
const BATCHES_AT_ONCE = 2;

/** How well commits were grouped since the start. */
export type GroupFigures = { batches: number; members: number; entries: number; membersMax: number };

type Waiting = {
  member: Member;
  entries: number;
  bytes: number;
  resolve(seqs: number[]): void;
  reject(error: Error): void;
};

type Answer = Response & { kind: 'written' | 'unwritten' };

/** Members wait here while `BATCHES_AT_ONCE` batches are on their way: batches grow under load, a lone hit waits for nothing. */
export function openQueue(send: (request: Request, transfer: ArrayBuffer[]) => void, limits: QueueLimits) {
  const budget = openBudget(limits);
  const figures: GroupFigures = { batches: 0, members: 0, entries: 0, membersMax: 0 };
  const underway: Waiting[][] = [];
  const idle: (() => void)[] = [];
  let waiting: Waiting[] = [];
  let woken = false;

  const flush = (): void => {
    woken = false;
    while (waiting.length > 0 && underway.length < BATCHES_AT_ONCE) {
      const group = firstGroup(waiting);
      waiting = waiting.slice(group.length);
      underway.push(group);
      figures.batches++;
      figures.members += group.length;
      for (const { entries } of group) figures.entries += entries;
      figures.membersMax = Math.max(figures.membersMax, group.length);
      const batch = batchOf(group.map(({ member }) => member));
      send({ kind: 'batch', batch }, [batch.raws.buffer as ArrayBuffer]);
    }
    if (underway.length === 0) for (const tell of idle.splice(0)) tell();
  };

  return {
    figures: () => ({ ...figures }),
    add(member: Member): Promise<number[]> {
      const isHits = member.kind === 'hits';
      const size = { member, entries: isHits ? member.hits.raws.length : 0, bytes: isHits ? member.hits.bytes : 0 };
      if (!budget.take(size)) {
        return Promise.reject(new StoreError('busy', 'more waits to be written than the limit; try again'));
      }
      return new Promise((resolve, reject) => {
        waiting.push({ ...size, resolve, reject });
        if (woken) return;
        woken = true;
        queueMicrotask(flush);
      });
    },
    answered(answer: Answer): void {
      const group = underway.shift() ?? [];
      const shares =
        answer.kind === 'written'
          ? shareOut(
              group.map(({ member }) => member),
              answer.reply,
            )
          : undefined;
      const failure = answer.kind === 'unwritten' ? fromWire(answer.error) : undefined;
      for (const [i, each] of group.entries()) {
        budget.give(each);
        const share = shares?.[i];
        if (share === undefined) each.reject(failure ?? new TypeError('no answer for a member'));
        else if ('failure' in share) each.reject(share.failure);
        else each.resolve(share);
      }
      flush();
    },
    fail(error: StoreError): void {
      for (const each of [...underway.splice(0).flat(), ...waiting.splice(0)]) {
        budget.give(each);
        each.reject(error);
      }
      for (const tell of idle.splice(0)) tell();
    },
    drained: (): Promise<void> =>
      waiting.length === 0 && underway.length === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve)),
  };
}

/** As many as fit into one batch, from the front; at least one. */
function firstGroup(waiting: readonly Waiting[]): Waiting[] {
  let [count, entries, bytes] = [0, 0, 0];
  for (const each of waiting) {
    entries += each.entries;
    bytes += each.bytes;
    if (count > 0 && (count >= BATCH_ENTRIES_MAX || entries > BATCH_ENTRIES_MAX || bytes > BATCH_BYTES_MAX)) break;
    count++;
  }
  return waiting.slice(0, count);
}

type Size = Pick<Waiting, 'member' | 'entries' | 'bytes'>;

/** Counts what is held. Units have a limit of their own: a flood of hits must not keep the engine from dealing with them. */
function openBudget(limits: QueueLimits) {
  const held = { entries: 0, bytes: 0, units: 0 };
  return {
    /** False, and nothing counted, if it does not fit. An entry larger than the whole limit never fits. */
    take({ member, entries, bytes }: Size): boolean {
      const fits =
        member.kind === 'unit'
          ? held.units < limits.unitsMax
          : held.entries + entries <= limits.entriesMax && held.bytes + bytes <= limits.bytesMax;
      if (!fits) return false;
      held.entries += entries;
      held.bytes += bytes;
      if (member.kind === 'unit') held.units++;
      return true;
    },
    give({ member, entries, bytes }: Size): void {
      held.entries -= entries;
      held.bytes -= bytes;
      if (member.kind === 'unit') held.units--;
    },
  };
}
