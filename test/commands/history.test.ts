// What was said and what became of it: `events`, `deliveries` and `retry`, from a daemon and from the store alike.
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import type { PhoneEvent } from '../../src/core/events.ts';
import { delivery, journalEntry, phoneEvent, record } from '../support/journal.ts';
import { commandWorld, storeOf, testDaemon } from './world.ts';

const NOW_MS = Date.UTC(2026, 10, 24, 10);
const jsonLines = (text: string) =>
  text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
const idsOf = (out: string): number[] => jsonLines(out).map(({ id }) => Number(String(id).split('/')[0]?.slice(-12)));
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);
/** Anything but line ends that could do more to a terminal than show a character. */
const STEERING = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u;
const HOSTILE = 'x\u001b]0;owned\u0007\u202e\r\n\u2028y';

describe.each([
  ['with a daemon', true],
  ['without a daemon', false],
])('%s', (_, live) => {
  async function filled(events: PhoneEvent[], deliveries: Delivery[] = []) {
    const world = commandWorld(NOW_MS);
    world.folder.write('data/keep', '');
    const store = live ? (await testDaemon(world)).store : storeOf(world);
    await record(store, events, deliveries);
    if (!live) await store.close();
    const shown = async (...args: string[]): Promise<number[]> => idsOf((await world.run(...args, '--json')).out);
    return { ...world, shown };
  }
  const three = [
    phoneEvent(1),
    phoneEvent(2, { slug: 'dnd_on' }),
    phoneEvent(3, { phone: { id: 'lab', vendor: 'snom' } }),
  ];

  test('events --json: one event a line in its own shape, with the raw request, oldest first', async () => {
    const { run } = await filled(three);
    const { code, out, err } = await run('events', '--json');
    expect([code, err]).toEqual([0, '']);
    const raw = (event: PhoneEvent): string => Buffer.from(journalEntry(event).raw).toString('base64');
    expect(jsonLines(out)).toEqual(three.map((event) => ({ ...event, raw_b64: raw(event) })));
  });
  test('events: a limit keeps the newest; --since takes a span or a time; filters', async () => {
    const { shown } = await filled(three);
    expect(await shown('events', '--limit', '2')).toEqual([2, 3]);
    expect(await shown('events', '--since', '59m58s')).toEqual([2, 3]);
    expect(await shown('events', '--since', '2026-11-24T10:00:03+01:00')).toEqual([3]);
    expect(await shown('events', '--since', '2026-11-24')).toEqual([1, 2, 3]);
    expect(await shown('events', '--id', phoneEvent(2).id)).toEqual([2]);
    expect(await shown('events', '--phone', 'lab')).toEqual([3]);
    expect(await shown('events', '--type', 'phone.dnd_on')).toEqual([2]);
  });
  test('events: more than one page', async () => {
    const { shown } = await filled(numbers(1, 2_345).map((n) => phoneEvent(n)));
    expect(await shown('events', '--since', '1d')).toEqual(numbers(1, 2_345));
    expect(await shown('events', '--limit', '1500')).toEqual(numbers(846, 2_345));
    expect(await shown('events')).toEqual(numbers(2_246, 2_345));
  });
  test('events for people: a line each, and nothing of a name reaches the terminal raw', async () => {
    const { run } = await filled([
      phoneEvent(1, { remote: { number: '+4930', name: HOSTILE }, suspect: ['late:mac'] }),
    ]);
    const { out } = await run('events');
    expect(out).toMatch(/^2026-11-24T09:00:01.000Z {2}desk {14}phone.missed_call {13}\+4930 {2}"x\\\\u001b|x\\u001b/);
    expect(out).toContain('(late:mac)');
    expect(out).not.toMatch(STEERING);
    expect(out.split('\n')).toHaveLength(2);
    expect((await run('events', '--json')).out).not.toMatch(STEERING);
  });
  test('events: none is no failure', async () => {
    expect(await (await filled([])).run('events')).toEqual({ code: 0, out: '', err: 'no such events\n' });
  });

  const states = ['waiting', 'delivered', 'dead', 'expired'] as const;
  const four = states.map((_state, n) => phoneEvent(n + 1));
  const decided = four.map((event, n) =>
    delivery(event, {
      state: states[n] ?? 'dead',
      attempts: 2,
      to: n === 3 ? 'crm' : 'team',
      lastError: HOSTILE,
      lastCode: '500',
    }),
  );
  test('deliveries: a table for people, one a line as JSON, filters', async () => {
    const { run, shown } = await filled(four, decided);
    const { code, out } = await run('deliveries');
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^MADE +RULE +TO +STATE +TRIES +ID +LAST ERROR$/);
    expect(out).toMatch(
      /2026-11-24T09:00:03.000Z {2}tell {2}team \(slack\) {2}dead +2 {6}\S+\/tell\/0 {2}500 x\\u001b/,
    );
    expect(out).not.toMatch(STEERING);
    expect((await shown('deliveries')).sort()).toEqual([1, 2, 3, 4]);
    expect(await shown('deliveries', '--state', 'dead')).toEqual([3]);
    expect(await shown('deliveries', '--to', 'crm')).toEqual([4]);
    expect(await shown('deliveries', '--event', phoneEvent(2).id)).toEqual([2]);
    expect(await shown('deliveries', '--id', `${phoneEvent(1).id}/tell/0`)).toEqual([1]);
    expect(await shown('deliveries', '--limit', '2')).toHaveLength(2);
    expect(await run('deliveries', '--to', 'nobody')).toEqual({ code: 0, out: '', err: 'no such deliveries\n' });
  });
  test('retry: the named ones, and which could not be; exit code 1 if one could not', async () => {
    const { run, shown } = await filled(four, decided);
    const ids = decided.map(({ id }) => id);
    const when = live ? '' : ' when a daemon runs';
    expect(await run('retry', ids[2] ?? '')).toEqual({ code: 0, out: `1 delivery goes out again${when}\n`, err: '' });
    expect(await run('retry', ids[3] ?? '', ids[1] ?? '')).toEqual({
      code: 1,
      out: `1 delivery goes out again${when}\n`,
      err: `${ids[1]}: there is no such delivery, or it is neither dead nor expired nor cancelled\n`,
    });
    expect((await shown('deliveries', '--state', 'waiting')).sort()).toEqual([1, 3, 4]);
  });
  test('retry: all of one connection, then all', async () => {
    const { run } = await filled(four, decided);
    const ids = decided.map(({ id }) => id);
    expect(JSON.parse((await run('retry', '--all', '--to', 'crm', '--json')).out)).toEqual({
      retried: [ids[3]],
      unchanged: [],
      more: false,
    });
    expect(JSON.parse((await run('retry', '--all', '--json')).out)).toMatchObject({ retried: [ids[2]] });
    expect((await run('retry', '--all')).out).toMatch(/^0 deliveries go out again/);
  });
  test('retry --to: all of one connection', async () => {
    const { run } = await filled(four, decided);
    const { out } = await run('retry', '--to', 'crm', '--json');
    expect(JSON.parse(out)).toMatchObject({ retried: [decided[3]?.id] });
  });
  test('cancel: what waits is called off, by id or of one connection; retry with its id takes it back, --all does not', async () => {
    const { run, shown } = await filled(four, decided);
    const ids = decided.map(({ id }) => id);
    expect((await run('cancel', '--to', 'nobody')).out).toBe('0 deliveries are called off\n');
    expect(await run('cancel', ids[0] ?? '', ids[1] ?? '')).toEqual({
      code: 1,
      out: '1 delivery is called off\n',
      err: `${ids[1]}: there is no such delivery, or it does not wait\n`,
    });
    expect(await shown('deliveries', '--state', 'cancelled')).toEqual([1]);
    expect(JSON.parse((await run('retry', '--all', '--json')).out).retried).not.toContain(ids[0]);
    expect((await run('retry', ids[0] ?? '')).code).toBe(0);
    expect(JSON.parse((await run('cancel', '--all', '--json')).out)).toEqual({
      cancelled: [ids[3], ids[2], ids[0]],
      inFlight: [],
      unchanged: [],
      more: false,
    });
  });
});

describe('where there is nothing to ask', () => {
  test('no data folder: said so, exit code 1, and none is made', async () => {
    const { run, folder } = commandWorld();
    for (const command of ['events', 'deliveries']) {
      const { code, out, err } = await run(command);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(`there is no data folder ${folder.at('data')} yet; start a daemon: hookswitch serve`);
    }
    expect((await run('events', '--data', 'elsewhere')).err).toContain(folder.at('elsewhere'));
  });
  test('a store that somebody else has: exit code 75', async () => {
    const world = commandWorld();
    world.folder.write('data/keep', '');
    const store = storeOf(world);
    const { code, err } = await world.run('events');
    await store.close();
    expect(code).toBe(75);
    expect(err).not.toBe('');
  });
  test('a config with problems does not hide what happened', async () => {
    const world = commandWorld(NOW_MS);
    world.folder.write('data/keep', '');
    const store = storeOf(world);
    await record(store, [phoneEvent(1)]);
    await store.close();
    world.folder.write('config.json', '{ "recever": ');
    expect(idsOf((await world.run('events', '--json')).out)).toEqual([1]);
  });
});

test('events --follow goes on until it is stopped, each event once, also when the daemon comes and goes', async () => {
  const world = commandWorld(NOW_MS);
  world.folder.write('data/keep', '');
  const before = storeOf(world);
  await record(before, [phoneEvent(1), phoneEvent(2)]);
  await before.close();
  const running = world.run('events', '--follow', '--json', '--limit', '1');
  const until = async (count: number): Promise<void> => {
    while (jsonLines(world.written()).length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await until(1);
  const { store } = await testDaemon(world);
  await record(store, [phoneEvent(3)]);
  await until(2);
  await record(store, [phoneEvent(4), phoneEvent(5)]);
  await until(4);
  world.stop.abort();
  expect((await running).code).toBe(0);
  expect(idsOf(world.written())).toEqual([2, 3, 4, 5]);
});
