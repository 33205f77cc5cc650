// The console's server: HTTP or HTTPS on a port of its own, apart from the phones'; and its files.
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { ConsoleSettings } from './config-console.ts';
import type { Asset } from './console/index.ts';

export type ConsoleServer = { host: string; port: number; close(): Promise<void> };

/** What a browser may take to send a request's head and body; a slow one holds a connection no longer. */
const REQUEST_MS_MAX = 30_000;
const HEADERS_MS_MAX = 10_000;
const CONNECTIONS_MAX = 500;

/** Listens. Rejects with Node's error (`EADDRINUSE`, …) or with that of a certificate that cannot be read. */
export async function serveConsole(settings: ConsoleSettings, listener: RequestListener): Promise<ConsoleServer> {
  const server = serverOf(settings, listener);
  Object.assign(server, { requestTimeout: REQUEST_MS_MAX, headersTimeout: HEADERS_MS_MAX });
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: settings.host,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Live streams would go on for ever.
        server.closeAllConnections();
      }),
  };
}

function serverOf({ tls }: ConsoleSettings, listener: RequestListener): Server {
  if (tls === undefined) return createServer(listener);
  return createTlsServer(
    { cert: tls.cert.reveal(), key: tls.key.reveal(), minVersion: 'TLSv1.2' },
    listener,
  ) as unknown as Server;
}

/** Hosts under which a browser may ask for the console: its own address, this machine's names for it, and those of the config. */
export function hostsOf({ host, hosts, tls, behindProxy }: ConsoleSettings, port: number): string[] {
  const usual = tls !== undefined || behindProxy ? 443 : 80;
  const withPort = (name: string): string[] => (port === usual ? [name, `${name}:${port}`] : [`${name}:${port}`]);
  const shown = host.includes(':') ? `[${host}]` : host;
  const local = ['127.0.0.1', 'localhost', '[::1]'].flatMap(withPort);
  const named = hosts.flatMap((name) => (name.includes(':') ? [name] : [name, ...withPort(name)]));
  return [...new Set([...withPort(shown), ...local, ...named].map((each) => each.toLowerCase()))];
}

const OURS: readonly { name: string; type: string }[] = [
  { name: 'console.css', type: 'text/css; charset=utf-8' },
  { name: 'console.js', type: 'text/javascript; charset=utf-8' },
  { name: 'replay.js', type: 'text/javascript; charset=utf-8' },
  { name: 'wall.js', type: 'text/javascript; charset=utf-8' },
  { name: 'charts.js', type: 'text/javascript; charset=utf-8' },
  { name: 'icon.svg', type: 'image/svg+xml' },
  { name: 'charts.css', type: 'text/css; charset=utf-8' },
];

/** The charts' library, as its package ships it for browsers. */
const CHARTS: readonly { name: string; type: string; from: string }[] = [
  { name: 'uplot.js', type: 'text/javascript; charset=utf-8', from: 'uplot/dist/uPlot.iife.min.js' },
  { name: 'uplot.css', type: 'text/css; charset=utf-8', from: 'uplot/dist/uPlot.min.css' },
];

/** The console's files, read once: nothing else can ever be asked for. */
export async function readAssets(): Promise<ReadonlyMap<string, Asset>> {
  // The same from the sources and from the built program: both stand two folders below the package.
  const folder = new URL('../src/console/assets/', import.meta.url);
  const read = async ({ name, type }: (typeof OURS)[number]): Promise<[string, Asset]> => [
    name,
    { type, text: await readFile(new URL(name, folder), 'utf8') },
  ];
  const { resolve } = createRequire(import.meta.url);
  const readPackaged = async ({ name, type, from }: (typeof CHARTS)[number]): Promise<[string, Asset]> => [
    name,
    { type, text: await readFile(resolve(from), 'utf8') },
  ];
  return new Map(await Promise.all([...OURS.map(read), ...CHARTS.map(readPackaged)]));
}
