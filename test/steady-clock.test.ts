// The steady clock: forward with the wall clock, never back with it.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { steadyClock } from '../src/steady-clock.ts';
import { createVirtualTime, START_WALL_MS } from './support/virtual-clock.ts';

test('goes on at its own pace while the wall clock is behind, and follows it ahead', async () => {
  const time = createVirtualTime();
  const clock = steadyClock(time.clock, 0);
  expect(clock.wallMs()).toBe(START_WALL_MS);
  time.jump(-3_600_000);
  await time.advance(5_000);
  expect(clock.wallMs()).toBe(START_WALL_MS + 5_000);
  time.jump(2 * 3_600_000);
  expect(clock.wallMs()).toBe(START_WALL_MS + 3_600_000 + 5_000);
});

test('begins where the journal ended', async () => {
  const time = createVirtualTime();
  const clock = steadyClock(time.clock, START_WALL_MS + 60_000);
  await time.advance(1_000);
  expect(clock.wallMs()).toBe(START_WALL_MS + 61_000);
});

test('never goes back and is never behind, however often the wall clock is set', async () => {
  const step = fc.record({ jumpMs: fc.integer({ min: -100_000, max: 100_000 }), passMs: fc.nat(50_000) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const time = createVirtualTime();
      const clock = steadyClock(time.clock, 0);
      let before = clock.wallMs();
      for (const { jumpMs, passMs } of steps) {
        time.jump(jumpMs);
        await time.advance(passMs);
        const now = clock.wallMs();
        expect(now).toBeGreaterThanOrEqual(Math.max(before + passMs, time.clock.wallMs()));
        before = now;
      }
    }),
    { numRuns: 200 },
  );
});
