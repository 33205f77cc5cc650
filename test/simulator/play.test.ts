// Playing a course: each hit at its moment, those of one phone one after the other, and a summary that counts what came back.
import { describe, expect, test } from 'vitest';
import type { SimulatedHit } from '../../src/core/simulation.ts';
import { type Answered, type Playing, play, readCourse } from '../../src/simulator/index.ts';
import { createVirtualTime, settled } from '../support/virtual-clock.ts';

const hit = (atSeconds: number, phone = 'a'): SimulatedHit => ({
  atMs: atSeconds * 1_000,
  phone,
  slug: 'dnd_on',
  vars: {},
});
const STORED: Answered = { status: 200 };

function setUp(hits: readonly SimulatedHit[], more: Partial<Playing> = {}) {
  const time = createVirtualTime();
  const beganMs = time.clock.monotonicMs();
  const log: string[] = [];
  const stop = new AbortController();
  const done = play(hits, {
    clock: time.clock,
    speed: 1,
    parallelMax: 24,
    stopped: stop.signal,
    told: () => {},
    send: async ({ phone }) => {
      log.push(`${phone}@${time.clock.monotonicMs() - beganMs}`);
      return STORED;
    },
    ...more,
  });
  return { time, log, stop, done };
}

test.each([
  [1, ['a@0', 'b@0', 'a@2000', 'a@60000']],
  [20, ['a@0', 'b@0', 'a@100', 'a@3000']],
])('%d times as fast as in life', async (speed, expected) => {
  const { time, log, done } = setUp([hit(0), hit(0, 'b'), hit(2), hit(60)], { speed });
  await settled();
  await time.advance(60_000 / speed);
  expect(log).toEqual(expected);
  expect(await done).toMatchObject({ sent: 4, stored: 4, unsaid: 0, behindMs: 0, tookMs: 60_000 / speed });
});

test('a phone speaks again only when it was answered; other phones do not wait for it', async () => {
  const log: string[] = [];
  const open: (() => void)[] = [];
  const { done } = setUp([hit(0), hit(0), hit(0, 'b')], {
    send: ({ phone }) => {
      log.push(phone);
      return phone === 'b' ? Promise.resolve(STORED) : new Promise((resolve) => open.push(() => resolve(STORED)));
    },
  });
  await settled();
  expect(log).toEqual(['a', 'b']);
  open.shift()?.();
  await settled();
  expect(log).toEqual(['a', 'b', 'a']);
  open.shift()?.();
  expect((await done).stored).toBe(3);
});

test('no more at once than that', async () => {
  let under = 0;
  let most = 0;
  const { time, done } = setUp(
    Array.from({ length: 60 }, (_, n) => hit(0, `p${n}`)),
    {
      parallelMax: 8,
      send: async () => {
        most = Math.max(most, ++under);
        await settled();
        under--;
        return STORED;
      },
    },
  );
  await settled();
  await time.advance(0);
  expect((await done).stored).toBe(60);
  expect(most).toBe(8);
});

test('what is not stored is counted by its reason', async () => {
  const answers: Answered[] = [STORED, { status: 404 }, { failed: 'ECONNREFUSED' }, 'unsaid', { status: 404 }];
  const { done } = setUp(
    answers.map((_, n) => hit(0, `p${n}`)),
    { send: async ({ phone }) => answers[Number(phone.slice(1))] ?? STORED },
  );
  const played = await done;
  expect(played).toMatchObject({ sent: 4, stored: 1, unsaid: 1 });
  expect(Object.fromEntries(played.others)).toEqual({ 'HTTP 404': 2, ECONNREFUSED: 1 });
});

test('stopped: nothing more goes out, and it ends at once', async () => {
  const { log, stop, done } = setUp([hit(0), hit(3_600)]);
  await settled();
  stop.abort();
  expect((await done).sent).toBe(1);
  expect(log).toEqual(['a@0']);
});

describe('a file', () => {
  test('is hits in the order of time', () => {
    const read = readCourse(
      [
        { at: '2m', phone: 'a', event: 'dnd_off' },
        { at: 1.5, phone: 'b', event: 'dnd_on', vars: { queue: 'sales' } },
      ],
      1_000,
    );
    expect(read).toEqual({
      hits: [
        { atMs: 2_500, phone: 'b', slug: 'dnd_on', vars: { queue: 'sales' } },
        { atMs: 121_000, phone: 'a', slug: 'dnd_off', vars: {} },
      ],
    });
  });
  test.each<[string, unknown, RegExp]>([
    ['no list', {}, /must be a list/],
    ['no hits', [], /too few|at least/i],
    ['an unknown event', [{ at: 0, phone: 'a', event: 'rang' }], /event/],
    ['a moment before the beginning', [{ at: -1, phone: 'a', event: 'mute' }], /at/],
    ['a moment that is none', [{ at: 'soon', phone: 'a', event: 'mute' }], /seconds from the beginning/],
    ['a phone with a blank', [{ at: 0, phone: 'a b', event: 'mute' }], /must be 1 to 64/],
    ['another key', [{ at: 0, phone: 'a', event: 'mute', when: 1 }], /when/],
  ])('%s is a problem', (_what, value, why) => {
    const read = readCourse(value, 0);
    expect('problems' in read && JSON.stringify(read.problems)).toMatch(why);
  });
});
