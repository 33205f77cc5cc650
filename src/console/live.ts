// The live stream: what changed on the wall, sent to every open page as server-sent events; gathered for a moment, made once for all.
import type { Hono } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { PhoneView } from '../core/phone-view.ts';
import type { Clock, Count } from '../core/ports.ts';
import { type Env, needs } from './access/gate.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Card, cardOf, type Tile, tileOf } from './pages/tiles.ts';

/** How long changes gather: a person sees no difference, and a burst of hits is one message. */
const GATHER_MS = 120;
const ALIVE_MS = 10_000;
const WATCHERS_MAX = 100;
const CALLS_SHOWN = 100;

/** Messages that one page has not taken yet; beyond that it is told to come again, and then gets everything anew. */
const UNTAKEN_MAX = 64;

type Watcher = { stream: SSEStreamingApi; untaken: number; end(): void };

/** Calls that are new or changed, and keys of those that are over; `all`: there are no others. */
export type CallNews = { all?: true; cards: Card[]; gone: string[] };

export type Live = {
  /** Mounts `GET /live`. */
  mount(app: Hono<Env>): void;
  watchers(): number;
  close(): void;
};

/** A stream that nobody watches yet; while nobody does, it costs nothing. */
export function createLive(deps: Pick<ConsoleDeps, 'phones' | 'history'>, clock: Clock, count: Count): Live {
  const watchers = new Set<Watcher>();
  const dirty = new Map<string, PhoneView>();
  const tiles = createSent<Tile>(({ id }) => id);
  const cards = createSent<Card>(({ key }) => key);
  let stopListening: (() => void) | undefined;
  let gathering = false;
  let everything = false;

  const leave = (watcher: Watcher): void => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    stopListening?.();
    stopListening = undefined;
    dirty.clear();
    tiles.clear();
    cards.clear();
  };
  const send = (watcher: Watcher, event: string, data: string): void => {
    watcher.untaken += 1;
    if (watcher.untaken > UNTAKEN_MAX) {
      count('console_live_dropped');
      leave(watcher);
      watcher.end();
      return;
    }
    void watcher.stream.writeSSE({ event, data }).finally(() => {
      watcher.untaken -= 1;
    });
  };
  const tell = (event: string, data: unknown): void => {
    const text = JSON.stringify(data);
    for (const watcher of [...watchers]) send(watcher, event, text);
  };
  const openCalls = async (): Promise<Card[] | undefined> =>
    (await deps.history.calls({ state: 'open', limit: CALLS_SHOWN }).catch(() => undefined))?.map(cardOf);
  const flush = async (): Promise<void> => {
    const views = [...dirty.values()];
    const reload = everything;
    gathering = everything = false;
    dirty.clear();
    if (watchers.size === 0) return;
    if (reload) return tell('reload', {});
    const changed = tiles.changed(views.map(tileOf));
    if (changed.length > 0) tell('tiles', changed);
    const open = await openCalls();
    if (open === undefined) return;
    const news: CallNews = { gone: cards.gone(open), cards: cards.changed(open) };
    if (news.gone.length + news.cards.length > 0) tell('calls', news);
  };
  const gather = (): void => {
    if (gathering) return;
    gathering = true;
    clock.after(GATHER_MS, () => void flush());
  };
  const listen = (): void => {
    stopListening ??= deps.phones.listen((news) => {
      if (news.kind === 'phone') dirty.set(news.view.id, news.view);
      else if (news.kind === 'phones') everything = true;
      else return;
      gather();
    });
  };
  /** What may have changed between the page and its stream, or while there was none. */
  const tellAll = async (watcher: Watcher): Promise<void> => {
    send(watcher, 'tiles', JSON.stringify(deps.phones.all().map(tileOf)));
    const open = await openCalls();
    if (open !== undefined && watchers.has(watcher))
      send(watcher, 'calls', JSON.stringify({ all: true, cards: open, gone: [] } satisfies CallNews));
  };
  const join = (stream: SSEStreamingApi): Promise<void> =>
    new Promise((resolve) => {
      const watcher: Watcher = { stream, untaken: 0, end: resolve };
      watchers.add(watcher);
      stream.onAbort(() => {
        leave(watcher);
        resolve();
      });
      listen();
      void tellAll(watcher);
    });

  return {
    mount: (app) => mountLive(app, { join, full: () => watchers.size >= WATCHERS_MAX, clock, count }),
    watchers: () => watchers.size,
    close() {
      for (const watcher of [...watchers]) {
        leave(watcher);
        watcher.end();
      }
    },
  };
}

/** What every page has, by its name: what is the same as before is not sent again. */
function createSent<One>(nameOf: (one: One) => string) {
  const sent = new Map<string, string>();
  return {
    changed: (now: readonly One[]): One[] =>
      now.filter((one) => {
        const [name, text] = [nameOf(one), JSON.stringify(one)];
        if (sent.get(name) === text) return false;
        sent.set(name, text);
        return true;
      }),
    /** Names of what is not there any more. */
    gone(now: readonly One[]): string[] {
      const names = new Set(now.map(nameOf));
      const over = [...sent.keys()].filter((name) => !names.has(name));
      for (const name of over) sent.delete(name);
      return over;
    },
    clear: () => sent.clear(),
  };
}

type Mounted = { join(stream: SSEStreamingApi): Promise<void>; full(): boolean; clock: Clock; count: Count };

function mountLive(app: Hono<Env>, { join, full, clock, count }: Mounted): void {
  app.get('/live', needs('read', { count }), (c) => {
    // Whoever only asks for the head would never read the stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    if (full()) return c.text('too many open pages; close some', 503);
    return streamSSE(c, async (stream) => {
      const ended = join(stream);
      await stream.writeSSE({ event: 'hello', data: '{}' });
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
