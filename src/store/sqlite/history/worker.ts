// The history's thread: a long look through old calls never keeps the store's own thread from a phone's hit.
import { parentPort, workerData } from 'node:worker_threads';
import { chooseDriver } from '../driver.ts';
import { storeErrorOf, toWire, type WireError } from '../errors.ts';
import { askHistory, type HistoryCallName, openHistoryCore } from './core.ts';

/** A question, or the end. */
export type HistoryRequest = { id: number; name: HistoryCallName; values: unknown[] } | 'close';
export type HistoryResponse = { id: number; value: unknown } | { id: number; error: WireError };

if (parentPort === null) throw new TypeError('worker.ts: must be started as a worker thread; use openHistory');
const port = parentPort;
const { path } = workerData as { path: string };
const db = chooseDriver().open(path);
const calls = openHistoryCore(db, path);

port.on('message', (request: HistoryRequest) => {
  if (request === 'close') {
    port.close();
    db.close();
    return;
  }
  const { id, name, values } = request;
  try {
    port.postMessage({ id, value: askHistory(calls, name, values as never) } satisfies HistoryResponse);
  } catch (error) {
    port.postMessage({ id, error: toWire(storeErrorOf(error, path)) } satisfies HistoryResponse);
  }
});
