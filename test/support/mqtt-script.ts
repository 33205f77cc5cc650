// A broker that does what a test tells it: it reads MQTT packets and answers with bytes. For what no honest broker does.
import { createServer, type Socket } from 'node:net';

export type ScriptPacket = {
  /** Packet type: 1 CONNECT, 3 PUBLISH, 6 PUBREL, 8 SUBSCRIBE, 10 UNSUBSCRIBE, 12 PINGREQ, 14 DISCONNECT. */
  type: number;
  /** Of CONNECT: 4 or 5. */
  version?: number;
  /** Of PUBLISH. */
  topic?: string;
  qos?: number;
  id?: number;
  dup?: boolean;
  /** Of SUBSCRIBE in MQTT 5. */
  filters?: string[];
};

export type ScriptedBroker = {
  port: number;
  packets: ScriptPacket[];
  published(): string[];
  connections(): number;
  stop(): Promise<void>;
};

/** Answers one packet; nothing is answered by itself. */
export type Script = (packet: ScriptPacket, reply: (bytes: number[]) => void, socket: Socket) => void;

export const CONNACK_5 = [0x20, 3, 0, 0, 0];
export const CONNACK_4 = [0x20, 2, 0, 0];
/** Answers every filter with that code. */
export const suback5 = ({ id = 0, filters = [] }: ScriptPacket, code: number): number[] => [
  0x90,
  3 + filters.length,
  id >> 8,
  id & 255,
  0,
  ...filters.map(() => code),
];
export const puback5 = (id = 0, code = 0): number[] => [0x40, 3, id >> 8, id & 255, code];

function filtersOf(body: Buffer): string[] {
  const filters: string[] = [];
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt16BE(at);
    filters.push(body.toString('utf8', at + 2, at + 2 + length));
    at += 2 + length + 1;
  }
  return filters;
}

function read(header: number, body: Buffer): ScriptPacket {
  const type = header >> 4;
  if (type === 1) return { type, version: body[6] ?? 0 };
  if (type === 6 || type === 10) return { type, id: body.readUInt16BE(0) };
  if (type === 8) return { type, id: body.readUInt16BE(0), filters: filtersOf(body.subarray(3)) };
  if (type !== 3) return { type };
  const length = body.readUInt16BE(0);
  const qos = (header >> 1) & 3;
  const topic = body.toString('utf8', 2, 2 + length);
  return { type, topic, qos, dup: (header & 8) !== 0, ...(qos > 0 ? { id: body.readUInt16BE(2 + length) } : {}) };
}

/** Cuts a stream of bytes into packets; returns what is left over. */
function cut(bytes: Buffer, each: (packet: ScriptPacket) => void): Buffer {
  let rest = bytes;
  while (rest.length >= 2) {
    let at = 1;
    let length = 0;
    for (let byte = 128; byte > 127 && at <= 4; at++) {
      byte = rest[at] ?? 0;
      length += (byte & 127) * 128 ** (at - 1);
    }
    if (rest.length < at + length) break;
    each(read(rest[0] ?? 0, rest.subarray(at, at + length)));
    rest = rest.subarray(at + length);
  }
  return rest;
}

/** Starts the broker on a free port of loopback. */
export async function startScriptedBroker(script: Script): Promise<ScriptedBroker> {
  const packets: ScriptPacket[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      rest = cut(Buffer.concat([rest, bytes]), (packet) => {
        packets.push(packet);
        script(packet, (answer) => socket.write(Buffer.from(answer)), socket);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    port: address.port,
    packets,
    published: () => packets.filter((packet) => packet.type === 3).map((packet) => packet.topic ?? ''),
    connections: () => sockets.size,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
