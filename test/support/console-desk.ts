// A desk at the console of a real daemon: accounts and tokens of every role, requests over real sockets with any path and header.
import { request } from 'node:http';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/core/ports.ts';
import { systemClock } from '../../src/ports.ts';
import { command, type RunningDaemon, startDaemon, TOKEN, TOKEN_SHA256 } from '../running-daemon.ts';
import { freePort } from './free-port.ts';
import { sendRaw } from './raw-http.ts';
import { type TempFolder, tempFolder } from './temp-folder.ts';

export const ROLES = ['read', 'operate', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };
export type Asked = { headers?: Record<string, string>; body?: string; headOnly?: boolean };

/** A browser's session, as headers. */
export type LoggedIn = { cookie: string; csrf: string };

export type ConsoleDesk = {
  folder: TempFolder;
  daemon: RunningDaemon;
  port: number;
  /** Where phones call. */
  hitPort: number;
  base: string;
  host: string;
  /** The path goes out as it is written. `headOnly`: the answer's body is not waited for. */
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
  login(name: string, password: string): Promise<LoggedIn>;
  /** A hit of a phone with the site's token; `query` verbatim. */
  hit(slug: string, query: string): Promise<number>;
  passwordOf(role: Role): string;
  /** The token of a program with that role. */
  tokenOf(role: Role): string;
  /** Time passes for the daemon. */
  skip(ms: number): void;
};

export const passwordOf = (role: Role): string => `a password to ${role} with`;

/** A clock whose time can be made to jump forward. */
function skippingClock(): { clock: Clock; skip(ms: number): void } {
  let skippedMs = 0;
  const clock: Clock = {
    ...systemClock,
    wallMs: () => systemClock.wallMs() + skippedMs,
    monotonicMs: () => systemClock.monotonicMs() + skippedMs,
  };
  return {
    clock,
    skip(ms) {
      skippedMs += ms;
    },
  };
}

/** Starts a daemon with two phones, an adopted one, and an account and a token of each role; it ends with the test. */
export async function openConsoleDesk(
  { console: consoleMore = {}, ...more }: { console?: object; [key: string]: unknown } = {},
  rules: readonly object[] = [],
  files: Readonly<Record<string, unknown>> = {},
): Promise<ConsoleDesk> {
  const folder = tempFolder();
  const [hitPort, port] = [await freePort(), await freePort()];
  folder.write('rules/rules.json', { rules });
  folder.write('config.json', {
    receiver: { host: '127.0.0.1', port: hitPort },
    console: { port, ...consoleMore },
    timezone: 'Europe/Berlin',
    sites: { default: { token: { sha256: TOKEN_SHA256 } } },
    phones: [{ id: 'front-desk', name: 'Front desk', mac: '00:50:58:a1:b2:c3', groups: ['reception'] }, { id: 'hall' }],
    ...more,
  });
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  const { clock, skip } = skippingClock();
  const tokens = new Map<Role, string>();
  for (const role of ROLES) {
    folder.write(`${role}.password`, `${passwordOf(role)}\n`);
    await done(folder, 'console', 'user', role, '--role', role, '--password-file', `${role}.password`);
    const made = await done(folder, 'console', 'token', `program-${role}`, '--role', role, '--json');
    tokens.set(role, (JSON.parse(made) as { token: string }).token);
  }
  const daemon = await startDaemon(folder, {}, clock);
  onTestFinished(async () => void (await daemon.stop()));
  if (!daemon.out().includes('To play a missed call')) throw new Error(`the daemon did not start: ${daemon.err()}`);
  const host = `127.0.0.1:${port}`;
  const ask = (method: string, path: string, asked?: Asked): Promise<Answer> => send(port, method, path, asked);
  return {
    folder,
    daemon,
    port,
    hitPort,
    host,
    base: `http://${host}`,
    ask,
    skip,
    passwordOf,
    tokenOf: (role) => tokens.get(role) ?? '',
    async login(name, password) {
      const answer = await ask('POST', '/login', form({ name, password }));
      const cookie = String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? '';
      const csrf = /<meta name="csrf" content="([^"]*)"/.exec(
        (await ask('GET', '/health', { headers: { cookie } })).body,
      );
      return { cookie, csrf: csrf?.[1] ?? '' };
    },
    hit: async (slug, query) =>
      (await sendRaw(hitPort, `GET /a/${TOKEN}/${slug}?${query}&_=. HTTP/1.1\r\nHost: x\r\n\r\n`)).status,
  };
}

async function done(folder: TempFolder, ...args: string[]): Promise<string> {
  const { code, out, err } = await command(folder, ...args);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${err}`);
  return out;
}

/** A form as a browser sends it. */
export const form = (fields: Record<string, string>, headers: Record<string, string> = {}): Asked => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: new URLSearchParams(fields).toString(),
});

function send(port: number, method: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { headers = {}, body, headOnly = false } = asked;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { port, host: '127.0.0.1', method, path, headers: { ...length, ...headers }, agent: false };
    const sent = request(options, (answer) => {
      const parts: Buffer[] = [];
      const end = (): void =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() });
      if (headOnly) {
        end();
        sent.destroy();
        return;
      }
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', end);
      answer.on('error', reject);
    });
    sent.on('error', (error) => (headOnly ? undefined : reject(error)));
    sent.end(body);
  });
}
