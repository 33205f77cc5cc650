// The history as its callers see it: `History` of core over a thread of its own, or over a database that is open in this one.
import type { Worker } from 'node:worker_threads';
import type { History, Span } from '../../../core/history.ts';
import { StoreError } from '../../../core/store.ts';
import type { Database, Row } from '../driver.ts';
import { fromWire } from '../errors.ts';
import { readAttempt, readDelivery, readStoredEvent, readText } from '../rows.ts';
import { spawnThread } from '../spawn.ts';
import { askHistory, type HistoryCallName, type HistoryCalls, openHistoryCore } from './core.ts';
import { readAudit, remainsOf, tracesOf } from './found.ts';
import { readCall } from './queries.ts';
import type { HistoryRequest, HistoryResponse } from './worker.ts';

export type Ask = <Name extends HistoryCallName>(
  name: Name,
  ...values: Parameters<HistoryCalls[Name]>
) => Promise<ReturnType<HistoryCalls[Name]>>;

/** More questions at once are refused: each costs time that the next one waits for. */
const ASKED_MAX = 200;

/**
 * The history of a store's file, whose tables are there. Its thread begins with the first question: who never looks pays nothing. A
 * question rejects with a StoreError.
 */
export function openHistory(path: string): History {
  const asked = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let thread: { worker: Worker; exited: Promise<void> } | undefined;
  let id = 0;
  let ended: StoreError | undefined;
  const end = (error: StoreError): void => {
    ended ??= error;
    for (const each of asked.values()) each.reject(ended);
    asked.clear();
  };
  const start = (): { worker: Worker; exited: Promise<void> } => {
    const worker = spawnThread({ path }, 'history/worker');
    worker.on('message', (response: HistoryResponse) => {
      const each = asked.get(response.id);
      asked.delete(response.id);
      if ('error' in response) each?.reject(fromWire(response.error));
      else each?.resolve(response.value as never);
    });
    worker.on('error', (error) => end(new StoreError('io', `${path}: the history's thread ended: ${error.message}`)));
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    void exited.then(() => end(new StoreError('closed', `${path}: the history was closed`)));
    return { worker, exited };
  };
  const ask: Ask = (name, ...values) =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      if (asked.size >= ASKED_MAX) return reject(new StoreError('busy', 'too many questions at once; try again'));
      thread ??= start();
      asked.set(++id, { resolve, reject });
      thread.worker.postMessage({ id, name, values } satisfies HistoryRequest);
    });
  return historyOver(ask, async () => {
    ended ??= new StoreError('closed', `${path}: the history was closed`);
    thread?.worker.postMessage('close' satisfies HistoryRequest);
    await thread?.exited;
  });
}

/** The same over a database that is open in this thread: for commands, and for tests. It is left open at `close()`. */
export function openInlineHistory(db: Database): History {
  const calls = openHistoryCore(db, ':memory:');
  return historyOver(
    async (name, ...values) => askHistory(calls, name, values),
    async () => {
      db.exec('PRAGMA query_only = OFF');
    },
  );
}

function historyOver(ask: Ask, close: () => Promise<void>): History {
  const number = (row: Row, name: string): number => Number(row[name]);
  const figures =
    <Figure>(name: 'callFigures' | 'phoneFigures' | 'deliveryFigures' | 'hitFigures', read: (row: Row) => Figure) =>
    async (span: Span): Promise<Figure[]> =>
      (await ask(name, span)).map(read);
  return {
    calls: async (query) => (await ask('calls', query)).map(readCall),
    async call(key) {
      const row = await ask('call', key);
      return row === undefined ? undefined : readCall(row);
    },
    eventsOf: async (call) => (await ask('eventsOf', call)).map(readStoredEvent).filter((each) => each !== undefined),
    events: async (query) => (await ask('events', query)).map(readStoredEvent).filter((each) => each !== undefined),
    deliveries: async (query) =>
      (await ask('deliveries', query)).map(readDelivery).filter((each) => each !== undefined),
    attempts: async (delivery) => (await ask('attempts', delivery)).map(readAttempt),
    callFigures: figures('callFigures', (row) => ({
      atMs: number(row, 'at_ms'),
      state: row.state as never,
      direction: row.direction as never,
      calls: number(row, 'calls'),
      returned: number(row, 'returned'),
    })),
    ringFigures: async (begins, toMs) =>
      (await ask('ringFigures', [...begins], toMs)).map((row) => ({
        atMs: number(row, 'at_ms'),
        ringSeconds: number(row, 'ring_seconds'),
        calls: number(row, 'calls'),
      })),
    phoneFigures: figures('phoneFigures', (row) => ({
      phone: String(row.phone),
      rang: number(row, 'rang'),
      answered: number(row, 'answered'),
    })),
    deliveryFigures: figures('deliveryFigures', (row) => ({
      atMs: number(row, 'at_ms'),
      to: readText(String(row.destination)),
      state: String(row.state),
      deliveries: number(row, 'n'),
    })),
    hitFigures: figures('hitFigures', (row) => ({ atMs: number(row, 'at_ms'), hits: number(row, 'hits') })),
    traces: (wanted) => tracesOf(ask, wanted),
    remains: (wanted) => remainsOf(ask, wanted),
    audit: async ({ beforeSeq = Number.MAX_SAFE_INTEGER, limit }) =>
      (await ask('audit', beforeSeq, limit)).map(readAudit),
    close,
  };
}
