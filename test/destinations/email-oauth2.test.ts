// Email: login by token: how tokens are got and kept, and what a person is told when none is to be had.
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { email } from '../../src/destinations/email/index.ts';
import { eventually, type TestContext, testContext } from '../support/destination-contract.ts';
import { answer, closedPort, type HttpRequest, startHttpServer, startSilentServer } from '../support/http-server.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { cleanups, openTo, post, settingsFor } from './email-desk.ts';

const USER = 'telephone@example.net';
const app = {
  clientId: 'app-1',
  clientSecret: new Secret('marker-client'),
  refreshToken: new Secret('marker-refresh-1'),
};

/** What the token service was asked, as it reads a form. */
const formOf = ({ body }: HttpRequest): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(body.toString()));

type Reply = { status?: number; body: unknown };

/** A token service that answers what `reply` says, and a mail server that takes tokens for which `takes` holds. */
async function desk(
  reply: (form: Record<string, string>, n: number) => Reply,
  more: Record<string, unknown> = app,
  takes: (token: string) => boolean = (token) => token.startsWith('marker-token'),
) {
  let n = 0;
  const service = await startHttpServer((socket, request) => {
    n += 1;
    const { status = 200, body } = reply(formOf(request), n);
    answer(
      status,
      { 'content-type': 'application/json' },
      typeof body === 'string' ? body : JSON.stringify(body),
    )(socket, request);
  });
  cleanups.push(() => service.stop());
  const server = await startSmtpServer({ tokens: { user: USER, takes } });
  cleanups.push(() => server.stop());
  const context = testContext();
  const oauth2 = { accessUrl: `${service.url}/token`, ...more };
  const connection = await openTo(server.port, { user: USER, oauth2 }, context);
  return { service, server, connection, context, oauth2 };
}

const given = (n: number, more: object = {}): Reply => ({
  body: { access_token: `marker-token-${n}`, token_type: 'Bearer', expires_in: 3600, ...more },
});

describe('a token', () => {
  it('is asked for by the refresh token, once for many mails and connections', async () => {
    const { service, server, connection } = await desk((_form, n) => given(n));
    const outcomes = await Promise.all([0, 1, 2, 3].map((n) => post(connection, {}, `e/r/${n}`)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(4).fill('delivered'));
    const before = server.connections();
    server.dropConnections();
    await eventually(async () => (await post(connection, {}, 'e/r/4')).kind === 'delivered', 'it goes on');
    expect(server.connections()).toBeGreaterThan(before);
    expect(server.mails.map(({ user }) => user)).toEqual(Array(5).fill(USER));
    expect(service.requests.map(formOf)).toEqual([
      {
        grant_type: 'refresh_token',
        client_id: 'app-1',
        client_secret: 'marker-client',
        refresh_token: 'marker-refresh-1',
      },
    ]);
    expect(service.requests[0]).toMatchObject({ method: 'POST', target: '/token' });
    expect(service.requests[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  });

  it('is asked for anew before it runs out, by the newest refresh token', async () => {
    let aheadMs = 0;
    const context = testContext();
    const clock = { ...context.clock, monotonicMs: () => context.clock.monotonicMs() + aheadMs };
    const { service, server, oauth2 } = await desk((_form, n) =>
      given(n, { refresh_token: `marker-refresh-${n + 1}` }),
    );
    const later = await openTo(server.port, { user: USER, oauth2 }, { ...context, clock });
    for (aheadMs of [0, 3_500_000, 3_545_000]) expect(await post(later)).toMatchObject({ kind: 'delivered' });
    expect(service.requests.map((one) => formOf(one).refresh_token)).toEqual(['marker-refresh-1', 'marker-refresh-2']);
  });

  it('that the mail server refuses is replaced once; the mail goes out', async () => {
    const { service, server, connection } = await desk(
      (_form, n) => given(n),
      app,
      (token) => token === 'marker-token-2',
    );
    expect(await post(connection)).toMatchObject({ kind: 'delivered' });
    expect([service.requests.length, server.mails.length]).toEqual([2, 1]);
  });

  it('of the app itself is asked for by client credentials', async () => {
    const scope = 'https://outlook.office365.com/.default';
    const { service, connection } = await desk((_form, n) => given(n), { ...app, refreshToken: undefined, scope });
    expect(await post(connection)).toMatchObject({ kind: 'delivered' });
    expect(service.requests.map(formOf)).toEqual([
      { grant_type: 'client_credentials', client_id: 'app-1', client_secret: 'marker-client', scope },
    ]);
  });

  it('of a service account is asked for by a statement that its key signed', async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const privateKey = new Secret(String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })));
    const { service, connection, oauth2, context } = await desk((_form, n) => given(n), {
      serviceClient: 'robot@x',
      privateKey,
    });
    expect(await post(connection)).toMatchObject({ kind: 'delivered' });
    const { grant_type, assertion = '' } = formOf(service.requests[0] as HttpRequest);
    expect(grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header = '', claims = '', signature = ''] = assertion.split('.');
    const fits = createVerify('RSA-SHA256')
      .update(`${header}.${claims}`)
      .verify(pair.publicKey, signature, 'base64url');
    expect(fits).toBe(true);
    const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number; exp: number };
    expect(read).toMatchObject({ iss: 'robot@x', sub: USER, aud: oauth2.accessUrl, scope: 'https://mail.google.com/' });
    expect(Math.abs(read.iat * 1_000 - context.clock.wallMs())).toBeLessThan(60_000);
    expect(read.exp - read.iat).toBe(300);
  });
});

const quiet = (context: TestContext, ...said: unknown[]): void =>
  expect(JSON.stringify([...said, context.lines])).not.toMatch(/marker|bWFya2Vy/);

describe('without a token', () => {
  it.each([
    [400, { error: 'invalid_grant', error_description: 'marker-refresh-1 expired' }, 'invalid_grant', 'sign in again'],
    [401, { error: 'invalid_client' }, 'invalid_client', 'check clientId and clientSecret'],
    [400, { error: 'invalid_scope' }, 'invalid_scope', 'check scope'],
    [400, { error: 'marker-word' }, '400', 'check accessUrl'],
    [404, '<html>', '404', 'check accessUrl'],
    [302, '', '302', 'check accessUrl'],
    [200, { token: 'marker' }, '200', 'check accessUrl'],
    [200, { access_token: 'marker\r\nMAIL FROM:<x@y>' }, '200', 'check accessUrl'],
  ])('%i %j: a person has to look at it, and nothing is used up', async (status, body, code, hint) => {
    const { connection, server, context } = await desk(() => ({ status, body }));
    const outcome = await post(connection);
    expect(outcome).toMatchObject({ kind: 'unavailable', code, afterMs: 60_000, error: expect.stringContaining(hint) });
    expect([server.mails, server.connections()]).toEqual([[], 0]);
    quiet(context, outcome);
  });

  it.each([500, 503, 429, 408])('%i: tried again', async (status) => {
    const { connection } = await desk((_form, n) => (n === 1 ? { status, body: '' } : given(n)));
    expect(await post(connection)).toMatchObject({ kind: 'retry', code: String(status) });
    expect(await post(connection)).toMatchObject({ kind: 'delivered' });
  });

  it('of a mailbox that the token is not for: a hint, and no token in it', async () => {
    const { connection, context, service } = await desk(
      (_form, n) => given(n),
      app,
      () => false,
    );
    const outcome = await post(connection);
    expect(outcome).toMatchObject({
      kind: 'unavailable',
      code: '535',
      error: expect.stringContaining('check that user'),
    });
    expect(service.requests.length).toBe(2);
    quiet(context, outcome);
  });

  it('tells what the service said where it refuses to replace one', async () => {
    const { connection, context } = await desk(
      (_form, n) => (n === 1 ? given(n) : { status: 400, body: { error: 'invalid_grant' } }),
      app,
      () => false,
    );
    const outcome = await post(connection);
    expect(outcome).toMatchObject({ kind: 'unavailable', code: 'invalid_grant' });
    quiet(context, outcome);
  });

  it('follows no redirect', async () => {
    const other = await startHttpServer(() => undefined);
    cleanups.push(() => other.stop());
    const service = await startHttpServer(answer(307, { location: `${other.url}/token` }));
    cleanups.push(() => service.stop());
    const connection = await openTo(await closedPort(), { user: USER, oauth2: { ...app, accessUrl: service.url } });
    expect((await post(connection)).kind).toBe('retry');
    expect(other.connections()).toBe(0);
  });

  it('tries again where the service is not there, and ends with the attempt where it is silent', async () => {
    const port = await closedPort();
    const gone = await openTo(port, { user: USER, oauth2: { ...app, accessUrl: `http://127.0.0.1:${port}/` } });
    const outcome = await post(gone);
    expect(outcome).toMatchObject({ kind: 'retry', error: expect.stringContaining('token service') });
    const silent = await startSilentServer();
    cleanups.push(() => silent.stop());
    const oauth2 = { ...app, accessUrl: `http://127.0.0.1:${silent.port}/` };
    const connection = await openTo(port, { user: USER, oauth2 });
    const abort = new AbortController();
    const attempt = post(connection, {}, 'e/r/0', { signal: abort.signal });
    abort.abort();
    expect(await attempt).toMatchObject({ kind: 'retry' });
    const second = post(connection);
    await connection.close();
    expect(await second).toMatchObject({ kind: 'retry' });
  });
});

describe('what an author is told', () => {
  const problems = (oauth2: object, more: object = {}): string[] =>
    (email.settings.safeParse(settingsFor(25, { user: USER, oauth2, ...more })).error?.issues ?? []).map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );

  it('names what is missing and what cannot stand together', () => {
    expect(problems(app)).toEqual([]);
    expect(problems({})).toEqual([
      'oauth2.clientId: is missing; or give serviceClient and privateKey',
      'oauth2.clientSecret: is missing; or give a refreshToken',
    ]);
    expect(problems(app, { password: new Secret('x') })).toEqual([
      'oauth2: cannot stand beside password; remove one of them',
    ]);
    expect(problems(app, { user: undefined })).toEqual(['user: is missing beside oauth2']);
    expect(problems({ ...app, serviceClient: 'x' })[0]).toBe('oauth2.privateKey: is missing beside serviceClient');
    expect(problems({ serviceClient: 'x', privateKey: new Secret('marker') })).toEqual([
      expect.stringContaining('oauth2.privateKey: is no private key'),
    ]);
    expect(problems(app, { host: 'mail.example.net', tls: 'none' })[0]).toContain('tls: would send');
  });

  it.each([
    ['https://login.example.net/token', true],
    ['http://127.0.0.1:8080/token', true],
    ['http://[::1]/token', true],
    ['http://login.example.net/token', false],
    ['http://127.0.0.1.example.net/token', false],
    ['https://user:pass@login.example.net/token', false],
    ['ftp://127.0.0.1/token', false],
    ['login.example.net', false],
  ])('takes a token address only over https, or on this machine: %s', (accessUrl, fine) => {
    expect(problems({ ...app, accessUrl }).length).toBe(fine ? 0 : 1);
  });
});
