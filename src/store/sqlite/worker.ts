// The store's thread: the only one that waits for the disk, so that a slow fsync does not stop the receiver.
import { parentPort, workerData } from 'node:worker_threads';
import { type Core, createCore } from './core.ts';
import { storeErrorOf, toWire, type WireError } from './errors.ts';
import type { Request, Response, WorkerStart } from './messages.ts';
import { openFile } from './open.ts';
import { callCore } from './port.ts';

if (parentPort === null) throw new TypeError('worker.ts: must be started as a worker thread; use openSqliteStore');
const port = parentPort;
const options = workerData as WorkerStart;

const say = (response: Response): void => port.postMessage(response);
const wire = (error: unknown): WireError => toWire(storeErrorOf(error, options.path));

function answer(core: Core, request: Request): Response {
  if (request.kind === 'batch') {
    try {
      return { kind: 'written', reply: core.group(request.batch) };
    } catch (error) {
      return { kind: 'unwritten', error: wire(error) };
    }
  }
  if (request.kind === 'call') {
    const { id, name, values } = request;
    try {
      return { kind: 'returned', id, value: callCore(core, name, values as Parameters<Core['calls'][typeof name]>) };
    } catch (error) {
      return { kind: 'thrown', id, error: wire(error) };
    }
  }
  port.close();
  try {
    core.close();
    return { kind: 'closed' };
  } catch (error) {
    return { kind: 'closed', error: wire(error) };
  }
}

try {
  const opened = openFile(options);
  const core = createCore(opened);
  port.on('message', (request: Request) => say(answer(core, request)));
  say({ kind: 'opened', opened: opened.opened });
} catch (error) {
  say({ kind: 'refused', error: wire(error) });
  port.close();
}
