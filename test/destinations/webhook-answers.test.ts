// Webhooks: what every answer means, and that no answer costs more than a bounded time and a bounded amount of memory.
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/core/delivery.ts';
import { Secret } from '../../src/core/secret.ts';
import { systemClock } from '../../src/ports.ts';
import { eventually } from '../support/destination-contract.ts';
import { answer, type HttpScript, startHttpServer } from '../support/http-server.ts';
import { fastClock, LOOPBACK, openWebhook } from '../support/webhook-connection.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(script: HttpScript, more: Record<string, unknown> = {}, clock = systemClock) {
  const server = await startHttpServer(script);
  cleanups.push(() => server.stop());
  const hook = await openWebhook({ url: server.url, ...LOOPBACK, ...more }, { clock });
  cleanups.push(() => hook.close());
  return { server, hook };
}

const now = (): string => new Date(Math.ceil(systemClock.wallMs() / 1000) * 1000 + 30_000).toUTCString();

/** Retry-After by name, and what it comes to in ms; an hour is the most. */
const WAITS: Readonly<Record<string, { header: () => string | undefined; least: number; most: number }>> = {
  none: { header: () => undefined, least: 0, most: 0 },
  seconds: { header: () => '7', least: 7_000, most: 7_000 },
  date: { header: now, least: 25_000, most: 31_000 },
  far: { header: () => 'Fri, 31 Dec 2199 23:59:59 GMT', least: 3_600_000, most: 3_600_000 },
};

/** The table of the reliability rules, written once more. */
function expectedKind(status: number): Outcome['kind'] {
  if (status >= 200 && status <= 299) return 'delivered';
  if ([408, 425, 429].includes(status)) return 'retry';
  if (status === 410) return 'gone';
  return status >= 400 && status <= 499 ? 'dead' : 'retry';
}

describe('what a status means', () => {
  it('100 to 599, each without Retry-After, with seconds, with a date, and with a date far away', async () => {
    const { server, hook } = await connect((socket, request) => {
      const [, status = '', wait = ''] = /^\/(\d+)\/(.*)$/.exec(request.target) ?? [];
      // Of an interim answer nothing follows; the others are whole.
      if (status.startsWith('1')) return void socket.end(`HTTP/1.1 ${status} Interim\r\n\r\n`);
      const header = WAITS[wait]?.header();
      return answer(Number(status), header === undefined ? {} : { 'retry-after': header })(socket, request);
    });
    const statuses = Array.from({ length: 500 }, (_, n) => 100 + n);
    for (const [wait, { least, most }] of Object.entries(WAITS)) {
      const outcomes: [number, Outcome][] = [];
      for (let from = 0; from < statuses.length; from += 20) {
        const batch = statuses.slice(from, from + 20);
        const answers = await Promise.all(batch.map((status) => hook.post({ body: 1, path: `${status}/${wait}` })));
        outcomes.push(...answers.map((outcome, n): [number, Outcome] => [batch[n] ?? 0, outcome]));
      }
      for (const [status, outcome] of outcomes) {
        const throttled = wait !== 'none' && [429, 502, 503, 504].includes(status);
        expect([status, outcome.kind]).toEqual([status, throttled ? 'unavailable' : expectedKind(status)]);
        const afterMs = 'afterMs' in outcome ? (outcome.afterMs ?? -1) : -1;
        if (throttled) expect([status, afterMs >= least && afterMs <= most]).toEqual([status, true]);
        else expect(afterMs).toBe(-1);
        if (status >= 200) expect(outcome.code).toBe(String(status));
      }
    }
    expect(server.requests.length).toBe(2_000);
  });

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['999999', 3_600_000],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['Fri, 31 Dec 2199 23:59:59 GMT', 3_600_000],
  ])('Retry-After: %s', async (value, afterMs) => {
    const { hook } = await connect(answer(503, { 'retry-after': value }));
    expect(await hook.post()).toEqual({ kind: 'unavailable', code: '503', error: expect.any(String), afterMs });
  });

  it('Retry-After as a date is counted from now', async () => {
    const { hook } = await connect(answer(429, { 'retry-after': now() }));
    const outcome = await hook.post();
    expect(outcome.kind).toBe('unavailable');
    const afterMs = 'afterMs' in outcome ? (outcome.afterMs ?? 0) : 0;
    expect(afterMs).toBeGreaterThan(25_000);
    expect(afterMs).toBeLessThanOrEqual(31_000);
  });

  it.each(['soon', '-5', '1.5', '2199-12-31', '', 'Wed, 99 Foo 2015 07:28:00 GMT'])(
    'Retry-After that says nothing: "%s"',
    async (value) => {
      const { hook } = await connect(answer(503, { 'retry-after': value }));
      expect(await hook.post()).toEqual({ kind: 'retry', code: '503', error: expect.any(String) });
    },
  );

  it('says that the endpoint moved and follows nowhere', async () => {
    const canary = await startHttpServer(answer(200));
    cleanups.push(() => canary.stop());
    for (const status of [301, 302, 303, 307, 308]) {
      const { hook } = await connect(answer(status, { location: canary.url }));
      expect(await hook.post()).toMatchObject({ kind: 'retry', error: expect.stringContaining('moved') });
    }
    expect(canary.connections()).toBe(0);
  });

  it('says of an endpoint that is gone for good that all of it is', async () => {
    const { hook } = await connect(answer(410, { 'retry-after': '5' }));
    expect(await hook.post()).toEqual({ kind: 'gone', code: '410', error: expect.stringContaining('for good') });
  });
});

/** Writes `piece` as fast as the peer takes it. */
function pour(socket: Socket, piece: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once('drain', more);
  };
  more();
}

/** Writes one byte every 20 ms, for ever. */
function drip(socket: Socket, byte: string): void {
  const next = (): void => {
    if (socket.destroyed) return;
    socket.write(byte);
    systemClock.after(20, next);
  };
  next();
}

describe('a hostile endpoint', () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));

  const serves =
    (headers: string, then: HttpScript): HttpScript =>
    (socket, request) => {
      socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n`);
      then(socket, request);
    };
  const begins =
    (text: string, then: HttpScript): HttpScript =>
    (socket, request) => {
      socket.write(text);
      then(socket, request);
    };
  const pours =
    (piece: Buffer): HttpScript =>
    (socket) =>
      pour(socket, piece);
  const drips: HttpScript = (socket) => drip(socket, 'x');
  const ends =
    (text: string | Buffer): HttpScript =>
    (socket) =>
      void socket.end(text);

  it.each([
    ['an endless body', 'delivered', serves('', pours(Buffer.alloc(65_536, 'x')))],
    [
      'a body of 10 GB, as it says',
      'delivered',
      serves('content-length: 10000000000\r\n', pours(Buffer.alloc(65_536))),
    ],
    ['a gzip bomb', 'delivered', serves(`content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n`, ends(bomb))],
    ['a body that drips', 'delivered', serves('', drips)],
    ['a body that never comes', 'delivered', serves('content-length: 5\r\n', () => undefined)],
    ['a body that breaks off', 'delivered', serves('content-length: 5\r\n', ends('x'))],
    ['no answer', 'retry', () => undefined],
    ['a close without an answer', 'retry', ends('')],
    ['a reset', 'retry', (socket) => void socket.resetAndDestroy()],
    ['a head that drips', 'retry', begins('HTTP/1.1 200 OK\r\nx: ', drips)],
    ['endless headers', 'retry', begins('HTTP/1.1 200 OK\r\n', pours(Buffer.from('x: y\r\n'.repeat(10_000))))],
    ['no HTTP', 'retry', ends('220 smtp ready\r\n')],
    ['an upgrade', 'retry', begins('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n', () => undefined)],
    ['interim answers without end', 'retry', pours(Buffer.from('HTTP/1.1 102 Processing\r\n\r\n'))],
  ] as [string, Outcome['kind'], HttpScript][])('%s', async (_name, kind, script) => {
    let sent = 0;
    const { server, hook } = await connect(
      (socket, request) => {
        socket.once('close', () => {
          sent = socket.bytesWritten;
        });
        script(socket, request);
      },
      {},
      fastClock,
    );
    const startedMs = systemClock.monotonicMs();
    expect((await hook.post()).kind).toBe(kind);
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(3_000);
    await eventually(() => server.open() === 0, 'the connection is closed', 2_000);
    // What the socket buffers of both sides hold, and no more.
    expect(sent).toBeLessThan(16_000_000);
  });

  it('cannot answer the next request with a surplus answer', async () => {
    let turn = 0;
    const { hook, server } = await connect((socket, request) => {
      turn += 1;
      if (turn > 1) return answer(500)(socket, request);
      const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n';
      return void socket.write(ok + ok);
    });
    expect((await hook.post()).kind).toBe('delivered');
    expect(await hook.post()).toMatchObject({ kind: 'retry', code: '500' });
    expect(server.connections()).toBe(2);
  });

  it("ends an attempt after the connection's own limit", async () => {
    const { hook } = await connect(() => undefined, { timeoutMs: 1_000 });
    const startedMs = systemClock.monotonicMs();
    expect(await hook.post()).toMatchObject({
      kind: 'retry',
      code: 'timeout',
      error: expect.stringContaining('1000 ms'),
    });
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(2_000);
  });

  it('never gets a secret into an outcome or a log line', async () => {
    const secrets = { bearer: new Secret('marker-a'), headers: { 'x-key': new Secret('marker-b') } };
    const echo: HttpScript = (socket, request) =>
      answer(400, { location: request.headers['x-key'] ?? '' }, JSON.stringify(request.headers))(socket, request);
    for (const script of [echo, answer(500, {}, 'marker-a'), (socket: Socket) => void socket.destroy()]) {
      const { hook } = await connect(script, secrets);
      const outcome = await hook.post();
      expect(outcome.kind).not.toBe('delivered');
      expect(JSON.stringify([outcome, hook.context.lines])).not.toContain('marker');
    }
  });
});
