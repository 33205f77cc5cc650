// The daemon under test: the built program, with a configuration of its own, on an empty data folder.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request, TOKEN_SHA256 } from './hits.ts';
import { end, freePort, inCare, type Stop } from './servers.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Every hit → one message at QoS 1 that carries the hit's number. */
const PUBLISH = {
  id: 'bench-publish',
  on: 'phone.*',
  do: [{ mqtt: { to: 'house', topic: 'bench/{{ phone.id }}', payload: '{{ remote.name }}', qos: 1 } }],
};
/** A rule that no hit of the benchmark matches. */
const NOTHING = { ...PUBLISH, id: 'bench-nothing', on: 'phone.dnd_on' };

export type DaemonOrder = {
  /** Address of the broker; the daemon is always connected to one. */
  broker: string;
  publish: boolean;
  /** Connections are kept open for proxies only, so the load generator must pass for one. */
  proxy: boolean;
};

export type Daemon = { port: number; pid: number; data: string; firstAnswerMs: number; stop: Stop };

/** Sends one hit on a connection of its own; its status, or undefined if nothing answered. */
export async function sendHit(port: number, sequence: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(port, '127.0.0.1');
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(answer === '' ? undefined : Number(answer.slice(9, 12))));
    socket.write(request(sequence, false), 'latin1');
  });
}

/** Starts `serve` with that config in `folder`; resolves after the first 200 to a real hit; the folder goes with the daemon. */
export async function serve(folder: string, config: object, port: number): Promise<Daemon> {
  const file = join(folder, 'config.json');
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700, recursive: true });
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const beganMs = performance.now();
  const args = ['--disable-proto=delete', MAIN, 'serve', '--config', file, '--data', data];
  const child = inCare(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => said.length < 200 && said.push(text));
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  while (performance.now() - beganMs < 20_000 && child.exitCode === null) {
    const status = await sendHit(port, 0);
    if (status === 200) return { port, pid: child.pid ?? 0, data, firstAnswerMs: performance.now() - beganMs, stop };
    await sleep(2);
  }
  await stop();
  throw new Error(`the daemon did not answer 200 to a hit:\n${said.join('')}`);
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'hookswitch-bench-'));

/** The daemon of the comparisons. */
export async function startDaemon({ broker, publish, proxy }: DaemonOrder): Promise<Daemon> {
  const folder = newFolder();
  const port = await freePort();
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules', 'bench.json'), JSON.stringify({ rules: [publish ? PUBLISH : NOTHING] }));
  const config = {
    receiver: {
      host: '127.0.0.1',
      port,
      // Here all phones share one address, where each would have its own.
      limits: { connectionsPerAddressMax: 1024 },
      ...(proxy ? { proxies: ['127.0.0.1/32'] } : {}),
    },
    sites: { default: { token: { sha256: TOKEN_SHA256 } } },
    connections: { house: { type: 'mqtt', broker } },
    rules: './rules',
  };
  return serve(folder, config, port);
}

/** Resident memory in MB (10^6 bytes) as the kernel counts it; NaN where there is no /proc. */
export function residentMb(pid: number): number {
  try {
    const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+) kB$/m);
    return (Number(line?.[1]) * 1024) / 1e6;
  } catch {
    return Number.NaN;
  }
}
