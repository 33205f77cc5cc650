// The simulation is worth something only if it notices what it is there for: every planted bug, within 100 seeds.
import { expect, test } from 'vitest';
import { firstSeedThatNotices } from './plant.ts';
import { PLANTED } from './planted.ts';
import { PLANTED_IN_CALLS } from './planted-calls.ts';

test.concurrent.each([...PLANTED, ...PLANTED_IN_CALLS].map((planted) => [planted.name, planted] as const))(
  'notices: %s',
  async (_name, planted) => {
    const { seed, output } = await firstSeedThatNotices(planted, 100);
    expect(seed, output.slice(-2_000)).toBeDefined();
  },
  120_000,
);
