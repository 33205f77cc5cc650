// All wiring, once: the rooms put together for one config, started, given another config, and stopped.
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { type OwnedAccountBook, openAccountBook } from './accounts.ts';
import { controlApi } from './app-control.ts';
import { createNewcomers, type Newcomers, phonesChanged } from './app-phones.ts';
import { type CallerNames, createCallerNames } from './caller-names.ts';
import type { Config } from './config.ts';
import { restartKeys } from './config-change.ts';
import { createConnections } from './connections.ts';
import { type ConsoleDesk, openDesk } from './console-desk.ts';
import { type ControlServer, serveControl } from './control-socket.ts';
import type { Json } from './core/delivery.ts';
import type { Files } from './core/files.ts';
import type { History } from './core/history.ts';
import type { Cancel, Clock, Ports } from './core/ports.ts';
import type { Problem } from './core/problems.ts';
import { DESTINATIONS } from './destinations/index.ts';
import { createDirectory } from './directory.ts';
import type { CompiledRules, Program } from './engine/index.ts';
import { createHealth, type Health } from './health.ts';
import { createOutbox, type Outbox } from './outbox/index.ts';
import { createPhoneFeed, type OwnedPhoneFeed } from './phone-feed.ts';
import { withAdopted } from './phones.ts';
import { type AdoptedBook, openAdoptedBook } from './phones-adopted.ts';
import { programOf } from './program-of.ts';
import { prunePeriodically } from './pruning.ts';
import { createArrivals, createReceiver, type Receiver } from './receiver/index.ts';
import { createRuleTally, type RuleTally } from './rule-tally.ts';
import { createSites, type Sites } from './sites.ts';
import { steadyClock } from './steady-clock.ts';
import { openHistory, openSqliteStore, type SqliteStore } from './store/index.ts';
import { storePath } from './store-path.ts';
import type { Counter } from './telemetry/index.ts';
import { openTokenBook, type TokenBook } from './tokens.ts';
import { vendorPosts, vendorVariables } from './vendors/index.ts';

export type AppOptions = {
  ports: Ports;
  files: Files;
  version: string;
  /** What `/status` of the control API adds: reload, counters, version. */
  status(): { [key: string]: Json };
  /** Everything that was counted. */
  counters(): Counter[];
  /** Whether the config in use is the one that is written. */
  configIsCurrent(): boolean;
  /** Why the one that is written was refused; empty where it is in use. */
  problems(): readonly Problem[];
  /** Names of files are shown from here. */
  folder: string;
  /** The store or the engine cannot go on: the process must end. */
  onFatal(error: unknown): void;
  /** A listening socket that was passed on. */
  fd?: number;
};

export type App = {
  /** Resolves when phones are received. Rejects with a StoreError, a system error (`EADDRINUSE`, …) or a ControlSocketError. */
  start(): Promise<{ host: string; port: number }>;
  /** From the next event on by this config; resolves when its connections are open. */
  swap(config: Config<CompiledRules>): Promise<void>;
  /** Whether any token is known; without one no phone can speak. */
  hasToken(): boolean;
  /** Id of the first phone that is known, undefined while there is none. */
  firstPhone(): string | undefined;
  /** Makes a token for all phones of the default site and answers with its URLs by event. It cannot be shown again. */
  makeToken(): Promise<Record<string, string>>;
  /** The console, as it was opened with the app. */
  console(): Pick<ConsoleDesk, 'url' | 'firstPassword'>;
  /** Lets deliveries under way end while phones are still received, then ends. Resolves with what was left unfinished. */
  stop(): Promise<void>;
};

/** How long deliveries may take to end, then how long answers to phones may take; in ms. */
const DRAIN_MS = 8_000;
const ANSWERS_MS = 1_500;
/** Given back once when the disk is full, so that pruning can make room. */
const RESERVE_BYTES = 16 * 1024 * 1024;

/** What a running app consists of; `config` and `program` change with a reload. */
export type Running = {
  /** As it was written; `config` has the adopted phones besides. */
  written: Config<CompiledRules>;
  config: Config<CompiledRules>;
  program: Program;
  store: SqliteStore;
  /** Beside the store; its thread begins with the first question. */
  history: History;
  book: TokenBook;
  adopted: AdoptedBook;
  accounts: OwnedAccountBook;
  newcomers: Newcomers;
  outbox: Outbox;
  receiver: Receiver;
  sites: Sites;
  phones: OwnedPhoneFeed;
  names: CallerNames;
  connections: ReturnType<typeof createConnections>;
  health: Health;
  tally: RuleTally;
  stopping: boolean;
  control?: ControlServer;
  console?: ConsoleDesk;
  listening: { host: string; port: number };
  cancelPrune: Cancel;
};

/** Puts everything together for one config; nothing happens before `start`. */
export function createApp(first: Config<CompiledRules>, options: AppOptions): App {
  let running: Running | undefined;
  const up = (): Running => {
    if (running === undefined) throw new Error('not started');
    return running;
  };

  return {
    async start() {
      running = await open(first, options);
      return running.listening;
    },
    async swap(config) {
      const now = up();
      for (const key of restartKeys(now.written, config)) options.ports.log.warn('config_needs_restart', { key });
      const program = programOf(withAdopted(config, now.adopted.all()));
      for (const site of config.sites.keys()) if (!now.sites.has(site)) now.sites.open(site, program);
      await now.sites.start();
      phonesChanged(now, config);
      now.tally.keep(config.rules);
      await now.names.apply(config.lookup);
      await now.connections.apply(config);
    },
    console: () => up().console ?? { url: undefined, firstPassword: undefined },
    hasToken: () => configHasToken(up().config) || up().book.hasAny(),
    firstPhone: () => up().config.phones[0]?.id,
    async makeToken() {
      const api = controlApi(up, options);
      const answer = await api.request('/tokens', { method: 'POST', body: JSON.stringify({ site: 'default' }) });
      return ((await answer.json()) as { urls: Record<string, string> }).urls;
    },
    stop: () => (running === undefined ? Promise.resolve() : close(running, options.ports)),
  };
}

async function open(config: Config<CompiledRules>, options: AppOptions): Promise<Running> {
  const { ports } = options;
  await mkdir(config.dataPath, { recursive: true, mode: 0o700 });
  const running = await assemble(config, options, await openStore(config, ports));
  try {
    running.control = await serveControl(config.dataPath, getRequestListener(controlApi(() => running, options).fetch));
    // Phones first: what is left from before is taken up while they are already answered.
    running.listening = await running.receiver.listen();
  } catch (error) {
    await running.control?.close();
    await running.store.close();
    throw error;
  }
  ports.log.info('receiving', running.listening);
  running.console = await openDesk(() => running, options);
  running.cancelPrune = prunePeriodically(running, ports);
  void takeUp(running).catch(options.onFatal);
  return running;
}

/** The rooms, put together; nothing of them has begun to work. */
async function assemble(written: Config<CompiledRules>, options: AppOptions, store: SqliteStore): Promise<Running> {
  const { files } = options;
  const book = await openTokenBook(written.dataPath, files, options.ports.clock);
  const adopted = await openAdoptedBook(written.dataPath, files);
  const accounts = await openAccountBook(written.dataPath, files);
  const config = withAdopted(written, adopted.all());
  const program = programOf(config);
  const lastAtMs = new Map<string, number>();
  for (const site of config.sites.keys()) lastAtMs.set(site, await store.lastAtMs(site));
  const ports = { ...options.ports, clock: steadyClock(options.ports.clock, Math.max(0, ...lastAtMs.values())) };
  const arrivals = createArrivals(lastAtMs);
  const outbox = createOutbox({
    ports,
    settle: (settlements, changes) => sites.settle(settlements, changes),
    fetch: (ids) => store.deliveries({ ids, limit: ids.length }),
    reopen: (name) => connections.reopen(name),
  });
  const sites: Sites = createSites({
    ports,
    store,
    arrivals,
    add: (deliveries) => outbox.add(deliveries),
    restore: (change) => outbox.restore(change),
    onFatal: options.onFatal,
    stepped(site, stepped) {
      newcomers.met(site, stepped);
      tally.acted(stepped.matched);
      return inOrder(phones.told(site, stepped.touched), names.wanted(site, stepped.unnamed));
    },
  });
  const tally = createRuleTally(ports.clock);
  const newcomers = createNewcomers(() => running, ports);
  const names = createCallerNames(ports, sites.note);
  const phones = createPhoneFeed({
    version: options.version,
    startedAtMs: ports.clock.wallMs(),
    config: () => running.config,
    stateOf: sites.stateOf,
    note: sites.note,
  });
  const connections = createConnections(outbox, DESTINATIONS, ports, {
    phones,
    claim: sites.claim,
    ownAddresses: () => [running.listening],
  });
  for (const site of config.sites.keys()) sites.open(site, program);
  const receiver = createReceiver({
    settings: config.receiver,
    directory: createDirectory(config, book, sites.pinOf),
    append: sites.accept,
    vendorVariables,
    posts: vendorPosts,
    ports,
    createServer,
    arrivals,
    ...(options.fd === undefined ? {} : { fd: options.fd }),
  });
  const rooms = { outbox, receiver, sites, phones, names, connections };
  const history = openHistory(storePath(config.dataPath));
  const parts = { written, config, program, store, history, book, adopted, accounts, newcomers, tally, ...rooms };
  const health = healthOf(() => running, options, ports.clock);
  const running: Running = {
    ...parts,
    health,
    stopping: false,
    listening: { host: '', port: 0 },
    cancelPrune: () => {},
  };
  return running;
}

const healthOf = (up: () => Running, { configIsCurrent }: AppOptions, clock: Clock): Health =>
  createHealth({ up, clock, startedAtMs: clock.wallMs(), configIsCurrent, stopping: () => up().stopping });

const inOrder = (first: (() => void) | undefined, second: (() => void) | undefined): (() => void) | undefined =>
  first === undefined || second === undefined
    ? (first ?? second)
    : () => {
        first();
        second();
      };

/** What the last process left undone, then the connections that it goes out by. */
async function takeUp({ sites, connections, names, config }: Running): Promise<void> {
  await names.apply(config.lookup);
  await sites.start();
  await connections.apply(config);
}

async function openStore(config: Config, { clock, log, count }: Ports): Promise<SqliteStore> {
  const store = await openSqliteStore({
    path: storePath(config.dataPath),
    bytesMax: config.store.bytesMax,
    nowMs: clock.wallMs(),
    reserveBytes: RESERVE_BYTES,
    onDamaged: (path) => {
      count('store_damaged');
      log.error('store_damaged', { movedTo: path });
    },
    onUnreadable: (row) => {
      count('store_unreadable_rows');
      log.error('store_row_unreadable', { row: JSON.stringify(row).slice(0, 200) });
    },
  });
  const { driver, sqliteVersion, warning } = store.opened;
  log.info('store_opened', { driver, sqlite: sqliteVersion });
  if (warning !== undefined) log.warn('store_driver', { warning });
  return store;
}

const configHasToken = (config: Config): boolean =>
  [...config.sites.values(), ...config.phones].some((holder) => holder.tokenHash !== undefined);

async function close(running: Running, { clock, log }: Ports): Promise<void> {
  const { outbox, receiver, sites, newcomers, names, connections, control, store } = running;
  running.stopping = true;
  running.cancelPrune();
  running.health.close();
  const unfinished = await outbox.drain(DRAIN_MS);
  await receiver.stopAccepting(ANSWERS_MS);
  await receiver.close();
  await Promise.race([sites.idle(), new Promise<void>((resolve) => void clock.after(ANSWERS_MS, resolve))]);
  await newcomers.idle();
  await names.close();
  await outbox.close();
  sites.close();
  await connections.close();
  await control?.close();
  await running.console?.close();
  await running.history.close();
  await store.close();
  log.info('stopped', unfinished);
}
