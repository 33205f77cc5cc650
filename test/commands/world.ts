// Runs commands in this process: on folders of their own, a real store, and where asked a real control socket.
import { getRequestListener } from '@hono/node-server';
import { onTestFinished } from 'vitest';
import type { ServeOptions } from '../../src/commands/io.ts';
import { runProgram } from '../../src/commands/program.ts';
import { CONFIG_PARTS } from '../../src/config-parts.ts';
import { createControlApi, type Holder } from '../../src/console/index.ts';
import { serveControl } from '../../src/control-socket.ts';
import type { Clock } from '../../src/core/ports.ts';
import { systemFiles } from '../../src/files.ts';
import { createRandom, systemClock } from '../../src/ports.ts';
import type { EmbeddedStore } from '../../src/store/index.ts';
import { openInlineStore } from '../../src/store/index.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';

export type Ran = { code: number; out: string; err: string };

export type CommandWorld = {
  folder: TempFolder;
  /** Runs a command line; `config.json` and `data` are those of the folder. */
  run(...args: string[]): Promise<Ran>;
  env: Record<string, string>;
  served: ServeOptions[];
  stop: AbortController;
  /** What was written to standard output up to now, by a command that still runs too. */
  written(): string;
};

/** NOW is the wall clock; time itself passes as it does. */
export function commandWorld(nowMs?: number): CommandWorld {
  const folder = tempFolder();
  folder.write('config.json', { rules: './rules.json', phones: [{ id: 'desk', mac: '00:50:58:a1:b2:c3' }] });
  folder.write('rules.json', { rules: [] });
  const env: Record<string, string> = {};
  const served: ServeOptions[] = [];
  const stop = new AbortController();
  const clock: Clock = { ...systemClock, wallMs: () => nowMs ?? Date.now() };
  let latest: string[] = [];
  return {
    folder,
    env,
    served,
    stop,
    written: () => latest.join(''),
    async run(...args) {
      const out: string[] = [];
      const err: string[] = [];
      latest = out;
      const code = await runProgram(args, {
        out: (text) => out.push(text),
        err: (text) => err.push(text),
        env,
        folder: folder.path,
        terminal: false,
        version: '1.2.3',
        clock,
        random: createRandom(),
        files: systemFiles,
        stopped: stop.signal,
        parts: CONFIG_PARTS,
        openStore: async (dataPath) => openStore(dataPath),
        serve: async (options) => {
          served.push(options);
          return 0;
        },
      });
      return { code, out: out.join(''), err: err.join('') };
    },
  };
}

const openStore = (dataPath: string): EmbeddedStore =>
  openInlineStore({ path: `${dataPath}/hookswitch.db`, bytesMax: 2 ** 26, nowMs: 0 });

/** The store of the world's data folder, as a command finds it while no daemon runs. Close it before. */
export const storeOf = (world: CommandWorld): EmbeddedStore => openStore(world.folder.at('data'));

export type TestDaemon = {
  store: EmbeddedStore;
  once: { holder: Holder; sha256: string }[];
  made: Holder[];
  /** What it does when it is asked for a test message; answers with the id of a delivery. */
  test: (to: string) => Promise<string>;
};

/** What of a daemon commands see: its store, behind its control socket. `base`: where its receiver is. */
export async function testDaemon(world: CommandWorld, base = 'http://127.0.0.1:1'): Promise<TestDaemon> {
  const store = storeOf(world);
  const daemon: TestDaemon = { store, once: [], made: [], test: async () => 'nothing' };
  const sending = new Set<string>();
  const app = createControlApi({
    clock: systemClock,
    random: createRandom(),
    status: () => ({ running: true }),
    events: (query) => store.events(query),
    deliveries: (query) => store.deliveries(query),
    attempts: (delivery) => store.attempts(delivery),
    retry: (ids) => store.replay(ids, Date.now()),
    connections: () =>
      new Map([
        ['team', { type: 'slack', dryRun: false }],
        ['quiet', { type: 'mqtt', dryRun: true }],
      ]),
    test: (to) => daemon.test(to),
    cancel: async (ids) => {
      const waiting = await store.deliveries({ ids, states: ['waiting'], limit: ids.length });
      const cancelled = waiting.map(({ id }) => id).filter((id) => !sending.has(id));
      const settled = cancelled.map((id) => ({ id, state: 'cancelled' as const, attempts: 0, dueAtMs: 0 }));
      await store.commit({ site: 'default', epoch: 1, processed: [], made: [], state: [], deliveries: [], settled });
      return { cancelled, inFlight: ids.filter((id) => sending.has(id)) };
    },
    spellingOf: () => null,
    purge: () => Promise.reject(new Error('not asked')),
    export: () => Promise.reject(new Error('not asked')),
    holders: () => ({ sites: ['default'], phones: [{ id: 'desk', site: 'default' }] }),
    addToken: async (holder) => void daemon.made.push(holder),
    addOnceToken: (holder, sha256) => void daemon.once.push({ holder, sha256 }),
    actionUrls: (token) => ({
      missed_call: `http://host/a/${token}/missed_call?_=.`,
      dnd_on: `http://host/a/${token}/dnd_on?_=.`,
    }),
    localUrl: () => base,
  });
  const server = await serveControl(world.folder.at('data'), getRequestListener(app.fetch));
  onTestFinished(async () => {
    await server.close();
    await store.close();
  });
  return daemon;
}
