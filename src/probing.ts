// Looks whether the connections of a config can be reached and let us in, for `check --connections` and `init`.
import { createServer } from 'node:net';
import type { BrokerSettings, ConnectionSettings } from './config-check.ts';
import type { Destination } from './core/destination.ts';
import type { Clock, Random } from './core/ports.ts';
import type { Probed } from './core/probe.ts';

const TIME_MS = 20_000;

/** `skipped`: why nothing was tried. */
export type ProbedConnection = { name: string; type: string } & (Probed | { skipped: string });

type Around = { clock: Clock; random: Random; destinations: readonly Destination[] };
type Probable = { connections: ReadonlyMap<string, ConnectionSettings>; broker: BrokerSettings };

/** All at once, in the order of the config; each ends within 20 s. */
export const probeConnections = (config: Probable, around: Around): Promise<ProbedConnection[]> =>
  Promise.all([...config.connections.values()].map((connection) => probeConnection(connection, config.broker, around)));

/** One connection; nothing is sent that anybody would see. */
export async function probeConnection(
  { name, type, dryRun, settings }: ConnectionSettings,
  broker: Pick<BrokerSettings, 'host' | 'port'>,
  { clock, random, destinations }: Around,
): Promise<ProbedConnection> {
  const destination = destinations.find((each) => each.type === type);
  if (dryRun) return { name, type, skipped: 'dryRun is on' };
  if (destination?.probe === undefined) return { name, type, skipped: 'nothing can be tried without sending' };
  const late = new AbortController();
  const cancel = clock.after(TIME_MS, () => late.abort());
  try {
    const context = { name, clock, random, embeddedBroker: broker, signal: late.signal };
    return { name, type, ...(await destination.probe(settings, context)) };
  } catch (error) {
    // Settings that pass their schema and still cannot be used, such as a certificate that is none.
    const why = error instanceof Error ? error.name : 'unknown';
    return { name, type, error: `these settings cannot be used (${why}); check them` };
  } finally {
    cancel();
    late.abort();
  }
}

/** Whether this machine can listen there now: the code of the failure, or undefined. */
export async function portProblem(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
