// The phones as they are, for destinations that show them: views of the engine's state, and news once they are durable.
import type { Config } from './config.ts';
import type { PhoneCard } from './core/phone-card.ts';
import type { PhoneCommand, PhoneFeed, PhoneNews, PhoneView } from './core/phone-view.ts';
import {
  eventViewOf,
  lastCallerOf,
  lastMissedOf,
  newPhone,
  pinOf,
  type State,
  snapshotOf,
  type Touched,
} from './engine/index.ts';
import type { Sites } from './sites.ts';
import { makerOf } from './vendors/index.ts';

export type PhoneFeedOptions = {
  version: string;
  startedAtMs: number;
  config(): Config;
  stateOf(site: string): State | undefined;
  /** Puts a note into the journal; resolves when it is durable. */
  note: Sites['note'];
};

export type OwnedPhoneFeed = PhoneFeed & {
  /** Takes down what a step touched, as it is now; what is returned tells it, once it is durable. */
  told(site: string, touched: readonly Touched[]): (() => void) | undefined;
  /** Another config is in use. */
  configChanged(): void;
};

/** A feed that nobody listens to yet. */
export function createPhoneFeed(options: PhoneFeedOptions): OwnedPhoneFeed {
  const listeners = new Set<(news: PhoneNews) => void>();
  let events = 0;
  let cards: Map<string, PhoneCard> | undefined;
  const cardOf = (site: string, phone: string): PhoneCard | undefined => {
    cards ??= new Map(options.config().phones.map((card) => [`${card.site}/${card.id}`, card]));
    return cards.get(`${site}/${phone}`);
  };
  const tell = (news: readonly PhoneNews[]): void => {
    for (const each of news) for (const listener of listeners) listener(each);
  };
  return {
    all: () => options.config().phones.map((card) => viewOf(card, options.stateOf(card.site))),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async command(phone: string, command: PhoneCommand) {
      const card = options.config().phones.find(({ id }) => id === phone);
      if (card === undefined) return false;
      await options.note(card.site, { type: `note.${command}`, phone: { id: phone } });
      return true;
    },
    health: () => ({ version: options.version, startedAtMs: options.startedAtMs, events, dropped: 0 }),
    told(site, touched) {
      for (const { said } of touched) if (said !== undefined) events += 1;
      if (listeners.size === 0 || touched.length === 0) return undefined;
      const news = touched.flatMap((each) => newsOf(each, cardOf(site, each.phone), options.stateOf(site)));
      return news.length === 0 ? undefined : () => tell(news);
    },
    configChanged() {
      cards = undefined;
      tell([{ kind: 'phones' }]);
    },
  };
}

function newsOf(
  { phone, said, expired, discovered }: Touched,
  card: PhoneCard | undefined,
  state: State | undefined,
): PhoneNews[] {
  const news: PhoneNews[] = [];
  if (discovered === true) news.push({ kind: 'notice', type: 'phone_discovered', data: { phone } });
  // Phones that nobody wrote into the config are announced, and not shown.
  if (card === undefined) return news;
  if (expired !== undefined) news.push({ kind: 'notice', type: 'state_expired', data: { phone, state: expired } });
  news.push({ kind: 'phone', view: viewOf(card, state), ...(said === undefined ? {} : { event: eventViewOf(said) }) });
  return news;
}

function viewOf(card: PhoneCard, state: State | undefined): PhoneView {
  const phone = state?.phones.get(card.id) ?? newPhone(card.id, card.vendor ?? 'sangoma');
  return {
    id: card.id,
    site: card.site,
    mac: card.mac ?? (state === undefined ? undefined : pinOf(state, card.id)) ?? null,
    manufacturer: makerOf(card.vendor ?? phone.vendor),
    area: card.area ?? null,
    groups: card.groups,
    state: snapshotOf(phone, card.name ?? card.id),
    lastCaller: lastCallerOf(phone),
    lastMissed: lastMissedOf(phone),
  };
}
