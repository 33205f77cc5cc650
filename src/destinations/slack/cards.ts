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

/**
 * Sends cards. The first event of a call posts one; every later one edits it, wherever the config says by then that cards go.
 * Before a post that may have happened already (an earlier attempt, or a process that ended in the middle of one), the channel is
 * searched for it.
 */
export function createCards(desk: Desk): SendCard {
  const { call, limits, places, search, context, refused } = desk;
  const posting = new Set<string>();
  const doubtful = new Set<string>();

  type Job = { card: CallCard; content: Record<string, unknown>; signal: AbortSignal; who: string };

  const shown = ({ card }: Job, place: { channel: string; ts: string }): Outcome => {
    doubtful.delete(card.key);
    const { channel, ts } = place;
    return { kind: 'delivered', code: 'ok', keep: places.keep(card.key, { channel, ts, at: card.at }) };
  };

  async function edit(job: Job, place: { channel: string; ts: string }, mayPost?: string): Promise<Outcome> {
    const { card, content, signal, who } = job;
    const { channel, ts } = place;
    const answer = await call('chat.update', { ...content, channel, ts }, signal);
    if (answer.ok) return shown(job, place);
    if (answer.word === 'message_not_found') {
      // Somebody removed the card, which says that they are done with it: it does not come back.
      context.count('slack_cards_removed', { to: context.name });
      const keep = places.keep(card.key, { channel, ts, at: card.at, gone: true });
      return { kind: 'delivered', code: 'message_not_found', keep };
    }
    // The app was exchanged: the old card can be edited by nobody any more.
    if (answer.word === 'cant_update_message' && mayPost !== undefined) return post(job, mayPost);
    return refused(answer, channel, who);
  }

  async function post(job: Job, channel: string): Promise<Outcome> {
    const { card, content, signal, who } = job;
    const answer = await call('chat.postMessage', { ...content, ...QUIET, channel }, signal);
    if (!answer.ok) {
      if (!answer.sure && doubtful.size < DOUBTS_MAX) doubtful.add(card.key);
      return refused(answer, channel, who);
    }
    const { channel: id, ts } = answer.data;
    if (typeof id !== 'string' || typeof ts !== 'string') return { kind: 'delivered', code: 'ok' };
    search.learn(channel, id);
    limits.same(channel, id);
    return shown(job, { channel: id, ts });
  }

  async function first(job: Job, channel: string, attempt: number): Promise<Outcome> {
    const { card, signal, who } = job;
    const doubt = attempt > 1 || doubtful.has(card.key) || Date.parse(card.startedAt) < desk.openedAtMs;
    if (!doubt) return post(job, channel);
    const found = await search.find(channel, card, signal);
    if (found.kind === 'found') {
      context.count('slack_cards_found', { to: context.name });
      return edit(job, found, channel);
    }
    if (found.kind === 'failed') return refused(found.answer, `history of ${channel}`, who);
    if (found.kind === 'denied') {
      context.count('slack_lookups_denied', { to: context.name });
      if (found.word !== undefined)
        context.log.warn('slack_lookup_denied', { connection: context.name, channel, code: found.word });
    }
    return post(job, channel);
  }

  const settled = (card: CallCard, place: Place): Outcome | undefined => {
    if (place.gone) return { kind: 'delivered', code: 'card_removed' };
    return card.at < place.at ? { kind: 'delivered', code: 'overtaken' } : undefined;
  };

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
    const drawn = drawCard(card, desk.buttons);
    const content = {
      text: text ?? drawn.text,
      blocks: drawn.blocks,
      metadata: metadataOf(card),
      link_names: false,
      parse: 'none',
    };
    const job: Job = { card, content, signal, who };
    posting.add(card.key);
    try {
      return await (place === undefined ? first(job, target, attempt) : edit(job, place, channel));
    } finally {
      posting.delete(card.key);
    }
  };
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
