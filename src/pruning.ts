// Pruning: what is older than its age goes, every hour, in steps that let hits through.
import type { Running } from './app.ts';
import type { Cancel, Ports } from './core/ports.ts';

const PRUNE_EVERY_MS = 3_600_000;
const PRUNE_FIRST_MS = 60_000;

/** Prunes a minute from now and then every hour, by the ages of the config as it is then. Returns how to end that. */
export function prunePeriodically(running: Running, { clock, log, count }: Ports): Cancel {
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
