// Connection: keeps a link to the broker open, opens the next one when it is lost, and turns messages into attempts.
// not connected ── open a link ──▶ connecting ── CONNACK ──▶ up ── lost ──▶ pause (grows, with jitter) ──▶ not connected
import type { IClientOptions, MqttClient } from 'mqtt';
import type { Json, Outcome } from '../../core/delivery.ts';
import type { Connection, OpenContext, SendMeta } from '../../core/destination.ts';
import type { Cancel, Random } from '../../core/ports.ts';
import { brokersOf, type Place, placesOf } from './address.ts';
import { type HomeAssistant, openHomeAssistant } from './homeassistant/publisher.ts';
import { ruleTopicProblem } from './homeassistant/settings.ts';
import { type Link, type LinkEnd, openLink } from './link.ts';
import { prepare } from './message.ts';
import { refusesVersion } from './reasons.ts';
import type { MqttSettings } from './settings.ts';

const PAUSE_MS_MIN = 250;
const PAUSE_MS_MAX = 5_000;
/** A broker that refuses us by name is asked more rarely. */
const REFUSED_PAUSE_MS_MAX = 15_000;
/** A link that held so long was a good one; a shorter one counts as a failure, as when two clients throw each other out. */
const STEADY_MS = 5_000;
const STATUS_MS_MAX = 1_000;

type State = {
  settings: MqttSettings;
  context: OpenContext;
  connect: (options: IClientOptions) => MqttClient;
  client: IClientOptions;
  home: HomeAssistant | undefined;
  /** The brokers in order of preference, and the one that is in use or tried next. */
  places: Place[];
  place: Place;
  link: Link | undefined;
  /** Why there is no link; what `send` says meanwhile. */
  down: LinkEnd;
  /** When the link came up, monotonic ms; undefined if it never did. */
  upAtMs: number | undefined;
  failures: number;
  careful: boolean;
  closed: boolean;
  cancelPause: Cancel;
  ready: (() => void)[];
};

/** Opens the connection and goes on trying until it is closed. Rejects if the certificates cannot be read. */
export async function openConnection(settings: MqttSettings, context: OpenContext): Promise<Connection> {
  // Read before anything else begins: it may refuse the settings.
  const places = placesOf(settings, context);
  const { default: mqtt } = await import('mqtt');
  const { homeAssistant } = settings;
  const home =
    homeAssistant === undefined || context.phones === undefined
      ? undefined
      : openHomeAssistant({
          settings: homeAssistant,
          server: brokersOf(settings).join(' '),
          context,
          feed: context.phones,
        });
  const state: State = {
    settings,
    context,
    connect: (options) => mqtt.connect(options),
    client: clientOptions(settings, context.random, home?.will ?? lastWill(settings)),
    home,
    places,
    place: places[0] as Place,
    link: undefined,
    down: { error: 'not connected yet', code: 'connecting' },
    upAtMs: undefined,
    failures: 0,
    careful: false,
    closed: false,
    cancelPause: () => {},
    ready: [],
  };
  try {
    startLink(state);
  } catch (error) {
    await home?.close();
    throw error;
  }
  return {
    send: (message, meta) => send(state, message, meta),
    onReady(callback) {
      state.ready.push(callback);
    },
    close: () => close(state),
  };
}

function startLink(state: State): void {
  if (state.closed) return;
  const { context, home, place } = state;
  const { version } = place;
  state.link = openLink({
    connect: state.connect,
    client: { ...place.options, ...state.client },
    version,
    clock: context.clock,
    careful: state.careful,
    onUp() {
      const protocol = version === 5 ? '5' : '3.1.1';
      context.log.info('mqtt.connected', { connection: context.name, broker: place.text, protocol });
      context.count('mqtt_connected', { connection: context.name });
      state.down = { error: 'not connected', code: 'up' };
      state.upAtMs = context.clock.monotonicMs();
      if (state.settings.status !== undefined) void publishStatus(state, 'online');
      for (const callback of state.ready) callback();
      if (state.link !== undefined) home?.connected(state.link, version);
    },
    ...(home === undefined ? {} : { onMessage: home.message }),
    onEnd(end, disturbed) {
      if (!state.closed) afterEnd(state, end, disturbed);
    },
  });
}

function afterEnd(state: State, end: LinkEnd, disturbed: boolean): void {
  const { context, settings, place } = state;
  state.link = undefined;
  state.home?.lost(end.code);
  state.careful = disturbed;
  const steady = state.upAtMs !== undefined && context.clock.monotonicMs() - state.upAtMs > STEADY_MS;
  if (steady) state.failures = 0;
  state.upAtMs = undefined;
  if (settings.protocol === 'auto' && place.version === 5 && refusesVersion(end.code)) {
    place.version = 4;
    context.log.info('mqtt.older-protocol', { connection: context.name, broker: place.text, protocol: '3.1.1' });
    state.cancelPause = context.clock.after(0, () => startLink(state));
    return;
  }
  if (state.down.code !== end.code)
    context.log.warn('mqtt.lost', {
      connection: context.name,
      broker: place.text,
      reason: end.error,
      code: end.code,
    });
  context.count('mqtt_lost', { connection: context.name, code: String(end.code) });
  state.down = end;
  const pauseMs = pauseMsAfter(state, end);
  state.place = placeAfter(state, end, steady);
  state.failures += 1;
  state.cancelPause = context.clock.after(pauseMs, () => startLink(state));
}

/** Grows with every round over all brokers; within a round, the next one is asked at once. */
function pauseMsAfter({ context, places, failures }: State, end: LinkEnd): number {
  const most = typeof end.code === 'number' ? REFUSED_PAUSE_MS_MAX : PAUSE_MS_MAX;
  const rounds = Math.floor(failures / places.length);
  const roundEnds = failures % places.length === places.length - 1;
  const pauseMs = roundEnds ? Math.min(most, PAUSE_MS_MIN * 2 ** Math.min(rounds, 10)) : PAUSE_MS_MIN;
  return pauseMs * (0.5 + context.random.fraction() / 2);
}

/**
 * After a connection that held, the first broker is asked again: it is the preferred one. One that cannot be reached, hangs
 * up soon or does not answer (which also ends connections that held) is followed by the next.
 */
function placeAfter({ places, place }: State, end: LinkEnd, steady: boolean): Place {
  const next = steady && end.code !== 'timeout' ? 0 : (places.indexOf(place) + 1) % places.length;
  return places[next] ?? place;
}

function send(state: State, message: Record<string, Json>, { id, signal }: SendMeta): Promise<Outcome> {
  if (signal.aborted) return Promise.resolve({ kind: 'unavailable', error: 'the attempt was over before it began' });
  // Checked again although it was checked when it was queued: one bad topic would take down everything in flight.
  const ready = prepare(message);
  if (typeof ready === 'string') return Promise.resolve({ kind: 'dead', error: ready });
  const { link, settings } = state;
  const topic = withPrefix(settings, ready.topic);
  const kept = ruleTopicProblem(topic, settings.homeAssistant);
  if (kept !== undefined) return Promise.resolve({ kind: 'dead', error: kept });
  if (link === undefined || !link.isUp()) {
    return Promise.resolve({ kind: 'unavailable', error: state.down.error, code: String(state.down.code) });
  }
  return link.publish({ ...ready, id, topic, qos: ready.qos ?? settings.qos }, signal);
}

const withPrefix = (settings: MqttSettings, topic: string): string =>
  settings.prefix === undefined ? topic : `${settings.prefix}/${topic}`;

async function publishStatus(state: State, word: 'online' | 'offline'): Promise<void> {
  const { status } = state.settings;
  if (status === undefined) return;
  const topic = withPrefix(state.settings, status.topic);
  const publish = { id: `status/${word}`, topic, payload: status[word], json: false, qos: 1 as const, retain: true };
  const outcome = await state.link?.publish(publish);
  if (outcome !== undefined && outcome.kind !== 'delivered' && !state.closed)
    state.context.log.warn('mqtt.status-not-published', { connection: state.context.name, reason: outcome.error });
}

async function close(state: State): Promise<void> {
  state.closed = true;
  state.cancelPause();
  const { link, home } = state;
  if (link?.isUp() === true)
    await inTime(state, Promise.all([state.settings.status && publishStatus(state, 'offline'), home?.close()]));
  else void home?.close();
  if (link === undefined) return;
  await link.end(true);
  state.link = undefined;
  state.down = { error: 'the connection was closed', code: 'closed' };
}

/** Waits for a farewell, but not for ever. */
function inTime({ context }: State, farewell: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = context.clock.after(STATUS_MS_MAX, resolve);
    void farewell.then(() => {
      cancel();
      resolve();
    });
  });
}

/** The library's options, the same for every broker. */
export function clientOptions(
  settings: Omit<MqttSettings, 'clientId'> & { clientId?: string | undefined },
  random: Random,
  will: Will | undefined,
): IClientOptions {
  const { tls, username, password } = settings;
  return {
    clientId: settings.clientId ?? `hookswitch${Buffer.from(random.bytes(6)).toString('hex')}`,
    keepalive: settings.keepaliveSeconds,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(tls === undefined ? {} : { rejectUnauthorized: tls.rejectUnauthorized }),
    ...(tls?.ca === undefined ? {} : { ca: tls.ca.reveal() }),
    ...(tls?.cert === undefined || tls.key === undefined ? {} : { cert: tls.cert.reveal(), key: tls.key.reveal() }),
    ...(will === undefined ? {} : { will: { ...will, payload: Buffer.from(will.payload) } }),
  };
}

type Will = NonNullable<MqttSettings['will']> | HomeAssistant['will'];

function lastWill(settings: MqttSettings): MqttSettings['will'] {
  const { will, status } = settings;
  const last =
    status === undefined ? will : { topic: status.topic, payload: status.offline, retain: true, qos: 1 as const };
  return last === undefined ? undefined : { ...last, topic: withPrefix(settings, last.topic) };
}
