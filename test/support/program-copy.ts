// A copy of the program in a folder of its own, built, with ports that nobody uses, and a shell in which its commands run.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './destination-contract.ts';
import { freePort } from './free-port.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PARTS = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'config.example.json',
  'README.md',
  'src',
  'rules',
  'docs',
];
const STARTED = 'To play a missed call';
/** The ports of a fresh install. */
const PORTS = ['8484', '1883', '8485'] as const;

export type Ran = { code: number | null; out: string; err: string };

export type ProgramCopy = {
  path: string;
  /** Text of the documentation with the ports of this copy. */
  here(text: string): string;
  /** Runs a script with `bash -eu -o pipefail` in a folder; `hookswitch` is on its path. */
  run(script: string, folder: string, env?: Record<string, string>): Promise<Ran>;
  /** Starts a daemon by a command that does not end; resolves when phones are received. Returns what it has said. */
  start(command: string, folder: string, env?: Record<string, string>): Promise<() => string>;
  /** Ends what was started. */
  stop(): Promise<void>;
  remove(): Promise<void>;
};

/** The program as a person has it after `npm ci`: sources, build, and `hookswitch` as a command. */
export async function copyProgram(): Promise<ProgramCopy> {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'hookswitch-program-')));
  for (const part of PARTS) cpSync(join(ROOT, part), join(path, part), { recursive: true });
  symlinkSync(realpathSync(join(ROOT, 'node_modules')), join(path, 'node_modules'));
  const ports = new Map<string, string>();
  for (const port of PORTS) ports.set(port, String(await freePort()));
  const here = (text: string): string =>
    text.replace(/(?<![\d.])(?:8484|1883|8485)(?![\d.])/g, (port) => ports.get(port) ?? port);
  // Also what stands in no file: the ports that hold where a config names none.
  for (const file of [
    'src/config-console.ts',
    'src/receiver/settings.ts',
    'src/commands/init.ts',
    'config.example.json',
  ])
    writeFileSync(join(path, file), here(readFileSync(join(path, file), 'utf8')));
  const broker = join(path, 'src/destinations/mqtt/broker.ts');
  writeFileSync(broker, here(readFileSync(broker, 'utf8').replaceAll('1_883', '1883')));
  mkdirSync(join(path, 'bin'));
  const shim = join(path, 'bin/hookswitch');
  writeFileSync(shim, `#!/bin/sh\nexec "${process.execPath}" --disable-proto=delete "${path}/dist/main.js" "$@"\n`);
  chmodSync(shim, 0o755);

  const running = new Set<ChildProcess>();
  const spawned = (script: string, folder: string, env: Record<string, string>): ChildProcess =>
    spawn('bash', ['-eu', '-o', 'pipefail', '-c', script], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: what a script leaves behind ends with it.
      detached: true,
      env: { ...cleanEnv(), PATH: [join(path, 'bin'), process.env.PATH].join(delimiter), ...env },
    });
  const run: ProgramCopy['run'] = (script, folder, env = {}) =>
    new Promise((resolve) => {
      const child = spawned(script, folder, env);
      const said = heard(child);
      child.once('close', (code) => resolve({ code, out: said.out, err: said.err }));
    });
  const stop = async (): Promise<void> => {
    await Promise.all([...running].map(ended));
    running.clear();
  };
  const built = await run('npm run -s build', path);
  if (built.code !== 0) throw new Error(`the copy cannot be built: ${built.out}${built.err}`);
  return {
    path,
    here,
    run,
    async start(command, folder, env = {}) {
      const child = spawned(command, folder, env);
      running.add(child);
      const said = heard(child);
      const all = (): string => said.out + said.err;
      await eventually(() => said.out.includes(STARTED) || child.exitCode !== null, 'the daemon to start', 40_000);
      if (!said.out.includes(STARTED)) throw new Error(`${command} ended with ${child.exitCode}: ${all()}`);
      return all;
    },
    stop,
    async remove() {
      await stop();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Without what `npm test` adds: the words of the program depend on how it was started. */
const cleanEnv = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || /^(?:npm_|VITEST|NODE_OPTIONS|NODE_ENV|CI$)/.test(name) ? [] : [[name, value]],
    ),
  );

function heard(child: ChildProcess): { out: string; err: string } {
  const said = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    said.out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said.err += chunk.toString();
  });
  return said;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.pid === undefined) return resolve();
    child.once('close', () => resolve());
    try {
      process.kill(-child.pid, 'SIGTERM');
    } catch {
      resolve();
    }
  });
}
