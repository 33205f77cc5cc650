// One WebSocket to Slack: opened, kept alive, and ended without leaving a socket.
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Client } from 'undici';
import type { Cancel, Clock, Random } from '../../core/ports.ts';
import { createFrameReader, frame, OPCODE } from './frames.ts';

/** A click is some kilobytes; what a modal could send may be more. */
const MESSAGE_BYTES_MAX = 1024 * 1024;
const OPEN_MS_MAX = 10_000;
const LOOK_MS = 10_000;
/** Slack pings every few seconds. Silent for so long: we ask; silent for longer: it is gone. */
const SILENT_MS = 20_000;
const DEAD_MS = 40_000;
/** RFC 6455 §1.3. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export type Link = {
  send(text: string): void;
  /** Says goodbye and ends the socket; resolves when it is gone. `onClosed` is called, as after any end. */
  close(): Promise<void>;
};

export type LinkOptions = {
  clock: Clock;
  random: Random;
  signal: AbortSignal;
  /** It is open; called before anything is read from it. */
  onOpened(link: Link): void;
  onText(text: string, link: Link): void;
  /** The socket is gone, for whatever reason; called once. */
  onClosed(link: Link, reason: string): void;
};

/** Opens a WebSocket; rejects if there is none within 10 s. Told by `onOpened`. `url` holds a ticket that is as good as a password. */
export async function openLink(url: string, options: LinkOptions): Promise<void> {
  const { clock, random, signal } = options;
  const { protocol, host, pathname, search } = new URL(url);
  const client = new Client(`${protocol === 'ws:' ? 'http:' : 'https:'}//${host}`, { connectTimeout: OPEN_MS_MAX });
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const cancel = clock.after(OPEN_MS_MAX, end);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    const key = Buffer.from(random.bytes(16)).toString('base64');
    const { headers, socket } = await client.upgrade({
      path: pathname + search,
      protocol: 'websocket',
      headers: { 'sec-websocket-key': key, 'sec-websocket-version': '13' },
      signal: ended.signal,
    });
    const accept = createHash('sha1')
      .update(key + ACCEPT_SUFFIX)
      .digest('base64');
    if (headers['sec-websocket-accept'] !== accept) {
      socket.destroy();
      throw Object.assign(new Error('not a WebSocket'), { code: 'BAD_UPGRADE' });
    }
    linkOf(socket, options);
  } finally {
    cancel();
    signal.removeEventListener('abort', end);
    // The socket has left it by now; whatever it still has is of no use.
    await client.destroy().catch(() => undefined);
  }
}

function linkOf(socket: Duplex, { clock, random, onOpened, onText, onClosed }: LinkOptions): void {
  let heardAt = clock.monotonicMs();
  let reason = 'the socket ended';
  let open = true;
  let cancel: Cancel;
  const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const write = (opcode: 1 | 8 | 9 | 10, payload: Uint8Array): void => {
    if (open && socket.writable) socket.write(frame(opcode, payload, random.bytes(4)));
  };
  const finish = (why: string): void => {
    if (!open) return;
    reason = why;
    write(OPCODE.close, Uint8Array.of(0x03, 0xe8));
    open = false;
    // No waiting for an answer: a peer that gives none must not hold the socket.
    socket.destroy();
  };
  const link: Link = {
    send: (text) => write(OPCODE.text, Buffer.from(text)),
    close() {
      finish('closed by us');
      return gone;
    },
  };
  const read = createFrameReader(MESSAGE_BYTES_MAX, (received) => {
    if (!open) return;
    if (received.kind === 'ping') write(OPCODE.pong, received.payload);
    else if (received.kind === 'text') onText(received.text, link);
    else if (received.kind === 'close') finish('closed by Slack');
    else if (received.kind === 'broken') finish(`unreadable: ${received.reason}`);
  });
  const look = (): void => {
    const silentMs = clock.monotonicMs() - heardAt;
    if (silentMs >= DEAD_MS) finish('silent');
    else if (silentMs >= SILENT_MS) write(OPCODE.ping, new Uint8Array(0));
    cancel = clock.after(LOOK_MS, look);
  };
  cancel = clock.after(LOOK_MS, look);
  onOpened(link);
  socket.on('data', (bytes: Buffer) => {
    heardAt = clock.monotonicMs();
    read(bytes);
  });
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.destroy());
  socket.once('close', () => {
    open = false;
    cancel();
    onClosed(link, reason);
  });
}
