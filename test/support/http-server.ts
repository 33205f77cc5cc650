// A scripted HTTP server on loopback: answers what a test says, byte by byte where it must, and remembers what it was asked.
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export type HttpRequest = {
  method: string;
  /** The target as it stood in the request line. */
  target: string;
  /** Names in lower case; a repeated name keeps its last value. */
  headers: Record<string, string>;
  body: Buffer;
};

/** Writes the answer and ends the socket, or does not. Runs once a request is complete. */
export type HttpScript = (socket: Socket, request: HttpRequest) => void;

export type HttpServer = {
  port: number;
  url: string;
  requests: HttpRequest[];
  /** TCP connections so far, complete requests or not. */
  connections(): number;
  /** Sockets that are open now. */
  open(): number;
  stop(): Promise<void>;
};

/** Answers with a status, some headers and a body, and closes. */
export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): HttpScript =>
  (socket) => {
    const lines = Object.entries({
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
      ...headers,
    });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.end(`HTTP/1.1 ${status} Scripted\r\n${head}\r\n${body}`);
  };

function readRequest(bytes: Buffer): HttpRequest | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const length = Number(headers['content-length'] ?? 0);
  const body = bytes.subarray(headEnd + 4);
  return body.length < length ? undefined : { method, target, headers, body: body.subarray(0, length) };
}

/** Starts a server on 127.0.0.1. With `tls` it speaks HTTPS. Only one request a connection is read. */
export async function startHttpServer(script: HttpScript, tls?: { key: string; cert: string }): Promise<HttpServer> {
  const requests: HttpRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const serve = (socket: Socket): void => {
    let bytes = Buffer.alloc(0);
    let done = false;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      if (done) return;
      bytes = Buffer.concat([bytes, chunk]);
      const request = readRequest(bytes);
      if (request === undefined) return;
      done = true;
      requests.push(request);
      script(socket, request);
    });
  };
  const server: Server = tls ? createTlsServer(tls, serve) : createServer(serve);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    open: () => sockets.size,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A port of 127.0.0.1 on which nobody listens any more. */
export async function closedPort(): Promise<number> {
  const server = await startHttpServer(() => undefined);
  await server.stop();
  return server.port;
}

/** A server that accepts connections and never says a word. */
export const startSilentServer = (): Promise<HttpServer> => startHttpServer(() => undefined);
