// A bridge from WebSockets (RFC 6455) to TCP on loopback, so that a broker that speaks TCP only is reached through ws://.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';

const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Unmasks the frames that are complete; `each` gets the payload of data frames. Returns what is left over. */
function unframe(bytes: Buffer, each: (payload: Buffer) => void, onClose: () => void): Buffer {
  let rest = bytes;
  while (rest.length >= 6) {
    const short = (rest[1] ?? 0) & 127;
    const head = short === 126 ? 8 : short === 127 ? 14 : 6;
    if (rest.length < head) break;
    const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
    if (rest.length < head + length) break;
    const mask = rest.subarray(head - 4, head);
    const payload = rest.subarray(head, head + length).map((byte, index) => byte ^ (mask[index & 3] ?? 0));
    const opcode = (rest[0] ?? 0) & 15;
    if (opcode === 8) onClose();
    else if (opcode < 3) each(Buffer.from(payload));
    rest = rest.subarray(head + length);
  }
  return rest;
}

function frame(payload: Buffer): Buffer {
  const { length } = payload;
  const head = length < 126 ? [0x82, length] : [0x82, 126, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Starts the bridge; it takes the subprotocol `mqtt` at any path. Answers to clients are cut into frames of 32 KiB. */
export async function startWebsocketBridge(targetPort: number): Promise<{ port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('upgrade', (request, near: Socket) => {
    const far = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}${ACCEPT_SUFFIX}`)
      .digest('base64');
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    near.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`, 'Sec-WebSocket-Protocol: mqtt'].join('\r\n')}\r\n\r\n`);
    let rest: Buffer = Buffer.alloc(0);
    near.on('data', (bytes: Buffer) => {
      rest = unframe(
        Buffer.concat([rest, bytes]),
        (payload) => far.write(payload),
        () => near.end(),
      );
    });
    far.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += 32_768) near.write(frame(bytes.subarray(at, at + 32_768)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    port: address.port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
