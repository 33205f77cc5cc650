// What `npm run test:e2e` runs: the console in a real browser, over a real daemon; screenshots go to test-artefacts.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One after the other: they measure how soon a page shows what a phone said.
    fileParallelism: false,
  },
});
