#!/usr/bin/env node
// The process: arguments → a command, signals, exit code.
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { CommandIo } from './commands/io.ts';
import { runProgram } from './commands/program.ts';
import { CONFIG_PARTS } from './config-parts.ts';
import { systemFiles } from './files.ts';
import { createRandom, systemClock } from './ports.ts';
import { storePath } from './store-path.ts';
import { terminalPrompt } from './terminal-prompt.ts';

const STORE_BYTES_MAX = 2 ** 40;

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
const interrupted = new AbortController();

const io: CommandIo = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  env: process.env,
  folder: process.cwd(),
  terminal: process.stdout.isTTY === true,
  version,
  clock: systemClock,
  random: createRandom(),
  files: systemFiles,
  stopped: interrupted.signal,
  parts: CONFIG_PARTS,
  async openStore(dataPath) {
    const { openInlineStore } = await import('./store/index.ts');
    await mkdir(dataPath, { recursive: true, mode: 0o700 });
    return openInlineStore({
      path: storePath(dataPath),
      bytesMax: STORE_BYTES_MAX,
      nowMs: systemClock.wallMs(),
      onDamaged: (path) => io.err(`the database was damaged; it was set aside as ${path}, and a new one begun\n`),
    });
  },
  ...(process.stdin.isTTY === true && process.stdout.isTTY === true
    ? { prompt: () => terminalPrompt(process.stdin, process.stdout) }
    : {}),
  async serve(options) {
    const { runDaemon } = await import('./daemon.ts');
    return runDaemon(io, options, {
      onStop: (handler) => process.on('SIGTERM', handler).on('SIGINT', handler),
      onReload: (handler) => process.on('SIGHUP', handler),
    });
  },
};

if (process.argv[2] !== 'serve') process.once('SIGINT', () => interrupted.abort());
// A reader that went away (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await runProgram(process.argv.slice(2), io);
// What was written to a pipe may still be on its way; whatever else hangs on a socket has had its time.
for (const stream of [process.stdout, process.stderr]) {
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
process.exit();
