// One bad place never delays another: each kind of trouble against each number of healthy neighbours.
import { describe, expect, test } from 'vitest';
import type { Place } from './fixture.ts';
import { type Bench, createBench } from './fixture.ts';

const TROUBLES: Record<string, Place['answer']> = {
  'hangs until aborted': () => 'hang',
  'hangs for ever': () => 'hang for ever',
  'fails always': () => ({ kind: 'retry', error: '500' }),
  'is unavailable': () => ({ kind: 'unavailable', error: 'down' }),
  'asks to wait': () => ({ kind: 'retry', error: 'slow', code: '429', afterMs: 600_000 }),
  'is poisoned': () => ({ kind: 'dead', error: 'no' }),
};

async function delaysOf(bench: Bench, neighbours: string[], load: string[]): Promise<number[]> {
  const places = await Promise.all(neighbours.map((name) => bench.place(name)));
  const addedAt = new Map<string, number>();
  for (let n = 0; n < 200; n++) {
    bench.outbox.add(
      [...load, ...neighbours].map((to) => {
        addedAt.set(`${to}${n}`, bench.time.nowMs());
        return bench.delivery(`${to}${n}`, to, { order: `${to}|${n % 5}` });
      }),
    );
    await bench.time.advance(20);
  }
  await bench.time.advance(5_000);
  return places.flatMap((place) => {
    expect(place.taken).toHaveLength(200);
    return place.sent.map(({ id, atMs }) => atMs - (addedAt.get(id) ?? 0));
  });
}

describe.each(Object.entries(TROUBLES))('a place that %s', (_name, answer) => {
  test.each([1, 3])('with %i healthy neighbours', async (count) => {
    const neighbours = ['x', 'y', 'z'].slice(0, count);
    const calm = await delaysOf(createBench(), neighbours, []);
    const bench = createBench();
    await bench.place('bad', answer);
    const troubled = await delaysOf(bench, neighbours, ['bad']);
    const p99 = (delays: number[]) => delays.toSorted((a, b) => a - b)[Math.floor(delays.length * 0.99)] ?? 0;
    expect(p99(troubled)).toBe(p99(calm));
    expect(Math.max(...troubled)).toBeLessThan(1_000);
  });
});
