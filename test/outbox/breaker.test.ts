// The breaker: an outage uses no attempts, is probed at least every 15 s, and ends for everybody with the first success.
import { expect, test } from 'vitest';
import type { Outcome } from '../../src/core/delivery.ts';
import { createBench } from './fixture.ts';

const HOUR_MS = 3_600_000;

test('a broker that is down for hours uses no attempts; probes come one at a time and at least every 15 s', async () => {
  const bench = createBench();
  const place = await bench.place('a', ({ atMs }) =>
    atMs < 3 * HOUR_MS ? { kind: 'unavailable', error: 'down' } : { kind: 'delivered' },
  );
  bench.outbox.add(Array.from({ length: 50 }, (_, n) => bench.delivery(`d${n}`, 'a', { order: `a|${n % 10}` })));
  await bench.time.advance(3 * HOUR_MS - 1);
  expect(bench.outbox.stats().get('a')).toMatchObject({ waiting: 50, delivered: 0, lastError: 'down' });
  expect(bench.settlements).toEqual([]);
  const probes = place.sent.slice(4);
  for (const [n, probe] of probes.entries()) {
    const gapMs = probe.atMs - (probes[n - 1]?.atMs ?? 0);
    expect(gapMs).toBeLessThanOrEqual(15_000 + 10);
  }
  expect(probes.length).toBeLessThan((3 * HOUR_MS) / 7_000);
  const copiesBefore = place.sent.length;
  await bench.time.advance(16_000);
  expect(place.taken).toHaveLength(50);
  // One copy each once the peer is back.
  expect(place.sent.length - copiesBefore).toBeLessThanOrEqual(51);
  expect(bench.settlements.every(({ attempts }) => attempts === 1)).toBe(true);
});

test('n failures in a row open it; those attempts count, the failed probes do not', async () => {
  const bench = createBench();
  let down = true;
  const place = await bench.place('a', () =>
    down ? { kind: 'retry', error: '502', code: '502' } : { kind: 'delivered' },
  );
  bench.outbox.add([bench.delivery('d', 'a')]);
  await bench.time.advance(2 * HOUR_MS);
  expect(bench.outbox.stats().get('a')).toMatchObject({ breaker: 'open' });
  expect(bench.last('d')).toMatchObject({ state: 'waiting', attempts: 5, code: '502' });
  expect(place.sent.length).toBeGreaterThan((2 * HOUR_MS) / 16_000);
  down = false;
  await bench.time.advance(15_010);
  expect(bench.last('d')).toMatchObject({ state: 'delivered', attempts: 6 });
  expect(bench.outbox.stats().get('a')).toMatchObject({ breaker: 'closed' });
  expect(bench.outbox.stats().get('a')).not.toHaveProperty('lastError');
});

test('an opening breaker takes over the waits: what backs off for minutes is released by the first success', async () => {
  const bench = createBench();
  let down = true;
  const place = await bench.place('a', () => (down ? { kind: 'retry', error: 'no' } : { kind: 'delivered' }), {
    backoffMs: 200_000,
    probeMsMax: 15_000,
  });
  bench.outbox.add(Array.from({ length: 8 }, (_, n) => bench.delivery(`d${n}`, 'a', { order: `a|${n}` })));
  await bench.time.advance(20_000);
  down = false;
  await bench.time.advance(16_000);
  expect(place.taken).toHaveLength(8);
});

test('a connection that becomes ready is probed at once, also when that happens while a probe is failing', async () => {
  const bench = createBench();
  let answer: Outcome = { kind: 'unavailable', error: 'connecting' };
  const place = await bench.place('a', () => answer);
  bench.outbox.add([bench.delivery('d', 'a')]);
  await bench.time.advance(10 * 60_000);
  answer = { kind: 'delivered' };
  place.ready();
  await bench.time.advance(10);
  expect(place.taken).toEqual(['d']);

  answer = { kind: 'unavailable', error: 'connecting' };
  bench.outbox.add([bench.delivery('e', 'a')]);
  await bench.time.advance(10 * 60_000);
  const before = place.sent.length;
  await bench.time.until(() => place.sent.length > before, 15_000);
  answer = { kind: 'delivered' };
  place.ready();
  await bench.time.advance(20);
  expect(place.taken).toEqual(['d', 'e']);
});

test('a message that always fails does not keep a fresh one from being the next probe', async () => {
  const bench = createBench();
  const place = await bench.place('a', ({ id }) =>
    id === 'sick' ? { kind: 'retry', error: '500' } : { kind: 'delivered' },
  );
  bench.outbox.add([bench.delivery('sick', 'a', { order: 'a|sick' })]);
  await bench.time.until(() => bench.outbox.stats().get('a')?.breaker === 'open', 120_000);
  await bench.time.advance(60_000);
  bench.outbox.add([bench.delivery('fresh', 'a', { order: 'a|fresh' })]);
  await bench.time.advance(15_010);
  expect(place.taken).toEqual(['fresh']);
});

test('a probe that is refused for good is dead, and the next one follows at once', async () => {
  const bench = createBench();
  let answer: Outcome = { kind: 'unavailable', error: 'down' };
  const place = await bench.place('a', ({ id }) =>
    id === 'bad' && answer.kind === 'delivered' ? { kind: 'dead', error: 'no' } : answer,
  );
  bench.outbox.add([bench.delivery('bad', 'a'), bench.delivery('good', 'a')]);
  await bench.time.advance(60_000);
  answer = { kind: 'delivered' };
  place.ready();
  await bench.time.advance(20);
  expect(bench.last('bad')).toMatchObject({ state: 'dead' });
  expect(place.taken).toEqual(['good']);
});

test('a failed probe leaves the due time of an unattempted delivery alone, whatever the wall clock said meanwhile', async () => {
  const bench = createBench();
  const place = await bench.place('a', ({ id }) =>
    id === 'head' ? { kind: 'unavailable', error: 'down' } : { kind: 'retry', error: '502' },
  );
  const fresh = bench.delivery('fresh', 'a', { order: 'a|2' });
  bench.outbox.add([bench.delivery('head', 'a')]);
  await bench.time.advance(20);
  bench.time.jump(2 * HOUR_MS);
  bench.outbox.add([fresh]);
  await bench.time.advance(20_000);
  expect(place.sent.some(({ id }) => id === 'fresh')).toBe(true);
  expect(bench.last('fresh')).toMatchObject({ state: 'waiting', attempts: 0, dueAtMs: fresh.dueAtMs });
});
