// Starts and stops the processes of a benchmark: load generator, bare servers, broker, subscriber.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type Stop = () => Promise<void>;

/** A process of this folder that is asked and answers by messages. */
export type Worker<Order, Answer> = { ask(order: Order): Promise<Answer>; pid: number; stop: Stop };

const alive = new Set<ChildProcess>();
// However the benchmark ends, nothing that it started goes on.
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Takes a process into care: it ends with the benchmark. */
export function inCare<Child extends ChildProcess>(child: Child): Child {
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  return child;
}

/** Ends a process and waits until it is gone; 10 s after SIGTERM it is killed. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(late);
}

/** Starts `file` of this folder; resolves with its first message. Arguments with `--` are for Node. */
async function start(file: string, ...args: string[]): Promise<{ child: ChildProcess; first: unknown }> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const [flags, own] = [args.filter((arg) => arg.startsWith('--')), args.filter((arg) => !arg.startsWith('--'))];
  const child = inCare(fork(path, own, { execArgv: ['--import', 'tsx', ...flags], stdio: ['ignore', 2, 2, 'ipc'] }));
  return { child, first: file === 'load.ts' ? undefined : (await once(child, 'message'))[0] };
}

function worker<Order extends object, Answer>(child: ChildProcess): Worker<Order, Answer> {
  const ask = async (order: Order): Promise<Answer> => {
    const answer = once(child, 'message');
    child.send(order);
    return (await answer)[0] as Answer;
  };
  return { ask, pid: child.pid ?? 0, stop: () => end(child) };
}

/** The load generator, the subscriber or the fold. */
export async function startWorker<Order extends object, Answer>(file: string, ...args: string[]) {
  return worker<Order, Answer>((await start(file, ...args)).child);
}

/** Bare Hono, with `broker` the one that calls `mqtt.publish`. */
export async function startBare(...broker: string[]): Promise<{ port: number; pid: number; stop: Stop }> {
  const { child, first } = await start('bare.ts', ...broker);
  return { port: first as number, pid: child.pid ?? 0, stop: () => end(child) };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when something accepts connections there; rejects after 10 s. */
export async function listening(port: number): Promise<void> {
  for (let n = 0; n < 1_000; n++) {
    const socket = net.connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await sleep(10);
  }
  throw new Error(`nothing listens on 127.0.0.1:${port}`);
}

/** mosquitto if it is installed, with its defaults but no limit on what waits for a subscriber; else aedes. */
export async function startBroker(): Promise<{ name: string; url: string; stop: Stop }> {
  const folder = mkdtempSync(join(tmpdir(), 'hookswitch-bench-'));
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n`);
  const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
  const env = { ...process.env, PATH: path };
  const child = inCare(spawn('mosquitto', ['-c', file], { stdio: 'ignore', env }));
  const installed = await Promise.race([once(child, 'spawn').then(() => true), once(child, 'error').then(() => false)]);
  const clean = (): void => rmSync(folder, { recursive: true, force: true });
  if (installed) {
    await listening(port);
    return { name: 'mosquitto', url: `mqtt://127.0.0.1:${port}`, stop: () => end(child).then(clean) };
  }
  clean();
  const { child: aedes, first } = await start('broker.ts');
  return { name: 'aedes', url: `mqtt://127.0.0.1:${first as number}`, stop: () => end(aedes) };
}

/** CPU time that a process has used so far, in ms. Linux; elsewhere 0. */
export function usedMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

/** Waits until a process is nearly idle (30 ms of CPU time in 300 ms), at most 30 s: what it still has to do must not
 * slow down the next round of the other one. Returns the ms it took. */
export async function atRest(pid: number): Promise<number> {
  const beganMs = performance.now();
  for (let used = usedMs(pid); performance.now() - beganMs < 30_000; ) {
    await sleep(300);
    const now = usedMs(pid);
    if (now - used <= 30) break;
    used = now;
  }
  return performance.now() - beganMs;
}
