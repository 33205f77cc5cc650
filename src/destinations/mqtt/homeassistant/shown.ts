// Shown: the phones as they are to be seen on one connection, and what of that was published on it last.
import type { PhoneEventView, PhoneFeed, PhoneView } from '../../../core/phone-view.ts';
import type { Log } from '../../../core/ports.ts';
import type { Publish } from '../packet.ts';
import { retained } from './announcer.ts';
import { BRIDGE_ID } from './keys.ts';
import type { Ledger } from './ledger.ts';
import type { Outgoing } from './outgoing.ts';
import type { Veil } from './privacy.ts';
import type { HomeAssistantSettings } from './settings.ts';
import type { Leaf, Topics } from './topics.ts';

export type Shown = {
  all(): readonly PhoneView[];
  get(id: string): PhoneView | undefined;
  /** Takes the phones as the feed has them now; returns those that are gone. */
  reload(): string[];
  /** A newer view of one phone; true if what its device is called or made of changed. */
  update(view: PhoneView): boolean;
  /** Publishes state and last calls when their turn comes, as they are by then, where they differ from what was published. */
  publish(id: string): void;
  publishEvent(id: string, event: PhoneEventView): void;
  /** What was published counts no more, on all topics or on one. */
  forget(topic?: string): void;
  /** The same retained message again is not published. */
  changed(topic: string, payload: string): Publish[];
};

export type ShownOptions = {
  feed: PhoneFeed;
  settings: HomeAssistantSettings;
  topics: Topics;
  veil: Veil;
  ledger: Ledger;
  outgoing: Outgoing;
  log: Log;
  connection: string;
};

export function createShown(options: ShownOptions): Shown {
  const { feed, topics, veil, ledger, outgoing, log, connection } = options;
  let views = new Map<string, PhoneView>();
  const sent = new Map<string, string>();
  const told = new Set<string>();

  function changed(topic: string, payload: string): Publish[] {
    if (sent.get(topic) === payload) return [];
    sent.set(topic, payload);
    return [retained(topic, payload)];
  }

  function make(id: string): Publish[] {
    const view = views.get(id);
    if (view === undefined) return [];
    const { state, lastCaller, lastMissed } = view;
    return [
      ...leaf(id, 'state', veil.state(state)),
      ...(lastCaller === null ? [] : leaf(id, 'last_caller', veil.lastCaller(lastCaller))),
      ...(lastMissed === null ? [] : leaf(id, 'last_missed', veil.lastMissed(lastMissed))),
    ];
  }

  function leaf(id: string, name: Leaf, value: object): Publish[] {
    const topic = topics.kept(id, name);
    ledger.of(id).leaves.add(topic);
    return changed(topic, JSON.stringify(value));
  }

  function tellOnce({ id, site }: PhoneView): void {
    if (told.has(`${site}/${id}`)) return;
    told.add(`${site}/${id}`);
    log.warn('ha.phone-not-shown', { connection, phone: id, site });
  }

  function reload(): string[] {
    const before = views;
    views = new Map();
    for (const view of feed.all()) {
      if (view.id !== BRIDGE_ID && !views.has(view.id)) views.set(view.id, view);
      else tellOnce(view);
    }
    return [...before.keys()].filter((id) => !views.has(id));
  }

  return {
    all: () => [...views.values()],
    get: (id) => views.get(id),
    reload,
    update(view) {
      if (view.id === BRIDGE_ID) return false;
      const before = views.get(view.id);
      // Two sites may have a phone of the same id; the first one has it.
      if (before !== undefined && before.site !== view.site) return false;
      views.set(view.id, newer(before, view));
      return before === undefined || identityOf(before) !== identityOf(view);
    },
    publish: (id) => outgoing.push({ kind: 'kept', key: `phone ${id}`, make: () => make(id) }),
    publishEvent: (id, event) =>
      outgoing.push({ kind: 'event', atMs: Date.parse(event.at), publish: eventOf(id, event, options) }),
    forget(topic) {
      if (topic === undefined) sent.clear();
      else sent.delete(topic);
    },
    changed,
  };
}

const eventOf = (id: string, event: PhoneEventView, { topics, veil, settings }: ShownOptions): Publish => ({
  id: `ha/${id}/${event.seq}`,
  topic: topics.event(id),
  payload: JSON.stringify(veil.event(event)),
  json: true,
  qos: 1,
  retain: false,
  expirySeconds: settings.eventTtlSeconds,
});

/** News may tell of a moment before the one that the list was read at: a phone's state never goes back. */
const newer = (before: PhoneView | undefined, view: PhoneView): PhoneView =>
  before !== undefined && before.state.seq > view.state.seq ? before : view;

const identityOf = ({ state, mac, manufacturer, area }: PhoneView): string =>
  JSON.stringify([state.name, state.model, state.firmware, state.ip, mac, manufacturer, area]);
