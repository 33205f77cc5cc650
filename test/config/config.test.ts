// The config: what holds when nothing is said, and every problem of config and rules at once, with its place.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';
import { problemsOf, read, rightConfig } from './reading.ts';

function folderWith(config: unknown, rules: Record<string, unknown> = {}): TempFolder {
  const folder = tempFolder();
  folder.write('config.json', config);
  mkdirSync(folder.at('rules'));
  for (const [name, content] of Object.entries(rules)) folder.write(`rules/${name}`, content, 0o644);
  return folder;
}

const revealed = (settings: unknown): string => (settings as { token: { reveal(): string } }).token.reveal();
const rule = (id: string, more: object = {}) => ({ id, on: 'phone.missed_call', ...more });

describe('what holds when nothing is said', () => {
  test('an empty config is right', async () => {
    const folder = folderWith('{}');
    const { config, warnings } = await rightConfig(folder);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      file: folder.at('config.json'),
      dataPath: folder.at('data'),
      receiver: { host: '0.0.0.0', port: 8484, proxies: [], paths: [] },
      phones: [],
      broker: { host: '127.0.0.1', port: 1883 },
      store: {
        bytesMax: 2 ** 30,
        keep: { eventsMs: 2_592_000_000, deliveredMs: 604_800_000, deadMs: 2_592_000_000, rawMs: 86_400_000 },
      },
      log: { level: 'info' },
      rules: { ids: [] },
    });
    expect([...config.sites]).toEqual([['default', { id: 'default' }]]);
  });
  test('--data wins over data, which is taken from where the config stands', async () => {
    const folder = tempFolder();
    folder.write('etc/config.json', { data: '../var' });
    mkdirSync(folder.at('etc/rules'));
    const configPath = 'etc/config.json';
    expect((await rightConfig(folder, { configPath })).config.dataPath).toBe(folder.at('var'));
    expect((await rightConfig(folder, { configPath, dataPath: 'here' })).config.dataPath).toBe(folder.at('here'));
  });
});

test('everything that can be said is understood', async () => {
  const sha256 = 'AB'.repeat(32);
  const folder = folderWith(
    {
      $schema: './config.schema.json',
      receiver: { host: '127.0.0.1', port: 0, publicUrl: 'https://hooks.example.net/in/', proxies: ['10.0.0.0/8'] },
      sites: { default: { country: 'DE', token: { sha256 } }, lab: { allowFrom: ['192.168.1.0/24', '::1'] } },
      phones: [
        { id: 'desk', mac: '00:50:58:A1:B2:C3', name: 'Front desk', groups: ['sales'], area: 'hall', vendor: 'snom' },
        { id: 'lab-1', site: 'lab', token: { env: 'LAB_TOKEN' } },
      ],
      paths: [{ path: '/help.xml', event: 'missed_call', allowFrom: ['10.0.0.7'] }],
      connections: {
        team: {
          type: 'chat',
          token: { env: 'CHAT' },
          delivery: {
            expires: '1h30m',
            ordering: 'none',
            retryBase: '2s',
            retryMax: '1m',
            concurrency: 3,
            timeout: '5s',
          },
        },
      },
      broker: { host: '0.0.0.0', port: 0, username: 'u', password: { env: 'BROKER' } },
      store: { maxBytes: '512MB', keep: { raw: '0s', events: '1w' } },
      log: { level: 'debug' },
    },
    { 'a.jsonc': '// friendly\n{ "rules": [{ "id": "a", "on": "phone.missed_call", "to": "team", }] }' },
  );
  const { config, secrets } = await rightConfig(folder, {
    env: { LAB_TOKEN: 'abcdefghijklmnopqrstuv', CHAT: 'xoxb-1', BROKER: 'geheim' },
  });
  expect(config.receiver).toMatchObject({
    publicUrl: 'https://hooks.example.net/in',
    port: 0,
    proxies: ['10.0.0.0/8'],
  });
  expect(config.receiver.paths).toHaveLength(1);
  expect([...config.sites.values()]).toEqual([
    { id: 'default', country: 'DE', tokenHash: sha256.toLowerCase() },
    { id: 'lab', allowFrom: ['192.168.1.0/24', '::1'] },
  ]);
  expect(config.phones).toEqual([
    {
      id: 'desk',
      site: 'default',
      mac: '005058a1b2c3',
      name: 'Front desk',
      groups: ['sales'],
      area: 'hall',
      vendor: 'snom',
    },
    {
      id: 'lab-1',
      site: 'lab',
      groups: [],
      vendor: 'sangoma',
      tokenHash: createHash('sha256').update('abcdefghijklmnopqrstuv').digest('hex'),
    },
  ]);
  const team = config.connections.get('team');
  expect(team).toMatchObject({
    type: 'chat',
    dryRun: false,
    delivery: {
      horizonMs: 5_400_000,
      ordering: 'none',
      backoffMs: 2_000,
      backoffMsMax: 60_000,
      concurrency: 3,
      timeoutMs: 5_000,
    },
    settings: { port: 7 },
  });
  expect(revealed(team?.settings)).toBe('xoxb-1');
  expect(config.broker.password?.reveal()).toBe('geheim');
  expect(config.store).toMatchObject({ bytesMax: 512 * 2 ** 20, keep: { rawMs: 0, eventsMs: 604_800_000 } });
  expect(config.rules.ids).toEqual(['a']);
  expect(secrets.map((s) => s.reveal()).sort()).toEqual(['abcdefghijklmnopqrstuv', 'geheim', 'xoxb-1']);
  expect(JSON.stringify([...config.connections, config.broker])).not.toMatch(/xoxb-1|geheim/);
});

describe('problems', () => {
  test('of config and all rule files at once, in the order of the files', async () => {
    const folder = folderWith(
      `{
  "sites": { "lab": {} },
  "phones": [
    { "id": "a b" },
    { "id": "desk", "mac": "00:50:58:a1:b2:c3", "site": "labb" },
    { "id": "desk", "mac": "005058A1B2C3", "vendor": "sangona" }
  ],
  "connections": {
    "team": { "type": "chatt" },
    "crm": { "type": "chat", "token": "xoxb-plain", "chanel": "#x", "dryrun": true },
    "house": { "type": "bus", "delivery": { "expires": 5, "retryBase": "1h", "retryMax": "1s" } }
  },
  "recever": {},
  "log": { "level": "verbose" },
  "store": { "maxBytes": "1MB", "keep": { "events": "30 days" } }
}`,
      {
        'b.json': '{\n  "rules": [\n    { "id": "x", "on": "phone.missed" }\n  ]\n}',
        'a.jsonc': '{\n  "rules": [ { "id": "y" "on": 1 } ]\n}',
        'c.json': { rules: [rule('z', { to: 'team' }), rule('z2', { to: 'crm' }), rule('z3', { to: 'nowhere' })] },
      },
    );
    expect(await problemsOf(folder)).toEqual([
      'config.json:4:13  phones[0].id: must be 1 to 64 of the characters A-Z a-z 0-9 _ -',
      'config.json:5:57  phones[1].site: there is no site "labb"; did you mean "lab"?',
      'config.json:6:13  phones[2].id: phones[1] has the same id; each phone has its own',
      'config.json:6:28  phones[2].mac: phones[1] has the same mac; each phone has its own',
      'config.json:6:54  phones[2].vendor: "sangona" is not allowed; did you mean "sangoma"?',
      'config.json:9:23  connections.team.type: "chatt" is not allowed; did you mean "chat"?',
      'config.json:10:39  connections.crm.token: must be { "env": "NAME" } or { "file": "path" }, so that no secret stands in the config',
      'config.json:10:63  connections.crm.chanel: unknown key; did you mean "channel"?',
      'config.json:10:79  connections.crm.dryrun: unknown key; did you mean "dryRun"?',
      'config.json:11:14  connections.house.broker: is missing; it must be text in double quotes',
      'config.json:11:56  connections.house.delivery.expires: must be text like "72h", not 5',
      'config.json:13:14  recever: unknown key; did you mean "receiver"?',
      'config.json:14:21  log.level: "verbose" is not allowed; known: debug, info, warn, error',
      'config.json:15:26  store.maxBytes: is too small; at least 16MB',
      'config.json:15:53  store.keep.events: "30 days" is no span of time; write it like "30d" (units: ms, s, m, h, d, w)',
      'rules/a.jsonc:2:26  a "," is missing; put one after the value before this place',
      'rules/b.json:3:24  rules[0].on: no such event',
      'rules/c.json:6:13  rules[0].to: no such connection',
      'rules/c.json:16:13  rules[2].to: no such connection',
    ]);
  });
  test.each<[string, unknown, string[]]>([
    ['a list', '[]', ['config.json:1:1  must be an object { … }, not a list']],
    ['broken text', '{ "data": }', [expect.stringMatching(/^config.json:1:11 {2}a value is missing here; a text in/)]],
    [
      'a key twice',
      '{ "data": "a", "data": "b" }',
      ['config.json:1:16  data: "data" stands twice in the same object; keep one of the two'],
    ],
    [
      'a forbidden key',
      '{ "__proto__": {} }',
      ['config.json:1:3  __proto__: this name is not allowed as a key; choose another name'],
    ],
    [
      'retries the wrong way round',
      { connections: { b: { type: 'bus', broker: 'x', delivery: { retryBase: '1h', retryMax: '1s' } } } },
      [expect.stringContaining('connections.b.delivery.retryMax: must not be shorter than retryBase')],
    ],
    [
      'a bad connection name',
      { connections: { 'a/b': { type: 'bus', broker: 'x' } } },
      [expect.stringContaining('connections["a/b"]: this name is not allowed')],
    ],
    [
      'a connection that is no object',
      { connections: { a: 5 } },
      [expect.stringContaining('connections.a: must be an object { … }, not 5')],
    ],
    [
      'connections that are a list',
      { connections: [] },
      [expect.stringContaining('connections: must be an object { … }, not a list')],
    ],
    [
      'a weak address',
      { sites: { default: { allowFrom: ['192.168.1'] } } },
      [expect.stringContaining('sites.default.allowFrom[0]: must be an address or a range')],
    ],
    [
      'an open broker',
      { broker: { host: '0.0.0.0' } },
      [
        expect.stringContaining(
          'broker.host: listens beyond this machine without a password; set username and password',
        ),
      ],
    ],
    ['half an account', { broker: { username: 'u' } }, [expect.stringContaining('broker.username: needs a password')]],
    [
      'a token as text',
      { sites: { default: { token: 'secret-token-value' } } },
      [
        expect.stringContaining(
          'sites.default.token: must be { "sha256": "<64 hex digits>" }, { "env": "NAME" } or { "file": "path" }',
        ),
      ],
    ],
    [
      'a hash that is none',
      { phones: [{ id: 'a', token: { sha256: 'abc' } }] },
      [expect.stringContaining('phones[0].token: must be { "sha256"')],
    ],
    [
      'a token twice',
      {
        sites: { default: { token: { sha256: 'a'.repeat(64) } } },
        phones: [{ id: 'p', token: { sha256: 'A'.repeat(64) } }],
      },
      [expect.stringContaining('phones[0].token: this token belongs to another site or phone too')],
    ],
    [
      'a public URL with a query',
      { receiver: { publicUrl: 'http://x/?a=1' } },
      [expect.stringContaining('receiver.publicUrl: must not hold ? or #')],
    ],
    [
      'rules elsewhere',
      { rules: ['./rules', './none.json'] },
      [expect.stringContaining('rules[1]: none.json: there is no such file')],
    ],
    [
      'rules that are a number',
      { rules: 5 },
      [expect.stringContaining('rules: must be text in double quotes or a list [ … ], not 5')],
    ],
    [
      'an open path',
      { paths: [{ path: '/x', event: 'missed_call' }] },
      [expect.stringContaining('paths[0]: nothing protects this URL')],
    ],
  ])('%s', async (_, config, expected) => {
    expect(await problemsOf(folderWith(config))).toEqual(expected);
  });
  test('no problem repeats the text of a value that may be a secret', async () => {
    const canary = 'canary-7f3a';
    const folder = folderWith({
      connections: { a: { type: 'chat', token: canary, port: canary, channel: [canary] } },
      broker: { password: canary, port: canary },
      sites: { default: { token: { sha256: canary } } },
      receiver: { port: canary, publicUrl: canary },
    });
    const problems = await problemsOf(folder);
    expect(problems.length).toBeGreaterThan(6);
    expect(problems.join('\n')).not.toContain(canary);
  });
});

describe('files', () => {
  test('a config that is not there', async () => {
    expect(await problemsOf(tempFolder())).toEqual(['config.json  there is no such file; check the path']);
  });
  test('a folder instead of a config', async () => {
    const folder = tempFolder();
    mkdirSync(folder.at('config.json'));
    expect(await problemsOf(folder)).toEqual(['config.json  is not a file; name an ordinary file']);
  });
  test('a config that is not UTF-8', async () => {
    const folder = tempFolder();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(folder.at('config.json'), Buffer.from('{"data": "\xff"}', 'latin1'), { mode: 0o600 });
    expect(await problemsOf(folder)).toEqual(['config.json  is not UTF-8 text; save it as UTF-8']);
  });
  test.each([0o620, 0o602, 0o666])(
    'a config that others can change (%o) is refused, with its other problems',
    async (mode) => {
      const folder = folderWith({ log: 5 });
      folder.write('config.json', { log: 5 }, mode);
      const [first, second] = await problemsOf(folder);
      expect(first).toBe('config.json  other accounts can change this file; chmod 600 config.json');
      expect(second).toContain('log: must be an object { … }, not 5');
    },
  );
  test('one that others can only read is fine', async () => {
    const folder = folderWith('{}');
    folder.write('config.json', '{}', 0o644);
    expect(await problemsOf(folder)).toEqual([]);
  });
  test('the config that comes with the program has the rights of the program', async () => {
    const folder = folderWith('{}');
    folder.write('config.json', '{}', 0o664);
    expect(await problemsOf(folder, { bundled: true })).toEqual([]);
  });
  test('a rule file that everybody can change is refused', async () => {
    const folder = folderWith('{}', { 'a.json': { rules: [] } });
    folder.write('rules/a.json', { rules: [] }, 0o646);
    expect(await problemsOf(folder)).toEqual([
      'rules/a.json:1:1  every account can change this file; chmod o-w rules/a.json',
    ]);
  });
  test('only rule files of a folder are read, sorted by name; a list may name files and folders', async () => {
    const folder = folderWith(
      { rules: ['more/z.json', './rules'] },
      {
        'b.json': { rules: [rule('b')] },
        'a.jsonc': { rules: [rule('a')] },
        '.hidden.json': 'broken',
        'rules.schema.json': { rules: [rule('schema')] },
        'README.md': 'no rule',
        'b.json~': 'broken',
      },
    );
    folder.write('more/z.json', { rules: [rule('z')] });
    expect((await rightConfig(folder)).config.rules.ids).toEqual(['z', 'a', 'b']);
  });
  test('a folder of rules that is not there is a problem at the key that names it', async () => {
    const folder = folderWith('{\n  "rules": "./rulez"\n}');
    rmSync(folder.at('rules'), { recursive: true });
    expect(await problemsOf(folder)).toEqual(['config.json:2:12  rules: rulez: there is no such file; check the path']);
  });
  test('every file that was looked at is known afterwards, also those that are missing', async () => {
    const folder = folderWith(
      { rules: ['./rules', './none.json'], connections: { t: { type: 'chat', token: { file: 'key' } } } },
      { 'a.json': { rules: [] } },
    );
    const { stamps } = await read(folder);
    expect([...stamps.keys()].sort()).toEqual(
      ['config.json', 'key', 'none.json', 'rules', 'rules/a.json'].map(folder.at).sort(),
    );
    expect(stamps.get(folder.at('key'))).toBe('missing');
  });
});
