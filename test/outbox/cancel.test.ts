// Calling deliveries off: what waits ends at once, what is being sent cannot be called back, and that is said.
import { expect, test } from 'vitest';
import { createBench } from './fixture.ts';

test('what waits is cancelled, whatever it waits for; what is in flight is named and goes on', async () => {
  const bench = createBench();
  const settings = { backoffMs: 3_000_000, backoffMsMax: 3_000_000 };
  const place = await bench.place(
    'a',
    ({ id }) => (id === 'rests' ? { kind: 'retry', error: 'no' } : { kind: 'delivered' }),
    settings,
  );
  place.tookMs = 1_000;
  const other = { order: 'a|1' };
  bench.outbox.add([bench.delivery('rests', 'a', other), bench.delivery('behind', 'a', other)]);
  bench.outbox.add([bench.delivery('nowhere', 'missing')]);
  await bench.time.advance(5_000);
  expect(place.taken).toEqual([]);
  bench.outbox.add([bench.delivery('flies', 'a'), bench.delivery('follows', 'a')]);
  await bench.time.advance(10);
  const done = bench.outbox.cancel(['flies', 'follows', 'rests', 'nowhere', 'unknown']);
  await bench.time.advance(0);
  expect(await done).toEqual({ cancelled: ['follows', 'rests', 'nowhere'], inFlight: ['flies'] });
  for (const id of ['follows', 'rests', 'nowhere']) expect(bench.last(id)).toMatchObject({ state: 'cancelled' });
  expect(bench.last('rests')).toMatchObject({ attempts: 1 });
  await bench.time.advance(30_000);
  // What stood behind it goes at once.
  expect(place.taken).toEqual(['flies', 'behind']);
  expect(bench.outbox.stats().get('a')).toMatchObject({ cancelled: 2, waiting: 0, delivered: 2 });
  expect(bench.counts.get('outbox_cancelled')).toBe(3);
});

test('is answered only once it is stored', async () => {
  let store = (): void => {};
  const bench = createBench({
    settle: () =>
      new Promise((resolve) => {
        store = resolve;
      }),
  });
  bench.outbox.add([bench.delivery('one', 'a')]);
  let answered = false;
  void bench.outbox.cancel(['one']).then(() => {
    answered = true;
  });
  await bench.time.advance(1_000);
  expect(answered).toBe(false);
  store();
  await bench.time.advance(0);
  expect(answered).toBe(true);
});

test('what was called off and is sent again goes out', async () => {
  const bench = createBench();
  const one = bench.delivery('one', 'a');
  bench.outbox.add([one]);
  void bench.outbox.cancel(['one']);
  await bench.time.advance(100);
  const place = await bench.place('a');
  await bench.time.advance(100);
  expect(place.sent).toEqual([]);
  bench.outbox.retry([one]);
  await bench.time.advance(100);
  expect(place.taken).toEqual(['one']);
});
