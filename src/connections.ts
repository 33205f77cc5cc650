// The open connections: each one of the config, opened, replaced and closed as the config says; and the embedded broker.
import { createServer } from 'node:net';
import type { Config } from './config.ts';
import { connectionChanges, fingerprintOf } from './config-change.ts';
import type { Connection, Destination, OpenContext } from './core/destination.ts';
import type { Ports } from './core/ports.ts';
import type { Outbox } from './outbox/index.ts';

type Broker = { host: string; port: number; close(): Promise<void> };

/** What a connection may see of the house and ask of it. */
type House = Pick<OpenContext, 'phones' | 'claim' | 'ownAddresses'>;

export type Connections = {
  /** Opens what the config has, after a change only what came, went or differs. Never rejects: what fails is logged and waits. */
  apply(config: Config): Promise<void>;
  /** Opens one anew. Rejects if its settings cannot work. */
  reopen(name: string): Promise<Connection>;
  close(): Promise<void>;
};

/** Nothing leaves; the delivery counts as delivered, so that everything before it can be seen at work. */
const dryRun: Connection = {
  send: async () => ({ kind: 'delivered', code: 'dry-run' }),
  close: async () => {},
};

/** No connections yet. */
export function createConnections(
  outbox: Outbox,
  destinations: readonly Destination[],
  ports: Ports,
  house: House = {},
): Connections {
  let current: Config | undefined;
  let broker: Broker | undefined;

  const open = async (name: string, config: Config): Promise<Connection> => {
    const connection = config.connections.get(name);
    const destination = destinations.find((each) => each.type === connection?.type);
    if (connection === undefined || destination === undefined) throw new Error(`no connection ${name}`);
    if (connection.dryRun) return dryRun;
    const context = {
      name,
      ...ports,
      ...(broker === undefined ? {} : { embeddedBroker: broker }),
      ...house,
      ownAddresses: () => [...(house.ownAddresses?.() ?? []), ...(broker === undefined ? [] : [broker])],
    };
    return destination.open(connection.settings, context);
  };

  const connect = async (name: string, config: Config): Promise<void> => {
    const parts = config.connections.get(name);
    const destination = destinations.find((each) => each.type === parts?.type);
    if (parts === undefined || destination === undefined) return;
    try {
      const connection = await open(name, config);
      const fingerprint = fingerprintOf(parts);
      await outbox.connect(name, { destination, connection, settings: parts.delivery, fingerprint });
      ports.log.info('connection_opened', { connection: name, type: parts.type, dryRun: parts.dryRun });
    } catch (error) {
      ports.count('connections_failed', { to: name });
      ports.log.error('connection_failed', { connection: name, error: nameOf(error) });
    }
  };

  const startBroker = async (config: Config): Promise<void> => {
    if (broker !== undefined || !usesBroker(config)) return;
    try {
      const { startEmbeddedBroker } = await import('./destinations/mqtt/broker.ts');
      broker = await startEmbeddedBroker({ ...config.broker, createServer, log: ports.log });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? nameOf(error);
      ports.log.error('broker_not_started', { host: config.broker.host, port: config.broker.port, code });
    }
  };

  return {
    async apply(config) {
      const before = current;
      current = config;
      await startBroker(config);
      const changes =
        before === undefined
          ? { added: [...config.connections.keys()], removed: [], changed: [] }
          : connectionChanges(before, config);
      for (const name of changes.removed) await outbox.disconnect(name);
      await Promise.all([...changes.added, ...changes.changed].map((name) => connect(name, config)));
    },
    reopen: (name) =>
      current === undefined ? Promise.reject(new Error(`no connection ${name}`)) : open(name, current),
    async close() {
      await broker?.close();
    },
  };
}

const usesBroker = (config: Config): boolean =>
  [...config.connections.values()].some(
    ({ dryRun: dry, settings }) => !dry && (settings as { broker?: unknown } | undefined)?.broker === 'embedded',
  );

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
