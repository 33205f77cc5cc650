// Webhooks: the contract of destinations, what a request looks like, and what an author is told.
import { afterEach, describe, expect, it } from 'vitest';
import { checkWith } from '../../src/core/schema-problems.ts';
import { Secret } from '../../src/core/secret.ts';
import { webhook } from '../../src/destinations/webhook/index.ts';
import { destinationContract } from '../support/destination-contract.ts';
import { answer, closedPort, startHttpServer, startSilentServer } from '../support/http-server.ts';
import { LOOPBACK, openWebhook } from '../support/webhook-connection.ts';

const MARKER = 'marker-4711';
const settingsFor = (port: number, more: Record<string, unknown> = {}) => ({
  url: `http://127.0.0.1:${port}/hooks`,
  ...LOOPBACK,
  ...more,
});

/** Reads one member of a list header with a parameter, as RFC 9110 has them, from a whole head. */
function headerValue(encoded: string): string {
  const head = `a: b\r\nx-list: before-${encoded}-after;q=1, last\r\nc: d\r\n\r\n`;
  const lines = head.split(/\r\n|\r|\n/);
  if (lines.length !== 5 || !/^[\x20-\x7e]*$/.test(lines[1] ?? '')) throw new Error('another line');
  const members = (lines[1] ?? '').replace('x-list: ', '').split(/\s*,\s*/);
  const [token = '', ...parameters] = (members[0] ?? '').split(/\s*;\s*/);
  if (members.length !== 2 || parameters.join() !== 'q=1' || /[\s"\\()<>=]/.test(token))
    throw new Error('another part');
  return decodeURIComponent(token.replace(/^before-|-after$/g, ''));
}

destinationContract('webhook', {
  declaration: webhook,
  cases: {
    async live() {
      const server = await startHttpServer(answer(200));
      return { settings: settingsFor(server.port), received: () => server.requests.length, stop: server.stop };
    },
    gone: async () => ({
      settings: settingsFor(await closedPort(), {
        bearer: new Secret(MARKER),
        url: new Secret(`http://127.0.0.1:1/${MARKER}`),
      }),
      stop: async () => undefined,
    }),
    async silent() {
      const server = await startSilentServer();
      return { settings: settingsFor(server.port), stop: server.stop };
    },
    grammar: {
      path: {
        parse(encoded) {
          const url = `/hooks/calls/${encoded}/end`;
          if (!/^[\x21-\x7e]*$/.test(url) || /[?#"<>\\^`{|}]/.test(url)) throw new Error('no URL');
          const segments = url.split('/');
          if (segments.length !== 5) throw new Error('another segment');
          return decodeURIComponent(segments[3] ?? '');
        },
      },
      headers: { parse: headerValue },
      key: { parse: headerValue },
    },
  },
});

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(more: Record<string, unknown> = {}, script = answer(200)) {
  const server = await startHttpServer(script);
  cleanups.push(() => server.stop());
  const hook = await openWebhook(settingsFor(server.port, more));
  cleanups.push(() => hook.close());
  return { server, hook };
}

describe('a request', () => {
  it('posts the body as JSON, with the id that stays the same over retries', async () => {
    const { server, hook } = await connect();
    const body = { number: '+4930', name: 'Müller "<&>" \uD800', seconds: 3, list: [null, true] };
    expect(await hook.post({ body }, 'event-1/rule-1/0')).toEqual({ kind: 'delivered', code: '200' });
    const [request] = server.requests;
    expect(request?.method).toBe('POST');
    expect(request?.target).toBe('/hooks');
    expect(JSON.parse(request?.body.toString() ?? '')).toEqual(body);
    expect(request?.headers).toMatchObject({
      host: `127.0.0.1:${server.port}`,
      'content-type': 'application/json',
      'content-length': String(request?.body.length),
      'accept-encoding': 'identity',
      'webhook-id': 'event-1/rule-1/0',
      connection: 'close',
    });
    expect(Math.abs(Number(request?.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(5);
    expect(request?.headers['webhook-signature']).toBeUndefined();
  });

  it('sends the constant headers of the config, secret or not', async () => {
    const { server, hook } = await connect({
      headers: { 'X-Api-Key': new Secret(MARKER), 'x-site': 'head office' },
      bearer: new Secret('token-1'),
    });
    await hook.post();
    expect(server.requests[0]?.headers).toMatchObject({
      'x-api-key': MARKER,
      'x-site': 'head office',
      authorization: 'Bearer token-1',
    });
  });

  it('appends path and query to those of the url; an unknown value leaves its parameter out', async () => {
    const server = await startHttpServer(answer(200));
    cleanups.push(() => server.stop());
    const hook = await openWebhook({ ...LOOPBACK, url: `${server.url}/hooks/?key=1` });
    cleanups.push(() => hook.close());
    const query = { q: "a&b=c d+ü/?#'", n: 7, unknown: null, 'x y': '' };
    await hook.post({ body: 1, path: 'calls/a%2Fb', query });
    await hook.post({ body: 1 });
    const [target = '', plain] = server.requests.map((request) => request.target);
    expect(plain).toBe('/hooks/?key=1');
    expect(target).toBe('/hooks/calls/a%2Fb?key=1&q=a%26b%3Dc%20d%2B%C3%BC%2F%3F%23%27&n=7&x%20y=');
    expect([...new URL(target, server.url).searchParams]).toEqual([
      ['key', '1'],
      ['q', query.q],
      ['n', '7'],
      ['x y', ''],
    ]);
  });

  it('uses the method of the message, else of the connection, and sends no body with GET', async () => {
    const { server, hook } = await connect({ method: 'PUT' });
    await hook.post({ body: 1 });
    await hook.post({ method: 'GET', query: { turn: 'on' } });
    await hook.post({ method: 'DELETE' });
    expect(server.requests.map(({ method, target, body }) => [method, target, body.toString()])).toEqual([
      ['PUT', '/hooks', '1'],
      ['GET', '/hooks?turn=on', ''],
      ['DELETE', '/hooks', ''],
    ]);
  });

  it('dies at once, with nothing sent, where a rendered message cannot be a request', async () => {
    const { server, hook } = await connect();
    for (const path of ['..', 'a/../b', '%2e%2E/x', '', 'a//b', 'a b', 'a?b', 'a#b', 'a\\b', 'ü', 'a\r\nb']) {
      if (path !== '') expect(await hook.post({ body: 1, path })).toMatchObject({ kind: 'dead' });
      expect(webhook.check?.({ body: 1, path })).toContain('path:');
    }
    expect(await hook.post({ body: 1, query: { a: { b: 1 } } })).toMatchObject({ kind: 'dead' });
    expect(await hook.post({})).toMatchObject({ kind: 'dead', error: expect.stringContaining('POST') });
    expect(server.connections()).toBe(0);
    expect(webhook.check?.({ body: 'x'.repeat(256 * 1024) })).toContain('256 KiB');
    expect(webhook.check?.({ body: 'x'.repeat(256 * 1024 - 2), path: 'a/b%20c', query: { a: null } })).toBeUndefined();
  });
});

describe('what an author is told about settings', () => {
  const problems = (given: Record<string, unknown>) =>
    webhook.settings
      .safeParse({ url: 'https://crm.example.net/', ...given })
      .error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);

  it.each([
    [{ url: 'ftp://crm.example.net/' }, 'url: must be a URL such as'],
    [{ url: 'crm.example.net' }, 'url: must be a URL such as'],
    [{ url: 'https://' }, 'url: must be a URL such as'],
    [{ url: 'https:/\\crm.example.net' }, 'url: must be a URL such as'],
    [{ url: 'https://crm.example.net/{{ phone.id }}' }, 'url: must be constant'],
    [{ url: 'https://me:pw@crm.example.net/' }, 'url: must not hold a user name'],
    [{ url: 'https://crm.example.net/#x' }, 'url: must not hold a fragment'],
    [{ url: 'http://crm.example.net/' }, 'url: must be https://'],
    [{ url: 'http://8.8.8.8/', allowPrivate: ['10.0.0.0/8'] }, 'url: must be https://'],
    [{ url: 'https://192.168.1.9/' }, 'url: leads to an address that is not public (private); list it in allowPrivate'],
    [{ url: new Secret('https://10.0.0.1/marker') }, 'url: leads to an address'],
    [{ allowPrivate: ['10.0.0.0/33'] }, 'allowPrivate.0: must be a network'],
    [{ allowPrivate: ['010.1/8'] }, 'allowPrivate.0: must be a network'],
    [{ allowPrivate: ['lan'] }, 'allowPrivate.0: must be a network'],
    [{ headers: { 'x y': 'z' } }, 'headers.x y: is no header name'],
    [{ headers: { Host: 'z' } }, 'headers.Host: is set by Hookswitch itself'],
    [{ headers: { 'webhook-id': 'z' } }, 'headers.webhook-id: is set by Hookswitch itself'],
    [{ headers: { 'Transfer-Encoding': 'z' } }, 'headers.Transfer-Encoding: is set'],
    [{ headers: { x: 'a\r\nb' } }, 'headers.x: must be visible ASCII'],
    [{ headers: { x: 'ü' } }, 'headers.x: must be visible ASCII'],
    [{ headers: { x: new Secret('a\nb') } }, 'headers.x: must be visible ASCII'],
    [{ headers: { 'X-A': 'a', 'x-a': 'b' } }, 'headers.x-a: stands twice'],
    [
      { headers: { Authorization: new Secret('x') }, bearer: new Secret('y') },
      'headers.Authorization: stands beside bearer',
    ],
    [{ basic: { user: 'u', password: new Secret('p') }, bearer: new Secret('y') }, 'bearer: stands beside basic'],
    [{ basic: { user: 'u:v', password: new Secret('p') } }, 'basic.user: must have no colon'],
    [{ basic: { user: 'u', password: 'p' } }, 'basic.password: must be { "env": "NAME" }'],
    ...['Authorization', 'x-api-key', 'X-KEY', 'x-auth-token', 'client-secret', 'Cookie', 'x-password'].map(
      (name): [Record<string, unknown>, string] => [
        { headers: { [name]: 'marker-plain' } },
        `headers.${name}: must be { "env": "NAME" } or { "file": "path" }`,
      ],
    ),
    [{ bearer: new Secret('a b\n') }, 'bearer: must be visible ASCII'],
    [{ secret: [{ value: new Secret('x'), until: '2026-12-31' }] }, 'secret.0: must be the current secret alone'],
    [{ secret: [new Secret('x'), new Secret('y')] }, 'secret.1: must be { "value": …, "until"'],
    [{ secret: [] }, 'secret'],
    [{ timeoutMs: 10 }, 'timeoutMs:'],
    [{ method: 'TRACE' }, 'method:'],
  ] as [Record<string, unknown>, string][])('%j', (given, expected) => {
    const found = problems(given);
    expect(found?.length).toBe(1);
    expect(found?.[0]).toContain(expected);
    expect(found?.[0]).not.toContain('marker');
  });

  it('says where the secret of before stands now, and how a window is written', () => {
    const told = (more: Record<string, unknown>) => {
      const checked = checkWith(webhook.settings, { url: 'https://crm.example.net/', ...more });
      return 'problems' in checked ? checked.problems.map((p) => `${p.path.join('.')}: ${p.message}; ${p.hint}`) : [];
    };
    expect(told({ previousSecret: new Secret('x') })).toEqual([
      expect.stringMatching(/^previousSecret: unknown key; write "secret" as a list: .*"until"/),
    ]);
    expect(told({ previousSecrets: 1 })[0]).toContain('known:');
    const secret = [new Secret('x'), { value: new Secret('y'), until: 'tomorrow' }];
    expect(told({ secret })[0]).toContain('must be a day such as "2026-12-31"');
    expect(told({ secret: [new Secret('x'), { value: 'marker', until: '2026-12-31' }] })[0]).toMatch(
      /^secret\.1\.value: must be \{ "env": "NAME" \}/,
    );
  });

  it('takes http:// to a listed network or where it is allowed', () => {
    expect(problems({ url: 'http://192.168.1.9/', allowPrivate: ['192.168.1.9'] })).toBeUndefined();
    expect(problems({ url: 'http://[fd00::1]:8080/', allowPrivate: ['fd00::/8'] })).toBeUndefined();
    expect(problems({ url: 'http://nas.lan/', allowPrivate: ['192.168.0.0/16'] })).toBeUndefined();
    expect(problems({ url: 'http://crm.example.net/', allowHttp: true })).toBeUndefined();
    expect(problems({ url: new Secret('https://hooks.example.net/marker') })).toBeUndefined();
  });
});

describe('what an author is told about messages', () => {
  const lint = (message: Record<string, unknown>, method = 'POST') =>
    (webhook.lint?.(message as never, { method }) ?? []).map(({ path, message: text }) => `${path.join('.')}: ${text}`);

  it('wants values as whole path segments', () => {
    for (const path of ['{{ phone.id }}', 'calls/{{ remote.number | default: "a/b" }}/end', 'a.b/c'])
      expect(lint({ body: 1, path })).toEqual([]);
    expect(lint({ body: 1, path: '/calls' })[0]).toContain('must not start with "/"');
    expect(lint({ body: 1, path: 'calls/x-{{ phone.id }}' })[0]).toContain('whole segment');
    expect(lint({ body: 1, path: 'calls/{{ phone.id }}.json' })[0]).toContain('whole segment');
    expect(lint({ body: 1, path: '{% if phone.id %}a{% endif %}' })[0]).toContain('no tags');
    for (const path of ['a/../b', 'a//b', '%2e%2e/a', 'a?b=c', 'a b'])
      expect(lint({ body: 1, path })[0]).toContain('path:');
  });

  it('wants a body where the method has one', () => {
    expect(lint({})[0]).toContain('body: is missing, which POST needs');
    expect(lint({ method: 'GET', body: 1 })[0]).toContain('never sent with GET');
    expect(lint({ method: 'GET' })).toEqual([]);
    expect(lint({}, 'GET')).toEqual([]);
    expect(lint({ body: null })).toEqual([]);
    expect(lint({ method: 'DELETE' })).toEqual([]);
  });
});
