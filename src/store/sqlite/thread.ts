// The main thread's side of the store's thread: starts it, talks to it, and ends it.
import type { Worker } from 'node:worker_threads';
import { StoreError } from '../../core/store.ts';
import type { CoreCalls } from './core.ts';
import { fromWire } from './errors.ts';
import type { Request, Response, WorkerStart } from './messages.ts';
import type { Opened } from './open.ts';
import type { CallName, Port } from './port.ts';
import { type GroupFigures, openQueue, type QueueLimits } from './queue.ts';
import { spawnThread } from './spawn.ts';

type Call = { resolve(value: never): void; reject(error: Error): void };

export type ThreadPort = Port & { opened: Opened; groups(): GroupFigures };

/** Starts the thread; rejects with the StoreError of opening the file. */
export async function startThread(start: WorkerStart, limits: QueueLimits, spawn = spawnThread): Promise<ThreadPort> {
  const worker = spawn(start);
  const opened = await new Promise<Opened>((resolve, reject) => {
    worker.once('message', (first: Response) => {
      if (first.kind === 'opened') resolve(first.opened);
      else reject(first.kind === 'refused' ? fromWire(first.error) : threadEnded(start.path));
    });
    worker.once('error', (error) => reject(threadEnded(start.path, error)));
    worker.once('exit', () => reject(threadEnded(start.path)));
  });
  return talk(worker, opened, limits);
}

const threadEnded = (path: string, error?: Error): StoreError =>
  new StoreError(
    'io',
    `${path}: the store's thread ended unexpectedly${error === undefined ? '' : `: ${error.message}`}`,
  );

function talk(worker: Worker, opened: Opened, limits: QueueLimits): ThreadPort {
  const queue = openQueue((request, transfer) => worker.postMessage(request, transfer), limits);
  const calls = new Map<number, Call>();
  let callId = 0;
  let ended: StoreError | undefined;
  let closing: Promise<void> | undefined;
  let onClosed: ((response: Response & { kind: 'closed' }) => void) | undefined;

  const end = (error: StoreError): void => {
    ended ??= error;
    queue.fail(ended);
    for (const call of calls.values()) call.reject(ended);
    calls.clear();
  };
  worker.on('message', (response: Response) => {
    if (response.kind === 'written' || response.kind === 'unwritten') queue.answered(response);
    else if (response.kind === 'closed') onClosed?.(response);
    else if (response.kind === 'returned' || response.kind === 'thrown') {
      const call = calls.get(response.id);
      calls.delete(response.id);
      if (response.kind === 'returned') call?.resolve(response.value as never);
      else call?.reject(fromWire(response.error));
    }
  });
  worker.on('error', (error) => end(threadEnded(opened.path, error)));
  worker.on('exit', () => end(threadEnded(opened.path)));

  const close = async (): Promise<void> => {
    const before = ended;
    ended ??= new StoreError('closed', `${opened.path}: the store was closed`);
    if (before !== undefined) return;
    await queue.drained();
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const closed = new Promise<Response & { kind: 'closed' }>((resolve) => {
      onClosed = resolve;
      worker.once('exit', () => resolve({ kind: 'closed' }));
    });
    worker.postMessage({ kind: 'close' } satisfies Request);
    const { error } = await closed;
    await exited;
    if (error !== undefined) throw fromWire(error);
  };

  return {
    opened,
    groups: queue.figures,
    write: (member) => (ended === undefined ? queue.add(member) : Promise.reject(ended)),
    call: <Name extends CallName>(name: Name, ...values: Parameters<CoreCalls[Name]>) =>
      new Promise<ReturnType<CoreCalls[Name]>>((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        calls.set(++callId, { resolve, reject });
        worker.postMessage({ kind: 'call', id: callId, name, values } satisfies Request);
      }),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
