// Whatever a caller calls himself: no destination's output holds more structure than an author wrote, and the text arrives as text.
// HOOKSWITCH_OUTPUT_CHECKS says how many messages are examined (20,000), HOOKSWITCH_SEED with which texts.
import { expect, test } from 'vitest';
import { DESTINATIONS } from '../src/destinations/index.ts';
import { setting } from './long/waiting.ts';
import { examineOutput } from './support/output-safety.ts';

const CHECKS = setting('HOOKSWITCH_OUTPUT_CHECKS', 20_000);
const SEED = setting('HOOKSWITCH_SEED', 1);

test(`${CHECKS} hostile messages through every destination and every shipped rule`, async () => {
  const report = await examineOutput({ destinations: DESTINATIONS, seed: SEED, checks: CHECKS });
  console.log(JSON.stringify(report));
  expect(report.offences).toEqual([]);
}, 120_000);
