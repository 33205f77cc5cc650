// Posting and editing the card of a call: one message a call, for any order of answers and for lost ones.
import type { CallCard } from '../../core/call-card.ts';
import type { Outcome } from '../../core/delivery.ts';
import type { OpenContext, SendMeta } from '../../core/destination.ts';
import type { Answer, Call } from './api.ts';
import { drawCard, metadataOf } from './card.ts';
import type { Search } from './history.ts';
import type { ChannelLimits } from './limits.ts';
import { nameOf, type Place, type Places } from './places.ts';

/** While a card is being posted, a second message for it waits: it will edit what the first one made. */
const POSTING_MS = 500;
const DOUBTS_MAX = 5_000;

/** What every message of a connection is sent with. */
export type Desk = {
  call: Call;
  limits: ChannelLimits;
  places: Places;
  search: Search;
  context: OpenContext;
  /** Wall time at which the connection was opened. */
  openedAtMs: number;
  /** A refused call of a channel as an outcome: where Slack asks to wait, the channel waits. */
  refused(answer: Answer & { ok: false }, channel: string, who: string): Outcome;
  /** Cards have a button. */
  buttons: boolean;
};

/** Never turned into links or mentions, and nothing shown beside it. */
export const QUIET = { link_names: false, parse: 'none', unfurl_links: false, unfurl_media: false } as const;

export type SendCard = (
  card: CallCard,
  text: string | undefined,
  channel: string | undefined,
  meta: SendMeta,
  signal: AbortSignal,
) => Promise<Outcome>;

/** One card to be shown. `who`: under which name it waits for its turn. */
type Job = { card: CallCard; content: Record<string, unknown>; signal: AbortSignal; who: string };
type Spot = { channel: string; ts: string };
/** `doubtful`: calls whose card may have been posted by an attempt that was not answered. */
type Board = Desk & { posting: Set<string>; doubtful: Set<string> };

/**
 * Sends cards. The first event of a call posts one; every later one edits it, wherever the config says by then that cards go.
 * Before a post that may have happened already (an earlier attempt, or a process that ended in the middle of one), the channel is
 * searched for it.
 */
export function createCards(desk: Desk): SendCard {
  const board: Board = { ...desk, posting: new Set(), doubtful: new Set() };
  const { posting, limits, places } = board;
  return async (card, text, channel, { attempt, kept }, signal) => {
    const who = nameOf(card.key);
    const place = places.find(card.key, kept);
    const over = place === undefined ? undefined : settled(card, place);
    if (over !== undefined) return over;
    const target = place?.channel ?? channel;
    if (target === undefined) return NO_CHANNEL;
    if (posting.has(card.key)) return { kind: 'later', error: 'the card is being posted', afterMs: POSTING_MS };
    const waitMs = limits.turn(target, who);
    if (waitMs > 0) return inTurn(waitMs);
    const job: Job = { card, content: contentOf(card, text, desk.buttons), signal, who };
    posting.add(card.key);
    try {
      return await (place === undefined ? first(board, job, target, attempt) : edit(board, job, place, channel));
    } finally {
      posting.delete(card.key);
    }
  };
}

function contentOf(card: CallCard, text: string | undefined, buttons: boolean): Record<string, unknown> {
  const drawn = drawCard(card, buttons);
  const { blocks } = drawn;
  return { text: text ?? drawn.text, blocks, metadata: metadataOf(card), link_names: false, parse: 'none' };
}

/** Nothing is to be sent: the card was deleted, or it shows a later state (this one was sent again by a person). */
function settled(card: CallCard, place: Place): Outcome | undefined {
  if (place.gone) return { kind: 'delivered', code: 'card_removed' };
  return card.at < place.at ? { kind: 'delivered', code: 'overtaken' } : undefined;
}

function shown({ places, doubtful }: Board, { card }: Job, { channel, ts }: Spot): Outcome {
  doubtful.delete(card.key);
  return { kind: 'delivered', code: 'ok', keep: places.keep(card.key, { channel, ts, at: card.at }) };
}

async function edit(board: Board, job: Job, spot: Spot, mayPost?: string): Promise<Outcome> {
  const { card, content, signal, who } = job;
  const { channel, ts } = spot;
  const answer = await board.call('chat.update', { ...content, channel, ts }, signal);
  if (answer.ok) return shown(board, job, spot);
  if (answer.word === 'message_not_found') {
    // Somebody removed the card, which says that they are done with it: it does not come back.
    board.context.count('slack_cards_removed', { to: board.context.name });
    const keep = board.places.keep(card.key, { channel, ts, at: card.at, gone: true });
    return { kind: 'delivered', code: 'message_not_found', keep };
  }
  // The app was exchanged: the old card can be edited by nobody any more.
  if (answer.word === 'cant_update_message' && mayPost !== undefined) return post(board, job, mayPost);
  return board.refused(answer, channel, who);
}

async function post(board: Board, job: Job, channel: string): Promise<Outcome> {
  const { card, content, signal, who } = job;
  const answer = await board.call('chat.postMessage', { ...content, ...QUIET, channel }, signal);
  if (!answer.ok) {
    if (!answer.sure && board.doubtful.size < DOUBTS_MAX) board.doubtful.add(card.key);
    return board.refused(answer, channel, who);
  }
  const { channel: id, ts } = answer.data;
  if (typeof id !== 'string' || typeof ts !== 'string') return { kind: 'delivered', code: 'ok' };
  board.search.learn(channel, id);
  board.limits.same(channel, id);
  return shown(board, job, { channel: id, ts });
}

async function first(board: Board, job: Job, channel: string, attempt: number): Promise<Outcome> {
  const { card, signal, who } = job;
  const { context } = board;
  const doubt = attempt > 1 || board.doubtful.has(card.key) || Date.parse(card.startedAt) < board.openedAtMs;
  if (!doubt) return post(board, job, channel);
  const found = await board.search.find(channel, card, signal);
  if (found.kind === 'found') {
    context.count('slack_cards_found', { to: context.name });
    return edit(board, job, found, channel);
  }
  if (found.kind === 'failed') return board.refused(found.answer, `history of ${channel}`, who);
  if (found.kind === 'denied') {
    context.count('slack_lookups_denied', { to: context.name });
    if (found.word !== undefined)
      context.log.warn('slack_lookup_denied', { connection: context.name, channel, code: found.word });
  }
  return post(board, job, channel);
}

export const NO_CHANNEL: Outcome = {
  kind: 'dead',
  code: 'no_channel',
  error: 'the message names no channel and the connection has none; set its channel',
};

/** A channel takes about one message a second. */
export const inTurn = (afterMs: number): Outcome => ({
  kind: 'later',
  code: 'channel_limit',
  error: 'the channel takes one message a second',
  afterMs,
});
