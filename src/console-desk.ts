// The console put together: its accounts, its server, and what it may look at and ask for in the running app.
import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { OwnedAccountBook } from './accounts.ts';
import type { AppOptions, Running } from './app.ts';
import { consoleDeps } from './app-control.ts';
import type { ConsoleSettings } from './config-console.ts';
import type { ConsoleDeps } from './console/index.ts';
import { hashPassword, SALT_BYTES } from './console/index.ts';
import { type ConsoleServer, hostsOf, readAssets, serveConsole } from './console-server.ts';
import type { Ports } from './core/ports.ts';

export type ConsoleDesk = {
  /** Where it is reached, like `http://127.0.0.1:8485`; undefined where it is switched off or could not start. */
  url: string | undefined;
  /** The password of the account that was made because there was none: shown once. */
  firstPassword: string | undefined;
  close(): Promise<void>;
};

type DeskOptions = {
  settings: ConsoleSettings;
  accounts: OwnedAccountBook;
  ports: Ports;
  /** Everything else that the console looks at. */
  deps: Omit<ConsoleDeps, 'ports' | 'accounts' | 'hosts' | 'secure' | 'assets'>;
};

export const FIRST_ACCOUNT = 'admin';
const PASSWORD_BYTES = 15;
const CLOSED: ConsoleDesk = { url: undefined, firstPassword: undefined, close: async () => {} };

/** The console of a running app. It comes after the phones: what is wrong with it keeps nobody from being received. */
export async function openDesk(up: () => Running, options: AppOptions): Promise<ConsoleDesk> {
  const { config, accounts } = up();
  return openConsole({ settings: config.console, accounts, ports: options.ports, deps: consoleDeps(up, options) });
}

/**
 * Opens the console. One that cannot listen is logged and left out: phones are received all the same. Where nobody can log in yet,
 * an account is made.
 */
async function openConsole({ settings, accounts, ports, deps }: DeskOptions): Promise<ConsoleDesk> {
  if (!settings.enabled) return CLOSED;
  const { createConsole } = await import('./console/console.ts');
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end();
  let server: ConsoleServer;
  try {
    server = await serveConsole(settings, (request, response) => listener(request, response));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    ports.count('console_not_started');
    ports.log.error('console_not_started', { host: settings.host, port: settings.port, code });
    return CLOSED;
  }
  const secure = settings.tls !== undefined || settings.behindProxy;
  const hosts = hostsOf(settings, server.port);
  const app = createConsole({ ...deps, ports, accounts, secure, assets: await readAssets(), hosts: () => hosts });
  listener = getRequestListener(app.fetch) as RequestListener;
  ports.log.info('console_open', { host: server.host, port: server.port });
  const firstPassword = accounts.isEmpty() ? await firstAccount(accounts, ports) : undefined;
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return {
    url: `${settings.tls === undefined ? 'http' : 'https'}://${host}:${server.port}`,
    firstPassword,
    async close() {
      app.close();
      await server.close();
    },
  };
}

async function firstAccount(accounts: OwnedAccountBook, { random }: Ports): Promise<string> {
  const password = Buffer.from(random.bytes(PASSWORD_BYTES)).toString('base64url');
  const passwordHash = await hashPassword(password, random.bytes(SALT_BYTES));
  await accounts.put({ name: FIRST_ACCOUNT, role: 'admin', passwordHash });
  return password;
}
