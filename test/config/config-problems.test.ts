// Every problem of config and rules at once, with its place, and no secret in any of them.
import { expect, test } from 'vitest';
import { configFolder, problemsOf, rule } from './reading.ts';

test('of config and all rule files at once, in the order of the files', async () => {
  const folder = configFolder(
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
    'limits of a connection that are none',
    {
      connections: {
        b: {
          type: 'bus',
          broker: 'x',
          callerData: 'mask',
          delivery: { budget: 0, maxBytes: '1B', queue: '5', rate: { max: 1 } },
        },
      },
    },
    [
      expect.stringContaining('connections.b.callerData: "mask" is not allowed; known: full, masked, none'),
      expect.stringContaining('connections.b.delivery.budget: must be at least 1'),
      expect.stringContaining('connections.b.delivery.maxBytes: is too small; at least 1KB'),
      expect.stringContaining('connections.b.delivery.queue: must be a number, not text'),
      expect.stringContaining('connections.b.delivery.rate.per: is missing'),
    ],
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
    [expect.stringContaining('broker.host: listens beyond this machine without a password; set username and password')],
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
  expect(await problemsOf(configFolder(config))).toEqual(expected);
});
test('no problem repeats the text of a value that may be a secret', async () => {
  const canary = 'canary-7f3a';
  const folder = configFolder({
    connections: { a: { type: 'chat', token: canary, port: canary, channel: [canary] } },
    broker: { password: canary, port: canary },
    sites: { default: { token: { sha256: canary } } },
    receiver: { port: canary, publicUrl: canary },
  });
  const problems = await problemsOf(folder);
  expect(problems.length).toBeGreaterThan(6);
  expect(problems.join('\n')).not.toContain(canary);
});
