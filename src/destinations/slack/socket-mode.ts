// Socket Mode: how clicks come in without a public address. A WebSocket that is opened, refreshed and opened again, for good.
//
// opening → open (hello) → leaving (Slack asks for a refresh: the next one is opened first, then this one ends) → gone
import type { OpenContext } from '../../core/destination.ts';
import type { Cancel } from '../../core/ports.ts';
import type { Call } from './api.ts';
import type { Take } from './clicks.ts';
import { readSaid } from './envelope.ts';
import { travelsSafely } from './settings.ts';
import { type Link, openLink } from './socket-link.ts';

const WAIT_MS = 1_000;
const WAIT_MS_MAX = 60_000;
/** Somebody has to turn something on in Slack, or set another token. */
const REPAIR_MS = 300_000;
const HELLO_MS_MAX = 10_000;
/** A connection that held that long was a good one: the next waits begin small again. */
const STABLE_MS = 10_000;
/** Slack closes a connection some seconds after it asked for a refresh; if it does not, we do. */
const LEAVING_MS = 30_000;
/** Slack wants an answer within 3 s (docs.slack.dev, "Using Socket Mode"). */
const ACKNOWLEDGE_MS = 2_500;

export type SocketMode = { close(): Promise<void> };

type Options = { call: Call; context: OpenContext; take: Take };

type State = {
  links: Map<Link, { leaving: boolean; cancel: Cancel }>;
  opening: Promise<void> | undefined;
  waiting: Cancel | undefined;
  failures: number;
  /** Nothing is opened before (monotonic ms). */
  restUntil: number;
  over: AbortController;
};

/** Opens Socket Mode with an app-level token, in the background, until it is closed. */
export function openSocketMode(options: Options): SocketMode {
  const state: State = {
    links: new Map(),
    opening: undefined,
    waiting: undefined,
    failures: 0,
    restUntil: 0,
    over: new AbortController(),
  };
  connect(state, options);
  return {
    async close() {
      state.over.abort();
      state.waiting?.();
      const closeAll = () => Promise.all([...state.links.keys()].map((link) => link.close()));
      await closeAll();
      // What was just being opened as well.
      await state.opening;
      await closeAll();
    },
  };
}

/** Opens one more connection at once, unless one is being opened. */
function connect(state: State, options: Options): void {
  if (state.over.signal.aborted || state.opening !== undefined) return;
  state.waiting?.();
  state.waiting = undefined;
  state.opening = openOne(state, options).then((retryMs) => {
    state.opening = undefined;
    // It may have been opened and be gone, or on its way out, by now.
    if (retryMs !== undefined) connectIn(state, options, retryMs);
    else if (!hasGood(state)) connectIn(state, options, backoffMs(state, options));
  });
}

function connectIn(state: State, options: Options, delayMs: number): void {
  if (state.over.signal.aborted || state.opening !== undefined || state.waiting !== undefined) return;
  const { clock } = options.context;
  state.waiting = clock.after(Math.max(delayMs, state.restUntil - clock.monotonicMs()), () => {
    state.waiting = undefined;
    connect(state, options);
  });
}

/** Whether there is a connection that is to stay. */
const hasGood = ({ links }: State): boolean => [...links.values()].some(({ leaving }) => !leaving);

/** After how long the next try may come: exponential with full jitter; the first one at once. */
function backoffMs(state: State, { context }: Options): number {
  if (state.failures === 0) return 0;
  const capMs = Math.min(WAIT_MS_MAX, WAIT_MS * 2 ** Math.min(10, state.failures - 1));
  return capMs * (0.5 + context.random.fraction() / 2);
}

/** Returns in how many ms to try again; undefined if there is a connection. Never rejects. */
async function openOne(state: State, options: Options): Promise<number | undefined> {
  const { call, context } = options;
  const { signal } = state.over;
  state.failures += 1;
  const answer = await call('apps.connections.open', {}, signal);
  if (signal.aborted) return undefined;
  if (!answer.ok) {
    const { kind, error, code } = answer.outcome;
    const wrong = kind === 'dead' || kind === 'unavailable' || kind === 'gone';
    context.count('slack_socket_failures', { to: context.name });
    context.log[wrong ? 'warn' : 'debug']('slack_socket_refused', { connection: context.name, code, error });
    if (kind === 'later') return Math.max(answer.outcome.afterMs, backoffMs(state, options));
    return wrong ? REPAIR_MS : backoffMs(state, options);
  }
  const { url } = answer.data;
  if (typeof url !== 'string' || !/^wss?:/.test(url) || !travelsSafely(url)) {
    context.log.warn('slack_socket_refused', { connection: context.name, error: 'the answer holds no safe address' });
    return REPAIR_MS;
  }
  try {
    await openLink(url, {
      clock: context.clock,
      random: context.random,
      signal,
      onOpened(link) {
        const cancel = context.clock.after(HELLO_MS_MAX, () => void link.close());
        state.links.set(link, { leaving: false, cancel });
      },
      onText: (text, from) => hear(state, options, from, text),
      onClosed: (gone, reason) => lost(state, options, gone, reason),
    });
    return undefined;
  } catch {
    context.count('slack_socket_failures', { to: context.name });
    return signal.aborted ? undefined : backoffMs(state, options);
  }
}

function hear(state: State, options: Options, link: Link, text: string): void {
  const { context } = options;
  const said = readSaid(text);
  if (said.kind === 'hello') welcomed(state, options, link);
  else if (said.kind === 'disconnect') leave(state, options, link, said.reason);
  else if (said.kind === 'envelope' && said.click === undefined) link.send(JSON.stringify({ envelope_id: said.id }));
  else if (said.kind === 'envelope' && said.click !== undefined) {
    const acknowledge = once(() => link.send(JSON.stringify({ envelope_id: said.id })));
    // Acknowledged when the claim is durable; if that takes too long, Slack must not think that nobody listens.
    const cancel = context.clock.after(ACKNOWLEDGE_MS, acknowledge);
    options.take(said.click, said.id, state.over.signal).then(
      () => {
        cancel();
        acknowledge();
      },
      () => {
        // Not acknowledged: Slack shows to whoever clicked that it did not work.
        cancel();
        context.count('slack_clicks', { to: context.name, result: 'failed' });
        context.log.warn('slack_click_failed', { connection: context.name });
      },
    );
  } else context.count('slack_socket_unknown', { to: context.name });
}

function welcomed(state: State, { context }: Options, link: Link): void {
  const own = state.links.get(link);
  if (own === undefined) return;
  own.cancel();
  own.cancel = context.clock.after(STABLE_MS, () => {
    state.failures = 0;
  });
  context.log.info('slack_socket_open', { connection: context.name });
}

/** The next connection is opened before this one ends, so that no click falls between. */
function leave(state: State, options: Options, link: Link, reason: string): void {
  const { context } = options;
  const own = state.links.get(link);
  if (own === undefined || own.leaving) return;
  own.leaving = true;
  own.cancel();
  if (reason === 'link_disabled') {
    context.log.warn('slack_socket_disabled', {
      connection: context.name,
      error: 'Socket Mode was turned off; turn it on in the settings of the app, or remove appToken',
    });
    state.waiting?.();
    state.waiting = undefined;
    state.restUntil = context.clock.monotonicMs() + REPAIR_MS;
    connectIn(state, options, REPAIR_MS);
    void link.close();
    return;
  }
  own.cancel = context.clock.after(LEAVING_MS, () => void link.close());
  connectIn(state, options, backoffMs(state, options));
}

function lost(state: State, options: Options, link: Link, reason: string): void {
  const { context } = options;
  state.links.get(link)?.cancel();
  state.links.delete(link);
  if (state.over.signal.aborted) return;
  context.log.info('slack_socket_closed', { connection: context.name, reason });
  if (!hasGood(state)) connectIn(state, options, backoffMs(state, options));
}

function once(task: () => void): () => void {
  let done = false;
  return () => {
    if (!done) task();
    done = true;
  };
}
