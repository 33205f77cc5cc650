// The client of the Slack destination: which call a message becomes, one attempt at a time.
import { type Attempts, createAttempts } from '../../core/attempts.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { Connection, OpenContext, SendMeta } from '../../core/destination.ts';
import type { Secret } from '../../core/secret.ts';
import { type Answer, callWebhook, createCall } from './api.ts';
import { cardOf } from './card.ts';
import { createCards, type Desk, inTurn, NO_CHANNEL, QUIET } from './cards.ts';
import { createTaking } from './clicks.ts';
import { drawDigest, groupOf } from './digest.ts';
import { createSearch } from './history.ts';
import { createLimits } from './limits.ts';
import { createPlaces } from './places.ts';
import type { SlackSettings } from './settings.ts';
import { openSocketMode } from './socket-mode.ts';

type Message = Delivery['message'];

/** An incoming webhook has one channel. */
const WEBHOOK = 'webhook';
/** An answer to a message that is not there (any more), or that takes none. */
const NO_THREAD = new Set(['thread_not_found', 'message_not_found', 'cannot_reply_to_message']);

/** Opens a connection. Nothing is held open between messages, except the socket over which clicks come, where there is an app token. */
export async function open(settings: SlackSettings, context: OpenContext): Promise<Connection> {
  const attempts: Attempts = createAttempts();
  const { token, webhookUrl } = settings;
  if (webhookUrl !== undefined || token === undefined) {
    const post = webhookPoster(settings, webhookUrl, context);
    return {
      send: (message, meta) => attempts.run(meta.signal, (signal) => post(message, meta, signal)),
      close: () => attempts.close(),
    };
  }
  const desk = deskOf(token, settings, context);
  const send = sender(desk, settings);
  // Without somebody to tell of a click there is no use in hearing of it, and it would be taken from a daemon that has.
  const socket =
    settings.appToken === undefined || context.claim === undefined
      ? undefined
      : openSocketMode({
          call: createCall(settings.appToken, settings.apiUrl),
          context,
          take: createTaking(desk.call, context.claim, context),
        });
  return {
    send: (message, meta) => attempts.run(meta.signal, (signal) => send(message, meta, signal)),
    close: async () => void (await Promise.all([attempts.close(), socket?.close()])),
  };
}

function deskOf(token: Secret, settings: SlackSettings, context: OpenContext): Desk {
  const call = createCall(token, settings.apiUrl);
  const limits = createLimits(context.clock);
  return {
    call,
    limits,
    context,
    places: createPlaces(context.clock),
    search: createSearch(call),
    openedAtMs: context.clock.wallMs(),
    buttons: settings.appToken !== undefined,
    refused: (answer, channel, who) => refusedBy(answer, limits, channel, who),
  };
}

/** Where Slack asks to wait, that channel waits, and this message has the first turn afterwards. */
function refusedBy(
  { outcome }: Answer & { ok: false },
  limits: ReturnType<typeof createLimits>,
  channel: string,
  who: string,
): Outcome {
  if (outcome.kind !== 'later') return outcome;
  limits.pause(channel, outcome.afterMs);
  return { ...outcome, afterMs: Math.max(1, limits.turn(channel, who)) };
}

type Send = (message: Message, meta: SendMeta, signal: AbortSignal) => Promise<Outcome>;

function sender(desk: Desk, settings: SlackSettings): Send {
  const sendCard = createCards(desk);
  const { limits, search, call, places, refused } = desk;
  return async (message, meta, signal) => {
    const channel = typeof message.channel === 'string' ? message.channel : settings.channel;
    const card = cardOf(message.card);
    if (card !== undefined) return sendCard(card, textOf(message), channel, meta, signal);
    const answered = cardOf(message.thread);
    const place = answered === undefined ? undefined : places.find(answered.key, meta.kept);
    const thread = place === undefined || place.gone ? undefined : place;
    const target = thread?.channel ?? channel;
    if (target === undefined) return NO_CHANNEL;
    const waitMs = limits.turn(target, meta.id);
    if (waitMs > 0) return inTurn(waitMs);
    const content = { ...contentOf(message, settings), ...QUIET };
    const inThread =
      thread === undefined
        ? {}
        : { thread_ts: thread.ts, ...(message.broadcast === true ? { reply_broadcast: true } : {}) };
    let answer = await call('chat.postMessage', { ...content, ...inThread, channel: target }, signal);
    // What it would answer was deleted: what it says still counts.
    if (!answer.ok && thread !== undefined && channel !== undefined && NO_THREAD.has(answer.word ?? ''))
      answer = await call('chat.postMessage', { ...content, channel }, signal);
    if (!answer.ok) return refused(answer, target, meta.id);
    const { channel: id } = answer.data;
    if (typeof id === 'string' && thread === undefined) {
      search.learn(target, id);
      limits.same(target, id);
    }
    return { kind: 'delivered', code: 'ok' };
  };
}

function webhookPoster(settings: SlackSettings, url: Secret | undefined, context: OpenContext): Send {
  const limits = createLimits(context.clock);
  return async (message, meta, signal) => {
    if (url === undefined) return { kind: 'dead', error: 'the connection has neither token nor webhookUrl' };
    if (cardOf(message.card) !== undefined)
      return { kind: 'dead', error: 'an incoming webhook cannot edit messages; a card needs a token' };
    const waitMs = limits.turn(WEBHOOK, meta.id);
    if (waitMs > 0) return inTurn(waitMs);
    const answer = await callWebhook(url, { ...contentOf(message, settings), ...QUIET }, signal);
    return answer.ok ? { kind: 'delivered', code: 'ok' } : refusedBy(answer, limits, WEBHOOK, meta.id);
  };
}

const textOf = ({ text }: Message): string | undefined =>
  typeof text === 'string' && text.trim() !== '' ? text : undefined;

/** What is shown: the text, or the digest with the text above it. */
function contentOf(message: Message, settings: SlackSettings): Record<string, unknown> {
  const mrkdwn = message.mrkdwn === true;
  const group = groupOf(message.digest);
  if (group === undefined) return { text: message.text, mrkdwn };
  const zone = typeof message.timezone === 'string' ? message.timezone : settings.timezone;
  return { ...drawDigest(group, textOf(message), zone ?? 'UTC', mrkdwn), mrkdwn };
}
