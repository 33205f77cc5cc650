// The pump and time: one timer for what is due next, no hit overtaken by it, whatever happens to the clock.
import { describe, expect, test } from 'vitest';
import { StoreError } from '../src/core/store.ts';
import { createBench, createRunningBench, dueAt, entry } from './support/pump-bench.ts';
import { START_WALL_MS } from './support/virtual-clock.ts';

const DAY_MS = 86_400_000;

describe('what is due', () => {
  test('one timer, for what is due earliest; each at its moment; none once nothing waits', async () => {
    const bench = await createRunningBench({ engine: dueAt(60_000, 5_000, 5_001, 2_000) });
    void bench.pump.accept([entry('a', 20)]);
    const timers: number[] = [];
    for (let n = 0; n < 600; n++) {
      await bench.time.advance(100);
      timers.push(bench.timers());
    }
    // The commit that follows takes 10 ms: what is due meanwhile is seen right after it.
    expect(bench.met).toEqual([
      ['a', 20],
      ['time', 2_000],
      ['time', 5_000],
      ['time', 5_010],
      ['time', 60_000],
    ]);
    expect(Math.max(...timers)).toBe(1);
    expect(bench.timers()).toBe(0);
    expect(bench.units).toHaveLength(5);
  });

  test('an event that says something earlier moves the timer forward, one that says nothing is due ends it', async () => {
    const dues: Record<string, number | undefined> = { late: 9_000, soon: 1_000, never: undefined };
    const bench = await createRunningBench({
      engine: (input) => {
        const due = 'event' in input ? dues[input.event.id] : undefined;
        return { nextDueMs: due === undefined ? undefined : START_WALL_MS + due };
      },
    });
    for (const id of ['late', 'soon']) {
      void bench.pump.accept([entry(id)]);
      await bench.time.advance(50);
    }
    await bench.time.advance(1_500);
    void bench.pump.accept([entry('late')]);
    await bench.time.advance(50);
    void bench.pump.accept([entry('never')]);
    await bench.time.advance(50);
    expect(bench.timers()).toBe(0);
    await bench.time.advance(20_000);
    expect(bench.met.filter(([what]) => what === 'time')).toEqual([['time', 1_000]]);
  });

  test('what comes with an event needs no timer, and what is decided in one unit is stored as one', async () => {
    const bench = await createRunningBench({ engine: dueAt(100) });
    await bench.time.advance(75);
    void bench.pump.accept([entry('a', 99), entry('b', 101)]);
    await bench.time.advance(1_000);
    expect(bench.met).toEqual([
      ['a', 99],
      ['b', 101],
    ]);
    expect(bench.units).toHaveLength(1);
  });

  test('further away than a timer of Node reaches: looked at on the way, decided once', async () => {
    const bench = await createRunningBench({ engine: dueAt(60 * DAY_MS) });
    void bench.pump.accept([entry('a')]);
    await bench.time.advance(60 * DAY_MS - 21);
    expect(bench.met).toEqual([['a', 0]]);
    expect(bench.timers()).toBe(1);
    await bench.time.advance(1);
    expect(bench.met.slice(1)).toEqual([['time', 60 * DAY_MS]]);
  });

  test('while a unit is being stored time waits: one unit at a time', async () => {
    const full = new StoreError('full', 'quota reached');
    const bench = await createRunningBench({ engine: dueAt(30), commits: [full, full, full] });
    void bench.pump.accept([entry('a')]);
    await bench.time.advance(100);
    expect(bench.met).toEqual([['a', 0]]);
    await bench.time.advance(10_000);
    expect(bench.met.map(([what]) => what)).toEqual(['a', 'time']);
    expect(bench.units.map(({ processed }) => processed)).toEqual([[101], []]);
  });
});

describe('no hit is overtaken by time', () => {
  test('while an append is under way time waits, and comes after it', async () => {
    const bench = await createRunningBench({ engine: dueAt(1_000, 3_000), appendMs: () => 50 });
    void bench.pump.accept([entry('a', 20)]);
    await bench.time.advance(970);
    void bench.pump.accept([entry('b', 990)]);
    // Of two that overlap the later one counts.
    await bench.time.advance(30);
    void bench.pump.accept([entry('c', 1_020)]);
    await bench.time.advance(19);
    expect(bench.met).toEqual([['a', 20]]);
    await bench.time.advance(2_500);
    expect(bench.met.slice(0, 3)).toEqual([
      ['a', 20],
      ['b', 990],
      ['c', 1_020],
    ]);
    expect(bench.met.slice(3)).toEqual([['time', 3_000]]);
  });

  test('an append that fails holds time up no longer', async () => {
    let refuse = false;
    const bench = createBench({
      engine: dueAt(1_000),
      extra: {
        store: {
          async append(entries) {
            await new Promise<void>((resolve) => bench.time.clock.after(200, resolve));
            if (refuse) throw new StoreError('full', 'quota reached');
            return entries.map(() => ({ seq: 1, duplicate: false }));
          },
          commit: async () => {},
          async *load() {},
        },
      },
    });
    void bench.pump.start();
    void bench.pump.accept([entry('a')]);
    await bench.time.advance(900);
    refuse = true;
    const refused = expect(bench.pump.accept([entry('b')])).rejects.toMatchObject({ code: 'full' });
    await bench.time.advance(199);
    expect(bench.met.map(([what]) => what)).toEqual(['started', 'a']);
    await bench.time.advance(1);
    await refused;
    await bench.time.advance(1);
    expect(bench.met.slice(2)).toEqual([['time', 1_100]]);
  });
});

describe('the wall clock is set', () => {
  test('back: nothing happens before its time, and the timer runs on until then', async () => {
    const bench = await createRunningBench({ engine: dueAt(5_000) });
    void bench.pump.accept([entry('a')]);
    await bench.time.advance(1_000);
    bench.time.jump(-60_000);
    await bench.time.advance(63_000);
    expect(bench.met).toEqual([['a', 0]]);
    expect(bench.timers()).toBe(1);
    await bench.time.advance(2_000);
    expect(bench.met.slice(1)).toEqual([['time', 5_000]]);
    expect(bench.timers()).toBe(0);
  });

  test('forward: nothing waits longer than it would have, and time is told as it is now', async () => {
    const bench = await createRunningBench({ engine: dueAt(5_000, 7_200_000) });
    void bench.pump.accept([entry('a')]);
    await bench.time.advance(980);
    bench.time.jump(3_600_000);
    await bench.time.advance(4_000);
    expect(bench.met.slice(1)).toEqual([['time', 3_605_000]]);
    await bench.time.advance(3_595_000);
    expect(bench.met.slice(2)).toEqual([['time', 7_200_000]]);
  });
});

test('a step of time that throws is counted, does not loop, and the next event sets the timer anew', async () => {
  let broken = true;
  const bench = await createRunningBench({
    engine(input, nowMs) {
      if ('event' in input) return { nextDueMs: nowMs + 1_000 };
      if (broken) throw new TypeError('secret');
      return {};
    },
  });
  void bench.pump.accept([entry('a', 20)]);
  await bench.time.advance(DAY_MS);
  expect(bench.met).toEqual([
    ['a', 20],
    ['time', 1_020],
  ]);
  expect(bench.counts).toEqual(['engine_failures']);
  expect(bench.timers()).toBe(0);
  broken = false;
  void bench.pump.accept([entry('b', DAY_MS + 20)]);
  await bench.time.advance(2_000);
  expect(bench.met.slice(2)).toEqual([
    ['b', DAY_MS + 20],
    ['time', DAY_MS + 1_020],
  ]);
});
