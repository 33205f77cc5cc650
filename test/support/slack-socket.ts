// The server's side of Socket Mode on loopback: takes WebSockets (RFC 6455), says what a test says, and remembers what it heard.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { HttpRequest } from './http-server.ts';

const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export type SlackPeer = {
  /** Ids of envelopes that were acknowledged over this socket, in order. */
  acknowledged: string[];
  /** Pings of the client. */
  pings: number;
  pongs: number;
  open: boolean;
  /** Sends a text: a string as it is, anything else as JSON. */
  say(value: unknown): void;
  /** Sends bytes as they are. */
  raw(bytes: Uint8Array): void;
  ping(): void;
  /** Drops the connection without a word. */
  drop(): void;
};

/** A frame as a server writes it: not masked. */
export function serverFrame(first: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length >= 126) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, payload]);
}

/** Takes the frames that are complete; throws if one is not masked, which a client must do. */
function takeFrames(bytes: Buffer, each: (opcode: number, payload: Buffer) => void): Buffer {
  let rest = bytes;
  while (rest.length >= 6) {
    if (((rest[1] ?? 0) & 0x80) === 0) throw new Error('a client sent a frame without a mask');
    const short = (rest[1] ?? 0) & 127;
    const head = short === 126 ? 8 : short === 127 ? 14 : 6;
    if (rest.length < head) break;
    const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
    if (rest.length < head + length) break;
    const mask = rest.subarray(head - 4, head);
    const payload = Buffer.from(rest.subarray(head, head + length).map((byte, n) => byte ^ (mask[n & 3] ?? 0)));
    each((rest[0] ?? 0) & 15, payload);
    rest = rest.subarray(head + length);
  }
  return rest;
}

/** Answers an upgrade request and speaks from then on. `quiet`: does not answer pings. */
export function acceptSocket(socket: Socket, { headers }: HttpRequest, isQuiet: () => boolean): SlackPeer {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${ACCEPT_SUFFIX}`).digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`);
  const write = (bytes: Uint8Array): void => void (socket.writable && socket.write(bytes));
  const peer: SlackPeer = {
    acknowledged: [],
    pings: 0,
    pongs: 0,
    open: true,
    say: (value) => write(serverFrame(0x81, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))),
    raw: write,
    ping: () => write(serverFrame(0x89, Buffer.from('are you there'))),
    drop: () => socket.destroy(),
  };
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = takeFrames(Buffer.concat([rest, bytes]), (opcode, payload) => {
      if (opcode === 9) peer.pings += 1;
      if (opcode === 9 && !isQuiet()) write(serverFrame(0x8a, payload));
      if (opcode === 10 && payload.toString() === 'are you there') peer.pongs += 1;
      if (opcode === 8) socket.end();
      if (opcode === 1) peer.acknowledged.push((JSON.parse(payload.toString()) as { envelope_id: string }).envelope_id);
    });
  });
  socket.on('close', () => {
    peer.open = false;
  });
  return peer;
}
