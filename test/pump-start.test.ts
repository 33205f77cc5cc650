// The pump's first and last words: the start that the engine hears of in its place, and what a commit and a close leave behind.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Pending, StoreError } from '../src/core/store.ts';
import { createBench, createRunningBench, delivery, dueAt, entry, event } from './support/pump-bench.ts';
import { START_WALL_MS } from './support/virtual-clock.ts';

describe('the start', () => {
  const old = (n: number): Pending => ({ kind: 'event', seq: 10 + n, event: event(`old${n}`, -1_000 + n) });

  test('is told once, at the moment at which the process began, even if nothing else happens', async () => {
    const bench = createBench();
    await bench.time.advance(500);
    void bench.pump.start();
    await bench.time.advance(10_000);
    void bench.pump.accept([entry('a', 10_500)]);
    await bench.time.advance(10_000);
    expect(bench.met).toEqual([
      ['started', 0],
      ['time', 501],
      ['a', 10_500],
    ]);
  });

  test('whatever the order of appends: after what was stored before, before what arrived since', async () => {
    const hit = fc.record({ atMs: fc.nat({ max: 60 }), tookMs: fc.nat({ max: 30 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 12 }),
        fc.uniqueArray(hit, { maxLength: 8, selector: ({ atMs }) => atMs }),
        fc.nat({ max: 60 }),
        fc.nat({ max: 8 }),
        async (olds, hits, startMs, loadedMax) => {
          const pending = Array.from({ length: olds }, (_, n) => old(n));
          const inOrder = hits.toSorted((a, b) => a.atMs - b.atMs);
          // The first of those that arrive before the start are loaded as well.
          for (let n = 0; n < loadedMax && (inOrder[n]?.atMs ?? startMs) < startMs; n++)
            pending.push({ kind: 'event', seq: 101 + n, event: event(`new${n}`, n) });
          const bench = createBench({
            pending,
            appendMs: ([first]) => inOrder[Number(first?.event.id.slice(3))]?.tookMs ?? 0,
            extra: { batchMax: 3 },
          });
          inOrder.forEach(({ atMs }, n) => {
            bench.time.clock.after(atMs, () => void bench.pump.accept([entry(`new${n}`, n)]));
          });
          bench.time.clock.after(startMs, () => void bench.pump.start());
          await bench.time.advance(1_000);
          const met = bench.met.map(([what]) => what).filter((what) => what !== 'time');
          const names = (word: string, count: number) => Array.from({ length: count }, (_, n) => `${word}${n}`);
          expect(met).toEqual([...names('old', olds), 'started', ...names('new', hits.length)]);
          expect(bench.units.flatMap(({ processed }) => processed)).toHaveLength(olds + hits.length);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('what is to be done once it is durable', () => {
  const watched = (commits: (StoreError | undefined)[]) => {
    const done: string[] = [];
    const bench = createRunningBench({
      commits,
      engine: (input) => ({
        nextDueMs: 'event' in input ? START_WALL_MS + 5_000 : undefined,
        whenStored: () => void done.push('event' in input ? input.event.id : 'time'),
      }),
    });
    return { bench, done };
  };

  test('is done after the commit, in the order of the steps, once', async () => {
    const full = new StoreError('full', 'quota reached');
    const { bench: running, done } = watched([full, full]);
    const bench = await running;
    done.length = 0;
    void bench.pump.accept([entry('a'), entry('b')]);
    await bench.time.advance(5);
    void bench.pump.accept([entry('c')]);
    await bench.time.advance(34);
    expect({ met: bench.met.length, done, units: bench.units.length }).toEqual({ met: 2, done: [], units: 0 });
    await bench.time.advance(4_000);
    expect({ done, units: bench.units.length }).toEqual({ done: ['a', 'b', 'c'], units: 2 });
    await bench.time.advance(10_000);
    expect(done).toEqual(['a', 'b', 'c', 'time']);
  });

  test('is never done for a unit that was never stored', async () => {
    const { bench: running, done } = watched([new StoreError('io', 'no')]);
    const bench = await running;
    done.length = 0;
    void bench.pump.accept([entry('a')]);
    await bench.time.advance(60_000);
    expect({ met: bench.met, done, fatal: bench.fatal.length }).toEqual({ met: [['a', 0]], done: [], fatal: 1 });
    expect(bench.timers()).toBe(0);
  });
});

describe('close', () => {
  const refused = (): StoreError[] => Array<StoreError>(99).fill(new StoreError('full', 'quota reached'));

  test.each([
    ['something is due', 100, []],
    ['a unit is being stored', 8, []],
    ['a unit is being stored that will be refused', 8, refused()],
    ['a unit was refused and waits for its next attempt', 100, refused()],
  ])('leaves no timer while %s, and nothing is decided or stored any more', async (_what, afterMs, commits) => {
    const bench = await createRunningBench({ engine: dueAt(60_000), commits });
    void bench.pump.accept([entry('a')]);
    await bench.time.advance(afterMs);
    expect(bench.met).toEqual([['a', 0]]);
    bench.pump.close();
    void bench.pump.accept([entry('b')]);
    const timers = [bench.timers()];
    for (let n = 0; n < 50; n++) {
      await bench.time.advance(2);
      timers.push(bench.timers());
    }
    expect(Math.max(...timers)).toBe(0);
    await bench.time.advance(120_000);
    expect(bench.met).toEqual([['a', 0]]);
    expect(bench.units.length).toBe(commits.length > 0 ? 0 : 1);
    // What was on its way to the disk when it was closed may leave; it would also be there at the next start.
    expect(bench.added.filter((id) => id !== delivery('a', 'old').id)).toEqual([]);
  });
});
