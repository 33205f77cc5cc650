// A few hundred seeded runs with every test; `tsx test/simulation/run.ts --seeds 2000` runs more of them.
import { expect, test } from 'vitest';
import { runSeed } from './world.ts';

test('200 seeds: what was answered arrives or is visibly given up, in order, every copy has a cause, and each call is told once', async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { failures, tail } = await runSeed(seed);
    expect(failures, `seed ${seed}\n${tail.join('\n')}`).toEqual([]);
  }
}, 120_000);

test('a seed from outside the list, drawn anew each time', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { failures, tail } = await runSeed(seed);
  expect(failures, `seed ${seed}\n${tail.join('\n')}`).toEqual([]);
});

test('the same seed gives the same trace, another seed another one', async () => {
  const hashes = [];
  for (const seed of [11, 12, 11, 12]) hashes.push((await runSeed(seed)).hash);
  expect(hashes.slice(0, 2)).toEqual(hashes.slice(2));
  expect(hashes[0]).not.toBe(hashes[1]);
});
