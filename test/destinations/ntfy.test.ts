// ntfy: the contract of destinations, what is published, what answers mean, and what an author is told.
import { afterEach, describe, expect, it } from 'vitest';
import { cleanLine } from '../../src/core/caller-text.ts';
import type { Json } from '../../src/core/delivery.ts';
import { Secret } from '../../src/core/secret.ts';
import { ntfy } from '../../src/destinations/ntfy/index.ts';
import { destinationContract, testContext } from '../support/destination-contract.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { answer, closedPort, type HttpScript, startHttpServer, startSilentServer } from '../support/http-server.ts';

const MARKER = 'marker-4711';
const settingsFor = (port: number) => ({
  server: `http://127.0.0.1:${port}`,
  allowHttp: true,
  topic: new Secret(`topic-${MARKER}`),
  token: new Secret(`tk_${MARKER}`),
});
/** A value alone in the text of a notification: one line, as it is shown. */
const oneLine = {
  parse(encoded: string): unknown {
    const read = JSON.parse(JSON.stringify({ message: `From ${encoded}!` })).message as string;
    if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/.test(read))
      throw new Error('another line');
    return read.slice('From '.length, -1);
  },
  expected: (value: string): unknown => cleanLine(value, 200),
};

destinationContract('ntfy', {
  declaration: ntfy,
  cases: {
    async live() {
      const server = await startHttpServer(answer(200));
      return { settings: settingsFor(server.port), received: () => server.requests.length, stop: server.stop };
    },
    gone: async () => ({ settings: settingsFor(await closedPort()), stop: async () => undefined }),
    async silent() {
      const server = await startSilentServer();
      return { settings: settingsFor(server.port), stop: server.stop };
    },
    grammar: { text: oneLine, title: oneLine },
  },
});

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(script: HttpScript = answer(200), more: Record<string, unknown> = {}) {
  const server = await startHttpServer(script);
  cleanups.push(() => server.stop());
  const settings = ntfy.settings.parse({ ...settingsFor(server.port), ...more });
  const connection = await ntfy.open(settings as never, testContext());
  cleanups.push(() => connection.close());
  const publish = (message: Record<string, Json>) =>
    connection.send(message, { id: 'a/b/0', attempt: 1, signal: AbortSignal.timeout(5_000) });
  return { server, publish };
}

describe('a notification', () => {
  it('is one POST of JSON to the root, with the fields that ntfy documents', async () => {
    const { server, publish } = await connect();
    const message = {
      title: 'Missed call',
      text: 'Müller (+4930)',
      priority: 'max',
      tags: ['telephone_receiver'],
      click: 'tel:+4930',
      actions: [{ label: 'Open', url: 'https://crm.example.net/', clear: true }],
    };
    expect(ntfy.message.safeParse(message).success).toBe(true);
    expect(await publish(message)).toEqual({ kind: 'delivered', code: '200' });
    const [request] = server.requests;
    expect([request?.method, request?.target]).toEqual(['POST', '/']);
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: `Bearer tk_${MARKER}`,
      connection: 'close',
    });
    expect(JSON.parse(request?.body.toString() ?? '')).toEqual({
      topic: `topic-${MARKER}`,
      message: 'Müller (+4930)',
      title: 'Missed call',
      priority: 5,
      tags: ['telephone_receiver'],
      click: 'tel:+4930',
      actions: [{ action: 'view', label: 'Open', url: 'https://crm.example.net/', clear: true }],
    });
  });

  it('of text alone has a topic and a message, and no token where none is set', async () => {
    const { server, publish } = await connect(answer(200), { token: undefined, topic: 'desk' });
    await publish({ text: 'Hello' });
    expect(JSON.parse(server.requests[0]?.body.toString() ?? '')).toEqual({ topic: 'desk', message: 'Hello' });
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('has no field, action or header of a caller', async () => {
    const { server, publish } = await connect();
    const spec = ntfy.templates.text;
    if (spec === undefined || !('encode' in spec)) throw new Error('no encoder');
    for (const name of HOSTILE_STRINGS) await publish({ text: `From ${spec.encode(name)}`, title: spec.encode(name) });
    for (const { body, headers } of server.requests) {
      expect(Object.keys(JSON.parse(body.toString())).filter((key) => key !== 'title')).toEqual(['topic', 'message']);
      expect(Object.keys(headers).length).toBe(7);
    }
    expect(server.requests.length).toBe(HOSTILE_STRINGS.length);
  });

  it('is refused before it is queued where ntfy would turn it into a file', () => {
    expect(ntfy.check?.({ text: 'ü'.repeat(2_049) })).toContain('4096 bytes');
    expect(ntfy.check?.({ text: 'ü'.repeat(2_048) })).toBeUndefined();
    expect(ntfy.check?.({ text: ' ' })).toContain('is empty');
  });
});

describe('an answer', () => {
  it.each([
    [200, {}, { kind: 'delivered', code: '200' }],
    [400, {}, { kind: 'dead', code: '400' }],
    [401, {}, { kind: 'dead', code: '401' }],
    [403, {}, { kind: 'dead', code: '403' }],
    [413, {}, { kind: 'dead', code: '413' }],
    [429, {}, { kind: 'retry', code: '429' }],
    [429, { 'retry-after': '9' }, { kind: 'unavailable', code: '429', afterMs: 9_000 }],
    [500, {}, { kind: 'retry', code: '500' }],
    [307, { location: 'http://127.0.0.1:1/' }, { kind: 'retry', code: '307' }],
    [410, {}, { kind: 'gone', code: '410' }],
  ] as const)('%d %j', async (status, headers, expected) => {
    const { server, publish } = await connect(answer(status, headers, 'x'.repeat(1_000_000)));
    const outcome = await publish({ text: 'x' });
    expect(outcome).toMatchObject(expected);
    expect(JSON.stringify(outcome)).not.toContain(MARKER);
    expect(server.connections()).toBe(1);
  });
});

describe('what an author is told', () => {
  const problems = (given: Record<string, unknown>) =>
    ntfy.settings.safeParse({ topic: 'desk', ...given }).error?.issues.map((i) => `${i.path.join('.')}: ${i.message}`);

  it.each([
    [{ server: 'ntfy.sh' }, 'server: must be an address'],
    [{ server: 'https://ntfy.sh/desk' }, 'server: must be an address'],
    [{ server: 'https://me:pw@ntfy.sh' }, 'server: must not hold a user name'],
    [{ server: 'http://192.168.1.9' }, 'server: must be https://'],
    [{ topic: 'a/b' }, 'topic: must be 1 to 64 letters'],
    [{ topic: new Secret('marker topic') }, 'topic: must be 1 to 64 letters'],
    [{ token: new Secret('a\nb') }, 'token: must be visible ASCII'],
    [{ token: 'tk_plain' }, 'token: must be { "env"'],
  ])('%j', (given, expected) => {
    expect(problems(given)).toEqual([expect.stringContaining(expected)]);
  });

  it('takes a server of the own network, where http:// is allowed', () => {
    expect(problems({})).toBeUndefined();
    expect(problems({ server: 'http://192.168.1.9:8080/', allowHttp: true })).toBeUndefined();
  });

  it('has only links that open something', () => {
    for (const click of ['javascript:alert(1)', 'file:///etc/passwd', 'intent:x'])
      expect(ntfy.message.safeParse({ text: 'x', click }).success).toBe(false);
    const actions = [1, 2, 3, 4].map((n) => ({ label: `${n}`, url: 'https://a.example/' }));
    expect(ntfy.message.safeParse({ text: 'x', actions }).success).toBe(false);
    expect(ntfy.message.safeParse({ text: 'x', actions: actions.slice(1) }).success).toBe(true);
  });

  it('has a test message that its own schema and check accept', () => {
    const trial = ntfy.trial(ntfy.settings.parse({ topic: 'desk' }), '2026-11-24T10:00:00Z');
    expect(ntfy.message.safeParse(trial).success).toBe(true);
    expect(ntfy.check?.(trial)).toBeUndefined();
    expect(trial.text).toContain('nothing happened');
  });
});
