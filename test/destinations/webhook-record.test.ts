// Webhooks: one record per key, headers of a message, who the request says it is from, and the loop back to ourselves.
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Json, Kept } from '../../src/core/delivery.ts';
import { Secret } from '../../src/core/secret.ts';
import { isOwn, isSelf, ownsEvery } from '../../src/destinations/webhook/address.ts';
import { encodeHeaderValue } from '../../src/destinations/webhook/headers.ts';
import { webhook } from '../../src/destinations/webhook/index.ts';
import { encodeUrlValue, requestTarget } from '../../src/destinations/webhook/target.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { answer, startHttpServer } from '../support/http-server.ts';
import { LOOPBACK, openWebhook } from '../support/webhook-connection.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(
  more: Record<string, unknown> = {},
  script = answer(200),
  own?: { host: string; port: number }[],
) {
  const server = await startHttpServer(script);
  cleanups.push(() => server.stop());
  const ownAddresses = () => own?.map(({ host, port }) => ({ host, port: port === 0 ? server.port : port })) ?? [];
  const hook = await openWebhook({ url: `${server.url}/hooks`, ...LOOPBACK, ...more }, { ownAddresses });
  cleanups.push(() => hook.close());
  return { server, hook };
}

describe('a record that is made once', () => {
  it('carries its key, is remembered for 30 days when it arrived, and is not made again', async () => {
    const { server, hook } = await connect();
    const message = { body: { n: 1 }, key: 'call-1', once: true };
    const memory = new Map<string, Json>();
    const first = await hook.post(message, 'a/r/0');
    expect(first).toMatchObject({ kind: 'delivered', code: '200', keep: { value: 'a/r/0' } });
    const { keep } = first as { keep: Kept };
    const days = (keep.untilMs - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
    memory.set(keep.key, keep.value);
    const kept = (key: string): Json | undefined => memory.get(key);
    expect(await hook.post({ ...message, body: { n: 2 } }, 'b/r/0', kept)).toEqual({
      kind: 'delivered',
      code: 'made-before',
    });
    await hook.post({ ...message, key: 'call-2' }, 'c/r/0', kept);
    await hook.post({ ...message, path: 'other' }, 'd/r/0', kept);
    expect(server.requests.map(({ headers, target }) => [headers['idempotency-key'], target])).toEqual([
      ['call-1', '/hooks'],
      ['call-2', '/hooks'],
      ['call-1', '/hooks/other'],
    ]);
    expect([...hook.context.counts]).toEqual([['webhook_made_before{connection=under-test}', 1]]);
  });

  it.each([500, 404, 410, 302])(
    'is not remembered where the answer was %d; the retry carries the same key and id',
    async (status) => {
      const { server, hook } = await connect({}, answer(status));
      const message = { body: 1, key: 'call-1', once: true };
      expect(await hook.post(message)).not.toHaveProperty('keep');
      await hook.post(message);
      const sent = server.requests.map(({ headers }) => [headers['idempotency-key'], headers['webhook-id']]);
      expect(sent).toEqual([sent[0], sent[0]]);
      expect(sent[0]).toEqual(['call-1', 'event-1/rule-1/0']);
    },
  );

  it('has no header and no memory where it is updated by its key instead', async () => {
    const { server, hook } = await connect({ method: 'PUT' });
    for (const n of [1, 2])
      expect(await hook.post({ body: n, path: 'calls/a', key: 'a' }, 'x', () => 'y')).toEqual({
        kind: 'delivered',
        code: '200',
      });
    expect(server.requests.map(({ headers }) => headers['idempotency-key'])).toEqual([undefined, undefined]);
  });

  it('lets only the newest of its messages wait; another path, method or key is another record', () => {
    const slots = [
      { key: 'a' },
      { key: 'a', body: 2 },
      { key: 'b' },
      { key: 'a', path: 'x' },
      { key: 'a', method: 'PUT' },
      { body: 1 },
    ].map((message) => webhook.slot?.(message as Record<string, Json>));
    expect(slots[0]).toBe(slots[1]);
    expect(new Set(slots).size).toBe(5);
    expect(slots.at(-1)).toBeUndefined();
  });

  it('needs a key that names it', () => {
    const lint = (message: Record<string, unknown>) =>
      (webhook.lint?.({ body: 1, ...message } as never, { method: 'POST' }) ?? []).map(
        (p) => `${p.path.join('.')}: ${p.message}`,
      );
    expect(lint({ once: true })).toEqual(['key: is missing beside once']);
    expect(lint({ once: true, key: 'calls' })[0]).toContain('every event is about one record');
    expect(lint({ once: true, key: '{{ call.key }}' })).toEqual([]);
    expect(lint({ once: true, key: '{{ call.key }}', headers: { 'Idempotency-Key': 'x' } })[0]).toContain('connection');
    for (const key of ['', ' ', 'x'.repeat(256), 'a\nb', 'ü', null as never])
      expect(webhook.check?.({ body: 1, key })).toMatch(/^key: /);
    expect(webhook.check?.({ body: 1, key: 'x'.repeat(255) })).toBeUndefined();
  });
});

describe('headers of a message', () => {
  const lint = (headers: Record<string, string>) =>
    (webhook.lint?.({ body: 1, headers } as never, { method: 'POST', headers: { 'x-site': 'a' } }) ?? []).map(
      (p) => `${p.path.join('.')}: ${p.message}`,
    );

  it.each([
    ['host', 'is set by Hookswitch itself'],
    ['Webhook-Id', 'is set by Hookswitch itself'],
    ['content-type', 'is set by Hookswitch itself'],
    ['x y', 'is no header name'],
    ['x\r\ny', 'is no header name'],
    ['Authorization', 'by its name holds a secret'],
    ['x-api-key', 'by its name holds a secret'],
    ['X-Site', 'is set by the connection'],
  ])('"%s" may not be one: %s', (name, why) => {
    expect(lint({ [name]: '{{ phone.id }}' })).toEqual([expect.stringContaining(why)]);
    if (!why.includes('connection'))
      expect(webhook.check?.({ body: 1, headers: { [name]: 'x' } })).toContain('headers:');
  });

  it('have texts of visible ASCII around their values', () => {
    expect(lint({ 'x-line': 'from {{ remote.name }}' })).toEqual([]);
    expect(lint({ 'x-line': 'für {{ remote.name }}' })[0]).toContain('visible ASCII');
    expect(lint({ 'x-a': '{{ site }}', 'X-A': '{{ site }}' })[0]).toContain('stands twice');
    for (const value of ['a\nb', 'ü', 'x'.repeat(4_003), 7 as never])
      expect(webhook.check?.({ body: 1, headers: { 'x-a': value } })).toContain('visible ASCII');
  });

  it('arrive as one value each, whatever a caller is called; an empty one is left out', async () => {
    const { server, hook } = await connect();
    for (const name of HOSTILE_STRINGS)
      await hook.post({ body: 1, headers: { 'X-Caller': encodeHeaderValue(name), 'x-none': '', 'x-null': null } });
    expect(server.requests.length).toBe(HOSTILE_STRINGS.length);
    for (const [n, { headers }] of server.requests.entries()) {
      const name = HOSTILE_STRINGS[n] ?? '';
      expect(decodeURIComponent(headers['x-caller'] ?? '')).toBe(Buffer.from(name, 'utf8').toString());
      const others = Object.keys(headers).filter((header) => header !== 'x-caller');
      expect(others.sort()).toEqual(
        'accept-encoding connection content-length content-type host user-agent webhook-id webhook-timestamp'.split(
          ' ',
        ),
      );
    }
  });
});

describe('who a request is from', () => {
  it('is said by user and password, by a token, or by a header, and by no message', async () => {
    for (const [given, expected] of [
      [
        { basic: { user: 'me@example.net/token', password: new Secret('pä:ss') } },
        `Basic ${Buffer.from('me@example.net/token:pä:ss').toString('base64')}`,
      ],
      [{ bearer: new Secret('t-1') }, 'Bearer t-1'],
      [{ headers: { Authorization: new Secret('Token t-2') } }, 'Token t-2'],
      [{}, undefined],
    ] as const) {
      const { server, hook } = await connect(given);
      expect((await hook.post()).kind).toBe('delivered');
      expect(server.requests[0]?.headers.authorization).toBe(expected);
      expect(await hook.post({ body: 1, headers: { authorization: 'x' } })).toMatchObject({ kind: 'dead' });
    }
  });
});

/** RFC 3986, sections 3.3 and 3.4, and of the query the form that everybody reads: name=value&… */
const PCHAR = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
const PATH_AND_QUERY = new RegExp(`^((?:/${PCHAR}*)+)(?:\\?((?:${PCHAR}|[/?])*))?$`);

describe('a target', () => {
  it('has no structure but what the author wrote, by the URL standard and by RFC 3986 (3,000 values)', () => {
    const text = fc.oneof(
      fc.constantFrom(...HOSTILE_STRINGS),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
    );
    const base = new URL('https://crm.example.net/hooks?site=1');
    fc.assert(
      fc.property(text, text, text, (segment, name, value) => {
        const encoded = encodeUrlValue(segment);
        const target = requestTarget(base, `calls/${encoded}/end`, { [`q${name}`]: value, n: 1 });
        const whole = (of: string) => Buffer.from(of, 'utf8').toString();
        const [, path = '', query = ''] = PATH_AND_QUERY.exec(target) ?? [];
        expect(`${path}?${query}`).toBe(target);
        expect(path.split('/').map(decodeURIComponent)).toEqual(['', 'hooks', 'calls', whole(segment), 'end']);
        expect(query.split('&').map((pair) => pair.split('=').map(decodeURIComponent))).toEqual([
          ['site', '1'],
          [whole(`q${name}`), whole(value)],
          ['n', '1'],
        ]);
        // Empty and dot segments are what `check` refuses, because the URL standard takes them away.
        if (webhook.check?.({ path: `calls/${encoded}/end` }) !== undefined) {
          expect(['', '.', '..']).toContain(segment);
          return;
        }
        const url = new URL(target, base);
        expect([url.origin, url.hash, url.pathname.split('/').length]).toEqual([base.origin, '', 5]);
        expect(url.searchParams.get(whole(`q${name}`))).toBe(whole(value));
        expect([...url.searchParams].length).toBe(3);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('Hookswitch itself', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::', 'localhost', '::ffff:127.0.0.1'])(
    'is never sent to where it listens on %s, whatever allowPrivate lists',
    async (host) => {
      const { server, hook } = await connect({ allowPrivate: ['0.0.0.0/0', '::/0'] }, answer(200), [{ host, port: 0 }]);
      expect(await hook.post()).toMatchObject({
        kind: 'unavailable',
        code: 'refused',
        error: expect.stringContaining('Hookswitch itself'),
      });
      expect(server.connections()).toBe(0);
      expect([...hook.context.counts.keys()]).toEqual(['webhook_refused{connection=under-test,reason=own}']);
    },
  );

  it('may be told apart from a neighbour on another port or address', async () => {
    for (const own of [
      { host: '127.0.0.1', port: 1 },
      { host: '127.0.0.9', port: 0 },
      { host: '192.0.2.7', port: 0 },
    ]) {
      const { hook } = await connect({}, answer(200), [own]);
      expect(await hook.post()).toMatchObject({ kind: 'delivered' });
    }
  });

  it('is known by every spelling of its address', () => {
    const at = (host: string) => [{ host, port: 80 }];
    for (const [address, own, expected] of [
      ['192.168.1.5', '192.168.1.5', true],
      ['::ffff:192.168.1.5', '192.168.1.5', true],
      ['64:ff9b::c0a8:105', '192.168.1.5', true],
      ['fd00::1', 'fd00:0:0:0:0:0:0:1', true],
      ['127.9.9.9', '0.0.0.0', true],
      ['::1', '::', true],
      ['0.0.0.0', '127.0.0.1', true],
      ['192.168.1.6', '192.168.1.5', false],
      ['192.168.1.5', '0.0.0.0', false],
      ['no address', '0.0.0.0', false],
    ] as const)
      expect([address, own, isOwn(address, 80, at(own))]).toEqual([address, own, expected]);
    expect(isOwn('127.0.0.1', 81, at('127.0.0.1'))).toBe(false);
    expect([ownsEvery(80, at('::')), ownsEvery(81, at('::')), ownsEvery(80, at('127.0.0.1'))]).toEqual([
      true,
      false,
      false,
    ]);
    // An address of this machine that no list names is known by the connection: both of its ends are there.
    expect([isSelf('192.168.1.5', '::ffff:192.168.1.5'), isSelf('192.168.1.5', '192.168.1.6')]).toEqual([true, false]);
    expect([isSelf(undefined, undefined), isSelf('', '')]).toEqual([false, false]);
  });
});

describe('a test message', () => {
  it.each(['POST', 'PUT', 'PATCH', 'GET', 'DELETE'])('says that it is one, with %s', async (method) => {
    const { server, hook } = await connect({ method });
    const message = webhook.trial(
      webhook.settings.parse({ url: 'https://a.example/', method }),
      '2026-11-24T10:00:00Z',
    );
    expect(webhook.message.safeParse(message).success).toBe(true);
    expect(await hook.post(message)).toMatchObject({ kind: 'delivered' });
    const [request] = server.requests;
    expect(request?.method).toBe(method === 'DELETE' ? 'POST' : method);
    const said = method === 'GET' ? decodeURIComponent(request?.target ?? '') : (request?.body.toString() ?? '');
    expect(said).toContain('hookswitch.test');
    expect(said).toContain('nothing happened');
  });
});
