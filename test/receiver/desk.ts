// A receiver on loopback with one phone and one site, whose journal is a list in memory.
import { createHash } from 'node:crypto';
import net from 'node:net';
import type { PhoneEvent } from '../../src/core/events.ts';
import type { PhoneCard } from '../../src/core/phone-card.ts';
import type { Clock, Ports } from '../../src/core/ports.ts';
import type { AppendResult, JournalEntry } from '../../src/core/store.ts';
import { createRandom, systemClock } from '../../src/ports.ts';
import {
  createArrivals,
  createReceiver,
  type Directory,
  type Receiver,
  receiverSettings,
} from '../../src/receiver/index.ts';
import { vendorPosts, vendorVariables } from '../../src/vendors/index.ts';

export const TOKEN = 'Zm9v-bar_0123456789abcd';
export const SITE_TOKEN = 'site-0123456789abcdefgh';
export const MAC = '005058a1b2c3';
export const PHONE: PhoneCard = { id: 'front-desk', site: 'default', mac: MAC, groups: ['sales'] };
const NAMELESS: PhoneCard = { id: 'no-mac-phone', site: 'default', groups: [] };
export const NAMELESS_TOKEN = 'nameless-0123456789abcd';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The directory of the tests; `changes` replaces single look-ups. */
export function directoryOf(changes: Partial<Directory> = {}): Directory {
  const holders = new Map([
    [sha256(TOKEN), { site: 'default', phone: PHONE }],
    [sha256(NAMELESS_TOKEN), { site: 'default', phone: NAMELESS }],
    [sha256(SITE_TOKEN), { site: 'north' }],
  ]);
  return {
    find: (hash) => holders.get(hash),
    byMac: (site, mac) => (site === 'north' && mac === 'aabbccddeeff' ? { ...PHONE, id: 'north-1', site } : undefined),
    byId: (site, id) => (site === 'default' && id === PHONE.id ? PHONE : undefined),
    pinOf: () => undefined,
    ...changes,
  };
}

export type Counted = { name: string; labels: Record<string, string> };
export type LogLine = { level: string; event: string; fields: object };

export type Desk = {
  receiver: Receiver;
  port: number;
  entries: JournalEntry[];
  events(): PhoneEvent[];
  /** How often a request was refused for that reason. */
  refused(reason: string): number;
  counts: Counted[];
  lines: LogLine[];
  close(): Promise<void>;
};

export type DeskOptions = {
  settings?: object;
  directory?: Directory;
  append?(entries: JournalEntry[]): Promise<AppendResult[]>;
  clock?: Clock;
  lastAtMs?: ReadonlyMap<string, number>;
  fd?: number;
};

/** Starts a receiver without rate limit, so that a test may send as it likes. */
export async function openDesk(options: DeskOptions = {}): Promise<Desk> {
  const entries: JournalEntry[] = [];
  const counts: Counted[] = [];
  const lines: LogLine[] = [];
  const line =
    (level: string) =>
    (event: string, fields: object = {}): void =>
      void lines.push({ level, event, fields });
  const ports: Ports = {
    clock: options.clock ?? systemClock,
    random: createRandom(),
    log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    count: (name, labels = {}) => void counts.push({ name, labels }),
  };
  const store = async (hits: JournalEntry[]): Promise<AppendResult[]> =>
    hits.map((entry) => ({ seq: entries.push(entry), duplicate: false }));
  const { limits, ...rest } = (options.settings ?? {}) as { limits?: object };
  const receiver = createReceiver({
    settings: receiverSettings.parse({
      host: '127.0.0.1',
      port: 0,
      ...rest,
      limits: { hitsPerSecondMax: 1e6, hitsBurstMax: 1e6, ...limits },
    }),
    directory: options.directory ?? directoryOf(),
    append: options.append ?? store,
    vendorVariables,
    posts: vendorPosts,
    ports,
    createServer: net.createServer,
    arrivals: createArrivals(options.lastAtMs ?? new Map()),
    ...(options.fd === undefined ? {} : { fd: options.fd }),
  });
  const { port } = await receiver.listen();
  return {
    receiver,
    port,
    entries,
    events: () => entries.map((entry) => entry.event as PhoneEvent),
    refused: (reason) => counts.filter((c) => c.name === 'hits_refused' && c.labels.reason === reason).length,
    counts,
    lines,
    close: () => receiver.close(),
  };
}

/** A request as a phone sends it, with the end that our URLs have. */
export const get = (path: string, headers = 'Host: hookswitch.test\r\n'): string =>
  `GET ${path} HTTP/1.1\r\n${headers}\r\n`;

/** The request line of a hit of the phone with a token; `query` without the sentinel. */
export const hit = (slug: string, query = `mac=${MAC}`, token = TOKEN): string =>
  get(`/a/${token}/${slug}?${query}&_=.`);
