// Receiver: phones' requests in, journal entries out. A phone is answered 200 when its hit is stored.
import type { AddressInfo, createServer } from 'node:net';
import type { Ports } from '../core/ports.ts';
import type { AppendResult, JournalEntry } from '../core/store.ts';
import { compileRanges } from './address.ts';
import { createFront } from './front.ts';
import type { Arrivals } from './hit.ts';
import type { Directory } from './identity.ts';
import { createRateLimit } from './limits.ts';
import type { PathEntry } from './path-entry.ts';
import { compilePaths } from './paths.ts';
import { type Posts, takesBody } from './post.ts';
import { createRoutes } from './routes.ts';
import type { ReceiverSettings } from './settings.ts';

export { cidr } from './address.ts';
export { type Arrivals, createArrivals } from './hit.ts';
export type { Directory, TokenHolder } from './identity.ts';
export type { PathEntry } from './path-entry.ts';
export type { PostDialect, Posts } from './post.ts';
export { type ReceiverLimits, type ReceiverSettings, receiverSettings } from './settings.ts';

export type ReceiverOptions = {
  settings: ReceiverSettings;
  directory: Directory;
  /** Resolves when the entries are on disk; a rejection is answered 503. */
  append(entries: JournalEntry[]): Promise<AppendResult[]>;
  /** Values that a phone did not fill in, `$remote` and the like. */
  vendorVariables: ReadonlySet<string>;
  /** The makers whose phones POST what happened, by the name that stands in the URL in place of the event. */
  posts?: Posts;
  ports: Ports;
  createServer: typeof createServer;
  /** Gives each hit its moment; whoever else writes into the journal takes its moments from the same. */
  arrivals: Arrivals;
  /** A listening socket that was passed on by systemd; host and port of the settings are not used then. */
  fd?: number;
};

export type Receiver = {
  /** Rejects with the system's error and its `code`: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, … */
  listen(): Promise<{ host: string; port: number }>;
  /** From the next request on these phones and paths count. Throws a TypeError for paths that the schema refuses. */
  setDirectory(directory: Directory, paths: readonly PathEntry[]): void;
  /** Takes no new connections; resolves when those under way are answered, at the latest after `graceMs` (ms). */
  stopAccepting(graceMs?: number): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
};

/** Phones that all ring at once must find room in the queue of the system. */
const BACKLOG = 1024;
const GRACE_MS = 5000;

/** Puts the receiver together; nothing happens before `listen`. */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { settings, ports, posts = new Map() } = options;
  const { limits } = settings;
  const current = { directory: options.directory, paths: compilePaths(settings.paths) };
  const front = createFront({
    limits,
    proxies: compileRanges(settings.proxies),
    clock: ports.clock,
    count: ports.count,
    bodyBytesMax: (head) => takesBody(head, posts),
    answer: createRoutes({
      ports,
      append: options.append,
      vendorVariables: options.vendorVariables,
      posts,
      arrivals: options.arrivals,
      rates: createRateLimit(ports.clock, limits.hitsPerSecondMax, limits.hitsBurstMax),
      parametersMax: limits.parametersMax,
      current,
    }),
  });
  // Half-open: a client that ends its side after the request is still answered.
  const server = options.createServer({ allowHalfOpen: true }, front.accept);
  const stopped = (): Promise<void> =>
    new Promise((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.once('listening', () => {
          server.off('error', reject);
          server.on('error', (error: NodeJS.ErrnoException) =>
            ports.log.error('receiver_failed', { code: error.code }),
          );
          const address = server.address() as AddressInfo | string | null;
          if (address !== null && typeof address === 'object') resolve({ host: address.address, port: address.port });
          else resolve({ host: address ?? '', port: 0 });
        });
        if (options.fd !== undefined) server.listen({ fd: options.fd });
        else server.listen({ host: settings.host, port: settings.port, backlog: BACKLOG });
      }),
    setDirectory(directory, paths) {
      Object.assign(current, { directory, paths: compilePaths(paths) });
    },
    async stopAccepting(graceMs = GRACE_MS) {
      const closed = stopped();
      await front.drain(graceMs);
      await closed;
    },
    async close() {
      const closed = stopped();
      front.close();
      await closed;
    },
  };
}
