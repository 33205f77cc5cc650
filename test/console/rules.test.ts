// The rules of the console: which there are, what they did, how they are written, and what is wrong with the files on disk.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemLines } from '../../src/problem-lines.ts';
import { course, DND, eventsOf, MISSED } from '../commands/replay-world.ts';
import { rulesWorld } from './rules-world.ts';

const WRITTEN = `{
  // The night watch.
  "rules": [
    {
      "id": "watch", // <b>bold</b>
      "description": "Says <script>alert(1)</script>",
      "on": "phone.*",
      "enabled": false,
      "do": [{ "log": { "text": "heard" } }]
    }
  ]
}
`;

describe('the list', () => {
  test('shows every rule with its file, events, connections, and how often it acted', async () => {
    const world = await rulesWorld([MISSED, DND], [], { files: { 'rules/b.jsonc': WRITTEN } });
    world.tally.acted(['missed', 'missed']);
    const { status, text } = await world.ask('read', 'GET', '/rules');
    expect(status).toBe(200);
    expect(text).toMatch(/<tr id="missed">.*?call\.missed.*?team.*?<td class="number">2<\/td>.*?rules\/a\.json/s);
    expect(text).toMatch(/<tr id="dnd">.*?<td class="number">0<\/td><td>not yet<\/td>/s);
    expect(text).toMatch(/<tr id="watch">.*?off.*?more<\/summary>.*?rules\/b\.jsonc/s);
    expect(text).toContain('Says &lt;script&gt;');
    const api = (await world.ask('read', 'GET', '/api/v1/rules')).json() as { rules: { id: string; acted: number }[] };
    expect(api.rules.map(({ id, acted }) => [id, acted])).toEqual([
      ['missed', 2],
      ['dnd', 0],
      ['watch', 0],
    ]);
  });

  test('forgets the counts of rules that are gone', async () => {
    const { tally } = await rulesWorld([MISSED]);
    tally.acted(['missed', 'gone']);
    tally.keep([{ id: 'missed' }]);
    expect([tally.of('missed')?.times, tally.of('gone')]).toEqual([1, undefined]);
  });
});

describe('one rule', () => {
  test('as it is written, with its comments and its deliveries', async () => {
    const events = eventsOf(course('ring-group-missed', 3));
    const world = await rulesWorld([MISSED, DND], events, { files: { 'rules/b.jsonc': WRITTEN } });
    const watch = (await world.ask('read', 'GET', '/rules/watch')).text;
    expect(watch).toContain('line 4');
    expect(watch).toContain('{\n  &quot;id&quot;: &quot;watch&quot;, // &lt;b&gt;bold&lt;/b&gt;\n');
    expect(watch).toContain('None among the newest');
    const missed = (await world.ask('read', 'GET', '/rules/missed')).text;
    expect(missed).toMatch(/Deliveries of late<\/h2>.*?<td>missed<\/td><td>team/s);
    expect(missed).toContain('/bench?rule=missed');
  });

  test('whose file lost it says so; one that never was is not found', async () => {
    const world = await rulesWorld([MISSED]);
    world.folder.write('rules/a.json', { rules: [DND] });
    expect((await world.ask('read', 'GET', '/rules/missed')).text).toContain('does not have it any more');
    expect((await world.ask('read', 'GET', '/rules/nobody')).status).toBe(404);
  });
});

describe('problems of the last reload', () => {
  const problem = { path: ['rules', 0, 'on'], message: 'is not an event', line: 5, column: 13 };

  test('are shown with their line and a mark under the place, on the rules page and the health page', async () => {
    const files = { 'rules/b.jsonc': WRITTEN };
    const world = await rulesWorld([MISSED], [], { files, problems: [{ ...problem, file: 'rules/b.jsonc' }] });
    for (const path of ['/rules', '/health']) {
      const { text } = await world.ask('read', 'GET', path);
      expect(text).toContain('rules/b.jsonc:5:13  rules[0].on: is not an event');
      expect(text).toContain('5 |       &quot;id&quot;: &quot;watch&quot;, // &lt;b&gt;');
      // Four for the number and the stroke, twelve before the place.
      expect(text).toContain(`<span class="caret" aria-hidden="true">${' '.repeat(4 + 12)}^</span>`);
    }
  });

  test('show no text of the config, which may be a secret', async () => {
    const world = await rulesWorld([MISSED], [], {
      problems: [{ path: ['token'], message: 'is in the clear', file: 'config.json', line: 2, column: 12 }],
    });
    world.folder.write('config.json', '{\n  "token": "xoxb-very-secret", "port": 1, // was hunter2\n}');
    const { text } = await world.ask('read', 'GET', '/rules');
    expect(text).toContain('2 |   &quot;token&quot;: &quot;…&quot;, &quot;port&quot;: …,');
    expect(text).toContain(`${' '.repeat(4 + 11)}^</span>`);
    expect(text).not.toMatch(/xoxb-very|hunter2/);
  });

  // Whatever a hand does to the line, and wherever the place is.
  test.for([
    '"p": "XYZ"',
    '"p": "XY\\"XYZ" }',
    '"p": "XYZ',
    'p: XYZ',
    "'p': 'XYZ'",
    '/* XYZ',
    'XYZ */ "p": 1',
    '"p": 1 // XYZ',
    '["XYZ", "XYZ"]',
    '"p": XYZ//XYZ',
  ])('show nothing but keys and structure of %j', (line, { expect }) =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: -3, max: 40 }), fc.string({ maxLength: 3 }), async (column, more) => {
        const files = {
          read: async () => ({ text: `${more}${line}`, state: { kind: 'file' as const, mode: 0, stamp: '' } }),
        };
        const source = { files, folder: '/', configPath: '/config.json' };
        const [shown] = await problemLines([{ path: [], message: 'x', file: 'config.json', line: 1, column }], source);
        expect(shown?.excerpt?.text ?? '').not.toContain('XYZ');
        expect(shown?.excerpt?.caret ?? 0).toBeLessThanOrEqual(shown?.excerpt?.text.length ?? 0);
      }),
      { numRuns: 60 },
    ),
  );

  test('of a place inside a text, a line that is gone, or a file that nobody may see show no more than that', async () => {
    const world = await rulesWorld([MISSED], [], {
      problems: [
        { path: [], message: 'one', file: 'config.json', line: 2, column: 18 },
        { path: [], message: 'two', file: 'rules/a.json', line: 9_999, column: 1 },
        { path: [], message: 'three', file: 'people.csv', line: 1, column: 1 },
        { path: [], message: 'four', file: 'rules/gone.json', line: 1, column: 1 },
      ],
      files: { 'people.csv': 'Erika,+4930123' },
    });
    world.folder.write('config.json', '{\n  "token": "xoxb-very-secret"\n}');
    const { text } = await world.ask('read', 'GET', '/rules');
    for (const word of ['one', 'two', 'three', 'four']) expect(text).toContain(word);
    expect(text).not.toMatch(/xoxb|very|secret|Erika/);
  });
});
