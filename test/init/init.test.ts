// `hookswitch init`: what it writes is right as it stands, what it tries is tried for real, and a secret is seen nowhere.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { command } from '../running-daemon.ts';
import { freePort } from '../support/free-port.ts';
import { closedPort } from '../support/http-server.ts';
import { startTestBroker } from '../support/mqtt-broker.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';
import { init } from './init-desk.ts';

const read = (folder: TempFolder, name: string): string => readFileSync(folder.at(name), 'utf8');
const configOf = (folder: TempFolder) => JSON.parse(read(folder, 'config.json')) as Record<string, never>;
const modeOf = (folder: TempFolder, name: string): number => statSync(folder.at(name)).mode & 0o777;

async function peers() {
  const broker = await startTestBroker();
  const mail = await startSmtpServer({ login: { user: 'desk@example.net', password: 'pass-4711' } });
  onTestFinished(async () => void (await Promise.all([broker.stop(), mail.stop()])));
  return { broker, mail };
}

const SMTP = ['--smtp-tls', 'none', '--smtp-user', 'desk@example.net', '--smtp-from', 'desk@example.net'];

describe('by flags alone', () => {
  it('writes a config that check finds right, with secrets as references, private to this account', async () => {
    const { broker, mail } = await peers();
    const folder = tempFolder();
    folder.write('smtp-password', 'pass-4711\n');
    const ran = await init(folder, [
      ...['--yes', '--country', 'DE', '--timezone', 'America/New_York', '--mqtt', `mqtt://127.0.0.1:${broker.port}`],
      ...['--smtp-host', '127.0.0.1', '--smtp-port', String(mail.port), '--smtp-password', 'file:smtp-password'],
      ...[...SMTP, '--smtp-to', 'a@example.net, b@example.net'],
    ]);
    expect([ran.code, ran.err]).toEqual([0, '']);
    expect(ran.out).toMatch(/house \(mqtt\): mqtt:.* takes the login/);
    expect(ran.out).toMatch(/office \(email\): 127\.0\.0\.1 takes the login of desk@example\.net/);
    expect(ran.out).toMatch(/Token for the phones of site "default", shown this once:\n {2}[\w-]{24}\n/);
    expect([modeOf(folder, 'config.json'), modeOf(folder, 'rules'), modeOf(folder, 'data')]).toEqual([
      0o600, 0o700, 0o700,
    ]);
    expect(configOf(folder)).toMatchObject({
      sites: { default: { country: 'DE' } },
      timezone: 'America/New_York',
      connections: { office: { password: { file: 'smtp-password' }, recipients: ['a@example.net', 'b@example.net'] } },
    });
    const checked = await command(folder, 'check', '--connections');
    expect([checked.code, checked.err]).toEqual([0, '']);
    expect(checked.out).toMatch(/tests passed, 0 failed/);
    expect([mail.mails, broker.received]).toEqual([[], []]);
  });

  it('writes nothing where a connection does not work, and says why', async () => {
    const folder = tempFolder();
    const gone = `mqtt://127.0.0.1:${await closedPort()}`;
    const ran = await init(folder, ['--yes', '--mqtt', gone]);
    expect([ran.code, readdirSync(folder.path)]).toEqual([1, []]);
    expect(ran.err).toMatch(
      /house \(mqtt\): .*ECONNREFUSED.*nothing listens there[\s\S]*nothing was written.*--no-test/,
    );
    const untried = await init(folder, ['--yes', '--no-test', '--mqtt', gone]);
    expect([untried.code, existsSync(folder.at('config.json'))]).toEqual([0, true]);
  });

  it('says that the port of the embedded broker is taken', async () => {
    const { broker } = await peers();
    const folder = tempFolder();
    const ran = await init(folder, ['--yes', '--mqtt', 'embedded', '--broker-port', String(broker.port)]);
    expect([ran.code, readdirSync(folder.path)]).toEqual([1, []]);
    expect(ran.err).toMatch(/cannot listen on port \d+ \(EADDRINUSE\); use another with --broker-port/);
    const free = await init(folder, ['--yes', '--mqtt', 'embedded', '--broker-port', String(await freePort())]);
    expect([free.code, free.err]).toEqual([0, '']);
  });

  it('takes no secret from the command line', async () => {
    const folder = tempFolder();
    const ran = await init(folder, ['--slack-token', 'xoxb-4711', '--slack-channel', '#phones']);
    expect([ran.code, readdirSync(folder.path)]).toEqual([2, []]);
    expect(ran.err).toMatch(/--slack-token: takes no secret.*env:NAME or file:PATH/);
    expect(ran.err + ran.out).not.toContain('4711');
  });

  it('tells all that is wrong with the flags at once', async () => {
    const ran = await init(tempFolder(), [
      ...['--port', '0', '--timezone', 'Berlin', '--smtp-host', 'mail.example.net', '--slack-channel', '#x'],
      ...['--crm', 'hupspot', '--mqtt-user', 'a'],
    ]);
    expect(ran.code).toBe(2);
    for (const flag of ['--port', '--timezone', '--smtp-from', '--smtp-to', '--slack-token', '--mqtt'])
      expect(ran.err).toContain(`error: ${flag}: `);
    expect(ran.err).toContain('did you mean "hubspot"?');
  });

  it('never writes over what is there, unless it is told to', async () => {
    const folder = tempFolder();
    folder.write('config.json', { data: './elsewhere' });
    const args = ['--yes', '--no-test', '--slack-token', 'env:SLACK_TOKEN', '--slack-channel', '#phones'];
    const env = { SLACK_TOKEN: 'xoxb-4711' };
    const refused = await init(folder, args, undefined, env);
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/config\.json: is there already; --force/)]);
    expect([configOf(folder), existsSync(folder.at('rules'))]).toEqual([{ data: './elsewhere' }, false]);
    const forced = await init(folder, [...args, '--force'], undefined, env);
    expect([forced.code, configOf(folder)]).toMatchObject([0, { connections: { team: { channel: '#phones' } } }]);
  });

  it('leaves rules alone that are there and are not its own', async () => {
    const folder = tempFolder();
    folder.write(
      'rules/older.jsonc',
      '{ "rules": [{ "id": "older", "on": "*", "do": [{ "slack": { "to": "gone", "text": "x" } }] }] }',
    );
    const ran = await init(folder, ['--yes', '--no-test', '--mqtt', 'embedded']);
    expect([ran.code, readdirSync(folder.at('rules'))]).toEqual([0, ['older.jsonc']]);
    expect([configOf(folder).rules, readdirSync(folder.at('my-rules')).length]).toEqual(['./my-rules', 2]);
    expect((await command(folder, 'check')).code).toBe(0);
  });

  it('keeps the token that phones have', async () => {
    const folder = tempFolder();
    const args = ['--yes', '--no-test', '--mqtt', 'embedded'];
    await init(folder, args);
    const before = read(folder, 'data/tokens.json');
    const again = await init(folder, [...args, '--force']);
    expect([again.code, read(folder, 'data/tokens.json')]).toEqual([0, before]);
    expect(again.out).toContain('Phones go on with the token that they have');
  });

  it('has nothing to write where no connection is named', async () => {
    const ran = await init(tempFolder(), ['--yes', '--country', 'DE']);
    expect([ran.code, ran.err]).toEqual([1, expect.stringMatching(/nothing to write; give --mqtt/)]);
  });

  it('--print shows all and writes nothing', async () => {
    const folder = tempFolder();
    const ran = await init(folder, ['--print', '--no-test', '--smtp-host', 'mail.example.net', ...PLAIN]);
    expect([ran.code, readdirSync(folder.path)]).toEqual([0, []]);
    expect(ran.out).toContain('"host": "mail.example.net"');
    expect(ran.out).toContain('missed-call-by-email.jsonc');
  });
});

const PLAIN = ['--smtp-from', 'desk@example.net', '--smtp-to', 'a@example.net'];

describe('every shipped rule that init may copy', () => {
  it.each([
    ['MQTT', ['--mqtt', 'embedded']],
    ['Home Assistant', ['--mqtt', 'embedded', '--home-assistant']],
    ['Slack', ['--slack-token', 'env:TOKEN', '--slack-channel', '#phones']],
    ['email', ['--smtp-host', 'mail.example.net', ...PLAIN]],
    ['all of them', ['--mqtt', 'embedded', '--slack-token', 'env:TOKEN', '--slack-channel', '#p', '--crm', 'zendesk']],
  ])('is right without the phones of the example, in every zone: %s', async (_name, flags) => {
    for (const zone of ['Europe/Berlin', 'Pacific/Auckland']) {
      const folder = tempFolder();
      const token = 'xoxb-4711';
      const args = ['--yes', '--no-test', '--timezone', zone, ...flags];
      const needed = flags.includes('zendesk') ? ['--crm-url', 'https://mustermann.zendesk.com/x', ...ZENDESK] : [];
      const ran = await init(folder, [...args, ...needed], undefined, { TOKEN: token });
      expect([ran.code, ran.err]).toEqual([0, '']);
      const rules = readdirSync(folder.at('rules')).map((name) => read(folder, `rules/${name}`));
      expect(rules.join()).not.toMatch(/"(phone|call\.phones)": "(front|work|sales)|front desk that/);
      if (zone !== 'Europe/Berlin') expect(rules.join()).not.toContain('Europe/Berlin');
    }
  });
});

const ZENDESK = ['--crm-secret', 'ZENDESK_TOKEN=env:TOKEN'];

describe('at a terminal', () => {
  it('asks, keeps secrets in files of their own, and never shows one', async () => {
    const { mail } = await peers();
    const folder = tempFolder();
    const broker = String(await freePort());
    const ran = await init(
      folder,
      [
        '--broker-port',
        broker,
        '--smtp-port',
        String(mail.port),
        '--smtp-host',
        '127.0.0.1',
        ...SMTP,
        '--smtp-to',
        'a@b.example',
      ],
      ['de', '', 'embedded', 'y', '', ''],
    );
    // The mail server wants a password, which no flag gave.
    expect([ran.code, ran.err]).toEqual([65, expect.stringMatching(/password.*is missing beside user/)]);

    const second = await init(
      folder,
      ['--broker-port', broker],
      [
        'de',
        'Europe/Berlin',
        'embedded',
        'y',
        '',
        '127.0.0.1',
        'none',
        'desk@example.net',
        { secret: 'pass-4711' },
        '',
        'a@b.example',
        'k',
        '',
      ],
    );
    // Port 25 of this machine is no mail server: kept all the same.
    expect(second.code).toBe(0);
    expect(second.questions.filter((question) => question.includes('not shown'))).toHaveLength(2);
    expect(read(folder, 'secrets/smtp-password')).toBe('pass-4711\n');
    expect([modeOf(folder, 'secrets'), modeOf(folder, 'secrets/smtp-password')]).toEqual([0o700, 0o600]);
    expect(read(folder, 'config.json')).not.toContain('4711');
    expect(second.out + second.err).not.toContain('4711');
    expect(configOf(folder)).toMatchObject({
      sites: { default: { country: 'DE' } },
      connections: { house: { homeAssistant: {} }, office: { password: { file: 'secrets/smtp-password' } } },
    });
  });

  it('says at once what is wrong, and asks again', async () => {
    const { broker } = await peers();
    const folder = tempFolder();
    const good = `mqtt://127.0.0.1:${broker.port}`;
    const answers = [
      '',
      '',
      'http://x',
      '',
      'n',
      'a',
      `mqtt://127.0.0.1:${await closedPort()}`,
      '',
      '',
      'a',
      good,
      '',
      '',
    ];
    const ran = await init(folder, [], [...answers, { secret: '' }, '', '']);
    expect([ran.code, ran.left]).toEqual([0, 0]);
    expect(ran.err).toMatch(/broker: must be mqtt:\/\/[\s\S]*nothing listens there/);
    expect(configOf(folder)).toMatchObject({ connections: { house: { broker: good } } });
  });

  it('offers the recipes, with an address and secrets of one own', async () => {
    const folder = tempFolder();
    const port = await closedPort();
    const secrets = [{ secret: 'crm-token-1' }, { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }];
    const crm = ['generic-crm', `https://127.0.0.1:${port}/calls`, ...secrets];
    const ran = await init(folder, [], ['', '', '', '', '', ...crm, 'k']);
    expect([ran.code, ran.left]).toEqual([0, 0]);
    expect(ran.err).toMatch(/crm-records: 127\.0\.0\.1 could not be reached \(ECONNREFUSED\)/);
    expect(configOf(folder)).toMatchObject({
      connections: {
        'crm-records': { bearer: { file: 'secrets/crm-token' }, allowPrivate: ['127.0.0.1/32'], method: 'PUT' },
      },
    });
    expect(read(folder, 'rules/generic-crm.jsonc')).toContain('call-to-crm-record');
  });

  it('ends without a trace when the person stops', async () => {
    const folder = tempFolder();
    const ran = await init(folder, [], ['de', '', 'embedded', undefined]);
    expect([ran.code, ran.err, readdirSync(folder.path)]).toEqual([1, 'stopped; nothing was written\n', []]);
  });
});
