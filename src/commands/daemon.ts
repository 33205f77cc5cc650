// How a command gets its answers: from the running daemon, or, where none runs, from the store itself.

import { actionUrls, localBase, phoneBase } from '../action-url.ts';
import type { Config } from '../config.ts';
import { readConfig } from '../config.ts';
import { findConfig, findData } from '../config-path.ts';
import { createControlApi, type NumberDeps } from '../console/index.ts';
import { askControl, type ControlAnswer } from '../control-socket.ts';
import { FileError } from '../core/files.ts';
import type { History } from '../core/history.ts';
import { type DeliveryQuery, type EventQuery, type Store, StoreError } from '../core/store.ts';
import { readNumber, spellingOf } from '../engine/index.ts';
import { withAdopted } from '../phones.ts';
import { AdoptedBookError, openAdoptedBook } from '../phones-adopted.ts';
import { exportNumber, forgetStored, purgeNumber } from '../purge.ts';
import { openHistory } from '../store/index.ts';
import { storePath } from '../store-path.ts';
import { openTokenBook, TokenBookError } from '../tokens.ts';
import { vendors } from '../vendors/index.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, say, sayProblems } from './io.ts';

export type Ask = (method: 'GET' | 'POST', route: string, body?: unknown) => Promise<ControlAnswer>;

/** Why a command ends early; `code` is its exit code. */
export class CommandEnd extends Error {
  override name = 'CommandEnd';
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * `daemon`: only a running daemon will do; `daemon-if-any`: the same, but silent where none runs. `store`: else the store.
 * `config`: else the store, and the config must be right.
 */
export type Need = 'daemon' | 'daemon-if-any' | 'store' | 'config';

/** What a command that reads a long stretch of history may read without a detour, where no daemon has the store. */
export type Archive = Pick<Store, 'events' | 'deliveries'>;

type Task = (ask: Ask, live: boolean, archive?: Archive) => Promise<number>;

/**
 * Runs `task` with a way to ask. The exit code is that of `task`, or tells why it could not be asked. A store that was opened
 * for it is closed afterwards.
 */
export async function asking(io: CommandIo, options: PlaceOptions, need: Need, task: Task): Promise<number> {
  try {
    const dataPath = await findData(options, io);
    const live = await askControl(dataPath, 'GET', '/status');
    if (!('failed' in live)) return await task((method, route, body) => askLive(dataPath, method, route, body), true);
    if (live.failed === 'broken') throw new CommandEnd(EXIT.failed, `the daemon of ${dataPath} does not answer`);
    if (need === 'daemon-if-any') return EXIT.noDaemon;
    if (need === 'daemon')
      throw new CommandEnd(EXIT.noDaemon, `no daemon is running for ${dataPath}; start one: hookswitch serve`);
    return await askingStore(io, options, need, dataPath, task);
  } catch (error) {
    return ended(io, error);
  }
}

async function askLive(
  dataPath: string,
  method: 'GET' | 'POST',
  route: string,
  body?: unknown,
): Promise<ControlAnswer> {
  const answer = await askControl(dataPath, method, route, body);
  if ('failed' in answer) throw new CommandEnd(EXIT.failed, 'the daemon ended before it answered');
  return answer;
}

async function askingStore(
  io: CommandIo,
  options: PlaceOptions,
  need: Need,
  dataPath: string,
  task: Task,
): Promise<number> {
  const config = need === 'config' ? await rightConfig(io, options) : undefined;
  if (config === undefined && (await io.files.state(dataPath)) === undefined)
    throw new CommandEnd(EXIT.failed, `there is no data folder ${dataPath} yet; start a daemon: hookswitch serve`);
  const store = await io.openStore(dataPath);
  try {
    const app = createControlApi(await storeDeps(io, store, dataPath, config));
    const ask: Ask = async (method, route, body) => {
      const answer = await app.request(route, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    };
    return await task(ask, false, store);
  } finally {
    await store.close();
  }
}

async function storeDeps(io: CommandIo, store: Store, dataPath: string, config: Config | undefined) {
  const book = await openTokenBook(dataPath, io.files, io.clock);
  return {
    clock: io.clock,
    random: io.random,
    status: () => ({ running: false }),
    events: (query: EventQuery) => store.events(query),
    deliveries: (query: DeliveryQuery) => store.deliveries(query),
    attempts: (delivery: string) => store.attempts(delivery),
    retry: (ids: string[]) => store.replay(ids, io.clock.wallMs()),
    connections: () => new Map(),
    // Nothing is ever sent without a daemon; the command says so before it asks.
    test: () => Promise.reject(new Error('no daemon')),
    cancel: (ids: string[]) => cancelStored(store, ids, io.clock.wallMs()),
    ...numberDeps(io, store, dataPath, config),
    holders: () => ({ sites: [...(config?.sites.keys() ?? [])], phones: config?.phones ?? [] }),
    addToken: book.add,
    addOnceToken: book.addOnce,
    actionUrls: (token: string, holder: { phone?: string }) => urlsFor(config, token, holder.phone),
    localUrl: () => (config === undefined ? '' : localBase(config.receiver)),
  };
}

/** Without a daemon what is remembered lies in the store alone. */
function numberDeps(io: CommandIo, store: Store, dataPath: string, config: Config | undefined): NumberDeps {
  const asked = async <T>(ask: (history: History) => Promise<T>): Promise<T> => {
    const history = openHistory(storePath(dataPath));
    return ask(history).finally(() => history.close());
  };
  const sites = [...(config?.sites.keys() ?? ['default'])];
  return {
    spellingOf: (text) => spellingOf(readNumber(text, config?.sites.get('default') ?? {}) ?? ''),
    purge: (number) =>
      asked((history) =>
        purgeNumber(number, {
          history,
          store,
          clock: io.clock,
          decided: async () => true,
          forget: (holds) => forgetStored(store, sites, holds),
          cancel: async () => ({ inFlight: [] }),
        }),
      ),
    export: (number) => asked((history) => exportNumber(number, history)),
  };
}

/** Without a daemon nothing is being sent, so whatever waits can be called off. */
async function cancelStored(store: Store, ids: string[], nowMs: number) {
  const waiting = await store.deliveries({ ids, states: ['waiting'], limit: ids.length });
  const settled = waiting.map(({ id, attempts }) => ({ id, attempts, state: 'cancelled' as const, dueAtMs: nowMs }));
  await store.commit({ site: 'default', epoch: 1, processed: [], made: [], state: [], deliveries: [], settled });
  return { cancelled: waiting.map(({ id }) => id), inFlight: [] };
}

/** The URLs of a phone, or of a site's phones as if they were all of the default make. */
export function urlsFor(
  config: Config | undefined,
  token: string,
  phoneId: string | undefined,
): Record<string, string> {
  const card = config?.phones.find((phone) => phone.id === phoneId);
  const vendor = vendors.get(card?.vendor ?? 'sangoma');
  return config === undefined || vendor === undefined ? {} : actionUrls(phoneBase(config.receiver), token, vendor);
}

/** The config, or the end of the command with every problem of it. */
export async function rightConfig(io: CommandIo, options: PlaceOptions): Promise<Config> {
  const places = await findConfig(options, io);
  const result = await readConfig({ ...places, env: io.env, files: io.files, parts: io.parts, folder: io.folder });
  if ('config' in result) return withAdoptedOf(result.config, io);
  sayProblems(io.err, result.problems);
  throw new CommandEnd(EXIT.config, 'the config is not right');
}

/** The config with the phones that were adopted in its data folder. */
export async function withAdoptedOf<C extends Config>(config: C, io: CommandIo): Promise<C> {
  return withAdopted(config, (await openAdoptedBook(config.dataPath, io.files)).all());
}

const STORE_EXIT: Partial<Record<string, number>> = {
  locked: EXIT.locked,
  busy: EXIT.locked,
  denied: EXIT.cannotCreate,
};

/** Says why a command ends, and with which code. What nobody foresaw goes on upwards. */
function ended(io: CommandIo, error: unknown): number {
  if (
    error instanceof CommandEnd ||
    error instanceof TokenBookError ||
    error instanceof AdoptedBookError ||
    error instanceof StoreError ||
    error instanceof FileError
  )
    say(io.err, error.message);
  if (error instanceof CommandEnd) return error.code;
  if (error instanceof StoreError) return STORE_EXIT[error.code] ?? EXIT.io;
  if (error instanceof TokenBookError || error instanceof AdoptedBookError || error instanceof FileError)
    return EXIT.io;
  throw error;
}

/** The answer's body, or the end of the command with what the daemon refused. */
export function accepted<T>(answer: ControlAnswer): T {
  if (answer.status < 300) return answer.body as T;
  const problems = (answer.body as { error?: { problems?: unknown } } | null)?.error?.problems;
  const text = Array.isArray(problems) ? problems.map(String).join('; ') : `the daemon answered ${answer.status}`;
  throw new CommandEnd(answer.status === 400 ? EXIT.usage : EXIT.failed, text);
}
