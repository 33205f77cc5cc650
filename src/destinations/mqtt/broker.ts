// Broker: the small MQTT broker (3.1.1) inside Hookswitch, for those who have none. Loopback only unless told otherwise.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type { createServer as CreateServer, Server, Socket } from 'node:net';
import type { Aedes, AuthenticateError } from 'aedes';
import { z } from 'zod';
import type { Log } from '../../core/ports.ts';
import type { Problem } from '../../core/problems.ts';
import { type Secret, secret } from '../../core/secret.ts';
import { createFrameWatcher } from './framing.ts';

const CLIENTS_MAX = 200;
const PACKET_BYTES_MAX = 262_144 + 4_096;
const RETAINED_TOPICS_MAX = 10_000;
const RETAINED_BYTES_MAX = 64 * 1024 * 1024;
/** A client that does not read for so long is let go, before its messages fill the memory. */
const DRAIN_MS_MAX = 10_000;
const CONNECT_MS_MAX = 5_000;
const NOT_AUTHORISED = 5;

export const embeddedBrokerSettings = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on. Beyond this machine only with a password.'),
  port: z.int().min(0).max(65_535).default(1_883).describe('Port to listen on; 0 takes any that is free.'),
  username: z.string().min(1).max(256).optional().describe('User name that clients must give.'),
  password: secret()
    .optional()
    .describe('Password that clients must give, as { "env": "NAME" } or { "file": "path" }.'),
});

export type EmbeddedBrokerSettings = z.output<typeof embeddedBrokerSettings>;

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);

/** What must not be configured: half a login, or a broker that anybody in the network may use. Paths are below the broker's own. */
export function embeddedBrokerProblems(settings: EmbeddedBrokerSettings): Problem[] {
  const { host, username, password } = settings;
  if (username === undefined && password !== undefined)
    return [{ path: ['password'], message: 'needs a username', hint: 'set username beside it' }];
  if (username !== undefined && password === undefined)
    return [{ path: ['username'], message: 'needs a password', hint: 'set password beside it' }];
  if (password === undefined && !isLoopback(host)) {
    const hint = 'set username and password, or host to "127.0.0.1"';
    return [{ path: ['host'], message: 'listens beyond this machine without a password', hint }];
  }
  return [];
}

export type EmbeddedBroker = { host: string; port: number; close(): Promise<void> };

type StartOptions = EmbeddedBrokerSettings & { createServer: typeof CreateServer; log: Log };

/**
 * Starts the broker. Sessions of absent clients are not kept, and retained messages live as long as the process. Rejects
 * if the settings have a problem or the port cannot be taken (the error's `code` is the system's, such as EADDRINUSE).
 */
export async function startEmbeddedBroker(options: StartOptions): Promise<EmbeddedBroker> {
  const problem = embeddedBrokerProblems(options)[0];
  if (problem !== undefined) throw new Error(`${problem.path.join('.')}: ${problem.message}; ${problem.hint}`);
  const { Aedes } = await import('aedes');
  const broker = await Aedes.createBroker({
    drainTimeout: DRAIN_MS_MAX,
    connectTimeout: CONNECT_MS_MAX,
    preConnect(_client, packet, done) {
      packet.clean = true;
      const full = broker.connectedClients >= CLIENTS_MAX;
      done(full ? new Error('too many clients') : null, !full);
    },
    authenticate: authentication(options.username, options.password),
  });
  limitRetained(broker, options.log);
  (broker as EventEmitter).on('error', (error: Error) => options.log.error('broker.error', { error: error.name }));
  broker.on('clientError', (client, error) =>
    options.log.debug('broker.client-error', { client: client.id, error: error.name }),
  );
  broker.on('connectionError', (_client, error) => options.log.debug('broker.connection-error', { error: error.name }));

  const sockets = new Set<Socket>();
  const server = options.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    broker.handle(socket);
    const fits = createFrameWatcher(PACKET_BYTES_MAX);
    socket.on('data', (bytes: Buffer) => {
      if (!fits(bytes)) socket.destroy();
    });
  });
  server.maxConnections = CLIENTS_MAX;
  const close = () => closeAll(broker, server, sockets);
  try {
    const port = await listen(server, options.host, options.port);
    options.log.info('broker.listening', { host: options.host, port });
    return { host: options.host, port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function closeAll(broker: Aedes, server: Server, sockets: Set<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  await new Promise<void>((resolve) => broker.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}

const digest = (value: string | Buffer): Buffer => createHash('sha256').update(value).digest();

function authentication(username: string | undefined, password: Secret | undefined): Aedes['authenticate'] {
  if (username === undefined || password === undefined) return (_client, _user, _password, done) => done(null, true);
  const expected = [digest(username), digest(password.reveal())] as const;
  return (_client, user, given, done) => {
    const userFits = timingSafeEqual(digest(user ?? ''), expected[0]);
    const passwordFits = timingSafeEqual(digest(given ?? ''), expected[1]);
    if (userFits && passwordFits) return done(null, true);
    done(Object.assign(new Error('not authorised'), { returnCode: NOT_AUTHORISED }) as AuthenticateError, false);
  };
}

/** Retained messages stay in memory; beyond the limits a message goes to those who listen now, and is not kept. */
function limitRetained(broker: Aedes, log: Log): void {
  const bytesOf = new Map<string, number>();
  let total = 0;
  const inner = broker.authorizePublish;
  broker.authorizePublish = (client, packet, done) => {
    if (packet.retain) {
      const before = bytesOf.get(packet.topic) ?? 0;
      const bytes = packet.payload.length;
      const fits = bytesOf.size < RETAINED_TOPICS_MAX || bytesOf.has(packet.topic);
      if (bytes === 0) bytesOf.delete(packet.topic);
      else if (fits && total - before + bytes <= RETAINED_BYTES_MAX) bytesOf.set(packet.topic, bytes);
      else {
        packet.retain = false;
        log.warn('broker.retained-full', { topics: bytesOf.size, bytes: total });
      }
      if (packet.retain) total += bytes - before;
    }
    inner(client, packet, done);
  };
}
