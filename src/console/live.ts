// The live stream: what changed on the wall, sent to every open page as server-sent events; gathered for a moment, made once for all.
import type { Hono } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { PhoneView } from '../core/phone-view.ts';
import type { Clock, Count } from '../core/ports.ts';
import { type Env, needs } from './access/gate.ts';
import type { ConsoleDeps } from './deps.ts';
import { createSent } from './live-sent.ts';
import { createWatchers, type Watcher } from './live-watchers.ts';
import { type Card, cardOf, type Tile, tileOf } from './pages/tiles.ts';

/** A change after a quiet time goes out nearly at once; then changes gather: a burst of hits is one message. */
const FIRST_MS = 20;
const GATHER_MS = 120;
/** A call ends some seconds behind the last word of its phones, and then none of them says anything: while one goes on it is asked. */
const CALLS_AGAIN_MS = 1_000;
const ALIVE_MS = 10_000;
const CALLS_SHOWN = 100;

/** Calls that are new or changed, and keys of those that are over; `all`: there are no others. */
export type CallNews = { all?: true; cards: Card[]; gone: string[] };

export type Live = {
  /** Mounts `GET /live`. */
  mount(app: Hono<Env>): void;
  watchers(): number;
  close(): void;
};

/** Runs `flush` soon after it is called, however often that is: nearly at once after a quiet time, else with a distance. */
function gathering(clock: Clock, flush: () => Promise<void>): () => void {
  let waits = false;
  let ranAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (waits) return;
    waits = true;
    clock.after(Math.max(FIRST_MS, ranAtMs + GATHER_MS - clock.monotonicMs()), () => {
      waits = false;
      ranAtMs = clock.monotonicMs();
      void flush();
    });
  };
}

/** A stream that nobody watches yet; while nobody does, it costs nothing. */
export function createLive(deps: Pick<ConsoleDeps, 'phones' | 'history'>, clock: Clock, count: Count): Live {
  const dirty = new Map<string, PhoneView>();
  const tiles = createSent<Tile>(({ id }) => id);
  const cards = createSent<Card>(({ key }) => key);
  let stopListening: (() => void) | undefined;
  let everything = false;
  let again = false;

  const watchers = createWatchers(count, () => {
    stopListening?.();
    stopListening = undefined;
    for (const kept of [dirty, tiles, cards]) kept.clear();
  });
  const openCalls = async (): Promise<Card[] | undefined> =>
    (await deps.history.calls({ state: 'open', limit: CALLS_SHOWN }).catch(() => undefined))?.map(cardOf);
  const flush = async (): Promise<void> => {
    const views = [...dirty.values()];
    const reload = everything;
    everything = false;
    dirty.clear();
    if (watchers.size() === 0) return;
    if (reload) return watchers.tell('reload', {});
    const changed = tiles.changed(views.map(tileOf));
    if (changed.length > 0) watchers.tell('tiles', changed);
    const open = await openCalls();
    if (open === undefined) return;
    const news: CallNews = { gone: cards.gone(open), cards: cards.changed(open) };
    if (news.gone.length + news.cards.length > 0) watchers.tell('calls', news);
    if (open.length > 0) lookAgain();
  };
  const gather = gathering(clock, flush);
  const lookAgain = (): void => {
    if (again) return;
    again = true;
    clock.after(CALLS_AGAIN_MS, () => {
      again = false;
      gather();
    });
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
    watchers.send(watcher, 'tiles', deps.phones.all().map(tileOf));
    const open = await openCalls();
    if (open !== undefined && watchers.has(watcher))
      watchers.send(watcher, 'calls', { all: true, cards: open, gone: [] } satisfies CallNews);
  };
  const join = (stream: SSEStreamingApi): Promise<void> =>
    watchers.join(stream, (watcher) => {
      listen();
      void tellAll(watcher);
      gather();
    });
  return {
    mount: (app) => mountLive(app, { join, full: watchers.full, clock, count }),
    watchers: watchers.size,
    close: watchers.close,
  };
}

type Mounted = { join(stream: SSEStreamingApi): Promise<void>; full(): boolean; clock: Clock; count: Count };

function mountLive(app: Hono<Env>, { join, full, clock, count }: Mounted): void {
  app.get('/live', needs('read', { count }), (c) => {
    // Whoever only asks for the head would never read the stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    if (full()) return c.text('too many open pages; close some', 503);
    return streamSSE(c, async (stream) => {
      await stream.writeSSE({ event: 'hello', data: '{}' });
      beat(stream, clock, c.get('stillKnown'));
      await join(stream);
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
