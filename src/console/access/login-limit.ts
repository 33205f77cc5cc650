// Login limit: how often one address may try to log in, and how many tries may be under way at all.
import type { Clock } from '../../core/ports.ts';

export type LoginLimit = {
  /** Whether this address may try now; a try counts, whatever becomes of it. */
  mayTry(address: string): boolean;
  /** Forgets the tries of an address that logged in. */
  succeeded(address: string): void;
};

const TRIES_MAX = 5;
const PER_MS = 60_000;
/** Against a flood from many addresses: hashing is dear. */
const TRIES_OF_ALL_MAX = 60;
const ADDRESSES_MAX = 10_000;

/** Five tries a minute and address, sixty a minute of all together. */
export function createLoginLimit(clock: Pick<Clock, 'monotonicMs'>): LoginLimit {
  const tries = new Map<string, number[]>();
  let all: number[] = [];
  return {
    mayTry(address) {
      const sinceMs = clock.monotonicMs() - PER_MS;
      const mine = (tries.get(address) ?? []).filter((atMs) => atMs > sinceMs);
      all = all.filter((atMs) => atMs > sinceMs);
      if (mine.length >= TRIES_MAX || all.length >= TRIES_OF_ALL_MAX) return false;
      const [oldest] = tries.keys();
      if (tries.size >= ADDRESSES_MAX && oldest !== undefined) tries.delete(oldest);
      tries.delete(address);
      tries.set(address, [...mine, clock.monotonicMs()]);
      all.push(clock.monotonicMs());
      return true;
    },
    succeeded: (address) => void tries.delete(address),
  };
}
