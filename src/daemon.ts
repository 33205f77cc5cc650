// The daemon: config read, app started, reloads and signals served, and an end with an exit code.

import { AccountBookError } from './accounts.ts';
import { type App, createApp } from './app.ts';
import { EXIT } from './commands/exit.ts';
import type { CommandIo, ServeOptions } from './commands/io.ts';
import { say, sayProblems } from './commands/io.ts';
import { type Config, readConfig } from './config.ts';
import { ControlSocketError } from './control-socket.ts';
import type { Json } from './core/delivery.ts';
import { FileError } from './core/files.ts';
import type { Ports } from './core/ports.ts';
import { formatProblem } from './core/problems.ts';
import { StoreError } from './core/store.ts';
import type { CompiledRules } from './engine/index.ts';
import { firstMinute } from './greeting.ts';
import { AdoptedBookError } from './phones-adopted.ts';
import { createReload, type Reload } from './reload.ts';
import { createCounters, createLog, type ProcessLog } from './telemetry/index.ts';
import { TokenBookError } from './tokens.ts';

/** Signals as the daemon needs them: both may come more than once. */
export type Signals = {
  /** SIGTERM or SIGINT. */
  onStop(handler: () => void): void;
  /** SIGHUP. */
  onReload(handler: () => void): void;
};

const STOP_MS_MAX = 10_000;

/** Runs until a signal ends it; resolves with the exit code (the table of the commands). */
export async function runDaemon(io: CommandIo, options: ServeOptions, signals: Signals): Promise<number> {
  const read = () => readConfig({ ...options, env: io.env, files: io.files, parts: io.parts, folder: io.folder });
  const found = await read();
  if ('problems' in found) {
    sayProblems(io.err, found.problems);
    return EXIT.config;
  }
  const config = found.config as Config<CompiledRules>;
  const log = createLog({
    level: config.log.level,
    write: io.out,
    clock: io.clock,
    form: options.logForm === 'pretty' ? 'human' : 'json',
    color: io.terminal,
  });
  for (const secret of found.secrets) log.registerSecret(secret.reveal());
  const counters = createCounters();
  const ports: Ports = { clock: io.clock, random: io.random, log, count: counters.count };
  const startedAt = new Date(io.clock.wallMs()).toISOString();
  let reload: Reload | undefined;
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  const app = createApp(config, {
    ports,
    files: io.files,
    version: io.version,
    status: () => ({
      version: io.version,
      startedAt,
      config: reloadStatus(reload),
      counters: counters.snapshot() as unknown as Json,
    }),
    counters: counters.snapshot,
    configIsCurrent: () => reload?.status().ok !== false,
    problems: () => reload?.status().problems ?? [],
    folder: io.folder,
    onFatal(error) {
      log.error('cannot_go_on', { error: error instanceof StoreError ? error.code : nameOf(error) });
      end(EXIT.io);
    },
    ...listenFd(io),
  });
  // The example's dry runs need no secrets: nobody who starts for the first time is to be warned of that.
  const tell = options.bundled ? log.debug : log.warn;
  for (const warning of found.warnings) tell('config_warning', { warning: formatProblem(warning) });
  const failure = await start(app, config, io);
  if (failure !== undefined) return failure;
  reload = createReload<Config<CompiledRules>>({
    clock: io.clock,
    log,
    count: counters.count,
    files: io.files,
    stamps: found.stamps,
    read: () => readAgain(read, log),
    swap: (next) => app.swap(next).then(() => log.setLevel(next.log.level)),
  });
  reload.start();
  await greet(app, options, io);
  serveSignals(signals, reload, end);
  const code = await ended;
  return stop(app, reload, io, log, code, signals);
}

async function readAgain(
  read: () => ReturnType<typeof readConfig<unknown>>,
  log: ProcessLog,
): Promise<
  { stamps: Awaited<ReturnType<typeof read>>['stamps'] } & ({ config: Config<CompiledRules> } | { problems: never[] })
> {
  const again = await read();
  // Registered before anything of the new config can be logged.
  for (const secret of again.secrets) log.registerSecret(secret.reveal());
  return again as never;
}

/** undefined when phones are received, else the exit code, after saying why. */
async function start(app: App, config: Config, io: CommandIo): Promise<number | undefined> {
  try {
    await app.start();
    return undefined;
  } catch (error) {
    const { text, code } = whyNotStarted(error, config);
    say(io.err, text);
    return code;
  }
}

function whyNotStarted(error: unknown, config: Config): { text: string; code: number } {
  const { host, port } = config.receiver;
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof StoreError) {
    const exit =
      error.code === 'locked' || error.code === 'busy'
        ? EXIT.locked
        : error.code === 'denied'
          ? EXIT.cannotCreate
          : EXIT.io;
    return { text: error.message, code: exit };
  }
  if (error instanceof ControlSocketError)
    return { text: error.message, code: error.code === 'taken' ? EXIT.locked : EXIT.cannotCreate };
  if (
    error instanceof TokenBookError ||
    error instanceof AdoptedBookError ||
    error instanceof AccountBookError ||
    error instanceof FileError
  )
    return { text: error.message, code: EXIT.io };
  if (code === 'EADDRINUSE')
    return {
      text: `receiver.port: ${host}:${port} is in use by another program; stop it, or set another port`,
      code: EXIT.failed,
    };
  if (code === 'EACCES' && (error as NodeJS.ErrnoException).syscall === 'listen') {
    return {
      text: `receiver.port: this account may not listen on ${host}:${port}; ports below 1024 belong to root`,
      code: EXIT.failed,
    };
  }
  if (code === 'EADDRNOTAVAIL')
    return {
      text: `receiver.host: ${host} is no address of this machine; use "0.0.0.0" for all of them`,
      code: EXIT.failed,
    };
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOTDIR' || code === 'EEXIST') {
    return {
      text: `data: the folder ${config.dataPath} cannot be made or written (${code}); name another with --data`,
      code: EXIT.cannotCreate,
    };
  }
  return { text: `cannot start: ${nameOf(error)}${code === undefined ? '' : ` (${code})`}`, code: EXIT.failed };
}

/** The first start makes the token that phones need, and says it once. */
async function greet(app: App, options: ServeOptions, io: CommandIo): Promise<void> {
  const urls = app.hasToken() ? undefined : await app.makeToken();
  const { bundled } = options;
  io.out(firstMinute({ urls, bundled, phone: app.firstPhone(), options, env: io.env, console: app.console() }));
}

function serveSignals(signals: Signals, reload: Reload, end: (code: number) => void): void {
  signals.onStop(() => end(EXIT.ok));
  signals.onReload(() => void reload.now());
}

/** At most 10 s, or until a second signal; then whatever is left is left to the next start. */
async function stop(
  app: App,
  reload: Reload,
  io: CommandIo,
  log: ProcessLog,
  code: number,
  signals: Signals,
): Promise<number> {
  log.info('stopping', { code });
  const hurried = new Promise<number>((resolve) => {
    signals.onStop(() => resolve(EXIT.failed));
    io.clock.after(STOP_MS_MAX, () => resolve(EXIT.failed));
  });
  const orderly = reload
    .stop()
    .then(() => app.stop())
    .then(
      () => code,
      (error) => {
        log.error('stop_failed', { error: nameOf(error) });
        return EXIT.io;
      },
    );
  return Promise.race([orderly, hurried]);
}

/** systemd passes its socket as descriptor 3, to this process alone (sd_listen_fds(3)). */
function listenFd({ env }: CommandIo): { fd?: number } {
  return env.LISTEN_PID === String(process.pid) && env.LISTEN_FDS === '1' ? { fd: 3 } : {};
}

const reloadStatus = (reload: Reload | undefined): Json => {
  if (reload === undefined) return null;
  const { ok, problems, generation, loadedAtMs } = reload.status();
  return { ok, generation, loadedAt: new Date(loadedAtMs).toISOString(), problems: problems.map(formatProblem) };
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
