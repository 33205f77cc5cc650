// The long form of test/output-safety.test.ts (I1): 20,000 hostile messages; HOOKSWITCH_OUTPUT_CHECKS=1000000 asks for the million.
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { DESTINATIONS } from '../../src/destinations/index.ts';
import { examineOutput } from '../support/output-safety.ts';
import { setting } from './waiting.ts';

const CHECKS = setting('HOOKSWITCH_OUTPUT_CHECKS', 20_000);
const SEED = setting('HOOKSWITCH_SEED', randomInt(1, 2 ** 31));

test(
  `${CHECKS} hostile messages: none that holds more than its author wrote`,
  async () => {
    console.log(`HOOKSWITCH_SEED=${SEED}`);
    const { checks, byType, tookMs, offences } = await examineOutput({
      destinations: DESTINATIONS,
      seed: SEED,
      checks: CHECKS,
    });
    console.log(`${checks} checks in ${Math.round(tookMs / 1_000)} s, ${JSON.stringify(byType)}`);
    expect(offences).toEqual([]);
  },
  60_000 + CHECKS * 20,
);
