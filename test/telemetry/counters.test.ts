// Counters: what was counted is what is shown, whatever the order of labels, and memory stays bounded.
import { expect, test } from 'vitest';
import { createCounters } from '../../src/telemetry/index.ts';

test('adds up by name and labels, in any order of labels', () => {
  const { count, snapshot } = createCounters();
  count('hits_refused', { reason: 'token', site: 'a' });
  count('hits_refused', { site: 'a', reason: 'token' }, 2);
  count('hits_refused', { reason: 'rate', site: 'a' });
  count('hits_accepted');
  count('bytes', {}, 0.5);
  count('bytes', {}, Number.NaN);
  expect(snapshot()).toEqual([
    { name: 'bytes', labels: {}, value: 0.5 },
    { name: 'hits_accepted', labels: {}, value: 1 },
    { name: 'hits_refused', labels: { reason: 'rate', site: 'a' }, value: 1 },
    { name: 'hits_refused', labels: { reason: 'token', site: 'a' }, value: 3 },
  ]);
});

test('names and labels that look alike when joined are different', () => {
  const { count, snapshot } = createCounters();
  count('a', { b: 'c","d' });
  count('a', { b: 'c', d: '' });
  count('a","b', {});
  expect(snapshot()).toHaveLength(3);
});

test('a snapshot does not change afterwards, nor does changing it change the counters', () => {
  const { count, snapshot } = createCounters();
  count('a', { b: 'c' });
  const before = snapshot();
  count('a', { b: 'c' });
  expect(before[0]?.value).toBe(1);
  Object.assign(before[0]?.labels ?? {}, { b: 'changed' });
  expect(snapshot()[0]?.labels).toEqual({ b: 'c' });
});

test('beyond 10,000 series nothing is lost, but no new one is kept', () => {
  const { count, snapshot } = createCounters();
  for (let n = 0; n < 10_500; n++) count('x', { n: String(n) });
  count('x', { n: '0' });
  const all = snapshot();
  expect(all.length).toBeLessThanOrEqual(10_001);
  expect(all.find(({ name }) => name === 'counters_overflow')?.value).toBe(500);
  expect(all.reduce((sum, { value }) => sum + value, 0)).toBe(10_501);
});
