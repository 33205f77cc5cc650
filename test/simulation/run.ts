// Runs seeds from the command line: `tsx test/simulation/run.ts --seeds 2000 --from 1`. Prints each seed that fails, with the
// end of its trace; runs each seed's trace hash again with `--twice`; stops at the first failure with `--first`.
import { parseArgs } from 'node:util';
import { runSeed } from './world.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    first: { type: 'boolean', default: false },
    twice: { type: 'boolean', default: false },
  },
});
const from = Number(values.from);
const count = Number(values.seeds);
let passed = 0;
let failed = 0;
let events = 0;
for (let seed = from; seed < from + count; seed++) {
  const outcome = await runSeed(seed);
  events += outcome.events;
  if (values.twice && (await runSeed(seed)).hash !== outcome.hash)
    outcome.failures.push('the same seed gave another trace the second time');
  if (outcome.failures.length === 0) {
    passed += 1;
    continue;
  }
  failed += 1;
  console.log(outcome.tail.join('\n'));
  console.log(`seed ${seed} failed; again: tsx test/simulation/run.ts --seeds 1 --from ${seed}`);
  for (const failure of outcome.failures.slice(0, 20)) console.log(`  ${failure}`);
  if (values.first) break;
}
console.log(
  `${passed} passed, ${failed} failed (seeds ${from} to ${from + passed + failed - 1}, ${events} events answered)`,
);
process.exitCode = failed === 0 ? 0 : 1;
