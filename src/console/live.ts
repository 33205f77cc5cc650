// The live stream: what changed on the wall, sent to every open page as server-sent events; gathered for a moment, made once for all.
import type { Hono } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { PhoneNews, PhoneView } from '../core/phone-view.ts';
import type { Clock, Count } from '../core/ports.ts';
import { type Env, needs } from './access/gate.ts';
import type { ConsoleDeps } from './deps.ts';
import { type Card, cardOf, type Tile, tileOf } from './pages/tiles.ts';

/** How long changes gather: a person sees no difference, and a burst of hits is one message. */
const GATHER_MS = 120;
/** A call ends some seconds behind the last word of its phones, and then none of them says anything: as long as one goes on it is asked. */
const CALLS_AGAIN_MS = 1_000;
const ALIVE_MS = 20_000;
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
  const news = createNews(deps);
  let stopListening: (() => void) | undefined;
  let gathering = false;
  let again = false;
  const crowd = createCrowd(count, () => {
    stopListening?.();
    stopListening = undefined;
    news.clear();
  });
  const flush = async (): Promise<void> => {
    gathering = false;
    if (crowd.size() === 0 || !(await news.tell(crowd.tell)) || again) return;
    again = true;
    clock.after(CALLS_AGAIN_MS, () => {
      again = false;
      gather();
    });
  };
  const gather = (): void => {
    if (gathering) return;
    gathering = true;
    clock.after(GATHER_MS, () => void flush());
  };
  const join = (stream: SSEStreamingApi): Promise<void> =>
    new Promise((resolve) => {
      const watcher: Watcher = { stream, untaken: 0, end: resolve };
      crowd.add(watcher);
      stream.onAbort(() => {
        crowd.leave(watcher);
        resolve();
      });
      stopListening ??= deps.phones.listen((each) => {
        if (news.take(each)) gather();
      });
      void news.tellAll((event, data) => crowd.send(watcher, event, JSON.stringify(data)));
      gather();
    });
  return {
    mount: (app) => mountLive(app, { join, full: () => crowd.size() >= WATCHERS_MAX, clock, count }),
    watchers: crowd.size,
    close: crowd.close,
  };
}

/** The pages that watch. `onNobody`: the last one left. */
function createCrowd(count: Count, onNobody: () => void) {
  const watchers = new Set<Watcher>();
  const leave = (watcher: Watcher): void => {
    if (watchers.delete(watcher) && watchers.size === 0) onNobody();
  };
  const drop = (watcher: Watcher): void => {
    leave(watcher);
    watcher.end();
  };
  const send = (watcher: Watcher, event: string, data: string): void => {
    if (!watchers.has(watcher)) return;
    watcher.untaken += 1;
    if (watcher.untaken > UNTAKEN_MAX) {
      count('console_live_dropped');
      drop(watcher);
      return;
    }
    void watcher.stream.writeSSE({ event, data }).finally(() => {
      watcher.untaken -= 1;
    });
  };
  return {
    size: () => watchers.size,
    add: (watcher: Watcher) => void watchers.add(watcher),
    leave,
    send,
    tell(event: string, data: unknown): void {
      const text = JSON.stringify(data);
      for (const watcher of [...watchers]) send(watcher, event, text);
    },
    close() {
      for (const watcher of [...watchers]) drop(watcher);
    },
  };
}

type Tell = (event: string, data: unknown) => void;

/** What changed since it was told last. */
function createNews({ phones, history }: Pick<ConsoleDeps, 'phones' | 'history'>) {
  const dirty = new Map<string, PhoneView>();
  const tiles = createSent<Tile>(({ id }) => id);
  const cards = createSent<Card>(({ key }) => key);
  let everything = false;
  const openCalls = async (): Promise<Card[] | undefined> =>
    (await history.calls({ state: 'open', limit: CALLS_SHOWN }).catch(() => undefined))?.map(cardOf);
  return {
    /** Returns whether there is something to tell. */
    take(news: PhoneNews): boolean {
      if (news.kind === 'phone') dirty.set(news.view.id, news.view);
      else if (news.kind === 'phones') everything = true;
      return news.kind !== 'notice';
    },
    /** Resolves with whether calls go on. */
    async tell(tell: Tell): Promise<boolean> {
      const views = [...dirty.values()];
      dirty.clear();
      if (everything) {
        everything = false;
        tell('reload', {});
        return false;
      }
      const changed = tiles.changed(views.map(tileOf));
      if (changed.length > 0) tell('tiles', changed);
      const open = await openCalls();
      if (open === undefined) return true;
      const news: CallNews = { gone: cards.gone(open), cards: cards.changed(open) };
      if (news.gone.length + news.cards.length > 0) tell('calls', news);
      return open.length > 0;
    },
    /** What may have changed between a page and its stream, or while there was none. */
    async tellAll(tell: Tell): Promise<void> {
      tell('tiles', phones.all().map(tileOf));
      const open = await openCalls();
      if (open !== undefined) tell('calls', { all: true, cards: open, gone: [] } satisfies CallNews);
    },
    clear() {
      everything = false;
      dirty.clear();
      tiles.clear();
      cards.clear();
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
    if (full()) return c.text('too many open pages; close some', 503);
    return streamSSE(c, async (stream) => {
      const ended = join(stream);
      await stream.writeSSE({ event: 'hello', data: '{}' });
      beat(stream, clock);
      await ended;
    });
  });
}

/** A word now and then, so that proxies keep the connection and a dead one is noticed. */
function beat(stream: SSEStreamingApi, clock: Clock): void {
  clock.after(ALIVE_MS, () => {
    if (stream.aborted || stream.closed) return;
    void stream.writeSSE({ event: 'alive', data: '{}' });
    beat(stream, clock);
  });
}
