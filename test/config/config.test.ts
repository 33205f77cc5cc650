// The config: what holds when nothing is said, and that everything that can be said is understood.
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../support/temp-folder.ts';
import { configFolder, rightConfig } from './reading.ts';

const revealed = (settings: unknown): string => (settings as { token: { reveal(): string } }).token.reveal();

describe('what holds when nothing is said', () => {
  test('an empty config is right', async () => {
    const folder = configFolder('{}');
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

const SHA256 = 'AB'.repeat(32);
const EVERYTHING = {
  $schema: './config.schema.json',
  receiver: { host: '127.0.0.1', port: 0, publicUrl: 'https://hooks.example.net/in/', proxies: ['10.0.0.0/8'] },
  sites: { default: { country: 'DE', token: { sha256: SHA256 } }, lab: { allowFrom: ['192.168.1.0/24', '::1'] } },
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
        rate: { max: 1, per: '2s' },
        queue: 500,
        budget: 20,
        maxBytes: '8KB',
      },
      callerData: 'masked',
    },
  },
  broker: { host: '0.0.0.0', port: 0, username: 'u', password: { env: 'BROKER' } },
  store: { maxBytes: '512MB', keep: { raw: '0s', events: '1w' } },
  log: { level: 'debug' },
};

test('everything that can be said is understood', async () => {
  const folder = configFolder(EVERYTHING, {
    'a.jsonc': '// friendly\n{ "rules": [{ "id": "a", "on": "phone.missed_call", "to": "team", }] }',
  });
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
    { id: 'default', country: 'DE', tokenHash: SHA256.toLowerCase() },
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
      rate: { max: 1, perMs: 2_000 },
      queueMax: 500,
    },
    callerData: 'masked',
    budget: 20,
    bytesMax: 8_192,
    settings: { port: 7 },
  });
  expect(revealed(team?.settings)).toBe('xoxb-1');
  expect(config.broker.password?.reveal()).toBe('geheim');
  expect(config.store).toMatchObject({ bytesMax: 512 * 2 ** 20, keep: { rawMs: 0, eventsMs: 604_800_000 } });
  expect(config.rules.ids).toEqual(['a']);
  expect(secrets.map((s) => s.reveal()).sort()).toEqual(['abcdefghijklmnopqrstuv', 'geheim', 'xoxb-1']);
  expect(JSON.stringify([...config.connections, config.broker])).not.toMatch(/xoxb-1|geheim/);
});
