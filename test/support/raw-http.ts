// Raw HTTP: sends bytes over a socket as they are and reads the answer as bytes, without an HTTP client in between.
import net from 'node:net';

export type RawAnswer = {
  /** 0: the connection ended without an answer. */
  status: number;
  /** Header names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** Everything that came, one byte a character. */
  text: string;
  /** The connection was reset, before or after the answer. */
  reset: boolean;
};

/** `whole`: one write. `bytes`: one byte per write. `lines`: one write per line. */
export type Manner = 'whole' | 'bytes' | 'lines';

/** Takes apart what a server sent on one connection; more than one answer ends up in `body`. */
export function parseAnswer(text: string, reset = false): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end < 0 ? text.length : end).split('\r\n');
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) headers[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 2);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1] ?? 0);
  return { status, headers, body: end < 0 ? '' : text.slice(end + 4), text, reset };
}

/** A connection that the test drives itself. */
export type RawConnection = {
  socket: net.Socket;
  write(data: string | Buffer): Promise<void>;
  /** Ends this side only. */
  end(): void;
  /** What came so far, one byte a character. */
  text(): string;
  /** Resolves as soon as `count` heads of answers are there, or the connection is over. */
  answers(count: number): Promise<string>;
  /** Resolves when the other side has ended the connection or it was reset. */
  closed(): Promise<RawAnswer>;
};

/** Opens a connection on loopback; text is sent as Latin-1, so one character is one byte. */
export function connectRaw(port: number, from?: string): Promise<RawConnection> {
  let text = '';
  let reset = false;
  let over = false;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  const when = (done: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!done()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, ...(from ? { localAddress: from } : {}) });
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      wake();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') reject(error);
      reset ||= error.code === 'ECONNRESET' || error.code === 'EPIPE';
      // A server that resets at once may be quicker than the news of the connection.
      resolve(connection);
    });
    socket.on('close', () => {
      over = true;
      wake();
    });
    const connection: RawConnection = {
      socket,
      write: (data) =>
        new Promise((written) => {
          if (socket.destroyed || !socket.writable) written();
          else socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data, () => written());
        }),
      end: () => socket.end(),
      text: () => text,
      async answers(count) {
        await when(() => over || text.split('\r\n\r\n').length > count);
        return text;
      },
      async closed() {
        await when(() => over);
        return parseAnswer(text, reset);
      },
    };
    socket.on('connect', () => resolve(connection));
  });
}

/** Sends one request and reads until the server ends the connection. */
export async function sendRaw(port: number, request: string | Buffer, manner: Manner = 'whole'): Promise<RawAnswer> {
  const bytes = typeof request === 'string' ? Buffer.from(request, 'latin1') : request;
  const connection = await connectRaw(port);
  if (manner === 'whole') await connection.write(bytes);
  else {
    const pieces = manner === 'bytes' ? [...bytes].map((byte) => Buffer.of(byte)) : linesOf(bytes);
    for (const piece of pieces) await connection.write(piece);
  }
  return connection.closed();
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const lf = bytes.indexOf(0x0a, from);
    const to = lf < 0 ? bytes.length : lf + 1;
    lines.push(bytes.subarray(from, to));
    from = to;
  }
  return lines;
}
