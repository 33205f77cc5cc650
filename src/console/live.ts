// The live stream: what changed on the wall, sent to every open page as server-sent events; gathered for a moment, made once for all.
import type { Hono } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { Clock, Count } from '../core/ports.ts';
import { type Env, needs } from './access/gate.ts';
import type { ConsoleDeps } from './deps.ts';
import { cardOf, tileOf } from './pages/tiles.ts';

/** A change after a quiet time goes out nearly at once; then changes gather: a burst of hits is one message. */
const FIRST_MS = 20;
const GATHER_MS = 120;
const ALIVE_MS = 10_000;
const WATCHERS_MAX = 100;
const CALLS_SHOWN = 100;

type Watcher = { stream: SSEStreamingApi; end(): void };

export type Live = {
  /** Mounts `GET /live`. */
  mount(app: Hono<Env>): void;
  watchers(): number;
  close(): void;
};

/** A stream that nobody watches yet; while nobody does, it costs nothing. */
export function createLive(deps: Pick<ConsoleDeps, 'phones' | 'history'>, clock: Clock, count: Count): Live {
  const watchers = new Set<Watcher>();
  const dirty = new Set<string>();
  let stopListening: (() => void) | undefined;
  let gathering = false;
  let everything = false;
  /** Of the monotonic clock. */
  let sentAtMs = Number.NEGATIVE_INFINITY;

  const tell = (event: string, data: unknown): void => {
    const text = JSON.stringify(data);
    for (const { stream } of watchers) void stream.writeSSE({ event, data: text });
  };
  const { openCalls, now } = pictureOf(deps);
  const flush = async (): Promise<void> => {
    gathering = false;
    sentAtMs = clock.monotonicMs();
    if (watchers.size === 0) return;
    if (everything) tell('reload', {});
    else {
      const views = deps.phones.all().filter(({ id }) => dirty.has(id));
      tell('tiles', views.map(tileOf));
      const calls = await openCalls();
      if (calls !== undefined) tell('calls', calls);
    }
    dirty.clear();
    everything = false;
  };
  const gather = (): void => {
    if (gathering) return;
    gathering = true;
    clock.after(Math.max(FIRST_MS, sentAtMs + GATHER_MS - clock.monotonicMs()), () => void flush());
  };
  const listen = (): void => {
    stopListening ??= deps.phones.listen((news) => {
      if (news.kind === 'phone') dirty.add(news.view.id);
      else if (news.kind === 'phones') everything = true;
      else return;
      gather();
    });
  };
  const leave = (watcher: Watcher): void => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    stopListening?.();
    stopListening = undefined;
  };

  const join = (stream: SSEStreamingApi): Promise<void> =>
    new Promise((resolve) => {
      const watcher: Watcher = { stream, end: resolve };
      watchers.add(watcher);
      stream.onAbort(() => {
        leave(watcher);
        resolve();
      });
      listen();
    });

  return {
    mount: (app) => mountLive(app, { join, now, full: () => watchers.size >= WATCHERS_MAX, clock, count }),
    watchers: () => watchers.size,
    close() {
      for (const watcher of [...watchers]) {
        leave(watcher);
        watcher.end();
      }
    },
  };
}

/** What is so now: the open calls as cards (undefined if they cannot be read), and everything that the wall shows. */
function pictureOf({ phones, history }: Pick<ConsoleDeps, 'phones' | 'history'>) {
  const openCalls = () =>
    history.calls({ state: 'open', limit: CALLS_SHOWN }).then(
      (calls) => calls.map(cardOf),
      () => undefined,
    );
  const now = async () => {
    const calls = await openCalls();
    return { tiles: phones.all().map(tileOf), ...(calls === undefined ? {} : { calls }) };
  };
  return { openCalls, now };
}

type Mounted = {
  join(stream: SSEStreamingApi): Promise<void>;
  now(): Promise<{ tiles: unknown; calls?: unknown }>;
  full(): boolean;
  clock: Clock;
  count: Count;
};

function mountLive(app: Hono<Env>, { join, now, full, clock, count }: Mounted): void {
  app.get('/live', needs('read', { count }), (c) => {
    // Whoever only asks for the head would never read the stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    if (full()) return c.text('too many open pages; close some', 503);
    return streamSSE(c, async (stream) => {
      const ended = join(stream);
      await stream.writeSSE({ event: 'hello', data: '{}' });
      // What happened between the page and the stream, or while the connection was lost.
      for (const [event, data] of Object.entries(await now()))
        await stream.writeSSE({ event, data: JSON.stringify(data) });
      beat(stream, clock, c.get('stillKnown'));
      await ended;
    });
  });
}

/** A word now and then, so that proxies keep the connection and a dead one is noticed; it ends with the session that it came of. */
function beat(stream: SSEStreamingApi, clock: Clock, stillKnown: () => boolean): void {
  clock.after(ALIVE_MS, () => {
    if (stream.aborted || stream.closed) return;
    if (!stillKnown()) return stream.abort();
    void stream.writeSSE({ event: 'alive', data: '{}' });
    beat(stream, clock, stillKnown);
  });
}
