// Slack: what each answer means, that secrets stay secret, and what an author is told.
import { describe, expect, it, vi } from 'vitest';
import type { Outcome } from '../../src/core/delivery.ts';
import { Secret } from '../../src/core/secret.ts';
import { slack } from '../../src/destinations/slack/index.ts';
import { systemClock } from '../../src/ports.ts';
import { eventually, resolveReferences } from '../support/destination-contract.ts';
import { answer, type HttpScript } from '../support/http-server.ts';
import { rateLimited, startSlackServer } from '../support/slack-server.ts';
import { cleanups, connect, post, TOKEN } from './slack-desk.ts';

describe('what an answer means', () => {
  const rows: [string | HttpScript, Partial<Outcome>][] = [
    ['channel_not_found', { kind: 'dead', code: 'channel_not_found' }],
    ['not_in_channel', { kind: 'dead', code: 'not_in_channel' }],
    ['is_archived', { kind: 'dead' }],
    ['msg_too_long', { kind: 'dead' }],
    ['no_text', { kind: 'dead' }],
    ['invalid_arguments', { kind: 'dead' }],
    ['a_word_of_tomorrow', { kind: 'dead', code: 'a_word_of_tomorrow' }],
    ['constructor', { kind: 'dead', code: 'constructor' }],
    ['invalid_auth', { kind: 'unavailable', code: 'invalid_auth', afterMs: 60_000 }],
    ['account_inactive', { kind: 'unavailable' }],
    ['token_revoked', { kind: 'unavailable' }],
    ['missing_scope', { kind: 'unavailable' }],
    ['internal_error', { kind: 'retry', code: 'internal_error' }],
    ['fatal_error', { kind: 'retry' }],
    ['service_unavailable', { kind: 'retry' }],
    ['ratelimited', { kind: 'later', afterMs: 10_000 }],
    [rateLimited('7'), { kind: 'later', code: '429', afterMs: 7_000 }],
    [rateLimited('999999'), { kind: 'later', afterMs: 3_600_000 }],
    [rateLimited('soon'), { kind: 'later', code: '429', afterMs: 10_000 }],
    [answer(429), { kind: 'later', code: '429', afterMs: 10_000 }],
    [answer(503, { 'retry-after': '3' }), { kind: 'unavailable', code: '503', afterMs: 3_000 }],
    [answer(503), { kind: 'retry', code: '503' }],
    [answer(500), { kind: 'retry', code: '500' }],
    [answer(408), { kind: 'retry', code: '408' }],
    [answer(401), { kind: 'unavailable', code: '401' }],
    [answer(404), { kind: 'dead', code: '404' }],
  ];

  it.each(
    rows.map(
      (row, n) => [typeof row[0] === 'string' ? row[0] : `${row[1].code ?? row[1].kind} (${n})`, ...row] as const,
    ),
  )('by token: %s', async (_name, script, expected) => {
    const { server, connection, time } = await connect();
    server.script(script);
    expect(await post(connection)).toMatchObject(expected);
    expect(server.connections()).toBe(1);
    await time.advance(3_600_000);
    expect(await post(connection)).toEqual({ kind: 'delivered', code: 'ok' });
  });

  it('says what to do about it', async () => {
    const { server, connection } = await connect();
    server.script('not_in_channel', 'missing_scope');
    expect(await post(connection)).toMatchObject({ error: expect.stringContaining('/invite @') });
    expect(await post(connection)).toMatchObject({ error: expect.stringContaining('chat:write') });
  });

  it.each([
    ['channel_not_found', { kind: 'dead', code: 'channel_not_found' }],
    ['channel_is_archived', { kind: 'dead' }],
    ['invalid_payload', { kind: 'dead' }],
    ['no_service', { kind: 'unavailable', code: 'no_service' }],
    ['action_prohibited', { kind: 'unavailable' }],
    ['rollup_error', { kind: 'retry' }],
    [rateLimited('2'), { kind: 'later', code: '429', afterMs: 2_000 }],
    [answer(429), { kind: 'later', afterMs: 10_000 }],
    [answer(500, {}, '<html>'), { kind: 'retry', code: '500' }],
    [answer(400, {}, '<html>'), { kind: 'dead', code: '400' }],
  ] as [string | HttpScript, Partial<Outcome>][])('by webhook: row %#', async (script, expected) => {
    const { server, connection, time } = await connect('webhook');
    server.script(script);
    expect(await post(connection)).toMatchObject(expected);
    await time.advance(10_000);
    expect(await post(connection)).toEqual({ kind: 'delivered', code: 'ok' });
  });

  it.each(['token', 'webhook'] as const)('follows no redirect (%s)', async (mode) => {
    const { server, connection, time } = await connect(mode);
    const canary = await startSlackServer(TOKEN);
    cleanups.push(() => canary.stop());
    for (const status of [301, 302, 303, 307, 308]) {
      server.script(
        answer(status, { location: mode === 'token' ? `${canary.apiUrl}chat.postMessage` : canary.webhookUrl }),
      );
      expect(await post(connection)).toMatchObject({ kind: 'retry' });
      await time.advance(1_000);
    }
    expect(canary.connections()).toBe(0);
  });

  it.each(['token', 'webhook'] as const)('reads a bounded answer and lets go of the rest (%s)', async (mode) => {
    const { server, connection } = await connect(mode);
    const sent: number[] = [];
    const endless =
      (status: number): HttpScript =>
      (socket) => {
        socket.once('close', () => sent.push(socket.bytesWritten));
        socket.write(`HTTP/1.1 ${status} X\r\nretry-after: 1\r\ncontent-type: application/gzip\r\n\r\n`);
        const more = (): void => {
          while (!socket.destroyed && socket.write('x'.repeat(16_384)));
          if (!socket.destroyed) socket.once('drain', more);
        };
        more();
      };
    const expected = mode === 'token' ? 'retry' : 'delivered';
    const startedMs = systemClock.monotonicMs();
    for (const [status, kind] of [
      [200, expected],
      [500, 'retry'],
      [429, 'later'],
    ] as const) {
      server.script(endless(status));
      expect((await post(connection)).kind).toBe(kind);
    }
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(3_000);
    await eventually(() => sent.length === 3, 'the connections are closed', 2_000);
    // What the socket buffers of both sides hold, and no more.
    expect(Math.max(...sent)).toBeLessThan(16_000_000);
  });

  it('does not believe a page of somebody in between', async () => {
    const { server, connection } = await connect();
    server.script(answer(200, {}, '<html>welcome to the hotel wifi</html>'));
    expect(await post(connection)).toMatchObject({ kind: 'retry' });
  });

  it('writes nothing to the console, whatever the library has to say', async () => {
    const { server, connection } = await connect();
    const spies = (['debug', 'info', 'log', 'warn', 'error'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => undefined),
    );
    const written = vi.spyOn(process.stdout, 'write');
    server.script((socket) => socket.destroy(), rateLimited('1'), 'invalid_auth');
    for (let n = 0; n < 3; n++) await post(connection);
    const calls = [...spies, written].flatMap((spy) => spy.mock.calls);
    vi.restoreAllMocks();
    expect(calls).toEqual([]);
  });
});

describe('secrets', () => {
  it.each(['token', 'webhook'] as const)('never shows the %s in an outcome', async (mode) => {
    const { server, connection, time } = await connect(mode);
    const echo: HttpScript = (socket, request) =>
      answer(400, {}, `${request.headers.authorization} ${request.target}`)(socket, request);
    const inWord: HttpScript = (socket, request) =>
      answer(200, {}, JSON.stringify({ ok: false, error: TOKEN }))(socket, request);
    server.script(
      echo,
      ...(mode === 'token' ? [inWord] : []),
      'no_service',
      answer(302, { location: `/${TOKEN}` }),
      (socket) => socket.destroy(),
    );
    for (let n = 0; n < 5; n++) {
      expect(JSON.stringify(await post(connection))).not.toContain(TOKEN);
      await time.advance(1_000);
    }
    expect(server.connections()).toBe(5);
  });

  it('waits with a wrong token instead of losing what is queued', async () => {
    const { connection } = await connect('token', 'xoxb-wrong');
    expect(await post(connection)).toMatchObject({ kind: 'unavailable', code: 'invalid_auth' });
  });
});

describe('what an author is told', () => {
  const problems = (given: unknown) =>
    slack.settings.safeParse(given).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const webhookUrl = new Secret('https://hooks.slack.com/services/T0/B0/x');

  it('needs exactly one of token and webhookUrl, and keeps secrets on encrypted ways', () => {
    expect(problems({})).toEqual(['token: is missing: a connection to Slack has either token or webhookUrl']);
    expect(problems({ token: new Secret('x'), webhookUrl })).toEqual([
      'webhookUrl: stands beside token; keep the one that is meant',
    ]);
    expect(problems({ webhookUrl, channel: '#a' })?.[0]).toContain('channel: goes with token');
    expect(problems({ webhookUrl: new Secret('http://hooks.slack.com/x') })?.[0]).toContain('https://');
    expect(problems({ token: new Secret('x'), apiUrl: 'http://proxy.example/' })?.[0]).toContain('https://');
    expect(problems({ token: new Secret('a\r\nb') })?.[0]).toContain('token:');
    expect(problems({ token: new Secret('x'), channel: 'sales' })?.[0]).toContain('"#sales"');
    expect(problems({ token: new Secret('x') })).toBeUndefined();
  });

  it('needs a channel with a token, and none with a webhook', () => {
    const lint = (message: unknown, given: unknown) =>
      slack.lint?.(message as never, given).map(({ path, message: text }) => `${path}: ${text}`);
    expect(lint({ text: 'x' }, { token: new Secret('x') })).toEqual(['channel: is missing']);
    expect(lint({ text: 'x', channel: '#a' }, { webhookUrl })?.[0]).toContain('does nothing');
    expect(lint({ text: 'x' }, resolveReferences(slack.example.settings))).toEqual([]);
  });

  it('refuses a rendered text that Slack would refuse', () => {
    expect(slack.check?.({ text: ' \n ' })).toContain('empty');
    expect(slack.check?.({ text: 'x'.repeat(40_001) })).toContain('40000');
    expect(slack.check?.({ text: 'x' })).toBeUndefined();
  });
});
