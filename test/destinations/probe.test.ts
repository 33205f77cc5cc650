// Probes: each destination can be looked at without sending anything, and says in words what is wrong.
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Probed, probedWithin } from '../../src/core/probe.ts';
import { Secret } from '../../src/core/secret.ts';
import { DESTINATIONS } from '../../src/destinations/index.ts';
import { createRandom, systemClock } from '../../src/ports.ts';
import { makeCertificates } from '../support/certificates.ts';
import { answer, closedPort, startHttpServer, startSilentServer } from '../support/http-server.ts';
import { itWithMosquitto, itWithOpenssl, startMosquitto } from '../support/mosquitto.ts';
import { startTestBroker } from '../support/mqtt-broker.ts';
import { startSlackServer } from '../support/slack-server.ts';
import { startSmtpServer } from '../support/smtp-server.ts';

async function look(type: string, given: object, timeMs = 15_000): Promise<Probed> {
  const destination = DESTINATIONS.find((each) => each.type === type);
  if (destination?.probe === undefined) throw new Error(`${type} has no probe`);
  const late = new AbortController();
  const cancel = systemClock.after(timeMs, () => late.abort());
  try {
    const context = { name: 'looked-at', clock: systemClock, random: createRandom(), signal: late.signal };
    return await destination.probe(destination.settings.parse(given), context);
  } finally {
    cancel();
  }
}

async function started<Server extends { stop(): Promise<void> }>(server: Promise<Server>): Promise<Server> {
  const running = await server;
  onTestFinished(() => running.stop());
  return running;
}

const wrong = (text: RegExp) => ({ error: expect.stringMatching(text) });
const right = (text: RegExp) => ({ works: expect.stringMatching(text) });
const REFUSED = /ECONNREFUSED.*nothing listens there; check host and port/;

describe('mqtt', () => {
  it('connects and leaves, and publishes nothing', async () => {
    const broker = await started(startTestBroker());
    const given = { broker: `mqtt://127.0.0.1:${broker.port}`, status: { topic: 'hookswitch/status' } };
    expect(await look('mqtt', given)).toEqual(right(/takes the login, MQTT/));
    expect([broker.received, broker.connections()]).toEqual([[], 0]);
  });

  it('says that nobody listens, and which of several brokers does', async () => {
    const [gone, broker] = [`mqtt://127.0.0.1:${await closedPort()}`, await started(startTestBroker())];
    expect(await look('mqtt', { broker: gone })).toEqual(wrong(REFUSED));
    const both = [gone, `mqtt://127.0.0.1:${broker.port}`];
    expect(await look('mqtt', { broker: both })).toEqual(right(/takes the login.*but mqtt:.*ECONNREFUSED/));
  });

  itWithMosquitto('says that name or password is wrong, and takes the right ones', async () => {
    const broker = await started(startMosquitto({ user: { name: 'house', password: 'right' } }));
    const given = (password: string) => ({
      broker: `mqtt://127.0.0.1:${broker.port}`,
      username: 'house',
      password: new Secret(password),
    });
    expect(await look('mqtt', given('wrong-4711'))).toEqual(
      wrong(/not authorised|bad user.*check username and password/),
    );
    expect(JSON.stringify(await look('mqtt', given('wrong-4711')))).not.toContain('4711');
    expect(await look('mqtt', given('right'))).toEqual(right(/MQTT 5/));
  });

  it('knows that the embedded broker comes with the daemon', async () => {
    expect(await look('mqtt', { broker: 'embedded' })).toEqual(right(/starts with the daemon/));
  });
});

describe('email', () => {
  const given = (port: number, password: string) => ({
    host: '127.0.0.1',
    port,
    tls: 'none',
    user: 'hookswitch',
    password: new Secret(password),
    from: { name: 'Telephone', address: 'telephone@example.net' },
    recipients: ['office@example.net'],
  });

  it('logs in and begins no mail', async () => {
    const server = await started(startSmtpServer({ login: { user: 'hookswitch', password: 'right' } }));
    expect(await look('email', given(server.port, 'right'))).toEqual(right(/takes the login of hookswitch/));
    expect([server.mails, server.asked]).toEqual([[], []]);
  });

  it('says that the login is wrong, without the password', async () => {
    const server = await started(startSmtpServer({ login: { user: 'hookswitch', password: 'right' } }));
    const probed = await look('email', given(server.port, 'wrong-4711'));
    expect(probed).toEqual(wrong(/refused the login \(535\).*check user and password/));
    expect(JSON.stringify(probed)).not.toContain('4711');
  });

  it('says that nobody listens, or that nobody encrypts', async () => {
    expect(await look('email', given(await closedPort(), 'x'))).toEqual(wrong(/nothing listens there/));
    const server = await started(startSmtpServer());
    const encrypted = { ...given(server.port, 'x'), tls: 'starttls' };
    expect(await look('email', encrypted)).toEqual(wrong(/no encrypted connection.*check tls and ca/));
  });

  itWithOpenssl('says that nobody known signed the certificate', async () => {
    const { ca, server: tls } = makeCertificates();
    const server = await started(startSmtpServer({ tls, implicit: true }));
    const { user: _, password: __, ...plain } = { ...given(server.port, 'x'), tls: 'implicit' };
    expect(await look('email', plain)).toEqual(wrong(/signed by nobody that is known here.*as ca/));
    expect(await look('email', { ...plain, ca: new Secret(ca.cert) })).toEqual(right(/answers/));
  });
});

describe('slack', () => {
  const TOKEN = 'xoxb-marker-4711';
  const given = (apiUrl: string, token = TOKEN) => ({ token: new Secret(token), apiUrl, channel: '#phones' });

  it('asks whose token it is, and posts nothing', async () => {
    const slack = await started(startSlackServer(TOKEN));
    const names = { ok: true, team: 'Mustermann', user: 'hookswitch' };
    slack.script(answer(200, { 'content-type': 'application/json' }, JSON.stringify(names)));
    expect(await look('slack', given(slack.apiUrl))).toEqual(right(/that of hookswitch in Mustermann.*#phones/));
    expect([slack.calls.map(({ method }) => method), slack.messages]).toEqual([['auth.test'], []]);
  });

  it('says that the token is wrong, or that it may not post', async () => {
    const slack = await started(startSlackServer(TOKEN));
    expect(await look('slack', given(slack.apiUrl, 'xoxb-other'))).toEqual(
      wrong(/invalid_auth.*set a valid bot token/),
    );
    const head = { 'content-type': 'application/json', 'x-oauth-scopes': 'channels:read,users:read' };
    slack.script(answer(200, head, '{"ok":true}'));
    expect(await look('slack', given(slack.apiUrl))).toEqual(wrong(/add the scope chat:write/));
  });

  it('tries the app token, too', async () => {
    const slack = await started(startSlackServer(TOKEN));
    const good = answer(200, { 'content-type': 'application/json' }, '{"ok":true,"team":"T","user":"U"}');
    slack.script(good);
    const withApp = (appToken: string) => ({ ...given(slack.apiUrl), appToken: new Secret(appToken) });
    expect(await look('slack', withApp('xapp-wrong'))).toEqual(wrong(/^appToken: .*invalid_auth/));
    slack.script(good);
    expect(await look('slack', withApp('xapp-marker-4711'))).toEqual(right(/that of U in T/));
    expect(slack.sockets).toEqual([]);
  });

  it('knows a webhook that works by its refusal of an empty message', async () => {
    const slack = await started(startSlackServer(TOKEN));
    const webhook = { webhookUrl: new Secret(slack.webhookUrl) };
    slack.script('no_text', 'no_service');
    expect(await look('slack', webhook)).toEqual(right(/takes messages/));
    expect(await look('slack', webhook)).toEqual(wrong(/no_service.*make a new one/));
    expect(slack.messages).toEqual([]);
  });
});

describe('webhook', () => {
  it('connects, and makes no request', async () => {
    const server = await started(startHttpServer(answer(200)));
    const given = { url: `${server.url}/hook`, allowPrivate: ['127.0.0.1/32'] };
    expect(await look('webhook', given)).toEqual(right(/takes connections; no request was made/));
    expect([server.requests, server.connections()]).toEqual([[], 1]);
  });

  it('says what allows a private address, that nobody listens, that there is no such name', async () => {
    const server = await started(startHttpServer(answer(200)));
    expect(await look('webhook', { url: `https://localhost:${server.port}` })).toEqual(
      wrong(/list it in allowPrivate/),
    );
    expect(server.connections()).toBe(0);
    const gone = { url: `http://127.0.0.1:${await closedPort()}`, allowPrivate: ['127.0.0.1/32'] };
    expect(await look('webhook', gone)).toEqual(wrong(REFUSED));
    expect(await look('webhook', { url: 'https://nowhere.invalid/' })).toEqual(
      wrong(/nowhere\.invalid.*(spelling|DNS)/),
    );
  });

  itWithOpenssl('says that nobody known signed the certificate', async () => {
    const { server: pair } = makeCertificates();
    const server = await started(startHttpServer(answer(200), pair));
    const given = { url: server.url, allowPrivate: ['127.0.0.1/32'] };
    expect(await look('webhook', given)).toEqual(wrong(/signed by nobody that is known here/));
  });
});

describe('ntfy', () => {
  it('asks whether the server is well, and publishes nothing', async () => {
    const server = await started(startHttpServer(answer(200, {}, '{"healthy":true}')));
    const given = { server: server.url, allowHttp: true, topic: 'calls-4711', token: new Secret('tk_right') };
    expect(await look('ntfy', given)).toEqual(right(/is well, and takes the token/));
    expect(server.requests.map(({ method, target }) => `${method} ${target}`)).toEqual(['GET /v1/health']);
  });

  it('says that the token is wrong, or that it is no such server', async () => {
    const answers = [answer(401), answer(404)];
    const server = await started(startHttpServer((socket, request) => answers.shift()?.(socket, request)));
    const given = { server: server.url, allowHttp: true, topic: 'calls-4711', token: new Secret('tk_wrong') };
    expect(await look('ntfy', given)).toEqual(wrong(/refused the token \(401\)/));
    expect(await look('ntfy', given)).toEqual(wrong(/is that an ntfy server/));
  });
});

describe('a server that never says a word', () => {
  it.each([
    ['mqtt', (port: number) => ({ broker: `mqtt://127.0.0.1:${port}` })],
    [
      'email',
      (port: number) => ({
        host: '127.0.0.1',
        port,
        tls: 'none',
        from: { name: 'A', address: 'a@example.net' },
        recipients: ['b@example.net'],
      }),
    ],
    ['slack', (port: number) => ({ token: new Secret('xoxb-1'), apiUrl: `http://127.0.0.1:${port}/api/` })],
    ['ntfy', (port: number) => ({ server: `http://127.0.0.1:${port}`, allowHttp: true, topic: 'calls' })],
  ])('is waited for as long as the time allows: %s', async (type, given) => {
    const server = await started(startSilentServer());
    expect(await look(type, given(server.port), 300)).toEqual(
      wrong(/check the address, and firewalls|could not be reached/),
    );
  });

  it('and so is one that never ends', async () => {
    const late = new AbortController();
    const probed = probedWithin(late.signal, new Promise<Probed>(() => undefined));
    late.abort();
    expect(await probed).toEqual(wrong(/no answer in time/));
  });
});
