// History: what a daemon or its store has recorded, page by page, for commands that read a long stretch of it.
import type { ShownEvent } from '../console/index.ts';
import type { JournalEvent } from '../core/events.ts';
import type { StoredDelivery } from '../core/store.ts';
import { type Archive, type Ask, accepted } from './daemon.ts';

/** What was recorded; each answer is one page. */
export type History = {
  /** Whether somebody else works on an answer, so that it can be asked for before it is needed. */
  ahead: boolean;
  /** What phones said and what people added, oldest first. `sinceMs`: ms since 1970, inclusive; `after`: the seq of an event. */
  events(query: { sinceMs?: number; after?: number; type?: string; limit: number }): Promise<Page>;
  /** Newest first. `before`: the id of a delivery. */
  deliveries(query: { before?: string; limit: number }): Promise<StoredDelivery[]>;
};

type Page = { seq: number; event: JournalEvent }[];

/** Enough that few requests are needed, few enough that a page is soon forgotten. */
const PAGE = 500;

const WANTED = { raw: false, journal: true } as const;

/** From the running daemon, or, where none runs, from its store. */
export function historyOf(ask: Ask, archive?: Archive): History {
  if (archive !== undefined)
    return {
      ahead: false,
      events: async ({ after, ...query }) =>
        (await archive.events({ ...query, ...(after === undefined ? {} : { afterSeq: after }), ...WANTED })).map(
          ({ seq, event }) => ({ seq, event: event as JournalEvent }),
        ),
      deliveries: (query) => archive.deliveries(query),
    };
  return {
    ahead: true,
    async events({ sinceMs, ...query }) {
      const route = routeOf('/events', { ...query, since: sinceMs, raw: 'false', journal: 'true' });
      return accepted<{ events: ShownEvent[] }>(await ask('GET', route)).events.map(plain);
    },
    async deliveries(query) {
      return accepted<{ deliveries: StoredDelivery[] }>(await ask('GET', routeOf('/deliveries', query))).deliveries;
    },
  };
}

function routeOf(path: string, query: Record<string, string | number | undefined>): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return `${path}?${new URLSearchParams(given)}`;
}

/** Without what was added for showing it. */
function plain({ seq, processed: _, raw_b64: __, ...event }: ShownEvent): Page[number] {
  // As the store gives it: a caller's name for a variable must not reach a prototype.
  if ('vars' in event) event.vars = Object.assign(Object.create(null), event.vars) as Record<string, string>;
  return { seq, event: event as JournalEvent };
}

/** What was said within a period, in the order of the journal. */
export async function* journal(
  history: History,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): AsyncGenerator<JournalEvent> {
  const [first] = await history.events({ sinceMs: Math.max(0, fromMs), limit: 1 });
  if (first === undefined) return;
  for await (const page of pages(history, first.seq - 1, {})) {
    let within = false;
    for (const { event } of page) {
      const atMs = Date.parse(event.at);
      if (atMs > toMs) continue;
      within = true;
      // Two sites do not write in step: the first that is young enough may be followed by one that is not.
      if (atMs >= fromMs) yield event;
    }
    if (!within) return;
  }
}

/** Names of numbers that were looked up before that moment. */
export async function* namesBefore(history: History, untilMs: number): AsyncGenerator<JournalEvent> {
  for await (const page of pages(history, 0, { type: 'note.contact' }))
    for (const { event } of page) {
      if (Date.parse(event.at) >= untilMs) return;
      yield event;
    }
}

const pages = (history: History, from: number, query: { type?: string }): AsyncGenerator<Page> =>
  paged(history.ahead, (last) => history.events({ ...query, after: last?.seq ?? from, limit: PAGE }));

/** Deliveries that were decided since that moment, whatever became of them; the newest first. */
export async function* deliveriesSince(history: History, fromMs: number): AsyncGenerator<StoredDelivery> {
  const ask = (last: StoredDelivery | undefined): Promise<StoredDelivery[]> =>
    history.deliveries({ limit: PAGE, ...(last === undefined ? {} : { before: last.id }) });
  for await (const page of paged(history.ahead, ask)) {
    for (const delivery of page) if (delivery.madeAtMs >= fromMs) yield delivery;
    if (page.every(({ madeAtMs }) => madeAtMs < fromMs)) return;
  }
}

/** Full pages and the rest. `ahead`: the page after this one is asked for while this one is used. */
async function* paged<T>(ahead: boolean, ask: (last: T | undefined) => Promise<T[]>): AsyncGenerator<T[]> {
  let next: Promise<T[]> | undefined;
  for (let last: T | undefined; ; ) {
    const page: T[] = await (next ?? ask(last));
    const isLast = page.length < PAGE;
    last = page.at(-1);
    next = isLast || !ahead ? undefined : ask(last);
    // Nobody may come back for it.
    next?.catch(() => {});
    yield page;
    if (isLast) return;
  }
}
