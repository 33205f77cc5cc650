// Frames of a WebSocket (RFC 6455): written as a client must (masked), and read with bounds from a peer that may send anything.

export const OPCODE = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
type Opcode = (typeof OPCODE)[keyof typeof OPCODE];

const CONTROL_BYTES_MAX = 125;
/** Of one message. */
const FRAGMENTS_MAX = 200;

/** One whole frame. `mask`: four random bytes (§5.3). */
export function frame(opcode: Opcode, payload: Uint8Array, mask: Uint8Array): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = 0x80 | length;
  else if (length < 65_536) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  const masked = Buffer.from(payload);
  for (let n = 0; n < length; n++) masked[n] = (masked[n] ?? 0) ^ (mask[n & 3] ?? 0);
  return Buffer.concat([head, mask, masked]);
}

export type Received =
  | { kind: 'text'; text: string }
  | { kind: 'ping' | 'pong'; payload: Buffer }
  | { kind: 'close' }
  /** The peer broke the protocol or a limit: nothing that follows can be read. */
  | { kind: 'broken'; reason: string };

type Head = { opcode: number; final: boolean; at: number; length: number };

/** Reads frames from bytes as they come; `bytesMax` is the size of a whole message. After `broken` nothing more is read. */
export function createFrameReader(bytesMax: number, on: (received: Received) => void): (bytes: Buffer) => void {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let waiting: Buffer[] = [];
  let held = 0;
  let wanted = 2;
  let parts: Buffer[] | undefined;
  let binary = false;
  let over = false;

  const broken = (reason: string): void => {
    over = true;
    waiting = [];
    parts = undefined;
    on({ kind: 'broken', reason });
  };

  function message(payload: Buffer, final: boolean, opcode: number): void {
    const starts = opcode !== OPCODE.more;
    const before: Buffer[] = parts ?? [];
    const bytes = before.reduce((sum, { length }) => sum + length, payload.length);
    if (starts === (parts !== undefined)) broken('order of fragments');
    else if (bytes > bytesMax || before.length >= FRAGMENTS_MAX) broken('size');
    else {
      if (starts) binary = opcode === OPCODE.binary;
      parts = final ? undefined : [...before, payload];
      // Slack sends text only; what else comes means nothing here.
      if (final && !binary) said(Buffer.concat([...before, payload]));
    }
  }

  function said(bytes: Buffer): void {
    let text: string | undefined;
    try {
      text = decoder.decode(bytes);
    } catch {
      broken('encoding');
    }
    if (text !== undefined) on({ kind: 'text', text });
  }

  function take({ opcode, final }: Head, payload: Buffer): void {
    if (opcode === OPCODE.close) {
      over = true;
      on({ kind: 'close' });
    } else if (opcode === OPCODE.ping) on({ kind: 'ping', payload });
    else if (opcode === OPCODE.pong) on({ kind: 'pong', payload });
    else message(payload, final, opcode);
  }

  return (bytes) => {
    if (over) return;
    waiting.push(bytes);
    held += bytes.length;
    // Joined only when a whole frame may be there, so that a frame in many pieces costs no more than its size.
    if (held < wanted) return;
    let rest = Buffer.concat(waiting);
    while (!over) {
      const head = headOf(rest, bytesMax);
      if (head === undefined || rest.length < head.at + head.length) {
        wanted = head === undefined ? rest.length + 1 : head.at + head.length;
        break;
      }
      if (head.broken !== undefined) broken(head.broken);
      else take(head, rest.subarray(head.at, head.at + head.length));
      rest = rest.subarray(head.at + head.length);
    }
    waiting = over || rest.length === 0 ? [] : [rest];
    held = over ? 0 : rest.length;
  };
}

function headOf(bytes: Buffer, bytesMax: number): (Head & { broken?: string }) | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const opcode = first & 15;
  const final = (first & 0x80) !== 0;
  const short = second & 127;
  const refuse = (broken: string) => ({ opcode, final, at: 0, length: 0, broken });
  // No extension was agreed on, and a server never masks (§5.1, §5.2).
  if ((first & 0x70) !== 0 || (second & 0x80) !== 0) return refuse('reserved bits or mask');
  if (!(Object.values(OPCODE) as number[]).includes(opcode)) return refuse('opcode');
  if (opcode >= OPCODE.close && (!final || short > CONTROL_BYTES_MAX)) return refuse('control frame');
  const at = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < at) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return length > bytesMax ? refuse('size') : { opcode, final, at, length };
}
