// `simulate`: scenarios at a real daemon, over real HTTP, with the habits of a maker's phones.
import { describe, expect, onTestFinished, test } from 'vitest';
import { command, startDaemon } from '../running-daemon.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';
import { commandWorld } from './world.ts';

type Shown = {
  type: string;
  phone?: { id: string; vendor: string };
  remote?: { name?: string };
  call?: { phones: unknown[]; answeredBy?: string };
};

async function house(): Promise<TempFolder> {
  const folder = tempFolder();
  folder.write('config.json', {
    rules: './rules.json',
    receiver: { host: '127.0.0.1', port: 0 },
    calls: { settle: '100ms' },
    phones: [
      { id: 'desk', mac: '00:50:58:a1:b2:c3' },
      { id: 'hall', mac: '00:04:f2:00:00:01', vendor: 'poly' },
    ],
  });
  folder.write('rules.json', { rules: [{ id: 'all', on: 'call.*', do: [{ log: { text: '{{ event.type }}' } }] }] });
  const daemon = await startDaemon(folder);
  onTestFinished(async () => void (await daemon.stop()));
  return folder;
}

async function eventsOf(folder: TempFolder): Promise<Shown[]> {
  const { out } = await command(folder, 'events', '--json', '--limit', '500');
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Shown);
}

test('without a name: all scenarios, each with its line', async () => {
  const { code, out } = await commandWorld().run('simulate');
  expect(code).toBe(0);
  expect(out).toMatch(/^ring-group +10 +All phones ring/m);
  expect(out).toMatch(/^busy-day /m);
});

test('phones of the config speak, each as its maker does; the name arrives as it is', async () => {
  const folder = await house();
  const { code, out, err } = await command(
    folder,
    'simulate',
    'call-missed',
    '--speed',
    '200',
    '--seed',
    '1',
    '--name',
    'Müller & Söhne #1 100%',
  );
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^2 hits of 1 phones \(sangoma\) in 0\.\d s, 200 times as fast as in life \(seed 1\)$/m);
  expect(out).toMatch(/\+0\.0 s {2}desk +incoming_call \+493023125100 {2}200 in \d+ ms/);
  expect(out).toMatch(/2 hits sent in \d+\.\d s, 2 answered 200 \(stored\); slowest answer \d+ ms\n$/);
  const events = await eventsOf(folder);
  const missed = events.find(({ type }) => type === 'phone.missed_call');
  expect(missed).toMatchObject({ phone: { id: 'desk' }, remote: { name: 'Müller & Söhne #1 100%' } });

  const group = await command(
    folder,
    'simulate',
    'ring-group',
    '--phones',
    '3',
    '--answer',
    '1@2s',
    '--speed',
    '200',
    '--seed',
    '1',
    '--json',
  );
  expect(JSON.parse(group.out)).toMatchObject({ hits: 11, others: {} });
  const answered = (await eventsOf(folder)).find(({ type }) => type === 'call.answered');
  expect(answered?.call?.answeredBy).toBe('desk');
  const hall = (await eventsOf(folder)).find(({ phone }) => phone?.id === 'hall');
  expect(hall).toMatchObject({ type: 'phone.incoming_call', phone: { vendor: 'poly' } });
});

test('phones that write in another way than their maker’s are understood, too', async () => {
  const folder = await house();
  const name = ['--name', 'Jörg & Söhne'];
  const habit = ['--encode', 'all', '--charset', 'windows-1252'];
  const { code } = await command(
    folder,
    'simulate',
    'call-missed',
    '--speed',
    '500',
    '--vendor',
    'snom',
    ...name,
    ...habit,
  );
  expect(code).toBe(0);
  const raw = (await eventsOf(folder)).find(({ type }) => type === 'phone.missed_call');
  expect(raw?.remote?.name).toBe('Jörg & Söhne');
});

test('a file of one’s own, also with variables that no maker has', async () => {
  const folder = await house();
  folder.write('mine.json', [
    { at: 0, phone: 'desk', event: 'dnd_on' },
    { at: '1s', phone: 'x', event: 'dnd_off' },
  ]);
  const { code, out } = await command(folder, 'simulate', './mine.json', '--speed', '100');
  expect([code, out.split('\n')[0]?.slice(0, 21)]).toEqual([0, '2 hits of 2 phones (s']);
  folder.write('wrong.json', [{ at: 0, phone: 'desk', event: 'dnd' }]);
  const wrong = await command(folder, 'simulate', 'wrong.json');
  expect(wrong.code).toBe(65);
  expect(wrong.err).toMatch(/^\S*wrong\.json:\d+:\d+ {2}\[0\]\.event: /);
});

describe('is refused', () => {
  test('without a daemon', async () => {
    const { code, err } = await commandWorld().run('simulate', 'call-missed');
    expect([code, err]).toEqual([69, expect.stringContaining('no daemon is running')]);
  });
  test.each([
    [['ring-group', '--answer', 'three'], /write it like 3@6s/],
    [['ring-group', '--phones', '0'], /from 1 to 5000/],
    [['busy-day', '--speed', '0'], /more than 0/],
    [['busy-day', '--hours', 'x'], /more than 0, up to 168/],
    [['call-missed', '--number', 'Bob'], /or "withheld"/],
    [['call-missed', '--vendor', 'poli'], /did you mean "poly"/],
  ])('%j', async (args, why) => {
    const { code, err } = await commandWorld().run('simulate', ...args);
    expect(code).toBe(2);
    expect(err).toMatch(why);
  });
});
