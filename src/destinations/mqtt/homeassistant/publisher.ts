// Publisher: one connection's Home Assistant tree, from the connect of the broker to its loss.
// connected ──▶ subscribe ──▶ once: look for what an earlier run left ──▶ bridge, devices, states, lists, `online` last
// news of a phone ──▶ its state, then its event; birth of Home Assistant ──▶ a while ──▶ devices, states, `online`
import type { Outcome } from '../../../core/delivery.ts';
import type { OpenContext } from '../../../core/destination.ts';
import type { PhoneFeed, PhoneNews, PhoneView } from '../../../core/phone-view.ts';
import type { Incoming, Link } from '../link.ts';
import type { Publish, Version } from '../packet.ts';
import { type Announcer, createAnnouncer, retained } from './announcer.ts';
import { type Bridge, createBridge } from './bridge.ts';
import { bridgeAnnouncement, type DiscoveryContext, phoneAnnouncement } from './discovery.ts';
import { BRIDGE_ID } from './keys.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createLeftovers, type Leftovers } from './leftovers.ts';
import { createOutgoing, type Outgoing } from './outgoing.ts';
import { createVeil } from './privacy.ts';
import { createRequests, type Requests } from './requests.ts';
import type { HomeAssistantSettings } from './settings.ts';
import { createShown, type Shown } from './shown.ts';
import { createTimers, type Timers } from './timers.ts';
import { type Topics, topicsOf } from './topics.ts';

const BIRTH_DELAY_MS_MIN = 500;
const BIRTH_DELAY_MS_MAX = 3_000;
const HEALTH_EVERY_MS = 600_000;
const LIST_DELAY_MS = 1_000;
/** A long list is told more rarely, so that it does not fill the line. */
const LIST_DELAY_MS_PER_PHONE = 10;
/** What a phone says about itself comes in pieces, one a hit. */
const IDENTITY_DELAY_MS = 5_000;
const THROTTLED_DELAY_MS = 5_000;

export type HomeAssistant = {
  /** What the broker says when we are lost. */
  will: { topic: string; payload: string; qos: 1; retain: true };
  connected(link: Link, version: Version): void;
  lost(code: string | number): void;
  message(message: Incoming): void;
  /** Says that we are leaving; resolves when the broker has it, or cannot be told. */
  close(): Promise<void>;
};

export type HomeAssistantOptions = {
  settings: HomeAssistantSettings;
  /** Address of the broker, for people; holds no credentials. */
  server: string;
  context: OpenContext;
  feed: PhoneFeed;
};

type State = {
  options: HomeAssistantOptions;
  topics: Topics;
  ledger: Ledger;
  outgoing: Outgoing;
  shown: Shown;
  bridge: Bridge;
  announcer: Announcer;
  requests: Requests;
  leftovers: Leftovers;
  link: Link | undefined;
  version: Version;
  /** Everything was announced on this connection; before that, only states and events go out. */
  begun: boolean;
  timers: Timers;
  /** Refusals that were told once. */
  told: Set<string>;
};

/** Begins to listen to the feed; nothing is published before `connected`. */
export function openHomeAssistant(options: HomeAssistantOptions): HomeAssistant {
  const state = createState(options);
  const { topics } = state;
  const unlisten = options.feed.listen((news) => hear(state, news));
  return {
    will: { topic: topics.bridge('state'), payload: 'offline', qos: 1, retain: true },
    connected(link, version) {
      state.link = link;
      state.version = version;
      state.shown.forget();
      state.shown.reload();
      state.outgoing.open(link);
      void begin(state, link);
    },
    lost(code) {
      stop(state);
      state.leftovers.lost(code);
    },
    message: (message) => take(state, message),
    async close() {
      const { link } = state;
      unlisten();
      stop(state);
      await link?.publish(retained(topics.bridge('state'), 'offline'));
    },
  };
}

function createState(options: HomeAssistantOptions): State {
  const { settings, context, feed, server } = options;
  const { clock, log, name: connection } = context;
  const topics = topicsOf(settings);
  const discovery: DiscoveryContext = { settings, topics, version: feed.health().version };
  const ledger = createLedger(clock);
  const outgoing = createOutgoing({
    clock,
    connection,
    count: context.count,
    eventTtlMs: settings.eventTtlSeconds * 1_000,
    ended: (publish, outcome, up) => ended(state, publish, outcome, up),
  });
  const veil = createVeil(settings.callerData, context.random.bytes(32));
  const shown = createShown({ feed, settings, topics, veil, ledger, outgoing, log, connection });
  const bridge = createBridge({ settings, server, feed, clock, phones: shown.all, outgoing });
  const exists = (id: string): boolean => id === BRIDGE_ID || shown.get(id) !== undefined;
  const announcer = createAnnouncer({
    clock,
    context: discovery,
    ledger,
    outgoing,
    exists,
    wanted(id) {
      if (!settings.discovery) return undefined;
      if (id === BRIDGE_ID) return bridgeAnnouncement(discovery);
      const view = shown.get(id);
      return view === undefined ? undefined : phoneAnnouncement(view, discovery);
    },
  });
  const requests = createRequests({
    topics,
    feed,
    bridge,
    log,
    connection,
    republish: () => republish(state),
    respond: (topic, payload) => say(state, topic, payload),
  });
  const leftovers = createLeftovers({ settings, topics, clock, log, connection, ledger, outgoing, announcer, shown });
  const state: State = {
    options,
    topics,
    ledger,
    outgoing,
    shown,
    bridge,
    announcer,
    requests,
    leftovers,
    link: undefined,
    version: 5,
    begun: false,
    timers: createTimers(clock),
    told: new Set(),
  };
  return state;
}

async function begin(state: State, link: Link): Promise<void> {
  const { topics, leftovers, shown, announcer, ledger } = state;
  const isUp = (): boolean => state.link === link;
  void link.subscribe([...topics.requests, topics.status, topics.bridge('state')], 1).then((codes) => {
    if (codes?.some((code) => code >= 128)) refused(state, 'ha.subscribe-refused', 'requests are not heard');
  });
  // Before anything is announced: our own messages would replace what tells of components that are no more.
  if (leftovers.isDue()) await leftovers.search(link, isUp);
  if (!isUp()) return;
  state.begun = true;
  announcer.announce(BRIDGE_ID, true);
  for (const { id } of shown.all()) announcer.announce(id, true);
  for (const id of ledger.ids()) if (id !== BRIDGE_ID && shown.get(id) === undefined) announcer.announce(id);
  for (const { id } of shown.all()) shown.publish(id);
  publishBridge(state);
  publishOnline(state);
  state.timers.every('health', HEALTH_EVERY_MS, () => publishBridge(state));
  await leftovers.searchDeeper(link, isUp);
}

function hear(state: State, news: PhoneNews): void {
  if (state.link === undefined) {
    if (news.kind === 'phone' && news.event !== undefined) state.outgoing.missed();
    return;
  }
  if (news.kind === 'notice') say(state, state.topics.bridge('event'), { type: news.type, data: news.data });
  else if (news.kind === 'phones') reload(state);
  else hearPhone(state, news);
}

function hearPhone(state: State, { view, event }: PhoneNews & { kind: 'phone' }): void {
  const { shown, announcer } = state;
  if (shown.update(view) && state.begun) announcer.announceLater(view.id, IDENTITY_DELAY_MS);
  shown.publish(view.id);
  if (event !== undefined && isShown(shown, view)) shown.publishEvent(view.id, event);
  state.timers.later('list', Math.max(LIST_DELAY_MS, shown.all().length * LIST_DELAY_MS_PER_PHONE), () =>
    publishList(state),
  );
}

const isShown = (shown: Shown, { id, site }: PhoneView): boolean => shown.get(id)?.site === site;

function reload(state: State): void {
  const { shown, announcer, ledger, topics } = state;
  for (const id of shown.reload()) say(state, topics.bridge('event'), { type: 'phone_removed', data: { phone: id } });
  if (!state.begun) return;
  for (const id of new Set([BRIDGE_ID, ...shown.all().map(({ id }) => id), ...ledger.ids()])) announcer.announce(id);
  for (const { id } of shown.all()) shown.publish(id);
  publishBridge(state);
}

function republish(state: State): void {
  const { shown, announcer } = state;
  if (!state.begun) return;
  shown.forget();
  announcer.announce(BRIDGE_ID, true);
  for (const { id } of shown.all()) announcer.announce(id, true);
  for (const { id } of shown.all()) shown.publish(id);
  publishOnline(state);
}

function publishBridge(state: State): void {
  const { bridge, topics, shown, outgoing } = state;
  const kept = (leaf: 'info' | 'health', value: () => object): void =>
    outgoing.push({
      kind: 'kept',
      key: `bridge ${leaf}`,
      make: () => shown.changed(topics.bridge(leaf), JSON.stringify(value())),
    });
  kept('info', () => bridge.info(state.version) as object);
  publishList(state);
  kept('health', () => bridge.health());
}

const publishList = ({ bridge, topics, shown, outgoing }: State): void =>
  outgoing.push({
    kind: 'kept',
    key: 'bridge phones',
    make: () => shown.changed(topics.bridge('phones'), JSON.stringify(bridge.phones())),
  });

const publishOnline = ({ outgoing, topics }: State): void =>
  outgoing.push({ kind: 'kept', key: 'bridge state', make: () => [retained(topics.bridge('state'), 'online')] });

/** What is told once and kept by nobody. */
const say = ({ outgoing }: State, topic: string, value: object | null | string | number | boolean): void =>
  outgoing.push({
    kind: 'extra',
    publish: { id: 'ha/said', topic, payload: JSON.stringify(value), json: true, qos: 1, retain: false },
  });

function take(state: State, message: Incoming): void {
  const { leftovers, requests, topics, options } = state;
  if (state.link === undefined || leftovers.take(message) || requests.take(message)) return;
  // What the broker kept is old: everything was published at connect.
  if (message.retain) return;
  const word = message.payload.toString();
  // The will of a connection that the broker takes for lost only now, such as that of a run before this one.
  if (message.topic === topics.bridge('state') && word === 'offline' && state.begun) publishOnline(state);
  if (message.topic !== topics.status || word !== 'online') return;
  const share = options.context.random.fraction();
  const delayMs = BIRTH_DELAY_MS_MIN + share * (BIRTH_DELAY_MS_MAX - BIRTH_DELAY_MS_MIN);
  state.timers.later('birth', delayMs, () => republish(state));
}

function ended(state: State, publish: Publish, outcome: Outcome, up: boolean): void {
  if (outcome.kind === 'delivered') return;
  state.shown.forget(publish.topic);
  if (publish.id === 'ha/clear') state.leftovers.again();
  if (!up) return;
  if (outcome.kind === 'dead') refused(state, 'ha.publish-refused', outcome.error);
  else if (publish.retain) state.timers.later('throttled', THROTTLED_DELAY_MS, () => republish(state));
}

/** Told once for each reason, and shown as the last error. */
function refused(state: State, event: string, reason: string): void {
  const { log, name } = state.options.context;
  state.bridge.noteError(reason);
  if (state.told.has(`${event} ${reason}`)) return;
  state.told.add(`${event} ${reason}`);
  log.warn(event, { connection: name, reason });
}

function stop(state: State): void {
  state.link = undefined;
  state.begun = false;
  state.outgoing.shut();
  state.announcer.rest();
  state.timers.stop();
}
