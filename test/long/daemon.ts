// The built daemon as a process: started on a config and a data folder, killed without warning, started again on the same.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chooseDriver } from '../../src/store/sqlite/driver.ts';
import { freePort } from '../support/free-port.ts';
import { say } from './phones.ts';
import { until } from './waiting.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const ARGUMENTS = ['--disable-proto=delete', MAIN];

export const TOKEN = 'long-0123456789abcdefghijklmnopqrstuvwxyz';

export type DaemonOrder = {
  connections: Record<string, object>;
  rules: object[];
  /** Keys of the config beside receiver, sites, connections and rules. */
  more?: object;
  /** Secrets that the config names by `env`. */
  env?: Record<string, string>;
  /** A program that runs the daemon, such as strace with its arguments. */
  under?: string[];
};

export type Daemon = {
  port: number;
  data: string;
  /** Starts it, and waits until it answers 404 to a hit with a wrong token. Returns the ms that took. */
  start(): Promise<number>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Output of a command of the program on the same config and data. */
  command(...args: string[]): Promise<string>;
  /** What it wrote so far. */
  log(): string;
  /** `integrity_check` of the database; only while the daemon does not run. */
  integrity(): string;
  /** Kills what still runs and removes the folder. */
  remove(): Promise<void>;
};

function writeConfig(folder: string, port: number, order: DaemonOrder): string {
  mkdirSync(join(folder, 'rules'), { mode: 0o700 });
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  writeFileSync(join(folder, 'rules', 'long.json'), JSON.stringify({ rules: order.rules }));
  const config = {
    // Here all phones share one address, where each would have its own.
    receiver: { host: '127.0.0.1', port, limits: { connectionsPerAddressMax: 1024 } },
    sites: { default: { token: { sha256: createHash('sha256').update(TOKEN).digest('hex') } } },
    connections: order.connections,
    rules: './rules',
    ...order.more,
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
  return join(folder, 'config.json');
}

/** A daemon on an empty data folder; it is not started yet. */
export async function createDaemon(order: DaemonOrder): Promise<Daemon> {
  const folder = mkdtempSync(join(tmpdir(), 'hookswitch-long-'));
  const port = await freePort();
  const config = writeConfig(folder, port, order);
  const data = join(folder, 'data');
  const env = { ...process.env, ...order.env };
  const where = ['--config', config, '--data', data];
  const written: string[] = [];
  let child: ChildProcess | undefined;
  const running = (): ChildProcess | undefined =>
    child?.exitCode === null && child.signalCode === null ? child : undefined;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const process = running();
    if (!process) return child?.exitCode ?? null;
    const gone = once(process, 'exit');
    process.kill(signal);
    return (await gone)[0] as number | null;
  };
  return {
    port,
    data,
    async start() {
      const beganMs = performance.now();
      const [program = '', ...args] = [...(order.under ?? []), process.execPath, ...ARGUMENTS, 'serve', ...where];
      child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => written.push(text));
      const answers = async (): Promise<boolean> => {
        if (!running()) throw new Error(`the daemon ended:\n${written.join('').slice(-4_000)}`);
        return (await say(port, { token: 'wrong', mac: '005058ffffff', name: 'nobody' })) === 404;
      };
      await until(answers, 20_000, 'the daemon answers', 2);
      return performance.now() - beganMs;
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    async command(...args) {
      const options = { env, maxBuffer: 2 ** 30 };
      return (await promisify(execFile)(process.execPath, [...ARGUMENTS, ...args, ...where], options)).stdout;
    },
    log: () => written.join(''),
    integrity() {
      const file = readdirSync(data).find((name) => /\.(?:db|sqlite3?)$/.test(name));
      if (!file) throw new Error(`no database among ${readdirSync(data).join(', ')}`);
      const database = chooseDriver().open(join(data, file));
      const rows = database.prepare('PRAGMA integrity_check').all();
      database.close();
      return rows.map((row) => String(Object.values(row)[0])).join('\n');
    },
    async remove() {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
