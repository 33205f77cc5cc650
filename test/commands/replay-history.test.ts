// History page by page: the same from a daemon and from the store, in order, whole, and without what nobody asked for.
import { describe, expect, test } from 'vitest';
import { asking } from '../../src/commands/daemon.ts';
import { deliveriesSince, type History, historyOf, journal } from '../../src/commands/history.ts';
import type { CommandIo } from '../../src/commands/io.ts';
import { systemFiles } from '../../src/files.ts';
import { systemClock } from '../../src/ports.ts';
import { course, DND, eventsOf, MISSED, NOW_MS, type ReplayWorld, recorded } from './replay-world.ts';
import { storeOf } from './world.ts';

const WEEK = { fromMs: NOW_MS - 7 * 86_400_000, toMs: NOW_MS };

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What a command gets that asks for the history of the world. */
async function reading<T>(world: ReplayWorld, task: (history: History) => Promise<T>): Promise<T> {
  let result: T | undefined;
  const io = {
    files: systemFiles,
    clock: systemClock,
    folder: world.folder.path,
    err: () => {},
    openStore: async () => storeOf(world),
  } as unknown as CommandIo;
  const code = await asking(io, {}, 'store', async (ask, _live, archive) => {
    result = await task(historyOf(ask, archive));
    return 0;
  });
  expect(code).toBe(0);
  return result as T;
}

describe.each([
  ['with a daemon', true],
  ['without a daemon', false],
])('%s', (_, live) => {
  const hits = Array.from({ length: 300 }, (_each, n) => course('call-missed', 1 + n / 4)).flat();

  test('events are those that were said, each once, in their order; deliveries come newest first', async () => {
    const events = eventsOf(hits);
    const world = await recorded(events, [MISSED], live);
    expect(await reading(world, (history) => collect(journal(history, WEEK)))).toEqual(events);
    const deliveries = await reading(world, (history) => collect(deliveriesSince(history, WEEK.fromMs)));
    expect(deliveries).toHaveLength(300);
    expect(deliveries.map(({ madeAtMs }) => madeAtMs)).toEqual(
      deliveries.map(({ madeAtMs }) => madeAtMs).sort((a, b) => b - a),
    );
  });
  test('a reader that goes away early leaves nothing behind', async () => {
    const world = await recorded(eventsOf(hits), [], live);
    const first = await reading(world, async (history) => {
      for await (const event of journal(history, WEEK)) return event;
      return undefined;
    });
    expect(first?.type).toBe('phone.incoming_call');
  });
  test('names of variables reach no prototype', async () => {
    const [event] = eventsOf(course('dnd-day', 9));
    if (event === undefined || !('vars' in event)) throw new Error('no event');
    Object.defineProperty(event.vars, '__proto__', { value: 'x', enumerable: true });
    const world = await recorded([event], [DND], live);
    const [read] = await reading(world, (history) => collect(journal(history, WEEK)));
    expect(Object.getPrototypeOf(read !== undefined && 'vars' in read && read.vars)).toBeNull();
  });
});

test('requests are left out where nobody asks for them', async () => {
  const world = await recorded(eventsOf(course('call-missed', 1)), [MISSED], true);
  const [with_, without] = await Promise.all([
    world.store?.events({ limit: 9 }),
    world.store?.events({ limit: 9, raw: false, journal: true }),
  ]);
  expect(with_?.map(({ event, raw }) => `${event.type} ${raw === null ? 'made' : 'raw'}`)).toEqual([
    'phone.incoming_call raw',
    'phone.missed_call raw',
    'call.ringing made',
    'call.missed made',
  ]);
  expect(without?.map(({ event, raw }) => [event.type, raw])).toEqual([
    ['phone.incoming_call', null],
    ['phone.missed_call', null],
  ]);
});
