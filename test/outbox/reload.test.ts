// Connections that come, change and go while deliveries wait; drain and close.
import { expect, test } from 'vitest';
import { createBench, createPlace } from './fixture.ts';

const DESTINATION = { type: 'test', concurrency: 4, timeoutMs: 10_000 };

test('what goes to a connection that does not exist waits visibly until it is there, or expires', async () => {
  const bench = createBench();
  bench.outbox.add([
    bench.delivery('d', 'later'),
    bench.delivery('short', 'later', { expiresAtMs: bench.time.clock.wallMs() + 1_000, order: 'later|2' }),
  ]);
  await bench.time.advance(60_000);
  expect(bench.outbox.stats().get('later')).toMatchObject({
    connection: 'missing',
    waiting: 1,
    expired: 1,
    oldestAgeMs: 60_000,
  });
  const place = await bench.place('later');
  await bench.time.advance(10);
  expect(place.taken).toEqual(['d']);
});

test('replacing: what is in flight ends on the old one, then that is closed, then the new one is used', async () => {
  const bench = createBench();
  const old = await bench.place('a');
  old.tookMs = 3_000;
  bench.outbox.add([bench.delivery('one', 'a'), bench.delivery('two', 'a')]);
  await bench.time.advance(100);
  const fresh = createPlace(bench.time);
  const used = bench.outbox.connect('a', { destination: DESTINATION, connection: fresh.connection });
  await bench.time.advance(2_800);
  expect(old.closed).toBe(false);
  expect(fresh.sent).toEqual([]);
  await bench.time.advance(500);
  await used;
  expect(old.closed).toBe(true);
  expect([old.taken, fresh.taken]).toEqual([['one'], ['two']]);
});

test('replacing twice in a row: the one in between is closed unused', async () => {
  const bench = createBench();
  const old = await bench.place('a');
  old.tookMs = 1_000;
  bench.outbox.add([bench.delivery('one', 'a'), bench.delivery('two', 'a')]);
  await bench.time.advance(10);
  const [between, last] = [createPlace(bench.time), createPlace(bench.time)];
  const both = Promise.all(
    [between, last].map(({ connection }) => bench.outbox.connect('a', { destination: DESTINATION, connection })),
  );
  await bench.time.advance(2_000);
  await both;
  expect(between).toMatchObject({ closed: true, sent: [] });
  expect(last.taken).toEqual(['two']);
});

test('a new connection starts with a closed breaker and without the waits of the old one', async () => {
  const bench = createBench();
  await bench.place('a', () => ({ kind: 'retry', error: 'wrong token', afterMs: 600_000 }));
  bench.outbox.add([bench.delivery('d', 'a')]);
  await bench.time.advance(20_000);
  const fresh = await bench.place('a');
  await bench.time.advance(10);
  expect(fresh.taken).toEqual(['d']);
});

test('disconnect lets attempts in flight end, closes, keeps the rest; gone when nothing waits', async () => {
  const bench = createBench();
  const place = await bench.place('a');
  bench.outbox.add([bench.delivery('one', 'a'), bench.delivery('two', 'a')]);
  const gone = bench.outbox.disconnect('a');
  await bench.time.advance(10_000);
  await gone;
  expect(place).toMatchObject({ closed: true, taken: ['one'] });
  expect(bench.outbox.stats().get('a')).toMatchObject({ waiting: 1, connection: 'missing' });
  const back = await bench.place('a');
  await bench.time.advance(10);
  expect(back.taken).toEqual(['two']);
  await bench.outbox.disconnect('a');
  expect(bench.outbox.stats().has('a')).toBe(false);
});

test('ordering changed by a reload: what rested in order, and what rested aside, both still leave', async () => {
  const bench = createBench();
  let sick = true;
  const answer = ({ id }: { id: string }) =>
    sick && id === 'x1' ? { kind: 'retry' as const, error: 'no' } : { kind: 'delivered' as const };
  const taken: string[] = [];
  for (const ordering of ['none', 'strict', 'none', 'strict'] as const) {
    const place = await bench.place('a', answer, { ordering, backoffMs: 60_000, breakerFailures: 100 });
    bench.outbox.add(['x1', `${taken.length}${ordering}`].map((id) => bench.delivery(id, 'a')));
    await bench.time.advance(500);
    taken.push(...place.taken);
  }
  sick = false;
  const place = await bench.place('a', answer);
  await bench.time.advance(60_000);
  taken.push(...place.taken);
  expect(taken.toSorted()).toHaveLength(5);
  expect(bench.outbox.stats().get('a')).toMatchObject({ waiting: 0, inFlight: 0 });
});

test('drain: nothing new is sent, what is in flight ends and is stored', async () => {
  const bench = createBench();
  const place = await bench.place('a');
  place.tookMs = 2_000;
  bench.outbox.add([bench.delivery('one', 'a'), bench.delivery('two', 'a')]);
  const drained = bench.outbox.drain(8_000);
  bench.outbox.add([bench.delivery('three', 'a', { order: 'a|3' })]);
  await bench.time.advance(2_100);
  expect(await drained).toEqual({ inFlight: 0, unsettled: 0 });
  expect(place.sent.map(({ id }) => id)).toEqual(['one']);
  expect(bench.last('one')).toMatchObject({ state: 'delivered' });
});

test('drain gives up after its time and says what is left; close aborts it and leaves no timer behind', async () => {
  const bench = createBench();
  const place = await bench.place('a', () => 'hang');
  bench.outbox.add([bench.delivery('one', 'a')]);
  const drained = bench.outbox.drain(1_000);
  await bench.time.advance(1_000);
  expect(await drained).toEqual({ inFlight: 1, unsettled: 0 });
  const closed = bench.outbox.close();
  await bench.time.advance(10);
  await closed;
  expect(place.closed).toBe(true);
  expect(bench.last('one')).toMatchObject({ state: 'waiting' });
});
