// Finds a card whose post was never answered, so that it is edited and not posted twice: in the channel's history, by its metadata.
import type { CallCard } from '../../core/call-card.ts';
import type { Answer, Call } from './api.ts';
import { CARD_EVENT_TYPE } from './card.ts';

/** Clocks may differ by that much. */
const EARLIER_MS = 60_000;
const MESSAGES_A_PAGE = 100;
const PAGES_MAX = 4;
const CHANNELS_A_PAGE = 500;

export type Found =
  | { kind: 'found'; channel: string; ts: string }
  /** It is not there, as far as can be seen. */
  | { kind: 'missing' }
  /** The token may not look, or nobody can say which channel it is. */
  | { kind: 'denied'; word?: string }
  | { kind: 'failed'; answer: Answer & { ok: false } };

export type Search = {
  find(channel: string, card: CallCard, signal: AbortSignal): Promise<Found>;
  /** Remembers which id a channel's name stands for. */
  learn(name: string, id: string): void;
};

/** Searches with the bot's token; what it may not do once it does not try again. */
export function createSearch(call: Call): Search {
  const ids = new Map<string, string>();
  const denied = new Set<string>();

  /** One call, unless it was denied before. */
  async function ask(method: string, args: Record<string, unknown>, signal: AbortSignal): Promise<Answer | Found> {
    const what = method === 'conversations.history' ? `${method} ${args.channel}` : method;
    if (denied.has(what) || denied.has(method)) return { kind: 'denied' };
    const answer = await call(method, args, signal);
    if (answer.ok) return answer;
    const { kind } = answer.outcome;
    const word = answer.word === undefined ? {} : { word: answer.word };
    if (kind === 'retry' || kind === 'later' || (kind === 'unavailable' && answer.word !== 'missing_scope'))
      return { kind: 'failed', answer };
    // A scope may be there for public channels and missing for private ones.
    denied.add(what);
    return { kind: 'denied', ...word };
  }

  async function idOf(channel: string, signal: AbortSignal): Promise<string | Found> {
    if (/^[CDG]/.test(channel)) return channel;
    const known = ids.get(channel);
    if (known !== undefined) return known;
    if (!channel.startsWith('#')) return { kind: 'denied' };
    const args = { types: 'public_channel,private_channel', exclude_archived: true, limit: CHANNELS_A_PAGE };
    for (let cursor: string | undefined = '', page = 0; cursor !== undefined && page < PAGES_MAX; page++) {
      const answer: Answer | Found = await ask(
        'conversations.list',
        cursor === '' ? args : { ...args, cursor },
        signal,
      );
      if (!('ok' in answer)) return answer;
      if (!answer.ok) return { kind: 'failed', answer };
      for (const { id, name } of objectsIn(answer.data.channels)) {
        if (typeof id !== 'string' || `#${String(name)}` !== channel) continue;
        ids.set(channel, id);
        return id;
      }
      cursor = cursorOf(answer.data);
    }
    return { kind: 'denied' };
  }

  return {
    learn: (name, id) => void (ids.size < MESSAGES_A_PAGE * PAGES_MAX && ids.set(name, id)),
    async find(channel, card, signal) {
      const id = await idOf(channel, signal);
      if (typeof id !== 'string') return id;
      const oldest = ((Date.parse(card.startedAt) - EARLIER_MS) / 1000).toFixed(6);
      const args = { channel: id, oldest, include_all_metadata: true, limit: MESSAGES_A_PAGE };
      for (let cursor: string | undefined = '', page = 0; cursor !== undefined && page < PAGES_MAX; page++) {
        const answer: Answer | Found = await ask(
          'conversations.history',
          cursor === '' ? args : { ...args, cursor },
          signal,
        );
        if (!('ok' in answer)) return answer;
        if (!answer.ok) return { kind: 'failed', answer };
        for (const message of objectsIn(answer.data.messages))
          if (typeof message.ts === 'string' && isCardOf(message, card))
            return { kind: 'found', channel: id, ts: message.ts };
        cursor = cursorOf(answer.data);
      }
      return { kind: 'missing' };
    },
  };
}

function isCardOf({ metadata }: Record<string, unknown>, { site, key }: CallCard): boolean {
  const { event_type: type, event_payload: payload } = objectOf(metadata);
  const { site: inSite, key: ofCall } = objectOf(payload);
  return type === CARD_EVENT_TYPE && inSite === site && ofCall === key;
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const objectsIn = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(objectOf) : []);

function cursorOf(data: Record<string, unknown>): string | undefined {
  const { next_cursor: next } = objectOf(data.response_metadata);
  return typeof next === 'string' && next !== '' ? next : undefined;
}
