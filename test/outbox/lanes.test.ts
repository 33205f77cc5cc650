// Order, concurrency and fairness: lanes leave in order, one at a time, and never wait for each other.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../../src/core/delivery.ts';
import { createDraw } from '../support/virtual-clock.ts';
import { createBench } from './fixture.ts';

const FAIL: Outcome = { kind: 'retry', error: 'no' };
const OK: Outcome = { kind: 'delivered' };

test('under random failures every lane keeps its order, has one attempt at a time, and gets everything once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 5 }),
      fc.double({ min: 0, max: 0.7, noNaN: true }),
      async (seed, lanes, failing) => {
        const bench = createBench({ seed });
        const draw = createDraw(seed);
        const flying = new Set<string>();
        const together: string[] = [];
        const place = await bench.place('a', ({ id }) => {
          const lane = id.split(':')[0] ?? '';
          if (flying.has(lane)) together.push(lane);
          flying.add(lane);
          const chance = draw();
          if (chance < failing) return chance < failing / 3 ? { kind: 'unavailable', error: 'down' } : FAIL;
          return OK;
        });
        const send = place.connection.send;
        place.connection.send = (message, meta) =>
          send(message, meta).then((outcome) => {
            flying.delete(meta.id.split(':')[0] ?? '');
            return outcome;
          });
        const all = Array.from({ length: 30 }, (_, n) => {
          const lane = Math.floor(draw() * lanes);
          return bench.delivery(`${lane}:${String(n).padStart(2, '0')}`, 'a', { order: `a|${lane}` });
        });
        for (const delivery of all) {
          bench.outbox.add([delivery]);
          if (draw() < 0.3) await bench.time.advance(Math.floor(draw() * 500));
        }
        await bench.time.until(() => place.taken.length === all.length, 4 * 3_600_000);
        for (let lane = 0; lane < lanes; lane++) {
          const taken = place.taken.filter((id) => id.startsWith(`${lane}:`));
          expect(taken).toEqual(taken.toSorted());
        }
        expect(together).toEqual([]);
        expect(place.taken).toHaveLength(all.length);
        expect(new Set(place.taken).size).toBe(all.length);
        expect(bench.outbox.stats().get('a')).toMatchObject({ waiting: 0, inFlight: 0, delivered: all.length });
      },
    ),
    { numRuns: 60 },
  );
});

test('without faults every delivery is sent exactly once and settled exactly once', async () => {
  const bench = createBench();
  const place = await bench.place('a');
  const all = Array.from({ length: 500 }, (_, n) => bench.delivery(`d${n}`, 'a', { order: `a|${n % 7}` }));
  bench.outbox.add(all);
  // The same again, as when a load and a commit overlap: still once.
  bench.outbox.add(all.slice(100));
  await bench.time.advance(60_000);
  expect(place.sent.map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
  expect(bench.settlements).toHaveLength(500);
  expect(bench.settlements.every(({ state, attempts }) => state === 'delivered' && attempts === 1)).toBe(true);
});

test('strict: followers wait for a head that backs off; other lanes go on', async () => {
  const bench = createBench();
  let failures = 2;
  const place = await bench.place('a', ({ id }) => (id === 'x1' && failures-- > 0 ? FAIL : OK));
  bench.outbox.add([
    bench.delivery('x1', 'a'),
    bench.delivery('x2', 'a'),
    bench.delivery('y1', 'a', { order: 'a|other' }),
  ]);
  await bench.time.advance(20_000);
  expect(place.taken).toEqual(['y1', 'x1', 'x2']);
});

test('ordering "none": followers pass a head that backs off, still one attempt of the lane at a time', async () => {
  const bench = createBench();
  let failures = 3;
  const answer = ({ id }: { id: string }) => (id === 'x1' && failures-- > 0 ? FAIL : OK);
  const place = await bench.place('a', answer, { ordering: 'none' });
  bench.outbox.add(['x1', 'x2', 'x3'].map((id) => bench.delivery(id, 'a')));
  await bench.time.advance(60_000);
  expect(place.taken).toHaveLength(3);
  expect(place.taken.at(-1)).toBe('x1');
  expect(place.atOnceMax).toBe(1);
});

test('concurrency is bounded, and a lane with a thousand deliveries does not hold up the one behind it', async () => {
  const bench = createBench();
  const place = await bench.place('a', undefined, { concurrency: 2 });
  bench.outbox.add(Array.from({ length: 1_000 }, (_, n) => bench.delivery(`big${n}`, 'a', { order: 'a|big' })));
  bench.outbox.add(Array.from({ length: 1_000 }, (_, n) => bench.delivery(`bulk${n}`, 'a', { order: 'a|bulk' })));
  bench.outbox.add(Array.from({ length: 10 }, (_, n) => bench.delivery(`small${n}`, 'a', { order: 'a|small' })));
  await bench.time.advance(200);
  expect(place.atOnceMax).toBe(2);
  expect(place.taken.filter((id) => id.startsWith('small'))).toHaveLength(10);
});

test('ordering "none", breaker opening on a lane whose others back off: the lane stands in line once', async () => {
  const bench = createBench();
  let down = true;
  const place = await bench.place('a', () => (down ? FAIL : OK), {
    ordering: 'none',
    breakerFailures: 4,
    backoffMs: 2_000,
  });
  bench.outbox.add(['x1', 'x2', 'x3'].map((id) => bench.delivery(id, 'a')));
  await bench.time.advance(60_000);
  down = false;
  place.sent.length = 0;
  place.tookMs = 50;
  await bench.place('a', place.answer, { ordering: 'none' });
  place.ready();
  await bench.time.advance(5_000);
  expect(place.atOnceMax).toBe(1);
  expect(bench.settlements.filter(({ state }) => state === 'delivered')).toHaveLength(3);
});
