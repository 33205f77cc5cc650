// `hookswitch check` runs the tests that rule files carry: on real folders, as a person who writes rules sees it.
import { describe, expect, test } from 'vitest';
import { commandWorld } from './world.ts';

const RULES = `{
  "rules": [
    { "id": "missed", "on": "call.missed",
      "do": [{ "slack": { "to": "team", "channel": "#sales", "text": "Missed call from {{ remote.number }} for {{ phone.groups | join }}" } }] }
  ],
  "tests": [
    { "name": "the desk misses a call",
      "send": [{ "at": "0s", "scenario": "call-missed", "phone": "desk", "number": "+4930999" }],
      "expect": [{ "rule": "missed", "times": 1, "at": "23s", "to": "team", "text": "+4930999 for sales" }] }
  ]
}`;

const CONFIG = {
  rules: './rules',
  phones: [{ id: 'desk', groups: ['sales'] }],
  connections: { team: { type: 'slack', dryRun: true, channel: '#a', token: { env: 'TEAM' } } },
};

function world(files: Record<string, string>) {
  const made = commandWorld();
  made.env.TEAM = 'xoxb-1';
  made.folder.write('config.json', CONFIG);
  for (const [name, text] of Object.entries(files)) made.folder.write(`rules/${name}`, text);
  return made;
}

const more = (tests: unknown[]): string => JSON.stringify({ rules: [], tests });

describe('tests that pass', () => {
  test('are counted', async () => {
    const { run } = world({ 'a.jsonc': RULES });
    const { code, out, err } = await run('check');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/config.json is right: .*\n1 test passed, 0 failed\n$/);
  });
  test('of several files see the rules of all', async () => {
    const test = { name: 'from elsewhere', send: [{ scenario: 'second-try' }], expect: [{ rule: 'missed' }] };
    const { out } = await world({ 'a.jsonc': RULES, 'b.json': more([test]) }).run('check');
    expect(out).toMatch(/\n2 tests passed, 0 failed\n$/);
  });
  test('as JSON', async () => {
    const { code, out } = await world({ 'a.jsonc': RULES }).run('check', '--json');
    expect([code, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({ ok: true, problems: [], tests: { passed: 1, failed: 0, failures: [] } }),
    ]);
  });
  test('where there are none, none are counted', async () => {
    const { out } = await world({ 'a.json': more([]) }).run('check');
    expect(out).toMatch(/is right: .*\n$/);
    expect(out).not.toContain('passed');
  });
});

describe('tests that fail', () => {
  const broken = RULES.replace('"times": 1, "at": "23s"', '"times": 2').replace('for sales', 'for lab');
  test('are shown with what was expected and what happened, exit code 65', async () => {
    const { run, folder } = world({ 'a.jsonc': broken });
    const { code, out, err } = await run('check');
    expect([code, err]).toEqual([65, '']);
    expect(out).toBe(
      [
        `${folder.at('config.json')} is right: 1 phones, 1 connections, 3 files and folders read`,
        '',
        'rules/a.jsonc:7:5  tests[0]: "the desk misses a call" fails',
        'rules/a.jsonc:9:18  tests[0].expect[0]: missed is to fire 2 times with "+4930999 for lab" to team, but does not; at 23s "+4930999 for lab" is not in it',
        '          0s  phone.incoming_call  desk  +4930999',
        '          0s  call.ringing         desk  +4930999',
        '         20s  phone.missed_call    desk  +4930999',
        '         23s  call.missed          desk  +4930999',
        '              → missed  slack team: "Missed call from +4930999 for sales"',
        '',
        '0 tests passed, 1 failed',
        '',
      ].join('\n'),
    );
  });
  test('as JSON, with their places and the timeline', async () => {
    const { code, out } = await world({ 'a.jsonc': broken }).run('check', '--json');
    expect([code, JSON.parse(out)]).toEqual([
      65,
      expect.objectContaining({
        ok: false,
        problems: [],
        tests: {
          passed: 0,
          failed: 1,
          failures: [
            {
              name: 'the desk misses a call',
              file: 'rules/a.jsonc',
              line: 7,
              column: 5,
              problems: [
                expect.objectContaining({ file: 'rules/a.jsonc', line: 9, column: 18, path: 'tests[0].expect[0]' }),
              ],
              timeline: expect.arrayContaining(['         23s  call.missed          desk  +4930999']),
            },
          ],
        },
      }),
    ]);
  });
  test('what a test sends cannot steer the terminal', async () => {
    const send = [
      { event: 'phone.incoming_call', phone: 'desk', vars: { remote: '1', display_remote: 'x\u009b2J\u061c' } },
    ];
    const name = '\u001b[2J\u202e';
    const { run } = world({ 'a.jsonc': RULES, 'b.json': more([{ name, send, expect: [{ rule: 'missed' }] }]) });
    for (const args of [['check'], ['check', '--json']]) {
      const { code, out } = await run(...args);
      expect(code).toBe(65);
      expect(out).toContain('\\u001b');
      expect(out).not.toMatch(/[^\P{C}\n]/u);
    }
  });
});

describe('tests that cannot be run', () => {
  test('are problems like all others, told at once with those of the rules', async () => {
    const broken = RULES.replace('"call.missed"', '"call.mised"')
      .replace('"desk"', '"dask"')
      .replace('"times"', '"tims"');
    expect(await world({ 'a.jsonc': broken }).run('check')).toEqual({
      code: 65,
      out: [
        'rules/a.jsonc:3:29  rules[0].on: "call.mised" is not an event; did you mean "call.missed"?',
        'rules/a.jsonc:8:66  tests[0].send[0].phone: there is no phone "dask"; did you mean "desk"?',
        'rules/a.jsonc:9:46  tests[0].expect[0].tims: unknown key; did you mean "times"?',
        '',
      ].join('\n'),
      err: '3 problems\n',
    });
  });
  test('a connection that is not there, a site that is not there', async () => {
    const test = {
      name: 't',
      phones: [{ id: 'x', site: 'berlin' }],
      send: [{ event: 'phone.mute', phone: 'x' }],
      expect: [{ rule: 'missed', to: 'teem' }],
    };
    const { out } = await world({ 'a.jsonc': RULES, 'b.json': more([test]) }).run('check');
    expect(out).toContain('tests[0].phones[0].site: there is no site "berlin"; known: default');
    expect(out).toContain('tests[0].expect[0].to: there is no connection "teem"; did you mean "team"?');
  });
});
