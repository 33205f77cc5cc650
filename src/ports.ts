// The real clock and the real randomness. The only file of the daemon that reads them.
import { randomBytes } from 'node:crypto';
import type { Clock, Random } from './core/ports.ts';

const DELAY_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(Math.max(0, Math.ceil(delayMs)), DELAY_MS_MAX));
    return () => clearTimeout(timer);
  },
};

/** UUIDv7 as in RFC 9562 §6.2 method 2: a random start in each millisecond, then counted up. */
export function createRandom(): Random {
  let lastMs = 0;
  let tail = 0n;
  const pool = { bytes: Buffer.alloc(0), used: 0 };
  const take = (count: number): Buffer => {
    if (pool.used + count > pool.bytes.length)
      Object.assign(pool, { bytes: randomBytes(Math.max(4096, count)), used: 0 });
    pool.used += count;
    return pool.bytes.subarray(pool.used - count, pool.used);
  };
  return {
    uuid7(wallMs) {
      const ms = Math.max(wallMs, lastMs);
      // 74 random bits; the top one is left 0, so that counting up cannot overflow within a millisecond.
      tail = ms === lastMs ? tail + 1n : BigInt(`0x${take(10).toString('hex')}`) & ((1n << 73n) - 1n);
      lastMs = ms;
      const time = ms.toString(16).padStart(12, '0');
      const high = (tail >> 62n).toString(16).padStart(3, '0');
      const low = ((tail & ((1n << 62n) - 1n)) | (2n << 62n)).toString(16).padStart(16, '0');
      return `${time.slice(0, 8)}-${time.slice(8)}-7${high}-${low.slice(0, 4)}-${low.slice(4)}`;
    },
    fraction: () => take(6).readUIntBE(0, 6) / 2 ** 48,
    bytes: (count) => Uint8Array.from(take(count)),
  };
}
