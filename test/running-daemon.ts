// A daemon inside the test's own process: real sockets, a real store, real files; signals are functions.
import { createHash } from 'node:crypto';
import type { CommandIo } from '../src/commands/io.ts';
import { runProgram } from '../src/commands/program.ts';
import { CONFIG_PARTS } from '../src/config-parts.ts';
import type { Clock } from '../src/core/ports.ts';
import { runDaemon } from '../src/daemon.ts';
import { systemFiles } from '../src/files.ts';
import { createRandom, systemClock } from '../src/ports.ts';
import { openInlineStore } from '../src/store/index.ts';
import { storePath } from '../src/store-path.ts';
import { eventually } from './support/destination-contract.ts';
import type { TempFolder } from './support/temp-folder.ts';

export const TOKEN = 'a-token-that-only-tests-know';
export const TOKEN_SHA256 = createHash('sha256').update(TOKEN).digest('hex');

export type RunningDaemon = {
  /** The exit code, once it has ended. */
  code: Promise<number>;
  out(): string;
  err(): string;
  stop(): Promise<number>;
  reload(): void;
};

/** The world of a command, in that folder. */
export function commandIo(folder: string, env: Record<string, string> = {}, clock: Clock = systemClock) {
  const said = { out: '', err: '' };
  const handlers = { stop: [] as (() => void)[], reload: [] as (() => void)[] };
  const io: CommandIo = {
    out(text) {
      said.out += text;
    },
    err(text) {
      said.err += text;
    },
    env,
    folder,
    terminal: false,
    version: '0.0.0',
    clock,
    random: createRandom(),
    files: systemFiles,
    stopped: new AbortController().signal,
    parts: CONFIG_PARTS,
    openStore: async (dataPath) =>
      openInlineStore({ path: storePath(dataPath), bytesMax: 2 ** 30, nowMs: systemClock.wallMs() }),
    serve: (options) =>
      runDaemon(io, options, {
        onStop: (handler) => void handlers.stop.push(handler),
        onReload: (handler) => void handlers.reload.push(handler),
      }),
  };
  return { io, said, handlers };
}

/** Starts `hookswitch serve` in that folder; resolves when phones are received, or when it ended. */
export async function startDaemon(
  folder: TempFolder,
  env: Record<string, string> = {},
  clock: Clock = systemClock,
): Promise<RunningDaemon> {
  const { io, said, handlers } = commandIo(folder.path, env, clock);
  let ended = false;
  const code = runProgram(['serve', '--log', 'json'], io).finally(() => {
    ended = true;
  });
  await eventually(() => ended || said.out.includes('To play a missed call'), 'the daemon to start', 10_000);
  return {
    code,
    out: () => said.out,
    err: () => said.err,
    stop() {
      for (const handler of handlers.stop) handler();
      return code;
    },
    reload() {
      for (const handler of handlers.reload) handler();
    },
  };
}

/** Runs another command in that folder. */
export async function command(
  folder: TempFolder,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const { io, said } = commandIo(folder.path);
  return { code: await runProgram(args, io), ...said };
}

/** One hit as a phone sends it: the name verbatim. */
export const hit = (slug: string, name: string, more = ''): string =>
  `GET /a/${TOKEN}/${slug}?mac=005058a1b2c3&call_id=7${more}&remote=+4930123456&display_remote=${name}&_=. HTTP/1.1\r\nHost: x\r\n\r\n`;
