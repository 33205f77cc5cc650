// What the control API is given of a running app: look-ups, retry, tokens, and the state of everything in one answer.
import { actionUrls, localBase, phoneBase } from './action-url.ts';
import type { AppOptions, Running } from './app.ts';
import { type ControlDeps, createControlApi, type NumberDeps } from './console/index.ts';
import { explainEvent } from './console-explain.ts';
import { provisionSheets } from './console-provision.ts';
import { consoleRules } from './console-rules.ts';
import type { Json } from './core/delivery.ts';
import type { AuditEntry } from './core/history.ts';
import type { Trace } from './core/number-trace.ts';
import type { Preview } from './core/preview.ts';
import type { StoredDelivery } from './core/store.ts';
import { DESTINATIONS } from './destinations/index.ts';
import { readNumber, spellingOf } from './engine/index.ts';
import { phoneControl } from './phones-control.ts';
import { exportNumber, purgeNumber } from './purge.ts';
import { renderMetrics } from './telemetry/index.ts';
import { vendors } from './vendors/index.ts';

/** The control API of the app that `up` answers with. */
export const controlApi = (up: () => Running, options: AppOptions) => createControlApi(controlDeps(up, options));

/** What the console looks at, beside what the control API is given. */
export function consoleDeps(up: () => Running, options: AppOptions) {
  const { history } = up();
  const { clock } = options.ports;
  const { phones: fleet, consoleAccounts: _, ...control } = controlDeps(up, options);
  return {
    ...control,
    fleet,
    sheetOf: provisionSheets(up),
    version: options.version,
    phones: up().phones,
    history,
    ...consoleRules(up, options, history),
    explain: (event: string) => explainEvent(event, { history, program: up().program, clock }),
    previewOf: ({ type, to, message }: StoredDelivery): Preview =>
      DESTINATIONS.find((each) => each.type === type)?.preview?.(message) ?? { heading: to, json: message },
    audit: (entry: Omit<AuditEntry, 'seq'>) => up().store.commit({ ...NOTHING_DECIDED, audit: [entry] }),
    timezone: () => up().config.timezone,
    alive: () => up().health.alive(),
    notReady: () => up().health.notReady(),
    metrics: async () => renderMetrics(options.counters(), await up().health.measure()),
  };
}

const NOTHING_DECIDED = { site: 'default', epoch: 1, processed: [], made: [], state: [], deliveries: [], settled: [] };

function controlDeps(up: () => Running, { ports, status }: AppOptions): Required<ControlDeps> {
  const urls = (token: string, phone: string | undefined): Record<string, string> => {
    const { config, listening } = up();
    const card = config.phones.find((each) => each.id === phone);
    const vendor = vendors.get(card?.vendor ?? 'sangoma');
    const base = phoneBase({ ...listening, publicUrl: config.receiver.publicUrl });
    return vendor === undefined ? {} : actionUrls(base, token, vendor);
  };
  return {
    clock: ports.clock,
    random: ports.random,
    status: async () => ({ ...status(), ...(await statusOf(up())) }),
    events: (query) => up().store.events(query),
    deliveries: (query) => up().store.deliveries(query),
    attempts: (delivery) => up().store.attempts(delivery),
    async retry(ids) {
      const again = await up().store.replay(ids, ports.clock.wallMs());
      up().outbox.retry(again);
      ports.log.info('deliveries_retried', { asked: ids.length, again: again.length });
      return again;
    },
    connections: () =>
      new Map([...up().config.connections].map(([name, { type, dryRun }]) => [name, { type, dryRun }])),
    test: (to) => up().sites.test(to),
    async cancel(ids) {
      const done = await up().outbox.cancel(ids);
      ports.log.info('deliveries_cancelled', { asked: ids.length, cancelled: done.cancelled.length });
      return done;
    },
    ...numberDeps(up, ports),
    holders: () => ({ sites: [...up().config.sites.keys()], phones: up().config.phones }),
    addToken: (holder, sha256, others) => up().book.add(holder, sha256, others),
    phones: phoneControl(up, ports),
    consoleAccounts: {
      list: () => up().accounts.list(),
      put: (account) => up().accounts.put(account),
      putToken: (token) => up().accounts.putToken(token),
      remove: (name) => up().accounts.remove(name),
    },
    addOnceToken: (holder, sha256, untilMs) => up().book.addOnce(holder, sha256, untilMs),
    actionUrls: (token, holder) => urls(token, holder.phone),
    localUrl: () => localBase(up().listening),
  };
}

/** How long a purge waits until what came in before it is decided. */
const DECIDED_MS_MAX = 10_000;

function numberDeps(up: () => Running, { clock, log }: AppOptions['ports']): NumberDeps {
  const decided = async (): Promise<boolean> => {
    const late = new Promise<boolean>((resolve) => void clock.after(DECIDED_MS_MAX, () => resolve(false)));
    return Promise.race([
      up()
        .sites.idle()
        .then(() => true),
      late,
    ]);
  };
  return {
    spellingOf: (text) => spellingOf(readNumber(text, up().config.sites.get('default') ?? {}) ?? ''),
    async purge(number) {
      const { history, store, sites, outbox } = up();
      const forget = async (holds: Trace): Promise<void> => {
        outbox.forget(holds);
        await sites.forget(holds);
      };
      const done = await purgeNumber(number, {
        history,
        store,
        clock,
        decided,
        forget,
        cancel: (ids) => outbox.cancel(ids),
      });
      const { events, deliveries, calls } = done;
      log.info('number_purged', { events, deliveries, calls });
      return done;
    },
    export: (number) => exportNumber(number, up().history),
  };
}

async function statusOf({ listening, outbox, sites, store, config }: Running): Promise<{ [key: string]: Json }> {
  const connections = Object.fromEntries(
    [...outbox.stats()].map(([name, stats]) => [
      name,
      { ...stats, dryRun: config.connections.get(name)?.dryRun === true },
    ]),
  );
  const stats = await store.stats();
  return { running: true, receiver: listening, backlog: sites.backlog(), connections, store: { ...stats } } as {
    [key: string]: Json;
  };
}
