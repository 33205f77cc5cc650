// The store survives kill -9 at any moment.
import { expect, test } from 'vitest';
import { killLoop } from './kill-loop.ts';

const CYCLES = Number(process.env.HOOKSWITCH_KILL_CYCLES ?? 5);

test(`what was acknowledged is there after kill -9, ${CYCLES} times`, { timeout: 20_000 + CYCLES * 8000 }, async () => {
  expect(await killLoop(CYCLES)).toBeGreaterThan(CYCLES * 10);
});
