// Slots: of the deliveries of a lane that share one and wait, only the newest is sent; the state a peer sees never goes back.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Delivery, Outcome } from '../../src/core/delivery.ts';
import { createDraw } from '../support/virtual-clock.ts';
import { type Bench, createBench } from './fixture.ts';

const FAIL: Outcome = { kind: 'retry', error: 'no' };
const DOWN: Outcome = { kind: 'unavailable', error: 'down' };
const OK: Outcome = { kind: 'delivered' };
const LATER: Outcome = { kind: 'later', error: 'not your turn', afterMs: 700 };

const states = (bench: Bench, ...ids: string[]) => ids.map((id) => bench.last(id)?.state);

test('what waits is replaced by a newer one as soon as that comes in; others of the lane keep their order', async () => {
  const bench = createBench();
  const place = await bench.place('a', () => DOWN);
  const add = (id: string, slot?: string) =>
    bench.outbox.add([bench.delivery(id, 'a', slot === undefined ? {} : { slot })]);
  add('plain1');
  await bench.time.advance(100);
  add('lamp1', 'lamp');
  add('plain2');
  add('door1', 'door');
  add('lamp2', 'lamp');
  await bench.time.advance(0);
  expect(bench.last('lamp1')).toMatchObject({
    state: 'replaced',
    attempts: 0,
    error: expect.stringContaining('newer'),
  });
  expect(bench.last('lamp1')?.attempt).toBeUndefined();
  add('plain3');
  add('lamp3', 'lamp');
  expect(bench.outbox.stats().get('a')).toMatchObject({ waiting: 5, replaced: 2 });
  expect(bench.counts.get('outbox_replaced a')).toBe(2);
  place.answer = () => OK;
  await bench.time.advance(60_000);
  expect(place.taken).toEqual(['plain1', 'plain2', 'door1', 'plain3', 'lamp3']);
});

test('another lane or another connection with the same slot is no concern of it', async () => {
  const bench = createBench();
  const [a, b] = [await bench.place('a'), await bench.place('b')];
  bench.outbox.add([
    bench.delivery('a1', 'a', { slot: 's' }),
    bench.delivery('a2', 'a', { slot: 's', order: 'a|2' }),
    bench.delivery('b1', 'b', { slot: 's' }),
  ]);
  await bench.time.advance(100);
  expect([...a.taken, ...b.taken].toSorted()).toEqual(['a1', 'a2', 'b1']);
});

test.each([
  ['fails', FAIL, { state: 'replaced', attempts: 1, error: 'no', attempt: expect.anything() }],
  ['was not tried', DOWN, { state: 'replaced', attempts: 0, error: 'down' }],
  ['should wait for its turn', LATER, { state: 'replaced', attempts: 0 }],
] as const)('one in flight that %s is not tried again once a newer one waits', async (_what, outcome, settled) => {
  const bench = createBench();
  const place = await bench.place('a', ({ id }) => (id === 'one' ? outcome : OK));
  place.tookMs = 1_000;
  bench.outbox.add([bench.delivery('one', 'a', { slot: 's' })]);
  await bench.time.advance(10);
  for (const id of ['two', 'three']) bench.outbox.add([bench.delivery(id, 'a', { slot: 's' })]);
  await bench.time.advance(500);
  expect(states(bench, 'one', 'two')).toEqual([undefined, 'replaced']);
  await bench.time.advance(60_000);
  expect(bench.last('one')).toMatchObject(settled);
  expect(place.sent.map(({ id }) => id)).toEqual(['one', 'three']);
  expect(place.taken).toEqual(['three']);
});

test('one in flight that works stays delivered, and the newer one follows', async () => {
  const bench = createBench();
  const place = await bench.place('a');
  place.tookMs = 1_000;
  bench.outbox.add([bench.delivery('one', 'a', { slot: 's' })]);
  await bench.time.advance(10);
  bench.outbox.add([bench.delivery('two', 'a', { slot: 's' })]);
  await bench.time.advance(5_000);
  expect(place.taken).toEqual(['one', 'two']);
});

test('a newer one that is called off again leaves the older one its place', async () => {
  const bench = createBench();
  let failures = 1;
  const place = await bench.place('a', () => (failures-- > 0 ? FAIL : OK));
  place.tookMs = 1_000;
  bench.outbox.add([bench.delivery('one', 'a', { slot: 's' })]);
  await bench.time.advance(10);
  bench.outbox.add([bench.delivery('two', 'a', { slot: 's' })]);
  await bench.outbox.cancel(['two']);
  await bench.time.advance(1_100);
  bench.outbox.add([bench.delivery('plain', 'a')]);
  await bench.time.advance(20_000);
  expect(place.taken).toEqual(['one', 'plain']);
  expect(states(bench, 'one', 'two')).toEqual(['delivered', 'cancelled']);
});

test('one that backs off at the head of its lane frees its followers when it is replaced', async () => {
  const bench = createBench();
  const place = await bench.place('a', ({ id }) => (id === 'one' ? { ...FAIL, afterMs: 1 } : OK), {
    backoffMs: 3_000_000,
    backoffMsMax: 3_000_000,
  });
  bench.outbox.add([bench.delivery('one', 'a', { slot: 's' }), bench.delivery('plain', 'a')]);
  await bench.time.advance(1_000);
  expect(place.taken).toEqual([]);
  bench.outbox.add([bench.delivery('two', 'a', { slot: 's' })]);
  await bench.time.advance(1_000);
  expect(place.taken).toEqual(['plain', 'two']);
});

test('an older one that is sent again by hand does not replace a newer one that waits', async () => {
  const bench = createBench();
  const place = await bench.place('a', () => DOWN);
  const old = bench.delivery('old', 'a', { slot: 's' });
  await bench.time.advance(1_000);
  bench.outbox.add([bench.delivery('new', 'a', { slot: 's' })]);
  bench.outbox.retry([{ ...old, dueAtMs: bench.time.clock.wallMs() }]);
  await bench.time.advance(0);
  expect(bench.last('old')).toMatchObject({ state: 'replaced' });
  place.answer = () => OK;
  await bench.time.advance(30_000);
  expect(place.taken).toEqual(['new']);
});

/** Deliveries of `a` that have not ended, those under way included. */
const left = (bench: Bench): number => {
  const stats = bench.outbox.stats().get('a');
  return (stats?.waiting ?? 0) + (stats?.inFlight ?? 0);
};

test('under random failures, restarts and overflow: the newest of each slot arrives, none goes back, nothing else is lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.double({ min: 0, max: 0.7, noNaN: true }),
      fc.constantFrom('strict' as const, 'none' as const),
      fc.constantFrom(2, 20_000),
      async (seed, failing, ordering, residentMax) => {
        const draw = createDraw(seed);
        const rows = new Map<string, Delivery>();
        const taken: string[] = [];
        const numberOf = (id: string): number => Number(id.slice(1));
        let bench = createBench({ seed });
        const begin = async (): Promise<void> => {
          bench = createBench({
            seed: Math.floor(draw() * 1e9),
            limits: { residentMax, fetchMax: 3 },
            fetch: async (ids) => ids.flatMap((id) => structuredClone(rows.get(id)) ?? []),
            settle: async (batch) => {
              for (const { id, state, attempts } of batch) Object.assign(rows.get(id) ?? {}, { state, attempts });
            },
          });
          const place = await bench.place(
            'a',
            () => (draw() >= failing ? OK : ([FAIL, DOWN, LATER][Math.floor(draw() * 3)] ?? FAIL)),
            { ordering, backoffMs: 200, backoffMsMax: 2_000 },
          );
          place.taken = taken;
          bench.outbox.add([...rows.values()].filter(({ state }) => state === 'waiting'));
        };
        await begin();
        for (let n = 0; n < 40; n++) {
          const slot = draw() < 0.7 ? `s${Math.floor(draw() * 2)}` : undefined;
          const lane = `a|${Math.floor(draw() * 2)}`;
          const made = bench.delivery(`d${n}`, 'a', { order: lane, ...(slot === undefined ? {} : { slot }) });
          rows.set(made.id, structuredClone(made));
          bench.outbox.add([made]);
          if (draw() < 0.4) await bench.time.advance(Math.floor(draw() * 400));
          // The process ends, and all that is left is what was stored.
          if (draw() < 0.05) {
            void bench.outbox.close();
            await bench.time.advance(10_000);
            await begin();
          }
        }
        await bench.time.until(() => left(bench) === 0, 4 * 3_600_000);
        await bench.time.advance(10_000);
        const all = [...rows.values()];
        const mates = ({ order, slot }: Delivery) => all.filter((one) => one.order === order && one.slot === slot);
        for (const row of all) {
          const newest = row.slot === undefined || mates(row).at(-1) === row;
          if (newest) expect([row.id, row.state]).toEqual([row.id, 'delivered']);
          else expect(['delivered', 'replaced']).toContain(row.state);
        }
        for (const row of all.filter(({ slot }) => slot !== undefined)) {
          const arrived = taken.filter((id) => mates(row).some((mate) => mate.id === id)).map(numberOf);
          expect(arrived).toEqual(arrived.toSorted((a, b) => a - b));
        }
        if (ordering === 'none') return;
        for (const lane of ['a|0', 'a|1']) {
          const arrived = taken.filter((id) => rows.get(id)?.order === lane).map(numberOf);
          expect(arrived).toEqual(arrived.toSorted((a, b) => a - b));
        }
      },
    ),
    { numRuns: 80 },
  );
});
