// All wiring, once: the rooms put together for one config, started, given another config, and stopped.
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { controlApi } from './app-control.ts';
import type { Config } from './config.ts';
import { restartKeys } from './config-change.ts';
import { createConnections } from './connections.ts';
import { type ControlServer, serveControl } from './control-socket.ts';
import type { Json } from './core/delivery.ts';
import type { PhoneEvent } from './core/events.ts';
import type { Files } from './core/files.ts';
import type { Cancel, Ports } from './core/ports.ts';
import type { JournalEntry, Store } from './core/store.ts';
import { DESTINATIONS } from './destinations/index.ts';
import { createDirectory } from './directory.ts';
import { type CompiledRules, createProgram, createState, type Program, pinOf, restore, step } from './engine/index.ts';
import { createOutbox, type Outbox } from './outbox/index.ts';
import { createPump, type Pump } from './pump.ts';
import { createReceiver, type Receiver } from './receiver/index.ts';
import { openSqliteStore, type SqliteStore } from './store/index.ts';
import { storePath } from './store-path.ts';
import { openTokenBook, type TokenBook } from './tokens.ts';
import { vendorVariables } from './vendors/index.ts';

export type AppOptions = {
  ports: Ports;
  files: Files;
  /** What `/status` of the control API adds: reload, counters, version. */
  status(): { [key: string]: Json };
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
  /** Makes a token for all phones of the default site and answers with its URLs by event. It cannot be shown again. */
  makeToken(): Promise<Record<string, string>>;
  /** Lets deliveries under way end while phones are still received, then ends. Resolves with what was left unfinished. */
  stop(): Promise<void>;
};

/** How long deliveries may take to end, then how long answers to phones may take; in ms. */
const DRAIN_MS = 8_000;
const ANSWERS_MS = 1_500;
/** Given back once when the disk is full, so that pruning can make room. */
const RESERVE_BYTES = 16 * 1024 * 1024;
const PRUNE_EVERY_MS = 3_600_000;
const PRUNE_FIRST_MS = 60_000;

/** What a running app consists of; `config` and `program` change with a reload. */
export type Running = {
  config: Config<CompiledRules>;
  program: Program;
  store: SqliteStore;
  book: TokenBook;
  outbox: Outbox;
  receiver: Receiver;
  pumps: Map<string, Pump<Program>>;
  connections: ReturnType<typeof createConnections>;
  control?: ControlServer;
  listening: { host: string; port: number };
  cancelPrune: Cancel;
};

/** Puts everything together for one config; nothing happens before `start`. */
export function createApp(first: Config<CompiledRules>, options: AppOptions): App {
  let running: Running | undefined;
  const state = createState();
  const up = (): Running => {
    if (running === undefined) throw new Error('not started');
    return running;
  };
  const directoryOf = (config: Config, book: TokenBook) =>
    createDirectory(config, book, (phone) => pinOf(state, phone));

  const pumpOf = (
    site: string,
    { store, outbox }: Pick<Running, 'store' | 'outbox'>,
    program: Program,
  ): Pump<Program> =>
    createPump<Program>({
      site,
      epoch: 1,
      store,
      ports: options.ports,
      program,
      restore: (change) => restore(state, change),
      step: (by, event) => decide(by, event),
      add: (deliveries) => outbox.add(deliveries),
      onFatal: options.onFatal,
    });

  const decide = (program: Program, event: PhoneEvent) => {
    const stepped = step(state, { event }, program);
    if (stepped.quarantined) options.ports.count('events_quarantined', { reason: 'mac-mismatch' });
    for (const { rule, level, text } of stepped.logs) options.ports.log[level]('rule_says', { rule, text });
    return stepped;
  };

  return {
    async start() {
      running = await open(first, options, directoryOf, pumpOf);
      return running.listening;
    },
    async swap(config) {
      const now = up();
      for (const key of restartKeys(now.config, config)) options.ports.log.warn('config_needs_restart', { key });
      const program = programOf(config);
      for (const site of config.sites.keys()) {
        if (now.pumps.has(site)) continue;
        const pump = pumpOf(site, now, program);
        now.pumps.set(site, pump);
        await pump.start();
      }
      now.receiver.setDirectory(directoryOf(config, now.book), config.receiver.paths);
      for (const pump of now.pumps.values()) pump.swap(program);
      Object.assign(now, { config, program });
      await now.connections.apply(config);
    },
    hasToken: () => configHasToken(up().config) || up().book.hasAny(),
    async makeToken() {
      const api = controlApi(up, options);
      const answer = await api.request('/tokens', { method: 'POST', body: JSON.stringify({ site: 'default' }) });
      return ((await answer.json()) as { urls: Record<string, string> }).urls;
    },
    stop: () => (running === undefined ? Promise.resolve() : close(running, options.ports)),
  };
}

type PumpOf = (site: string, parts: Pick<Running, 'store' | 'outbox'>, program: Program) => Pump<Program>;
type DirectoryOf = (config: Config, book: TokenBook) => ReturnType<typeof createDirectory>;

async function open(
  config: Config<CompiledRules>,
  options: AppOptions,
  directoryOf: DirectoryOf,
  pumpOf: PumpOf,
): Promise<Running> {
  const { ports, files } = options;
  const { clock, log } = ports;
  await mkdir(config.dataPath, { recursive: true, mode: 0o700 });
  const store = await openStore(config, ports);
  const book = await openTokenBook(config.dataPath, files, clock);
  const pumps = new Map<string, Pump<Program>>();
  const program = programOf(config);
  const outbox = createOutbox({
    ports,
    // Which site's pump stores an outcome is of no account: they share one store and one epoch.
    settle: (settlements) => [...pumps.values()][0]?.settle(settlements) ?? Promise.reject(new Error('no site')),
    fetch: (ids) => store.deliveries({ ids, limit: ids.length }),
    reopen: (name) => connections.reopen(name),
  });
  const connections = createConnections(outbox, DESTINATIONS, ports);
  const lastAtMs = new Map<string, number>();
  for (const site of config.sites.keys()) {
    lastAtMs.set(site, await store.lastAtMs(site));
    pumps.set(site, pumpOf(site, { store, outbox }, program));
  }
  const receiver = createReceiver({
    settings: config.receiver,
    directory: directoryOf(config, book),
    append: (entries) => accept(pumps, entries),
    vendorVariables,
    ports,
    createServer,
    lastAtMs,
    ...(options.fd === undefined ? {} : { fd: options.fd }),
  });
  const running: Running = {
    config,
    program,
    store,
    book,
    outbox,
    receiver,
    pumps,
    connections,
    listening: { host: '', port: 0 },
    cancelPrune: () => {},
  };
  try {
    running.control = await serveControl(config.dataPath, getRequestListener(controlApi(() => running, options).fetch));
    // Phones first: what is left from before is taken up while they are already answered.
    running.listening = await receiver.listen();
  } catch (error) {
    await running.control?.close();
    await store.close();
    throw error;
  }
  log.info('receiving', running.listening);
  running.cancelPrune = prunePeriodically(running, ports);
  void takeUp(running).catch(options.onFatal);
  return running;
}

/** What the last process left undone, then the connections that it goes out by. */
async function takeUp({ pumps, connections, config }: Running): Promise<void> {
  for (const pump of pumps.values()) await pump.start();
  await connections.apply(config);
}

function accept(pumps: Map<string, Pump<Program>>, entries: JournalEntry[]): ReturnType<Store['append']> {
  const pump = pumps.get(entries[0]?.event.site ?? '');
  return pump === undefined ? Promise.reject(new Error('unknown site')) : pump.accept(entries);
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

const programOf = (config: Config<CompiledRules>): Program =>
  createProgram({
    rules: config.rules,
    phones: config.phones,
    connections: new Map(
      [...config.connections].map(([name, { delivery }]) => [name, { expiresMs: delivery.horizonMs }]),
    ),
  });

const configHasToken = (config: Config): boolean =>
  [...config.sites.values(), ...config.phones].some((holder) => holder.tokenHash !== undefined);

function prunePeriodically(running: Running, { clock, log, count }: Ports): Cancel {
  let cancel: Cancel = () => {};
  const prune = async (): Promise<void> => {
    const { keep } = running.config.store;
    try {
      const pruned = await running.store.prune({ nowMs: clock.wallMs(), ...keep });
      if (pruned.events + pruned.deliveries + pruned.raw > 0) log.info('store_pruned', pruned);
    } catch (error) {
      count('prune_failures');
      log.warn('prune_failed', { error: error instanceof Error ? error.name : 'unknown' });
    }
    cancel = clock.after(PRUNE_EVERY_MS, () => void prune());
  };
  cancel = clock.after(PRUNE_FIRST_MS, () => void prune());
  return () => cancel();
}

async function close(running: Running, { clock, log }: Ports): Promise<void> {
  const { outbox, receiver, pumps, connections, control, store } = running;
  running.cancelPrune();
  const unfinished = await outbox.drain(DRAIN_MS);
  await receiver.stopAccepting(ANSWERS_MS);
  await receiver.close();
  const idle = Promise.all([...pumps.values()].map((pump) => pump.idle()));
  await Promise.race([idle, new Promise<void>((resolve) => void clock.after(ANSWERS_MS, resolve))]);
  await outbox.close();
  await connections.close();
  await control?.close();
  await store.close();
  log.info('stopped', unfinished);
}
