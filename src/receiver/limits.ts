// Limits: how often one phone may speak, how many connections there may be, and how long one may take.
import type { Cancel, Clock } from '../core/ports.ts';

/** Takes one hit of a key; false if it spoke too often. */
export type RateLimit = { take(key: string): boolean };

const KEYS_MAX = 10_000;

/** A token bucket per key: `perSecond` in the long run, `burst` at once. Keys that are full again are forgotten. */
export function createRateLimit(clock: Clock, perSecond: number, burst: number): RateLimit {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  const refilled = (bucket: { tokens: number; atMs: number }, nowMs: number): number =>
    Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) * perSecond) / 1000);

  const forget = (nowMs: number): void => {
    for (const [key, bucket] of buckets) if (refilled(bucket, nowMs) >= burst) buckets.delete(key);
    // Still too many: made-up MACs under a site's token. The oldest go, which costs nobody a hit.
    for (const key of buckets.keys()) {
      if (buckets.size < KEYS_MAX / 2) break;
      buckets.delete(key);
    }
  };

  return {
    take(key) {
      const nowMs = clock.monotonicMs();
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= KEYS_MAX) forget(nowMs);
        bucket = { tokens: burst, atMs: nowMs };
        buckets.set(key, bucket);
      }
      bucket.tokens = refilled(bucket, nowMs);
      bucket.atMs = nowMs;
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
}

/** `connections-address`: the address has as many as it may. `connections`: all of them together have. */
export type NoSlot = 'connections-address' | 'connections';

/** Who holds a connection that waits for an answer. `give` may be called again for what was given back. */
export type Slots<T> = { take(item: T, address: string, proxy: boolean): NoSlot | undefined; give(item: T): void };

/** One address at its limit is refused before the others feel anything; proxies speak for many and have no such limit. */
export function createSlots<T>(perAddressMax: number, totalMax: number): Slots<T> {
  const held = new Map<T, string>();
  const perAddress = new Map<string, number>();
  return {
    take(item, address, proxy) {
      const count = perAddress.get(address) ?? 0;
      if (!proxy && count >= perAddressMax) return 'connections-address';
      if (held.size >= totalMax) return 'connections';
      held.set(item, address);
      perAddress.set(address, count + 1);
      return undefined;
    },
    give(item) {
      const address = held.get(item);
      if (address === undefined) return;
      held.delete(item);
      const count = (perAddress.get(address) ?? 1) - 1;
      if (count === 0) perAddress.delete(address);
      else perAddress.set(address, count);
    },
  };
}

/** Things that all have the same time: `add` starts it anew, `expire` gets those whose time is over. */
export type Deadlines<T> = { add(item: T): void; remove(item: T): void; stop(): void };

/** One timer for all, since what was added first is due first. `durationMs` in milliseconds. */
export function createDeadlines<T>(clock: Clock, durationMs: number, expire: (item: T) => void): Deadlines<T> {
  const dueMs = new Map<T, number>();
  let cancel: Cancel | undefined;

  const check = (): void => {
    cancel = undefined;
    const nowMs = clock.monotonicMs();
    for (const [item, due] of dueMs) {
      if (due > nowMs) {
        cancel ??= clock.after(due - nowMs, check);
        return;
      }
      dueMs.delete(item);
      expire(item);
    }
  };

  return {
    add(item) {
      dueMs.delete(item);
      dueMs.set(item, clock.monotonicMs() + durationMs);
      cancel ??= clock.after(durationMs, check);
    },
    remove: (item) => void dueMs.delete(item),
    stop() {
      dueMs.clear();
      cancel?.();
      cancel = undefined;
    },
  };
}
