// A real mosquitto on loopback. Where the program is missing, tests that need it are listed by name as not run.
import { type ChildProcess, spawn } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { it } from 'vitest';
import { hasOpenssl } from './certificates.ts';
import { freePort } from './free-port.ts';

function findProgram(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders
    .map((folder) => join(folder, 'mosquitto'))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const program = findProgram();

/** Declares a test that needs mosquitto; its name says so, also where it cannot run. */
export function itWithMosquitto(name: string, test: () => Promise<void>, timeoutMs = 20_000): void {
  it.runIf(program !== undefined)(`${name} (needs mosquitto)`, test, timeoutMs);
}

/** Declares a test that makes certificates with openssl; its name says so, also where it cannot run. */
export function itWithOpenssl(name: string, test: () => Promise<void>, timeoutMs = 20_000): void {
  it.runIf(hasOpenssl)(`${name} (needs openssl)`, test, timeoutMs);
}

/** The same for a test that needs mosquitto as well. */
export function itWithMosquittoAndOpenssl(name: string, test: () => Promise<void>, timeoutMs = 20_000): void {
  it.runIf(program !== undefined && hasOpenssl)(`${name} (needs mosquitto, openssl)`, test, timeoutMs);
}

export type MosquittoOptions = {
  /** Name and password that every client must give; anybody may come in without. */
  user?: { name: string; password: string };
  /** PEM texts. `ca` makes the broker ask clients for a certificate that this authority signed. */
  tls?: { cert: string; key: string; ca?: string };
  /** Lines of an access control list. */
  acl?: string[];
  /** Listens for WebSockets, too, with the same certificates. */
  websockets?: boolean;
  /** More lines of mosquitto.conf. */
  lines?: string[];
};

export type Mosquitto = {
  port: number;
  /** Where it listens for WebSockets; 0 unless it was asked to. */
  websocketPort: number;
  /** Lets it take connections and bytes, and do nothing: SIGSTOP; and go on again: SIGCONT. */
  freeze(): void;
  thaw(): void;
  /** Ends it as a power cut would: SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
};

/** `$7$`: PBKDF2 with SHA-512, 64 bytes. Source: mosquitto_passwd(1) and mosquitto's password_mosq.c. */
function passwordLine({ name, password }: { name: string; password: string }): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512');
  return `${name}:$7$101$${salt.toString('base64')}$${hash.toString('base64')}\n`;
}

function writeConfig(folder: string, port: number, websocketPort: number, options: MosquittoOptions): string {
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const { user, tls, acl } = options;
  const lines = [`listener ${port} 127.0.0.1`, 'log_type none'];
  if (process.getuid?.() === 0) lines.push('user root');
  lines.push(`allow_anonymous ${user === undefined && tls?.ca === undefined}`);
  if (user !== undefined) lines.push(`password_file ${file('passwords', passwordLine(user))}`);
  if (acl !== undefined) lines.push(`acl_file ${file('acl', `${acl.join('\n')}\n`)}`);
  const secured: string[] = [];
  if (tls !== undefined) {
    secured.push(`certfile ${file('broker.pem', tls.cert)}`, `keyfile ${file('broker.key', tls.key)}`);
    if (tls.ca !== undefined)
      secured.push(`cafile ${file('ca.pem', tls.ca)}`, 'require_certificate true', 'use_identity_as_username true');
  }
  lines.push(...secured);
  if (websocketPort > 0) lines.push(`listener ${websocketPort} 127.0.0.1`, 'protocol websockets', ...secured);
  return file('mosquitto.conf', `${[...lines, ...(options.lines ?? [])].join('\n')}\n`);
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Starts mosquitto on a free port; resolves when it takes connections. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'mosquitto-'));
  const websocketPort = options.websockets === true ? await freePort() : 0;
  const config = writeConfig(folder, port, websocketPort, options);
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = spawn(program ?? 'mosquitto', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    let said = '';
    started.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
    });
    for (let tries = 0; tries < 500; tries++) {
      if (started.exitCode !== null) throw new Error(`mosquitto ended: ${said}`);
      if (await answers(port)) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`mosquitto does not answer: ${said}`);
  }

  async function kill(): Promise<void> {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    running.kill('SIGKILL');
    await exited;
  }

  try {
    await start();
  } catch (error) {
    await kill();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    port,
    websocketPort,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    start,
    kill,
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
