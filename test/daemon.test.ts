// The main job, whole: raw hits in, four real destinations out; and what a person sees when something is wrong.
import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { command, hit, type RunningDaemon, startDaemon, TOKEN, TOKEN_SHA256 } from './running-daemon.ts';
import { eventually } from './support/destination-contract.ts';
import { freePort } from './support/free-port.ts';
import { answer, startHttpServer } from './support/http-server.ts';
import { observe, startTestBroker } from './support/mqtt-broker.ts';
import { sendRaw } from './support/raw-http.ts';
import { startSlackServer } from './support/slack-server.ts';
import { startSmtpServer } from './support/smtp-server.ts';
import { type TempFolder, tempFolder } from './support/temp-folder.ts';

const CALLER = 'Erika <!channel> & Söhne';

const RULES = {
  rules: [
    {
      id: 'missed',
      on: 'phone.missed_call',
      do: [
        { slack: { to: 'team', text: 'Missed: {{ remote.name }}' } },
        { email: { to: 'office', subject: 'Missed: {{ remote.name }}', text: '{{ remote.number }}' } },
        { webhook: { to: 'crm', body: { caller: '{{ remote.name }}', phone: '{{ phone.id }}' } } },
        { mqtt: { to: 'house', topic: 'phones/{{ phone.id }}/missed', payload: { by: '{{ remote.name }}' } } },
      ],
    },
  ],
};

async function place(more: object = {}, rules: object = RULES): Promise<{ folder: TempFolder; port: number }> {
  const folder = tempFolder();
  const port = await freePort();
  folder.write('config.json', {
    receiver: { host: '127.0.0.1', port },
    sites: { default: { token: { sha256: TOKEN_SHA256 } } },
    phones: [{ id: 'front-desk', mac: '00:50:58:a1:b2:c3' }],
    ...more,
  });
  folder.write('rules/rules.json', rules);
  return { folder, port };
}

async function running(folder: TempFolder, env: Record<string, string> = {}): Promise<RunningDaemon> {
  const daemon = await startDaemon(folder, env);
  onTestFinished(async () => void (await daemon.stop()));
  return daemon;
}

const logOnly = { rules: [{ id: 'say', on: 'phone.*', do: [{ log: { text: 'heard {{ event.type }}' } }] }] };

describe('from a raw hit to four destinations', () => {
  it('delivers to a broker, a mail server, an endpoint and Slack, each in its own grammar', async () => {
    const broker = await startTestBroker();
    const seen = await observe(broker.port, { protocolVersion: 4 });
    const mail = await startSmtpServer();
    const crm = await startHttpServer(answer(204));
    const slack = await startSlackServer('xoxb-1');
    onTestFinished(async () => {
      for (const server of [seen, broker, mail, crm, slack]) await server.stop();
    });
    const { folder, port } = await place({
      connections: {
        house: { type: 'mqtt', broker: `mqtt://127.0.0.1:${broker.port}` },
        team: { type: 'slack', token: { env: 'SLACK' }, apiUrl: slack.apiUrl, channel: '#sales' },
        office: {
          type: 'email',
          host: '127.0.0.1',
          port: mail.port,
          tls: 'none',
          from: { address: 'phones@example.net' },
          recipients: ['desk@example.net'],
        },
        crm: { type: 'webhook', url: `${crm.url}/calls`, allowPrivate: ['127.0.0.0/8'] },
      },
    });
    await running(folder, { SLACK: 'xoxb-1' });
    expect((await sendRaw(port, hit('missed_call', CALLER))).status).toBe(200);
    const all = () => seen.arrivals.length + mail.mails.length + crm.requests.length + slack.messages.length;
    await eventually(() => all() === 4, 'all four');
    expect(JSON.parse(seen.arrivals[0]?.payload ?? '')).toEqual({ by: CALLER });
    expect(seen.arrivals[0]?.topic).toBe('phones/front-desk/missed');
    expect(JSON.parse(crm.requests[0]?.body.toString() ?? '')).toEqual({ caller: CALLER, phone: 'front-desk' });
    expect(slack.messages[0]?.text).toBe('Missed: Erika &lt;!channel&gt; &amp; Söhne');
    expect(mail.mails[0]?.to).toEqual(['desk@example.net']);
    const listed = await command(folder, 'deliveries', '--json');
    const rows = listed.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map((row) => [row.to, row.state]).sort()).toEqual(
      ['crm', 'house', 'office', 'team'].map((to) => [to, 'delivered']),
    );
  });

  it('takes up after a restart what the one before could not deliver', async () => {
    const dead = await freePort();
    const { folder, port } = await place(
      { connections: { crm: { type: 'webhook', url: `http://127.0.0.1:${dead}/`, allowPrivate: ['127.0.0.0/8'] } } },
      { rules: [{ id: 'all', on: '*', do: [{ webhook: { to: 'crm', body: { name: '{{ remote.name }}' } } }] }] },
    );
    const first = await startDaemon(folder);
    expect((await sendRaw(port, hit('missed_call', 'kept'))).status).toBe(200);
    expect(await first.stop()).toBe(0);
    const crm = await startHttpServer(answer(204));
    onTestFinished(() => crm.stop());
    const config = JSON.parse(
      JSON.stringify({ connections: { crm: { type: 'webhook', url: crm.url, allowPrivate: ['127.0.0.0/8'] } } }),
    );
    folder.write('config.json', {
      receiver: { host: '127.0.0.1', port },
      sites: { default: { token: { sha256: TOKEN_SHA256 } } },
      ...config,
    });
    await running(folder);
    await eventually(() => crm.requests.length === 1, 'the delivery from before');
    expect(crm.requests[0]?.body.toString()).toBe('{"name":"kept"}');
  });
});

describe('events --json', () => {
  it('shows every event once, oldest first, in its shape and with its raw line, the token taken out', async () => {
    const { folder, port } = await place({}, logOnly);
    const daemon = await running(folder);
    for (const slug of ['off_hook', 'on_hook']) await sendRaw(port, hit(slug, 'Zoë'));
    const live = await command(folder, 'events', '--json');
    await daemon.stop();
    const later = await command(folder, 'events', '--json');
    for (const shown of [live, later]) {
      const events = shown.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(events.map((event) => event.type)).toEqual(['phone.off_hook', 'phone.on_hook']);
      expect(events[0]).toMatchObject({
        site: 'default',
        phone: { id: 'front-desk', mac: '005058a1b2c3' },
        suspect: [],
      });
      const raw = Buffer.from(events[0].raw_b64, 'base64').toString();
      expect(raw).toContain('GET /a/***/off_hook?mac=005058a1b2c3');
      expect(shown.out + daemon.out()).not.toContain(TOKEN);
    }
  });
});

describe('tokens and send', () => {
  it('makes a token at the first start, keeps its hash only, and plays a hit without knowing it', async () => {
    const { folder, port } = await place({ sites: {} }, logOnly);
    const daemon = await running(folder);
    const token = /\/a\/([\w-]{22,})\/missed_call\?/.exec(daemon.out())?.[1] ?? '';
    expect((await sendRaw(port, `GET /a/${token}/dnd_on?_=. HTTP/1.1\r\n\r\n`)).status).toBe(200);
    const played = await command(folder, 'send', 'missed_call', '--phone', 'front-desk', '--name', 'A & B', '--json');
    expect(played.code).toBe(0);
    expect(JSON.parse(played.out).event).toMatchObject({ type: 'phone.missed_call', remote: { name: 'A & B' } });
    const more = await command(folder, 'token', '--phone', 'front-desk');
    expect(more.out).toMatch(/\/a\/[\w-]{22,}\/missed_call/);
    const { readdirSync, readFileSync, statSync } = await import('node:fs');
    for (const name of readdirSync(folder.at('data'))) {
      if (statSync(folder.at(`data/${name}`)).isFile()) {
        expect(readFileSync(folder.at(`data/${name}`)).includes(token), name).toBe(false);
      }
    }
  });
});

describe('reload', () => {
  it('swaps good rules in, keeps the last good ones when they are bad, and loses no hit', async () => {
    const { folder, port } = await place({}, logOnly);
    const daemon = await running(folder);
    const say = (text: string) => ({ rules: [{ id: 'say', on: 'phone.*', do: [{ log: { text } }] }] });
    folder.write('rules/rules.json', say('second {{ event.type }}'));
    daemon.reload();
    await eventually(() => daemon.out().includes('config_swapped'), 'the swap');
    await sendRaw(port, hit('off_hook', 'x'));
    await eventually(() => daemon.out().includes('second phone.off_hook'), 'the new rule');
    folder.write('rules/rules.json', '{ "rules": [ { "id": ');
    daemon.reload();
    await eventually(() => daemon.out().includes('config_refused'), 'the refusal');
    expect((await sendRaw(port, hit('on_hook', 'x'))).status).toBe(200);
    await eventually(() => daemon.out().includes('second phone.on_hook'), 'the last good rule');
  });
});

describe('what cannot start says why', () => {
  const cases: [string, (folder: TempFolder, port: number) => Promise<void> | void, RegExp, number][] = [
    ['broken JSON', (f) => void f.write('config.json', '{ "receiver": { "port": 1,, } }'), /config\.json:1:\d+/, 65],
    ['an unknown key', (f) => void f.write('config.json', { reciever: {} }), /did you mean "receiver"\?/, 65],
    [
      'a rule that names an unknown connection',
      (f) =>
        void f.write('rules/rules.json', { rules: [{ id: 'a', on: '*', do: [{ slack: { to: 'taem', text: 'x' } }] }] }),
      /rules\/rules\.json:\d+:\d+ {2}rules\[0\]\.do\[0\]\.slack\.to: there is no connection "taem"/,
      65,
    ],
    [
      'an unknown variable',
      (f) =>
        void f.write('rules/rules.json', {
          rules: [{ id: 'a', on: '*', do: [{ log: { text: '{{ remote.nubmer }}' } }] }],
        }),
      /unknown variable "remote\.nubmer"; did you mean "remote\.number"\?/,
      65,
    ],
    [
      'a port in use',
      async (_f, port) => {
        const other = createServer().listen(port, '127.0.0.1');
        onTestFinished(() => void other.close());
        await new Promise((resolve) => other.once('listening', resolve));
      },
      /receiver\.port: 127\.0\.0\.1:\d+ is in use/,
      1,
    ],
    ['a data folder that is a file', (f) => void f.write('data', 'x'), /data/, 73],
  ];
  it.each(cases)('%s', async (_name, spoil, text, code) => {
    const { folder, port } = await place({}, logOnly);
    await spoil(folder, port);
    const daemon = await startDaemon(folder);
    expect(await daemon.code).toBe(code);
    expect(daemon.err()).toMatch(text);
    expect(daemon.err()).not.toContain('at ');
  });

  it('a database that a later version wrote', async () => {
    const { folder } = await place({}, logOnly);
    await (await startDaemon(folder)).stop();
    const db = new DatabaseSync(folder.at('data/hookswitch.db'));
    db.exec('PRAGMA user_version = 9999');
    db.close();
    const daemon = await startDaemon(folder);
    expect(await daemon.code).toBe(74);
    expect(daemon.err()).toMatch(/install the version that wrote it/);
  });

  it('a second daemon on the same data folder', async () => {
    const { folder } = await place({}, logOnly);
    await running(folder);
    const port = await freePort();
    folder.write('config.json', { receiver: { host: '127.0.0.1', port } });
    const second = await startDaemon(folder);
    expect(await second.code).toBe(75);
  });

  it('a damaged database is set aside, said, and phones are received', async () => {
    const { folder, port } = await place({}, logOnly);
    folder.write('data/hookswitch.db', Buffer.alloc(8192, 0x5a).toString('latin1'));
    const daemon = await running(folder);
    expect(daemon.out()).toContain('store_damaged');
    expect((await sendRaw(port, hit('off_hook', 'x'))).status).toBe(200);
  });

  it('a config that others can change', async () => {
    const { folder } = await place({}, logOnly);
    chmodSync(folder.at('config.json'), 0o666);
    const daemon = await startDaemon(folder);
    expect(await daemon.code).toBe(65);
    expect(daemon.err()).toContain('chmod 600');
  });
});

describe('stopping', () => {
  it('ends with 0 although a destination hangs, and keeps what it could not deliver', async () => {
    const hanging = await startHttpServer(() => {});
    onTestFinished(() => hanging.stop());
    const { folder, port } = await place(
      {
        connections: {
          crm: { type: 'webhook', url: hanging.url, allowPrivate: ['127.0.0.0/8'], delivery: { timeout: '1s' } },
        },
      },
      { rules: [{ id: 'all', on: '*', do: [{ webhook: { to: 'crm', body: { a: 1 } } }] }] },
    );
    const daemon = await startDaemon(folder);
    await sendRaw(port, hit('off_hook', 'x'));
    await eventually(() => hanging.requests.length > 0, 'the attempt');
    expect(await daemon.stop()).toBe(0);
    const { out } = await command(folder, 'deliveries', '--json');
    expect(JSON.parse(out.trim())).toMatchObject({ to: 'crm', state: 'waiting' });
  });
});
