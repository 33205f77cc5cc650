// Slices: others get their turn, the time is up at some time, and one step that takes too long ends the work.
import { expect, test } from 'vitest';
import { createProgram, createState, step } from '../src/engine/index.ts';
import { createSlices, WorkEnd } from '../src/slices.ts';
import { phoneEvent } from './support/journal.ts';

/** A clock on which every step takes as long as it says; tasks run at once. */
function steps() {
  let nowMs = 0;
  let breaths = 0;
  const after = (_delayMs: number, task: () => void) => {
    breaths += 1;
    task();
    return () => {};
  };
  return {
    clock: { monotonicMs: () => nowMs, after },
    take(ms: number): void {
      nowMs += ms;
    },
    breaths: () => breaths,
  };
}

const endOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as WorkEnd).code,
  );

function* taking(count: number, ms: number, take: (ms: number) => void): Generator<undefined, string> {
  for (let n = 0; n < count; n++) {
    take(ms);
    yield;
  }
  return 'made';
}

test('a slice is used up after 10 ms, and nobody breathes more often', async () => {
  const { clock, take, breaths } = steps();
  const slices = createSlices(clock, { deadlineMs: 10_000 });
  expect(await slices.all(taking(100, 1, take))).toBe('made');
  expect(breaths()).toBe(10);
});

test('the work ends when its time is up, and when somebody calls it off', async () => {
  const { clock, take } = steps();
  expect(await endOf(createSlices(clock, { deadlineMs: 50 }).all(taking(100, 1, take)))).toBe('late');
  let cancelled = false;
  const slices = createSlices(clock, { deadlineMs: 10_000, cancelled: () => cancelled });
  expect(await endOf(slices.breathe())).toBe('done');
  cancelled = true;
  expect(await endOf(slices.breathe())).toBe('cancelled');
});

test('a program that is guarded ends a step that takes too long, and no other', () => {
  const { clock, take } = steps();
  const slices = createSlices(clock, { deadlineMs: 10_000 });
  const program = slices.guarded(createProgram({ rules: [], phones: [], connections: new Map() }));
  const state = createState('default');
  const once = (ms: number) =>
    slices.step(() => {
      take(ms);
      return step(state, { event: phoneEvent(1) }, program);
    });
  for (let n = 0; n < 5; n++) expect(once(900).quarantined).toBe(false);
  expect(() => once(1_100)).toThrow(WorkEnd);
});
