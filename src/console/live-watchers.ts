// The pages that watch: what is told to all of them or to one, and the end of one that does not keep up.
import type { SSEStreamingApi } from 'hono/streaming';
import type { Count } from '../core/ports.ts';

/** Messages that one page has not taken yet; beyond that it is told to come again, and then gets everything anew. */
const UNTAKEN_MAX = 64;
const WATCHERS_MAX = 100;

export type Watcher = { stream: SSEStreamingApi; untaken: number; end(): void };

export type Watchers = {
  size(): number;
  full(): boolean;
  has(watcher: Watcher): boolean;
  /** Takes a page in; `begun` is called once it is there. Resolves when it is gone. */
  join(stream: SSEStreamingApi, begun: (watcher: Watcher) => void): Promise<void>;
  tell(event: string, data: unknown): void;
  send(watcher: Watcher, event: string, data: unknown): void;
  close(): void;
};

/** Nobody watches yet. `onNobody` is called when the last one left. */
export function createWatchers(count: Count, onNobody: () => void): Watchers {
  const watchers = new Set<Watcher>();
  const leave = (watcher: Watcher): void => {
    if (watchers.delete(watcher) && watchers.size === 0) onNobody();
    watcher.end();
  };
  const send = (watcher: Watcher, event: string, data: string): void => {
    watcher.untaken += 1;
    if (watcher.untaken > UNTAKEN_MAX) {
      count('console_live_dropped');
      leave(watcher);
      return;
    }
    void watcher.stream.writeSSE({ event, data }).finally(() => {
      watcher.untaken -= 1;
    });
  };
  return {
    size: () => watchers.size,
    full: () => watchers.size >= WATCHERS_MAX,
    has: (watcher) => watchers.has(watcher),
    join: (stream, begun) =>
      new Promise((resolve) => {
        const watcher: Watcher = { stream, untaken: 0, end: resolve };
        watchers.add(watcher);
        stream.onAbort(() => leave(watcher));
        begun(watcher);
      }),
    tell(event, data) {
      const text = JSON.stringify(data);
      for (const watcher of [...watchers]) send(watcher, event, text);
    },
    send: (watcher, event, data) => send(watcher, event, JSON.stringify(data)),
    close() {
      for (const watcher of [...watchers]) leave(watcher);
    },
  };
}
