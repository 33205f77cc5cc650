// Phones that nobody made known: kept from the rules until somebody adopts them, over a real daemon; and what else is ordered about phones.
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PhoneList } from '../src/console/index.ts';
import { createDirectory } from '../src/directory.ts';
import { withAdopted } from '../src/phones.ts';
import { command, type RunningDaemon, startDaemon, TOKEN, TOKEN_SHA256 } from './running-daemon.ts';
import { eventually } from './support/destination-contract.ts';
import { freePort } from './support/free-port.ts';
import { sendRaw } from './support/raw-http.ts';
import { type TempFolder, tempFolder } from './support/temp-folder.ts';

const MAC = '005058aabbcc';
const RULES = {
  rules: [{ id: 'say', on: 'phone.*', do: [{ log: { text: 'heard {{ phone.name | default: phone.id }}' } }] }],
};

async function place(more: object = {}): Promise<{ folder: TempFolder; port: number }> {
  const folder = tempFolder();
  const port = await freePort();
  folder.write('config.json', {
    receiver: { host: '127.0.0.1', port },
    sites: { default: { token: { sha256: TOKEN_SHA256 } } },
    phones: [{ id: 'front-desk', name: 'Front desk', mac: '00:50:58:a1:b2:c3' }, { id: 'hall' }],
    ...more,
  });
  folder.write('rules/rules.json', RULES);
  return { folder, port };
}

async function running(folder: TempFolder): Promise<RunningDaemon> {
  const daemon = await startDaemon(folder);
  onTestFinished(async () => void (await daemon.stop()));
  return daemon;
}

const status = async (port: number, mac: string, token = TOKEN): Promise<number | undefined> =>
  (await sendRaw(port, `GET /a/${token}/dnd_on?mac=${mac}&model=s505&_=. HTTP/1.1\r\nHost: x\r\n\r\n`)).status;

const fileOf = (folder: TempFolder, name: string): string => readFileSync(folder.at(name), 'utf8');

const listed = async (folder: TempFolder): Promise<PhoneList> =>
  JSON.parse((await command(folder, 'phones', '--json')).out) as PhoneList;

const OK = 200;

describe('an unknown phone', () => {
  it('is answered, stored and counted, meets no rule, and is told once with what to do', async () => {
    const { folder, port } = await place();
    const daemon = await running(folder);
    expect([await status(port, MAC), await status(port, MAC)]).toEqual([OK, OK]);
    expect(await status(port, '005058a1b2c3')).toBe(OK);
    await eventually(() => daemon.out().includes('heard Front desk'), 'the known phone to meet the rule');
    expect(daemon.out()).not.toContain(`heard ${MAC}`);
    const lines = daemon
      .out()
      .split('\n')
      .filter((line) => line.includes('"phone_unknown"'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`hookswitch phones adopt ${MAC} --name \\"Front desk\\"`);
    const { quarantine, phones } = await listed(folder);
    expect(quarantine).toMatchObject([{ id: MAC, why: 'unknown', hits: 2, model: 's505', site: 'default' }]);
    expect(phones.map(({ id, from }) => [id, from])).toEqual([
      ['front-desk', 'config'],
      ['hall', 'config'],
    ]);
    expect((await command(folder, 'events')).out).toContain('(unknown-phone)');
  });

  it('meets the rules from its adoption on, by the name that it was given, also after a restart of the daemon', async () => {
    const { folder, port } = await place();
    const daemon = await running(folder);
    await status(port, MAC);
    const adopted = await command(
      folder,
      'phones',
      'adopt',
      '00-50-58-AA-BB-CC',
      '--name',
      'Café Süd',
      '--group',
      'sales',
    );
    expect([adopted.code, adopted.out]).toEqual([
      0,
      'cafe-sud (Café Süd) is known from now on; what it says meets the rules\n',
    ]);
    await status(port, MAC);
    await eventually(() => daemon.out().includes('heard Caf'), 'the adopted phone to meet the rule');
    expect(JSON.parse(fileOf(folder, 'data/phones.json'))).toMatchObject({
      version: 1,
      phones: [{ id: 'cafe-sud', mac: '00:50:58:aa:bb:cc', name: 'Café Süd', groups: ['sales'] }],
    });
    await daemon.stop();
    const again = await running(folder);
    await status(port, MAC);
    await eventually(() => again.out().includes('heard Caf'), 'the phone to be known after the restart');
    expect((await listed(folder)).quarantine).toEqual([]);
    await command(folder, 'phones', 'forget', 'cafe-sud');
    await status(port, MAC);
    await eventually(async () => (await listed(folder)).quarantine.length === 1, 'the phone to be unknown again');
  });

  it('is taken in unasked where the config lists no phones, or says so', async () => {
    const { folder, port } = await place({ phones: [] });
    const daemon = await running(folder);
    await status(port, MAC);
    await eventually(() => daemon.out().includes(`heard ${MAC}`), 'the first hit to meet the rule');
    await eventually(() => daemon.out().includes('"phone_adopted"'), 'the phone to be adopted');
    expect((await listed(folder)).phones).toMatchObject([{ id: MAC, from: 'adopted', mac: MAC }]);
  });
});

describe('orders about phones', () => {
  it('are refused with what would be right', async () => {
    const { folder, port } = await place({ groups: { sales: {} } });
    await running(folder);
    await status(port, MAC);
    const errors: string[] = [];
    for (const words of [
      ['name', 'front-desk', 'X'],
      ['forget', 'front-dsk'],
      ['repin', 'front-desk'],
      ['adopt', 'nonsense'],
      ['adopt', '005058a1b2c3'],
      ['adopt', MAC, '--group', 'sale', '--vendor', 'sangomo', '--site', 'x', '--id', 'hall'],
    ])
      errors.push((await command(folder, 'phones', ...words)).err.trim());
    expect(errors).toEqual([
      'id: front-desk stands in the config; change its name there',
      'id: there is no phone "front-dsk"; did you mean "front-desk"?',
      'id: the MAC address of front-desk is fixed (00:50:58:a1:b2:c3), not pinned; change it in the config',
      'who: must be a MAC address like 00:50:58:a1:b2:c3, or an id that `hookswitch phones` shows in quarantine',
      'who: this MAC address belongs to the phone front-desk already',
      [
        'groups: the config has no group "sale"; did you mean "sales"?',
        'site: the config has no site "x"; known: default',
        'vendor: "sangomo" is no maker that is known; did you mean "sangoma"?',
        'id: there is a phone hall already; give another --id',
      ].join('; '),
    ]);
    expect((await command(folder, 'phones', 'name', 'front-desk')).code).toBe(2);
  });

  it('rotate a token: the old one goes on, or ends at once', async () => {
    const { folder, port } = await place();
    await running(folder);
    const token = async (...more: string[]): Promise<string> =>
      (
        JSON.parse((await command(folder, 'phones', 'rotate-token', 'hall', '--json', ...more)).out) as {
          token: string;
        }
      ).token;
    const first = await token();
    const second = await token();
    expect([await status(port, '', first), await status(port, '', second)]).toEqual([OK, OK]);
    const third = await token('--now');
    expect([await status(port, '', first), await status(port, '', second), await status(port, '', third)]).toEqual([
      404,
      404,
      OK,
    ]);
  });

  it('repin a phone whose MAC was learnt: the next one counts', async () => {
    const { folder, port } = await place();
    const daemon = await running(folder);
    const { token } = JSON.parse((await command(folder, 'phones', 'rotate-token', 'hall', '--json')).out) as {
      token: string;
    };
    const heard = (): number => daemon.out().split('heard hall').length - 1;
    await status(port, '005058000001', token);
    await eventually(() => heard() === 1, 'the first MAC to be pinned');
    await status(port, '005058000002', token);
    await eventually(
      async () => (await listed(folder)).quarantine[0]?.why === 'mac-mismatch',
      'the other MAC to be kept out',
    );
    expect(daemon.out()).toContain('hookswitch phones repin hall');
    await command(folder, 'phones', 'repin', 'hall');
    await status(port, '005058000002', token);
    await eventually(() => heard() === 2, 'the other MAC to be pinned');
    expect((await listed(folder)).phones[1]).toMatchObject({ id: 'hall', mac: '005058000002', macFrom: 'pinned' });
    expect((await command(folder, 'phones', '--inventory')).out).toMatch(/Sangoma +s505 +not said yet +1 +hall/);
  });
});

describe('a recording', () => {
  it('of the journal is a file that `read` understands and that names nobody', async () => {
    const { folder, port } = await place();
    const daemon = await running(folder);
    await sendRaw(
      port,
      `GET /a/${TOKEN}/missed_call?mac=005058a1b2c3&remote=+493012345678&display_remote=Erika Mustermann&_=. HTTP/1.1\r\n\r\n`,
    );
    await eventually(() => daemon.out().includes('heard Front desk'), 'the hit to be decided');
    const made = await command(folder, 'record', 'export', '--since', '1h', '--out', 'bundle.json');
    expect([made.code, made.out.split('\n')[0]]).toEqual([0, `1 hit in ${folder.at('bundle.json')}`]);
    expect(fileOf(folder, 'bundle.json')).not.toMatch(/Erika|Mustermann|12345|front-desk/i);
    expect(fileOf(folder, 'bundle.json')).not.toContain(TOKEN);
    const read = await command(folder, 'read', 'bundle.json');
    expect(read.out).toMatch(
      /phone\.missed_call[\s\S]*display_remote "\w{5} \w{10}" +raw space[\s\S]*1 hit, 0 refused/,
    );
    expect((await command(folder, 'record', 'export', '--phone', 'hall')).code).toBe(1);
    const live = command(folder, 'record', '--for', '1s', '--raw', '--out', 'live.json');
    let ended = false;
    void live.finally(() => {
      ended = true;
    });
    while (!ended) await status(port, '005058a1b2c3');
    expect([(await live).code, fileOf(folder, 'live.json')]).toEqual([0, expect.stringContaining('005058a1b2c3')]);
  });
});

describe('the config and the adopted phones', () => {
  const config = {
    sites: new Map([['default', { id: 'default' }]]),
    phones: [{ id: 'a', site: 'default', groups: [], mac: '005058000001' }],
    asks: new Set(['default']),
  } as unknown as Parameters<typeof withAdopted>[0];
  const adopted = (id: string, mac: string, site = 'default') => ({
    id,
    mac,
    site,
    groups: [],
    vendor: 'sangoma',
    adoptedAt: '',
  });

  it('are one list, in which the config goes before', () => {
    const merged = withAdopted(config, [
      adopted('a', '005058000002'),
      adopted('b', '005058000001'),
      adopted('c', '005058000003'),
      adopted('d', '005058000004', 'gone'),
    ]);
    expect(merged.phones.map(({ id, mac }) => [id, mac])).toEqual([
      ['a', '005058000001'],
      ['c', '005058000003'],
    ]);
    const who = createDirectory(merged, { find: () => undefined }, () => undefined);
    expect([who.byMac('default', '005058000003')?.id, who.asksFor?.('default')]).toEqual(['c', true]);
  });
});
