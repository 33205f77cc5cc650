// Health: whether the process lives, whether it may be given work, and why not; and the figures that a monitor asks for.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Running } from './app.ts';
import type { Clock } from './core/ports.ts';
import type { StoreStats } from './core/store.ts';
import type { Measured } from './telemetry/index.ts';

export type Health = {
  /** The event loop turns (it is answering) and the store's thread answers. */
  alive(): Promise<boolean>;
  /** Why no work should be sent here, in words; empty: it may be. A destination that is down is no reason. */
  notReady(): Promise<string[]>;
  measure(): Promise<Measured[]>;
  close(): void;
};

export type HealthOptions = {
  up(): Running;
  clock: Clock;
  startedAtMs: number;
  /** Whether the config in use is the one that is written: false after a reload that was refused. */
  configIsCurrent(): boolean;
  stopping(): boolean;
};

const ANSWER_MS_MAX = 2_000;
/** More events than these that wait for their decision mean that the engine does not keep up. */
const BACKLOG_MAX = 50_000;
/** From here on the store is as good as full: a prune gives back less than a busy hour takes. */
const FULL_SHARE = 0.97;
const LAG_RESOLUTION_MS = 20;

export function createHealth(options: HealthOptions): Health {
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  lag.enable();
  const stats = (): Promise<StoreStats | undefined> => within(options.clock, options.up().store.stats());
  return {
    alive: async () => (await stats()) !== undefined,
    async notReady() {
      const reasons: string[] = [];
      if (options.stopping()) reasons.push('it is stopping');
      const found = await stats();
      if (found === undefined) reasons.push('the store does not answer');
      else if (found.bytes >= found.bytesMax * FULL_SHARE)
        reasons.push('the store is full: raise store.maxBytes, or keep less');
      if (options.up().sites.backlog() > BACKLOG_MAX) reasons.push('more events wait than can be decided');
      return reasons;
    },
    async measure() {
      const { outbox, sites } = options.up();
      const one = (name: string, help: string, value: number): Measured => ({ name, help, value });
      const found = await stats();
      const measured = [
        one('uptime_seconds', 'Seconds since the start.', (options.clock.wallMs() - options.startedAtMs) / 1000),
        one(
          'config_current',
          '1 while the written config is in use, 0 after one that was refused.',
          options.configIsCurrent() ? 1 : 0,
        ),
        one('backlog_events', 'Events that are stored and not yet decided.', sites.backlog()),
        one(
          'event_loop_lag_p99_seconds',
          '99th percentile of how late timers were since the last question.',
          lag.percentile(99) / 1e9,
        ),
        one('resident_bytes', 'Memory of the process.', process.memoryUsage.rss()),
      ];
      lag.reset();
      if (found !== undefined)
        measured.push(
          one('store_bytes', 'Size of the database.', found.bytes),
          one('store_bytes_max', 'How large it may grow.', found.bytesMax),
          one('store_events', 'Events in the journal.', found.events),
        );
      for (const [to, each] of outbox.stats()) {
        const of = (name: string, help: string, value: number): Measured => ({ name, help, value, labels: { to } });
        measured.push(
          of('outbox_waiting', 'Deliveries that wait.', each.waiting),
          of('outbox_oldest_seconds', 'Age of the oldest one.', each.oldestAgeMs / 1000),
          of('outbox_breaker_open', '1 while the destination is down.', each.breaker === 'closed' ? 0 : 1),
        );
      }
      return measured;
    },
    close: () => lag.disable(),
  };
}

/** The answer, or undefined if it fails or takes too long. */
function within<T>(clock: Clock, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(ANSWER_MS_MAX, () => resolve(undefined));
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      () => {
        cancel();
        resolve(undefined);
      },
    );
  });
}
