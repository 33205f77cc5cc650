// Watches the config, its rules and its secrets, and swaps a changed whole in when it is right; a bad one never replaces a
// good one. Files are polled: that sees swapped symbolic links and network folders, which file system events miss.
//
//   same ──(a look differs)──▶ differs ──(the next look agrees with it)──▶ read aside ──▶ right: swap │ wrong: keep, say why
import type { Files } from './core/files.ts';
import type { Cancel, Clock, Count, Log } from './core/ports.ts';
import { formatProblem, type Problem } from './core/problems.ts';
import { type Stamps, stampOf } from './stamps.ts';

/** Read aside: everything or nothing, with the files that it came from. */
export type Candidate<T> = { stamps: Stamps } & ({ config: T; warnings?: Problem[] } | { problems: Problem[] });

export type ReloadStatus = {
  /** Whether what lies on disk is what runs. */
  ok: boolean;
  /** Why what lies on disk was refused. */
  problems: Problem[];
  /** Configs in use since the start, the first one included. */
  generation: number;
  /** Wall time of the last swap, ms since 1970. */
  loadedAtMs: number;
};

export type Reload = {
  start(): void;
  /** Reads again now (SIGHUP), whether or not something seems to have changed; resolves when it is swapped in or refused. */
  now(): Promise<ReloadStatus>;
  status(): ReloadStatus;
  /** Looks no more; resolves when a swap that is under way has ended. */
  stop(): Promise<void>;
};

export type ReloadOptions<T> = {
  clock: Clock;
  log: Log;
  count: Count;
  files: Files;
  /** Files of the config that is in use now. */
  stamps: Stamps;
  intervalMs?: number;
  /** Reads and checks everything anew, without changing anything. */
  read(): Promise<Candidate<T>>;
  /** Puts the new config into use, in one step. What it rejects with, the old config survives; it must leave that one whole. */
  swap(config: T): Promise<void>;
};

const INTERVAL_MS = 1_000;
/** Attempts to catch a moment in which nothing changes while it is read. */
const READS_MAX = 5;

/** A reload that is not looking yet. */
export function createReload<T>(options: ReloadOptions<T>): Reload {
  const { clock, files, intervalMs = INTERVAL_MS } = options;
  const state = {
    stamps: options.stamps,
    pending: undefined as Stamps | undefined,
    status: { ok: true, problems: [], generation: 1, loadedAtMs: clock.wallMs() } as ReloadStatus,
    cancel: undefined as Cancel | undefined,
    stopped: false,
    busy: Promise.resolve(),
  };
  /** One after the other: two reads at once could swap in the older one last. */
  const inTurn = (task: () => Promise<void>): Promise<void> => {
    state.busy = state.busy.then(task).catch((error: unknown) => failed(options, state.status, error));
    return state.busy;
  };
  const look = async (): Promise<void> => {
    if (state.stopped) return;
    const seen = await looksOf(files, state.stamps);
    if (same(seen, state.stamps)) state.pending = undefined;
    else if (state.pending === undefined || !same(seen, state.pending)) state.pending = seen;
    else await load();
  };
  const load = async (): Promise<void> => {
    state.pending = undefined;
    const candidate = await readWhole(options);
    if (candidate === undefined || state.stopped) return;
    state.stamps = candidate.stamps;
    await settle(options, state.status, candidate);
  };
  const arm = (): void => {
    if (state.stopped) return;
    state.cancel = clock.after(intervalMs, () => void inTurn(look).then(arm));
  };
  return {
    start: arm,
    async now() {
      await inTurn(load);
      return { ...state.status };
    },
    status: () => ({ ...state.status }),
    async stop() {
      state.stopped = true;
      state.cancel?.();
      await state.busy;
    },
  };
}

/** A candidate whose files did not change while they were read, so that no half of it is older than the other. */
async function readWhole<T>(options: ReloadOptions<T>): Promise<Candidate<T> | undefined> {
  for (let reads = 0; reads < READS_MAX; reads++) {
    const candidate = await options.read();
    if (same(await looksOf(options.files, candidate.stamps), candidate.stamps)) return candidate;
  }
  options.count('config_reload_unsteady');
  options.log.warn('config_changes_too_fast', { reads: READS_MAX });
  return undefined;
}

async function settle<T>(options: ReloadOptions<T>, status: ReloadStatus, candidate: Candidate<T>): Promise<void> {
  if ('problems' in candidate) {
    Object.assign(status, { ok: false, problems: candidate.problems });
    options.count('config_reloads', { result: 'refused' });
    for (const problem of candidate.problems) options.log.error('config_problem', { problem: formatProblem(problem) });
    options.log.error('config_refused', { problems: candidate.problems.length, inUse: status.generation });
    return;
  }
  for (const warning of candidate.warnings ?? [])
    options.log.warn('config_warning', { warning: formatProblem(warning) });
  await options.swap(candidate.config);
  const generation = status.generation + 1;
  Object.assign(status, { ok: true, problems: [], generation, loadedAtMs: options.clock.wallMs() });
  options.count('config_reloads', { result: 'swapped' });
  options.log.info('config_swapped', { generation });
}

/** The swap itself failed: the old config goes on, and status says so. An error's text may hold anything, so it stays out. */
function failed(options: Pick<ReloadOptions<unknown>, 'count' | 'log'>, status: ReloadStatus, error: unknown): void {
  const name = error instanceof Error ? error.name : 'unknown';
  Object.assign(status, {
    ok: false,
    problems: [{ path: [], message: `the new config could not be put into use (${name})` }],
  });
  options.count('config_reloads', { result: 'failed' });
  options.log.error('config_swap_failed', { error: name, inUse: status.generation });
}

async function looksOf(files: Files, stamps: Stamps): Promise<Stamps> {
  const looks: Stamps = new Map();
  for (const path of stamps.keys()) looks.set(path, await stampOf(files, path));
  return looks;
}

const same = (a: Stamps, b: Stamps): boolean =>
  a.size === b.size && [...a].every(([path, stamp]) => b.get(path) === stamp);
