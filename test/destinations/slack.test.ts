// Slack: what arrives in the channel, which marks a caller cannot make, and what each answer means.
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Json, Outcome } from '../../src/core/delivery.ts';
import type { Connection } from '../../src/core/destination.ts';
import { Secret } from '../../src/core/secret.ts';
import { encodeSlackText } from '../../src/destinations/slack/encode.ts';
import { slack } from '../../src/destinations/slack/index.ts';
import { readCleanLine } from '../support/clean-line.ts';
import { destinationContract, resolveReferences, testContext } from '../support/destination-contract.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { answer, closedPort, type HttpScript, startSilentServer } from '../support/http-server.ts';
import { rateLimited, startSlackServer } from '../support/slack-server.ts';

const TOKEN = 'xoxb-marker-4711';
const JOINER = '\u2060';

/** Slack's grammar, written from its documentation: `<…>` is a control token, three entities exist, the rest is text. */
function readSlack(text: string): { tokens: string[]; text: string } {
  const tokens: string[] = [];
  const plain = text.replace(/<([^>]*)>/g, (_whole, token: string) => {
    tokens.push(token);
    return '';
  });
  if (/[<>]/.test(plain)) throw new Error(`a bracket that is no token: ${JSON.stringify(plain)}`);
  if (/&(?!amp;|lt;|gt;)/.test(plain)) throw new Error(`an ampersand that is no entity: ${JSON.stringify(plain)}`);
  const decoded = plain.replace(
    /&(amp|lt|gt);/g,
    (_whole, name: string) => ({ amp: '&', lt: '<', gt: '>' })[name] ?? '',
  );
  return { tokens, text: decoded };
}

/** What a client turns into a link or a mention by itself, although nothing marks it. */
const LINKABLE = /:\/\/|www\.\p{L}|@[\p{L}\p{N}]|[\p{L}\p{N}]\.\p{L}{2}/u;

const withoutJoiners = (text: string): string => text.replaceAll(JOINER, '');

const settingsFor = (port: number) => ({
  token: new Secret(TOKEN),
  channel: '#reception',
  apiUrl: `http://127.0.0.1:${port}/api/`,
});

destinationContract('slack', {
  declaration: slack,
  cases: {
    async live() {
      const server = await startSlackServer(TOKEN);
      return { settings: settingsFor(server.port), received: () => server.messages.length, stop: server.stop };
    },
    gone: async () => ({ settings: settingsFor(await closedPort()), stop: async () => undefined }),
    async silent() {
      const server = await startSilentServer();
      return { settings: settingsFor(server.port), stop: server.stop };
    },
    grammar: {
      text: {
        parse(encoded) {
          const { tokens, text } = readSlack(`<!here> call from ${encoded}, <https://example.net|more>`);
          expect(tokens).toEqual(['!here', 'https://example.net|more']);
          const [, value = ''] = /^ call from ([\s\S]*), $/.exec(text) ?? [];
          expect(value).not.toMatch(LINKABLE);
          return withoutJoiners(value);
        },
        expected: (value) => withoutJoiners(readCleanLine(value, 300)),
      },
    },
  },
});

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(mode: 'token' | 'webhook' = 'token', token = TOKEN) {
  const server = await startSlackServer(TOKEN);
  cleanups.push(() => server.stop());
  const given =
    mode === 'token'
      ? { ...settingsFor(server.port), token: new Secret(token) }
      : { webhookUrl: new Secret(server.webhookUrl) };
  const connection = await slack.open(slack.settings.parse(given), testContext());
  cleanups.push(() => connection.close());
  return { server, connection };
}

const post = (
  connection: Connection,
  message: Record<string, Json> = { text: 'hello' },
  timeMs = 15_000,
): Promise<Outcome> => connection.send(message, { id: 'e/r/0', attempt: 1, signal: AbortSignal.timeout(timeMs) });

describe('what arrives', () => {
  it('posts as the bot, to the channel of the message or else of the connection, with nothing linked or unfurled', async () => {
    const { server, connection } = await connect();
    await post(connection);
    await post(connection, { text: 'second', channel: '#sales', mrkdwn: true });
    const quiet = { parse: 'none', link_names: 'false', unfurl_links: 'false', unfurl_media: 'false' };
    expect(server.messages).toEqual([
      { text: 'hello', channel: '#reception', mrkdwn: 'false', ...quiet },
      { text: 'second', channel: '#sales', mrkdwn: 'true', ...quiet },
    ]);
  });

  it('posts to an incoming webhook without a channel', async () => {
    const { server, connection } = await connect('webhook');
    expect(await post(connection)).toEqual({ kind: 'delivered', code: 'ok' });
    expect(server.messages).toEqual([
      { text: 'hello', mrkdwn: false, parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false },
    ]);
  });

  it('keeps no connection between messages', async () => {
    const { server, connection } = await connect();
    for (let n = 0; n < 5; n++) await post(connection);
    expect(server.connections()).toBe(5);
    expect(server.requests.every(({ headers }) => headers.connection === 'close')).toBe(true);
  });
});

describe("a caller's text", () => {
  const marks = fc.constantFrom(
    '<!channel>',
    '<@U1>',
    '<#C1>',
    '<!subteam^S1>',
    '<!date^1^{date}^http://x|y>',
    '<',
    '>',
    '&',
    '|',
    '@here',
  );
  const links = fc.constantFrom(
    'http://evil.example',
    'www.evil.example',
    'evil.example',
    'a@evil.example',
    'slack://open',
    '&lt;!here&gt;',
  );
  const anything = fc.oneof(
    marks,
    links,
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...HOSTILE_STRINGS),
  );
  const value = fc.array(anything, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));

  it('makes no control token and no link, whatever it is', () => {
    fc.assert(
      fc.property(value, (text) => {
        const read = readSlack(`from ${encodeSlackText(text)}`);
        expect(read.tokens).toEqual([]);
        expect(read.text).not.toMatch(LINKABLE);
        expect(read.text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
        expect(withoutJoiners(read.text)).toBe(withoutJoiners(`from ${readCleanLine(text, 300)}`));
      }),
      { numRuns: 3_000 },
    );
  });

  it('is cut between graphemes and before it is escaped, wherever the cut falls', () => {
    for (let length = 280; length <= 320; length++) {
      const { text } = readSlack(encodeSlackText(`${'x'.repeat(length)}<&>👩‍👩‍👧`.repeat(3)));
      expect([...new Intl.Segmenter().segment(text)].length).toBe(300);
      expect(text.endsWith('…')).toBe(true);
    }
  });

  it('stays readable', () => {
    expect(withoutJoiners(encodeSlackText('Smith & Sons <100>'))).toBe('Smith &amp; Sons &lt;100&gt;');
    expect(encodeSlackText('Müller, 株式会社 👩‍👩‍👧')).toBe('Müller, 株式会社 👩‍👩‍👧');
    expect(encodeSlackText('+49 30 23125-100')).toBe('+49 30 23125-100');
  });

  it('arrives as it was encoded', async () => {
    const { server, connection } = await connect();
    for (const text of HOSTILE_STRINGS) await post(connection, { text: `from ${encodeSlackText(text)}` });
    expect(server.messages.map(({ text }) => text)).toEqual(
      HOSTILE_STRINGS.map((text) => `from ${encodeSlackText(text)}`),
    );
  });
});

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
    ['ratelimited', { kind: 'retry' }],
    [rateLimited('7'), { kind: 'unavailable', code: '429', afterMs: 7_000 }],
    [rateLimited('999999'), { kind: 'unavailable', afterMs: 3_600_000 }],
    [rateLimited('soon'), { kind: 'retry', code: '429' }],
    [answer(429), { kind: 'retry', code: '429' }],
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
    const { server, connection } = await connect();
    server.script(script);
    expect(await post(connection)).toMatchObject(expected);
    expect(server.connections()).toBe(1);
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
    [rateLimited('2'), { kind: 'unavailable', code: '429', afterMs: 2_000 }],
    [answer(429), { kind: 'retry' }],
    [answer(500, {}, '<html>'), { kind: 'retry', code: '500' }],
    [answer(400, {}, '<html>'), { kind: 'dead', code: '400' }],
  ] as [string | HttpScript, Partial<Outcome>][])('by webhook: row %#', async (script, expected) => {
    const { server, connection } = await connect('webhook');
    server.script(script);
    expect(await post(connection)).toMatchObject(expected);
    expect(await post(connection)).toEqual({ kind: 'delivered', code: 'ok' });
  });

  it.each(['token', 'webhook'] as const)('follows no redirect (%s)', async (mode) => {
    const { server, connection } = await connect(mode);
    const canary = await startSlackServer(TOKEN);
    cleanups.push(() => canary.stop());
    for (const status of [301, 302, 303, 307, 308]) {
      server.script(
        answer(status, { location: mode === 'token' ? `${canary.apiUrl}chat.postMessage` : canary.webhookUrl }),
      );
      expect(await post(connection)).toMatchObject({ kind: 'retry' });
    }
    expect(canary.connections()).toBe(0);
  });

  it.each(['token', 'webhook'] as const)('reads a bounded answer and does not believe strangers (%s)', async (mode) => {
    const { server, connection } = await connect(mode);
    const endless: HttpScript = (socket) => {
      socket.write(`HTTP/1.1 ${mode === 'token' ? 200 : 500} X\r\ncontent-type: application/gzip\r\n\r\n`);
      const more = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(16_384)));
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    };
    server.script(endless, answer(200, {}, '<html>welcome to the hotel wifi</html>'));
    expect(await post(connection)).toMatchObject({ kind: 'retry' });
    if (mode === 'token') expect(await post(connection)).toMatchObject({ kind: 'retry' });
  });
});

describe('secrets', () => {
  it.each(['token', 'webhook'] as const)('never shows the %s in an outcome', async (mode) => {
    const { server, connection } = await connect(mode);
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
    for (let n = 0; n < 5; n++) expect(JSON.stringify(await post(connection))).not.toContain(TOKEN);
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
