// What `npm run test:long` runs: the built program as a process of its own, killed, starved and watched; minutes, not seconds.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    globalSetup: ['test/long/build.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One after the other: they measure delays, and two of them on two cores would measure each other.
    fileParallelism: false,
  },
});
