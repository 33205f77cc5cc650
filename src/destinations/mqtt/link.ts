// Link: one connection to a broker, from CONNECT to its end. It is never mended: whoever wants to go on opens another.
// Messages are written here and not by the library, whose store would send them again at its next connection.
import type { IClientOptions, MqttClient } from 'mqtt';
import type { Outcome } from '../../core/delivery.ts';
import type { Clock } from '../../core/ports.ts';
import { createFlights, type Flights, IN_FLIGHT_MAX, SWEEP_MS } from './flights.ts';
import { createFrameWatcher } from './framing.ts';
import { type Batch, createBatch, type Publish, publishBytes, type Qos, type Version } from './packet.ts';
import { reasonText } from './reasons.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions.ts';

const CONNECT_MS_MAX = 10_000;
const CLOSE_MS_MAX = 1_000;
/** Where nothing is subscribed to, a broker has nothing long to say. */
const INCOMING_BYTES_MAX = 65_536;
/** What somebody who subscribes must be able to take: other people's retained messages. */
const SUBSCRIBED_BYTES_MAX = 1_048_576;
/** Room beside the rules' messages for those of somebody who subscribes. */
const BESIDE_RULES_MAX = 128;

/** What came in on a topic that was subscribed to. */
export type Incoming = { topic: string; payload: Buffer; retain: boolean };

export type LinkEnd = { error: string; code: string | number };

export type LinkOptions = {
  connect: (options: IClientOptions) => MqttClient;
  client: IClientOptions;
  version: Version;
  clock: Clock;
  /** Begins with one message in flight: finds the one that kills connections without charging the others. */
  careful: boolean;
  onUp(): void;
  /** Given by who wants to subscribe; without it, less may come in. */
  onMessage?: (message: Incoming) => void;
  /** `disturbed`: messages were in flight, and one of them may be the reason. Called once. */
  onEnd(end: LinkEnd, disturbed: boolean): void;
};

export type Link = {
  isUp(): boolean;
  /** `wanted` is asked once more if the message has to wait for its turn. */
  publish(publish: Publish, signal?: AbortSignal, wanted?: () => boolean): Promise<Outcome>;
  /** The broker's code for each filter (128 and more: refused); undefined if the link ended before. */
  subscribe(filters: readonly string[], qos: Qos): Promise<readonly number[] | undefined>;
  /** Resolves when the broker has answered, or the link has ended. */
  unsubscribe(filters: readonly string[]): Promise<void>;
  /** Ends it: with DISCONNECT if it is up and `graceful`, else at once. Resolves when its socket is closed. */
  end(graceful: boolean): Promise<void>;
};

/** What a broker allows, from its CONNACK (MQTT 5.0, 3.2.2.3). */
type Limits = { receiveMaximum?: number; maximumPacketSize?: number; maximumQoS?: number; retainAvailable?: boolean };

type State = {
  options: LinkOptions;
  client: MqttClient;
  stream: MqttClient['stream'];
  batch: Batch;
  flights: Flights;
  subscriptions: Subscriptions;
  limits: Limits;
  phase: 'connecting' | 'up' | 'ending' | 'ended';
  flushing: boolean;
  sweeping: boolean;
  /** Messages of QoS 0 that wait for the socket to take them. */
  unacknowledged: number[];
};

/** Opens a connection. Throws only what the library throws at once: certificates that cannot be read. */
export function openLink(options: LinkOptions): Link {
  const incomingBytesMax = options.onMessage === undefined ? INCOMING_BYTES_MAX : SUBSCRIBED_BYTES_MAX;
  const client = connectOnce(options, incomingBytesMax);
  const { stream } = client;
  const batch = createBatch(options.version, (bytes) => {
    const ids = state.unacknowledged;
    if (ids.length === 0) return void stream.write(bytes);
    state.unacknowledged = [];
    stream.write(bytes, (error) => {
      if (!error) for (const id of ids) state.flights.settle(id, 0);
    });
  });
  const flights = createFlights(
    (publish, packetId) => {
      batch.publish(publish, packetId);
      if (publish.qos === 0) state.unacknowledged.push(packetId);
      flushSoon(state);
      sweepLater(state);
    },
    IN_FLIGHT_MAX + (options.onMessage === undefined ? 0 : BESIDE_RULES_MAX),
  );
  const subscriptions = createSubscriptions({
    version: options.version,
    clock: options.clock,
    write(bytes) {
      // What was asked for before must not arrive after it.
      batch.flush();
      stream.write(bytes);
    },
    onSilence: () => lose(state, { error: 'the broker did not answer in time', code: 'timeout' }),
  });
  const state: State = {
    options,
    client,
    stream,
    batch,
    flights,
    subscriptions,
    limits: {},
    phase: 'connecting',
    flushing: false,
    sweeping: false,
    unacknowledged: [],
  };
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  // Batches follow each other before the first is acknowledged; Nagle's algorithm would hold the second one back for 40 ms.
  (stream as { setNoDelay?(on: boolean): void }).setNoDelay?.(true);
  listen(state, incomingBytesMax);
  return {
    isUp: () => state.phase === 'up',
    subscribe: async (filters, qos) => (state.phase === 'up' ? subscriptions.subscribe(filters, qos) : undefined),
    unsubscribe: async (filters) => (state.phase === 'up' ? subscriptions.unsubscribe(filters) : undefined),
    publish(publish, signal, wanted) {
      if (state.phase !== 'up') return Promise.resolve({ kind: 'unavailable', error: 'not connected' });
      const refused = refusal(state.limits, publish, options.version);
      return refused === undefined
        ? flights.take(publish, signal, wanted)
        : Promise.resolve({ kind: 'dead', error: refused });
    },
    end: (graceful) => end(state, graceful, closed),
  };
}

const connectOnce = (options: LinkOptions, incomingBytesMax: number): MqttClient =>
  options.connect({
    ...options.client,
    protocolVersion: options.version,
    ...(options.version === 5 ? { properties: { maximumPacketSize: incomingBytesMax } } : {}),
    clean: true,
    reconnectPeriod: 0,
    reschedulePings: false,
    queueQoSZero: false,
    resubscribe: false,
    connectTimeout: CONNECT_MS_MAX,
  });

function listen(state: State, incomingBytesMax: number): void {
  const { client, flights, batch, options } = state;
  const fits = createFrameWatcher(incomingBytesMax);
  // The library acknowledges what comes in.
  if (options.onMessage !== undefined)
    client.on('message', (topic, payload, { retain }) => {
      if (state.phase === 'up') options.onMessage?.({ topic, payload, retain });
    });
  client.on('connect', (connack) => {
    if (state.phase !== 'connecting') return;
    state.limits = (connack.properties ?? {}) as Limits;
    flights.open(state.limits.receiveMaximum ?? IN_FLIGHT_MAX, state.options.careful);
    state.phase = 'up';
    state.options.onUp();
  });
  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'puback' || packet.cmd === 'pubcomp') {
      flights.settle(packet.messageId ?? 0, packet.reasonCode ?? 0);
    } else if (packet.cmd === 'pubrec') {
      const id = packet.messageId ?? 0;
      const code = packet.reasonCode ?? 0;
      if (code >= 128) flights.settle(id, code);
      else if (flights.has(id)) {
        batch.release(id);
        flushSoon(state);
      }
    } else if (packet.cmd === 'suback') {
      state.subscriptions.answer(packet.messageId ?? 0, packet.granted.map(Number));
    } else if (packet.cmd === 'unsuback') {
      state.subscriptions.answer(packet.messageId ?? 0, []);
    } else if (packet.cmd === 'disconnect') {
      const code = packet.reasonCode ?? 0;
      lose(state, { error: `the broker ended the connection: ${reasonText(code)}`, code });
    }
  });
  state.stream.on('data', (bytes: Uint8Array) => {
    if (!fits(bytes)) lose(state, { error: 'the broker sent a packet that is too long', code: 'packet-size' });
  });
  client.on('error', (error) => lose(state, endOf(error)));
  client.on('close', () => lose(state, { error: 'the connection was closed', code: 'closed' }));
}

/** Packets of one turn of the event loop leave with one call. */
function flushSoon(state: State): void {
  if (state.flushing) return;
  state.flushing = true;
  setImmediate(() => {
    state.flushing = false;
    if (state.phase !== 'ended') state.batch.flush();
  });
}

function sweepLater(state: State): void {
  if (state.sweeping || state.phase === 'ended') return;
  state.sweeping = true;
  state.options.clock.after(SWEEP_MS, () => {
    state.sweeping = false;
    if (state.phase === 'ended') return;
    const found = state.flights.sweep();
    // What was written can be taken back only with the connection, and a missing acknowledgement means a dead one.
    if (found === 'stalled') lose(state, { error: 'the broker did not acknowledge in time', code: 'timeout' });
    else if (found === 'busy') sweepLater(state);
  });
}

function lose(state: State, end: LinkEnd): void {
  if (state.phase === 'ended') return;
  state.phase = 'ended';
  const disturbed = state.flights.inFlight() > 0;
  state.flights.fail(end.error, String(end.code));
  state.subscriptions.fail();
  // A reset also drops what the kernel still holds, so that nothing arrives after the attempt was called failed.
  const socket = state.stream as { resetAndDestroy?(): void; destroyed?: boolean };
  if (state.options.client.protocol === 'mqtt' && socket.destroyed !== true) socket.resetAndDestroy?.();
  state.stream.destroy();
  state.options.onEnd(end, disturbed);
}

async function end(state: State, graceful: boolean, closed: Promise<void>): Promise<void> {
  if (graceful && state.phase === 'up') {
    state.phase = 'ending';
    state.batch.flush();
    state.client.end();
    const late: LinkEnd = { error: 'the broker did not close in time', code: 'timeout' };
    const cancel = state.options.clock.after(CLOSE_MS_MAX, () => lose(state, late));
    await closed;
    cancel();
  }
  lose(state, { error: 'the connection was ended', code: 'ended' });
  await closed;
}

/** Why this broker can never take this message. */
function refusal(limits: Limits, publish: Publish, version: Version): string | undefined {
  if (publish.qos > (limits.maximumQoS ?? 2)) return `the broker takes quality of service ${limits.maximumQoS} at most`;
  if (publish.retain && limits.retainAvailable === false) return 'the broker keeps no retained messages';
  if (limits.maximumPacketSize !== undefined && publishBytes(publish, version) > limits.maximumPacketSize)
    return `the broker takes packets of ${limits.maximumPacketSize} bytes at most`;
  return undefined;
}

/** An error of the library as people may see it. Its text is shown only where no code says more, and never decides. */
function endOf(error: Error): LinkEnd {
  const { code } = error as { code?: unknown };
  if (typeof code === 'number') return { error: `the broker refused the connection: ${reasonText(code)}`, code };
  if (typeof code === 'string') return { error: `no connection to the broker (${code})`, code };
  return { error: `no connection to the broker: ${error.message.slice(0, 120)}`, code: 'error' };
}
