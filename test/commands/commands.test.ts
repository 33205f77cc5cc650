// The commands as a person uses them: what they print, where, and the exit code.
import { describe, expect, test } from 'vitest';
import { commandWorld } from './world.ts';

describe('the program', () => {
  test('--help tells the commands and the exit codes; --version the version', async () => {
    const { run } = commandWorld();
    const help = await run('--help');
    expect(help.code).toBe(0);
    for (const name of ['serve', 'check', 'send', 'events', 'deliveries', 'retry', 'cancel', 'token'])
      expect(help.out).toContain(name);
    expect(help.out).toMatch(/65 {2}the config or a rule is wrong/);
    expect((await run('events', '--help')).out).toMatch(/69 {2}no daemon is running/);
    expect(await run('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' });
  });
  test.each([
    [['evens'], /unknown command 'evens'[\s\S]*events/],
    [['events', '--sinse', '1h'], /unknown option '--sinse'[\s\S]*--since/],
    [['events', '--since', 'yesterday'], /write a span like 1h/],
    [['events', '--limit', '0'], /must be a whole number from 1 on/],
    [['deliveries', '--state', 'gone'], /Allowed choices are waiting, delivered, dead, expired, replaced, cancelled/],
    [['retry'], /give ids of deliveries, or --all, or --to <connection>/],
    [['retry', 'a', '--all'], /give ids of deliveries, or --all/],
    [['retry', 'a', '--to', 'team'], /give ids of deliveries, or --all/],
    [['cancel'], /give ids of deliveries, or --all, or --to <connection>/],
    [['cancel', 'a', '--to', 'team'], /give ids of deliveries, or --all/],
    [['token'], /give --site <id> or --phone <id>/],
    [['token', '--site', 'default', '--phone', 'desk'], /give --site <id> or --phone <id>/],
    [['send'], /missing required argument 'event'/],
    [['send', 'missed_cal'], /did you mean "missed_call"/],
    [['send', 'missed_call', '--mac', 'x'], /write it like 00:50:58:a1:b2:c3/],
    [['send', 'missed_call', '--url', 'ftp://x'], /write it like http:/],
    [['serve', '--log', 'xml'], /Allowed choices are json, pretty/],
    [['check', 'surplus'], /too many arguments/],
    [[], /Usage: hookswitch/],
  ])('%j is a wrong command line: exit code 2, and what would be right', async (args, told) => {
    const { code, out, err } = await commandWorld().run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(told);
  });
});

describe('serve', () => {
  test('hands on which config, which data and how the log looks', async () => {
    const { run, served, folder } = commandWorld();
    expect((await run('serve', '--data', 'd', '--log', 'pretty')).code).toBe(0);
    await run('serve', '--config', 'other.json');
    expect(served).toEqual([
      { configPath: folder.at('config.json'), dataPath: folder.at('d'), bundled: false, logForm: 'pretty' },
      { configPath: folder.at('other.json'), bundled: false, logForm: 'json' },
    ]);
  });
});

describe('check', () => {
  test('a right config', async () => {
    const { run } = commandWorld();
    const { code, out, err } = await run('check');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/config.json is right: 1 phones, 0 connections/);
  });
  test('problems: all of them on standard output, exit code 65', async () => {
    const { run, folder } = commandWorld();
    folder.write('config.json', '{\n  "rules": "./rules.json",\n  "log": 5\n}');
    folder.write(
      'rules.json',
      '{ "rules": [ { "id": "a", "on": "phone.mised_call", "do": [ { "log": { "text": "x" } } ] } ] }',
    );
    expect(await run('check')).toEqual({
      code: 65,
      out: 'config.json:3:10  log: must be an object { … }, not 5\nrules.json:1:33  rules[0].on: "phone.mised_call" is not an event; did you mean "phone.missed_call"?\n',
      err: '2 problems\n',
    });
    const { code, out } = await run('check', '--json');
    expect([code, JSON.parse(out)]).toEqual([
      65,
      {
        ok: false,
        config: folder.at('config.json'),
        problems: [
          { file: 'config.json', line: 3, column: 10, path: 'log', message: 'must be an object { … }, not 5' },
          expect.objectContaining({
            file: 'rules.json',
            line: 1,
            column: 33,
            path: 'rules[0].on',
            hint: 'did you mean "phone.missed_call"?',
          }),
        ],
        warnings: [],
      },
    ]);
  });
  test('what stands in a file cannot steer the terminal', async () => {
    const { run, folder } = commandWorld();
    folder.write('config.json', { '\u001b[2J\u202e': 1 });
    for (const args of [['check'], ['check', '--json']]) {
      const { out } = await run(...args);
      expect(out).toContain('\\u001b');
      expect(out).not.toMatch(/[^\P{C}\n]/u);
    }
  });
  test('a dry run without its secret: right, with a warning', async () => {
    const { run, folder } = commandWorld();
    folder.write('config.json', {
      rules: './rules.json',
      connections: { team: { type: 'slack', dryRun: true, channel: '#a', token: { env: 'T' } } },
    });
    const { code, err } = await run('check');
    expect(code).toBe(0);
    expect(err).toMatch(/\(warning\) the environment variable T is not set; needed once dryRun is gone/);
  });
});
