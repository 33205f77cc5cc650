// An MQTT broker (3.1.1) inside the test process, and an observer that writes down what arrives at any broker.
import { createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import mqtt, { type IClientOptions } from 'mqtt';

export type Arrival = {
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
  /** User properties, content type and the like: MQTT 5 only. */
  properties?: {
    userProperties?: Record<string, string | string[]>;
    contentType?: string;
    payloadFormatIndicator?: boolean;
    messageExpiryInterval?: number;
  };
};

export type TestBroker = {
  port: number;
  received: Arrival[];
  /** Sockets that are open now. */
  connections(): number;
  stop(): Promise<void>;
};

/** Starts aedes on a free port of loopback; `received` holds what clients published, in order. */
export async function startTestBroker(): Promise<TestBroker> {
  const broker = await Aedes.createBroker();
  const received: Arrival[] = [];
  broker.on('publish', (packet, client) => {
    if (client === null) return;
    const { topic, qos, retain } = packet;
    received.push({ topic, payload: packet.payload.toString(), qos, retain });
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    port: address.port,
    received,
    connections: () => sockets.size,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export type Observer = { arrivals: Arrival[]; connected(): boolean; stop(): Promise<void> };

/** Subscribes to everything at a broker, QoS 1, MQTT 5 unless told otherwise; comes back by itself, with its session. */
export async function observe(port: number, options: IClientOptions = {}): Promise<Observer> {
  const arrivals: Arrival[] = [];
  const client = mqtt.connect({
    protocol: 'mqtt',
    host: '127.0.0.1',
    port,
    protocolVersion: 5,
    clientId: 'observer',
    reconnectPeriod: 25,
    ...(options.clean === false ? { properties: { sessionExpiryInterval: 600 } } : {}),
    ...options,
  });
  client.on('message', (topic, payload, packet) => {
    const { qos, retain, properties } = packet;
    const known = properties as Arrival['properties'];
    arrivals.push({ topic, payload: payload.toString(), qos, retain, ...(known ? { properties: { ...known } } : {}) });
  });
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => client.subscribe('#', { qos: 1 }, (error) => (error ? reject(error) : resolve())));
    client.once('error', reject);
  });
  return { arrivals, connected: () => client.connected, stop: () => client.endAsync(true) };
}
