// The two long walks, page by page, so that hits are written in between: what is pending at a start, and what is too old.
import type { Pending, PrunePolicy } from '../../core/store.ts';
import type { Row } from './driver.ts';
import type { Port } from './port.ts';
import { PAGE_ROWS } from './reads.ts';
import { PRUNE_START, type PruneCursor } from './retention.ts';
import { readDelivery, readJournalEvent, readState, readText } from './rows.ts';

/** A stored row that cannot be read any more: bits flipped inside its text. */
export type Unreadable = { kind: 'state' | 'event' | 'delivery'; key: string };

/**
 * State, then events by `seq`, then waiting deliveries in the order they were made in. What is written after the first page was
 * asked for is not yielded: the process that wrote it knows it. An unreadable row is taken out of the way and told.
 */
export async function* loadPending(
  port: Port,
  sites: string[],
  onUnreadable: (row: Unreadable) => void,
): AsyncGenerator<Pending> {
  const upTo = await port.call('loadBounds');
  for await (const row of pages((last) => port.call('statePage', sites, stateKey(last)))) {
    const change = readState(row);
    const site = readText(String(row.site));
    if (change === undefined) onUnreadable({ kind: 'state', key: `${site}/${row.kind}/${row.key}` });
    else yield { kind: 'state', site, change };
  }
  for await (const row of pages((last) => port.call('eventPage', sites, seqOf(last), upTo.event))) {
    const event = readJournalEvent(row);
    if (event !== undefined) yield { kind: 'event', seq: seqOf(row), event };
    else await setAside(port, 'event', seqOf(row), onUnreadable);
  }
  for await (const row of pages((last) => port.call('deliveryPage', sites, seqOf(last), upTo.delivery))) {
    const delivery = readDelivery(row);
    if (delivery !== undefined) yield { kind: 'delivery', delivery };
    else await setAside(port, 'delivery', seqOf(row), onUnreadable);
  }
}

async function setAside(
  port: Port,
  kind: 'event' | 'delivery',
  seq: number,
  onUnreadable: (row: Unreadable) => void,
): Promise<void> {
  await port.call('setAside', kind, seq);
  onUnreadable({ kind, key: String(seq) });
}

async function* pages(read: (last: Row | undefined) => Promise<Row[]>): AsyncGenerator<Row> {
  let last: Row | undefined;
  do {
    const rows = await read(last);
    yield* rows;
    last = rows.length < PAGE_ROWS ? undefined : rows.at(-1);
  } while (last !== undefined);
}

const seqOf = (row: Row | undefined): number => Number(row?.seq ?? 0);
const stateKey = (row: Row | undefined): [string, string, string] => [
  String(row?.site ?? ''),
  String(row?.kind ?? ''),
  String(row?.key ?? ''),
];

/** Asks for one step after the other; each is a transaction of its own, and batches of hits go in between. */
export async function prune(
  port: Port,
  policy: PrunePolicy,
): Promise<{ events: number; deliveries: number; raw: number }> {
  const done = { events: 0, deliveries: 0, raw: 0 };
  let cursor: PruneCursor | null = PRUNE_START;
  while (cursor !== null) {
    const step: Awaited<ReturnType<typeof port.call<'pruneStep'>>> = await port.call('pruneStep', policy, cursor);
    done.events += step.events;
    done.deliveries += step.deliveries;
    done.raw += step.raw;
    cursor = step.next;
  }
  return done;
}
