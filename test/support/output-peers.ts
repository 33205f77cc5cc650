// Where each kind of destination sends to while its output is examined: its real connection, a real server on loopback, and the
// oracle that reads what arrived. A new destination gets a line in PEERS, or the suite says that it has none.
import { createServer, type Socket } from 'node:net';
import type { Delivery, Outcome } from '../../src/core/delivery.ts';
import type { Connection, Destination, OpenContext } from '../../src/core/destination.ts';
import type { Clock } from '../../src/core/ports.ts';
import { Secret } from '../../src/core/secret.ts';
import { systemClock } from '../../src/ports.ts';
import { eventually, testContext } from './destination-contract.ts';
import { answer, startHttpServer } from './http-server.ts';
import { readEmail } from './oracles/email.ts';
import { readRequest } from './oracles/http.ts';
import { readPublish } from './oracles/mqtt.ts';
import type { Reading } from './oracles/reading.ts';
import { readSlackRequest } from './oracles/slack.ts';
import { startSlackServer } from './slack-server.ts';
import { startSmtpServer } from './smtp-server.ts';

/** A server, the settings that lead to it, and what it was sent since the last time it was asked. */
type Place = {
  settings: object;
  arrived(): Reading[];
  stop(): Promise<unknown>;
  /** A destination that remembers calls is told of another call each time, so that no message depends on one before. */
  remembers?: boolean;
};

export const PEERS: Readonly<Record<string, () => Promise<Place>>> = {
  mqtt: placeForMqtt,
  slack: async () => {
    const server = await startSlackServer('xoxb-marker-4711');
    const settings = { token: new Secret('xoxb-marker-4711'), channel: 'C0123456789', apiUrl: server.apiUrl };
    const arrived = (): Reading[] => {
      server.posted.length = 0;
      // What is asked of Slack is not shown to anybody.
      const shown = server.requests.splice(0).filter(({ target }) => target.startsWith('/api/chat.'));
      return shown.map(readSlackRequest);
    };
    return { settings, arrived, stop: server.stop, remembers: true };
  },
  email: async () => {
    const server = await startSmtpServer();
    const recipients = ['reception@example.net', { name: 'Mustermann, Erika', address: 'erika@example.net' }];
    const from = { name: 'Telephone', address: 'telephone@example.net' };
    const settings = { host: '127.0.0.1', port: server.port, tls: 'none', from, recipients };
    return { settings, arrived: () => server.mails.splice(0).map(({ raw }) => readEmail(raw)), stop: server.stop };
  },
  webhook: async () => {
    const server = await startHttpServer(answer(204));
    const settings = { url: `${server.url}/hooks?from=phone`, allowPrivate: ['127.0.0.0/8'] };
    return { settings, arrived: () => server.requests.splice(0).map(readRequest), stop: server.stop };
  },
  ntfy: async () => {
    const server = await startHttpServer(answer(200));
    const settings = { server: server.url, allowHttp: true, topic: 'hookswitch-4711' };
    return { settings, arrived: () => server.requests.splice(0).map(readRequest), stop: server.stop };
  },
};

/** A broker that takes everything and keeps the bytes of each PUBLISH. */
async function placeForMqtt(): Promise<Place> {
  const packets: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let bytes: Buffer = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let length = packetLength(bytes); length <= bytes.length; length = packetLength(bytes)) {
        const packet = Buffer.from(bytes.subarray(0, length));
        bytes = bytes.subarray(length);
        const type = (packet[0] ?? 0) >> 4;
        if (type === 1) socket.write(Buffer.from([0x20, 3, 0, 0, 0]));
        if (type === 12) socket.write(Buffer.from([0xd0, 0]));
        if (type !== 3) continue;
        packets.push(packet);
        const head = packetLength(packet, true);
        const idAt = head + 2 + packet.readUInt16BE(head);
        socket.write(Buffer.from([0x40, 3, packet[idAt] ?? 0, packet[idAt + 1] ?? 0, 0]));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  const settings = { broker: `mqtt://127.0.0.1:${port}`, prefix: 'office' };
  return { settings, arrived: () => packets.splice(0).map(readPublish), stop };
}

/** Length of the packet at the start of the bytes, or of its fixed header alone; infinite while that is not whole. */
function packetLength(bytes: Buffer, headOnly = false): number {
  let length = 0;
  for (let at = 1; at < 5; at++) {
    const byte = bytes[at];
    if (byte === undefined) return Number.POSITIVE_INFINITY;
    length += (byte & 127) * 128 ** (at - 1);
    if (byte < 128) return headOnly ? at + 1 : at + 1 + length;
  }
  return Number.POSITIVE_INFINITY;
}

export type Peer = {
  settings: unknown;
  /** Sends one delivery and reads what arrived; a text says why it never can (the outcome `dead`). */
  pass(delivery: Delivery): Promise<Reading[] | string>;
  close(): Promise<void>;
};

/** On this clock seconds pass between two messages, so that no limit on messages in a span holds one back. */
function skippingClock(): { clock: Clock; skip(): void } {
  let skippedMs = 0;
  const clock: Clock = {
    ...systemClock,
    wallMs: () => systemClock.wallMs() + skippedMs,
    monotonicMs: () => systemClock.monotonicMs() + skippedMs,
  };
  const skip = (): void => {
    skippedMs += 5_000;
  };
  return { clock, skip };
}

const TRIES_MAX = 3;
/** Ids of events, and so of calls, as the course makes them. */
const ID = /[0-9a-f]{8}(?=-0000-7000-8000-[0-9a-f]{12})/g;

function ofAnotherCall(message: Delivery['message'], n: number): Delivery['message'] {
  return JSON.parse(JSON.stringify(message).replace(ID, n.toString(16).padStart(8, '0'))) as Delivery['message'];
}

const withoutCall = ({ structure, values }: Reading): Reading => ({
  structure,
  values: values.map((value) => value.replace(ID, 'call')),
});

/** Opens a destination's own connection to its server. */
export async function openPeer(destination: Destination): Promise<Peer> {
  const place = await PEERS[destination.type]?.();
  if (place === undefined) throw new Error(`${destination.type}: has no server and no oracle in output-peers.ts`);
  const { clock, skip } = skippingClock();
  const context: OpenContext = testContext({ clock });
  const settings = destination.settings.parse(place.settings);
  const connection = await destination.open(settings, context);
  await ready(connection, destination);
  let passes = 0;
  return {
    settings,
    async pass(delivery) {
      const { id } = delivery;
      const message = place.remembers === true ? ofAnotherCall(delivery.message, passes++) : delivery.message;
      let outcome: Outcome = { kind: 'unavailable', error: 'not tried' };
      for (let attempt = 1; attempt <= TRIES_MAX && outcome.kind !== 'delivered'; attempt++) {
        skip();
        outcome = await connection.send(message, { id, attempt, signal: new AbortController().signal });
        if (outcome.kind === 'dead') return outcome.error;
      }
      if (outcome.kind !== 'delivered') throw new Error(`${outcome.kind}: ${outcome.error}`);
      return place.arrived().map(withoutCall);
    },
    async close() {
      await connection.close();
      await place.stop();
    },
  };
}

/** A connection that says when it is up is waited for; it says so once it has been asked to. */
async function ready(connection: Connection, { type }: Destination): Promise<void> {
  if (type !== 'mqtt') return;
  let up = false;
  connection.onReady?.(() => {
    up = true;
  });
  await eventually(() => up, 'the broker is there');
}
