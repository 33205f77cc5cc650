// `hookswitch replay`: what was said through the rules again, with a daemon and without one; nothing is sent.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JournalEvent } from '../../src/core/events.ts';
import { SCENARIOS } from '../../src/simulator/index.ts';
import { course, DND, eventsOf, jsonLines, MISSED, NOW_MS, recorded } from './replay-world.ts';
import { commandWorld, storeOf } from './world.ts';

const CHANGED = { ...MISSED, do: [{ slack: { to: 'team', text: 'Call back {{ remote.number }}' } }] };
const ANSWERED = { id: 'answered', on: 'call.answered', do: [{ slack: { to: 'team', text: 'Answered' } }] };

const DAY = [...course('ring-group-missed', 5), ...course('dnd-day', 10), ...course('second-try', 3)];

/** Of each line what matters: `added missed team`. */
const told = (out: string): string[] => jsonLines(out).map(({ difference, rule, to }) => `${difference} ${rule} ${to}`);

describe.each([
  ['with a daemon', true],
  ['without a daemon', false],
])('%s', (_, live) => {
  test('the same rules: everything is the same', async () => {
    const { run } = await recorded(eventsOf(DAY), [MISSED, DND], live);
    expect(await run('replay')).toEqual({
      code: 0,
      out: [
        `${DAY.length} events, 2026-11-24T02:01:00.000Z to 2026-11-24T10:01:00.001Z`,
        'RULE    TO            SAME  CHANGED  ADDED  MISSING',
        'dnd     house (mqtt)  4     0        0      0',
        'missed  team (slack)  2     0        0      0',
        '6 the same, 0 changed, 0 added, 0 missing',
        '',
      ].join('\n'),
      err: '',
    });
  });

  test('other rules: the difference, with examples', async () => {
    const { run, folder } = await recorded(eventsOf(DAY), [MISSED, DND], live);
    folder.write('new/a.json', { rules: [CHANGED, ANSWERED] });
    const { code, out, err } = await run('replay', '--rules', 'new');
    expect([code, err]).toEqual([0, '']);
    const id = /[0-9a-f-]{36}/g;
    expect(out.replace(id, 'ID').split('\n').slice(1)).toEqual([
      'RULE      TO            SAME  CHANGED  ADDED  MISSING',
      'answered  team (slack)  0     0        1      0',
      'dnd       house (mqtt)  0     0        0      4',
      'missed    team (slack)  0     2        0      0',
      'answered → team: 1 added',
      '  2026-11-24T09:02:26.100Z  ID-answered/answered/0  "Answered"',
      'dnd → house: 4 missing',
      '  2026-11-24T02:01:00.000Z  ID/dnd/0  "phones/desk/dnd"',
      '  2026-11-24T02:01:00.001Z  ID/dnd/0  "phones/lab/dnd"',
      '  2026-11-24T10:01:00.000Z  ID/dnd/0  "phones/desk/dnd"',
      '  2026-11-24T10:01:00.001Z  ID/dnd/0  "phones/lab/dnd"',
      'missed → team: 2 changed',
      '  2026-11-24T07:00:23.201Z  ID-missed/missed/0  "Call back +4930999"',
      '  2026-11-24T09:00:23.201Z  ID-missed/missed/0  "Call back +4930999"',
      '0 the same, 2 changed, 1 added, 4 missing',
      '',
    ]);
  });

  test('--json: every delivery in its order, then what is missing', async () => {
    const { run, folder } = await recorded(eventsOf(DAY), [MISSED, DND], live);
    folder.write('new.json', { rules: [MISSED, ANSWERED] });
    const { code, out } = await run('replay', '--rules', 'new.json', '--json');
    expect(code).toBe(0);
    expect(told(out)).toEqual([
      'same missed team',
      'same missed team',
      'added answered team',
      ...new Array<string>(4).fill('missing dnd house'),
    ]);
    expect(jsonLines(out)[0]).toEqual({
      difference: 'same',
      at: '2026-11-24T07:00:23.201Z',
      id: expect.stringMatching(/-missed\/missed\/0$/),
      event: expect.stringMatching(/-missed$/),
      site: 'default',
      rule: 'missed',
      to: 'team',
      type: 'slack',
      message: expect.objectContaining({ text: 'Missed call from +4930999' }),
    });
  });

  test('more than a page of events and of deliveries', async () => {
    const hits = Array.from({ length: 700 }, (_, n) => course('dnd-day', 150 - n / 5)).flat();
    const { run } = await recorded(eventsOf(hits), [DND], live);
    expect((await run('replay')).out).toMatch(/^2800 events, [\s\S]*\n2800 the same, 0 changed, 0 added, 0 missing\n$/);
  });

  test('all sites, each with its own calls', async () => {
    const events = [
      ...eventsOf(course('call-missed', 3)),
      ...eventsOf(course('call-missed', 3, { phones: ['shop'] }), 'berlin'),
    ];
    const { run } = await recorded(events, [MISSED], live);
    const lines = jsonLines((await run('replay', '--json')).out);
    expect(lines.map(({ difference, site }) => `${difference} ${site}`).sort()).toEqual([
      'same berlin',
      'same default',
    ]);
  });

  test('a name that was looked up before is known', async () => {
    const events: JournalEvent[] = [
      {
        id: 'note-1',
        type: 'note.contact',
        at: new Date(NOW_MS - 20 * 86_400_000).toISOString(),
        site: 'default',
        contact: { number: '+4930999', name: 'Erika' },
      },
      ...eventsOf(course('call-missed', 3)),
    ];
    const { run } = await recorded(events, [MISSED], live);
    const [line] = jsonLines((await run('replay', '--json')).out);
    expect(line).toMatchObject({ difference: 'same', message: { text: 'Missed call from Erika' } });
  });
});

describe('the period', () => {
  const calls = [...course('call-missed', 30), ...course('call-missed', 20), ...course('call-missed', 2)];
  test.each([
    [
      ['--since', '21h'],
      ['same', 'same'],
    ],
    [['--since', '2026-11-24T09:00:00Z'], ['same']],
    [
      ['--from', '2026-11-23', '--to', '2026-11-23T18:00:00Z'],
      ['same', 'same'],
    ],
    [
      ['--from', '2026-11-22'],
      ['same', 'same', 'same'],
    ],
    [['--since', '1h'], []],
  ])('%j', async (args, differences) => {
    const { run } = await recorded(eventsOf(calls), [MISSED]);
    const { code, out } = await run('replay', '--json', ...args);
    expect(code).toBe(0);
    expect(jsonLines(out).map(({ difference }) => difference)).toEqual(differences);
  });
  test('that begins in the middle of a call knows what was said before', async () => {
    const { run } = await recorded(eventsOf(course('ring-group-missed', 1)), [MISSED]);
    const beginMs = NOW_MS - 3_600_000;
    const out = (await run('replay', '--json', '--from', new Date(beginMs + 10_000).toISOString())).out;
    expect(told(out)).toEqual(['same missed team']);
  });
  test('that ends before a verdict leaves it out on both sides', async () => {
    const { run } = await recorded(eventsOf(course('ring-group-missed', 48)), [MISSED]);
    const beginMs = NOW_MS - 48 * 3_600_000;
    const period = ['--from', '2026-11-20', '--to', new Date(beginMs + 22_000).toISOString()];
    expect((await run('replay', ...period)).out).toMatch(/^4 events, .*\n0 the same, 0 changed, 0 added, 0 missing\n$/);
  });
  test('without events: said so', async () => {
    const { run } = await recorded([], [MISSED]);
    expect(await run('replay')).toEqual({ code: 0, out: '', err: 'no events in that time\n' });
  });
  test('that is older than deliveries are kept: said so', async () => {
    const { run } = await recorded(eventsOf(calls), [MISSED]);
    expect((await run('replay', '--since', '8d')).err).toContain('deliveries are kept for a shorter time than that');
  });
});

describe('nothing is done', () => {
  test('but asked: the store is as it was', async () => {
    const { run, store, folder } = await recorded(eventsOf(DAY), [MISSED, DND], true);
    folder.write('new/a.json', { rules: [ANSWERED] });
    const before = [await store?.stats(), await store?.deliveries({ limit: 100 })];
    await run('replay', '--rules', 'new');
    expect([await store?.stats(), await store?.deliveries({ limit: 100 })]).toEqual(before);
  });
});

describe('what cannot be', () => {
  test.each([
    [['--since', '1d', '--from', '2026-11-01'], 2, /give --since or --from, not both/],
    [['--to', '2026-11-01'], 2, /--to goes with --from/],
    [['--from', '2026-11-02', '--to', '2026-11-01'], 2, /--from must not be after --to/],
    [['--since', 'monday'], 2, /write a span like 1h/],
    [['--rules', 'nowhere'], 65, /there is no folder or file .*nowhere/],
  ])('%j', async (args, exit, said) => {
    const { run } = await recorded([], [MISSED]);
    const { code, out, err } = await run('replay', ...args);
    expect([code, out]).toEqual([exit, '']);
    expect(err).toMatch(said);
  });
  test('rules with problems: all of them, exit code 65', async () => {
    const { run, folder } = await recorded(eventsOf(DAY), [MISSED]);
    folder.write(
      'new/a.json',
      '{ "rules": [ { "id": "a", "on": "call.mised", "do": [ { "log": { "text": "x" } } ] } ] }',
    );
    expect(await run('replay', '--rules', 'new')).toEqual({
      code: 65,
      out: '',
      err: 'new/a.json:1:33  rules[0].on: "call.mised" is not an event; did you mean "call.missed"?\nthe config is not right\n',
    });
  });
  test('no data folder, or a store that somebody else has', async () => {
    const empty = commandWorld();
    expect(await empty.run('replay')).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no data folder'),
    });
    const world = await recorded([], [MISSED]);
    const store = storeOf(world);
    expect((await world.run('replay')).code).toBe(75);
    await store.close();
  });
});

test('twice the same input, the same output to the byte, from a daemon and from the store alike', async () => {
  const line = fc.tuple(fc.constantFrom(...SCENARIOS.map(({ name }) => name)), fc.integer({ min: 1, max: 160 }));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 4 }), async (courses) => {
      const hits = courses.flatMap(([name, hoursAgo], n) => course(name, hoursAgo, { number: `+493099${n}` }));
      const written = new Set<string>();
      for (const live of [true, false]) {
        const { run, folder } = await recorded(eventsOf(hits), [MISSED, DND], live);
        folder.write('new/a.json', { rules: [CHANGED, ANSWERED] });
        for (let n = 0; n < 2; n++)
          written.add(
            (await run('replay', '--rules', 'new', '--json')).out + (await run('replay', '--rules', 'new')).out,
          );
      }
      expect(written.size).toBe(1);
    }),
    { numRuns: 6 },
  );
});
