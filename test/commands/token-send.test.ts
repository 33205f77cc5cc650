// `token` and `send`: a token that is shown once, and one hit as a phone would write it.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { PhoneEvent } from '../../src/core/events.ts';
import { delivery, phoneEvent, record } from '../support/journal.ts';
import { type CommandWorld, commandWorld, type TestDaemon, testDaemon } from './world.ts';

const hash = (text: unknown): string => createHash('sha256').update(String(text)).digest('hex');

/** Takes raw requests in; what `answer` says goes back. */
async function rawReceiver(answer: (request: Buffer) => Promise<string> | string) {
  const requests: Buffer[] = [];
  const server = createServer((socket) => {
    const parts: Buffer[] = [];
    socket.on('error', () => {});
    socket.on('data', async (part) => {
      parts.push(part);
      const request = Buffer.concat(parts);
      if (!request.includes('\r\n\r\n')) return;
      requests.push(request);
      socket.end(await answer(request));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { requests, base: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

describe('token', () => {
  test('without a daemon: kept as a hash in the data folder, printed once with the exact URL', async () => {
    const world = commandWorld();
    const { code, out, err } = await world.run('token', '--phone', 'desk');
    expect([code, err]).toEqual([0, '']);
    const token = /^ {2}(\S{22,})$/m.exec(out)?.[1] ?? '';
    const book = readFileSync(world.folder.at('data/tokens.json'), 'utf8');
    expect(book).toContain(hash(token));
    expect(book).not.toContain(token);
    expect(out).toContain(`/a/${token}/missed_call?mac=$mac&ip=$ip&`);
    expect(out).toMatch(/display_remote=\$display_remote&_=\.$/m);
    expect(out).toMatch(/setup_completed registered/);
  });
  test('--json: the URLs of all events', async () => {
    const { run } = commandWorld();
    const made = JSON.parse((await run('token', '--site', 'default', '--json')).out) as Record<string, unknown>;
    expect(made).toMatchObject({ site: 'default', token: expect.stringMatching(/^[A-Za-z0-9_-]{22,}$/) });
    expect(Object.keys(made.urls as object)).toHaveLength(34);
  });
  test('with a daemon: the daemon keeps it', async () => {
    const world = commandWorld();
    world.folder.write('data/keep', '');
    const daemon = await testDaemon(world);
    const { code, out } = await world.run('token', '--phone', 'desk');
    expect(code).toBe(0);
    expect(out).toContain('http://host/a/');
    expect(daemon.made).toEqual([{ site: 'default', phone: 'desk' }]);
  });
  test('for what is not in the config: said so', async () => {
    const { run } = commandWorld();
    const { code, err } = await run('token', '--phone', 'dest');
    expect([code, err]).toEqual([1, 'phone: the config has no phone "dest"; did you mean "desk"?\n']);
  });
  test('with a config that has problems: exit code 65, and nothing is made', async () => {
    const { run, folder } = commandWorld();
    folder.write('config.json', { recever: 1 });
    const { code, err } = await run('token', '--site', 'default');
    expect(code).toBe(65);
    expect(err).toMatch(/recever: unknown key; did you mean "receiver"\?/);
  });
});

describe('send', () => {
  /** A daemon whose receiver records the hit as an event and decides at once. */
  async function sending(
    decide: (daemon: TestDaemon, callId: string) => Promise<void>,
  ): Promise<{ world: CommandWorld; daemon: TestDaemon; requests: Buffer[] }> {
    const world = commandWorld();
    world.folder.write('data/keep', '');
    const { requests, base } = await rawReceiver(async (request) => {
      const callId = /&call_id=([^&]*)/.exec(request.toString('latin1'))?.[1] ?? '';
      await decide(daemon, callId);
      return OK;
    });
    const daemon = await testDaemon(world, base);
    return { world, daemon, requests };
  }
  const said = (callId: string) => phoneEvent(7, { vars: { call_id: callId } });

  test('writes what a phone would write, byte for byte, with a token that lives a minute', async () => {
    const { world, daemon, requests } = await sending(({ store }, callId) => record(store, [said(callId)]));
    const name = 'Smith & Söhne #1 <x> 100% +';
    const { code } = await world.run('send', 'missed_call', '--remote', '+4930', '--local', '201', '--name', name);
    expect(code).toBe(0);
    const [line = '', ...headers] = (requests[0] ?? Buffer.alloc(0)).toString('utf8').split('\r\n');
    const match = /^GET \/a\/([A-Za-z0-9_-]{22,})\/missed_call\?(.*) HTTP\/1\.1$/.exec(line);
    expect(hash(match?.[1])).toBe(daemon.once[0]?.sha256);
    expect(daemon.once[0]?.holder).toEqual({ site: 'default' });
    expect(match?.[2]).toMatch(
      /^mac=020000000001&model=hookswitch-send&call_id=send-[0-9a-f-]{36}&local=201&remote=\+4930&display_remote=/,
    );
    expect(match?.[2]?.endsWith(`&display_remote=${name}&_=.`)).toBe(true);
    expect(headers).toContain('Connection: close');
  });
  test('as a phone of the config', async () => {
    const { world, daemon, requests } = await sending(({ store }, callId) => record(store, [said(callId)]));
    await world.run('send', 'phone.dnd_on', '--phone', 'desk', '--mac', '00-50-58-A1-B2-C3');
    expect(daemon.once[0]?.holder).toEqual({ site: 'default', phone: 'desk' });
    expect(requests[0]?.toString()).toMatch(/\/dnd_on\?mac=005058a1b2c3&/);
  });
  test('waits for what comes of it, and shows it', async () => {
    const { world } = await sending(async ({ store }, callId) => {
      const event = said(callId);
      await record(store, [event], [delivery(event)]);
      setTimeout(() => {
        void store.commit({
          site: 'default',
          epoch: 1,
          processed: [],
          made: [],
          state: [],
          deliveries: [],
          settled: [{ id: `${event.id}/tell/0`, state: 'delivered', attempts: 1, dueAtMs: 0, code: '200' }],
        });
      }, 150);
    });
    const { code, out } = await world.run('send', 'missed_call');
    expect(code).toBe(0);
    expect(out).toBe(
      `phone.missed_call of desk: event ${phoneEvent(7).id}\n  tell → team (slack): delivered, 200\n    {"text":"Missed call"}\n`,
    );
  });
  test('--json: the event and its deliveries; exit code 1 if one is dead', async () => {
    const { world } = await sending(async ({ store }, callId) => {
      const event = said(callId);
      await record(store, [event], [delivery(event, { state: 'dead', attempts: 1, lastError: 'channel_not_found' })]);
    });
    const { code, out } = await world.run('send', 'missed_call', '--json');
    const told = JSON.parse(out) as { event: PhoneEvent };
    expect(code).toBe(1);
    expect(told).toMatchObject({
      status: 200,
      settled: true,
      deliveries: [{ state: 'dead', lastError: 'channel_not_found' }],
    });
    expect(told.event).toEqual({ ...said(told.event.vars.call_id ?? ''), raw_b64: expect.any(String) });
  });
  test('no rule made anything of it', async () => {
    const { world } = await sending(({ store }, callId) => record(store, [said(callId)]));
    expect((await world.run('send', 'missed_call')).out).toContain('no rule made anything of it');
  });
  test('nothing of a message reaches the terminal raw', async () => {
    const { world } = await sending(async ({ store }, callId) => {
      const event = said(callId);
      await record(
        store,
        [event],
        [delivery(event, { state: 'delivered', attempts: 1, message: { text: 'a\u001b[2J\u202eb' } })],
      );
    });
    const { out } = await world.run('send', 'missed_call');
    expect(out).toContain('\\u001b[2J');
    expect(out).not.toMatch(/[^\P{C}\n]/u);
  });
  test('no daemon: exit code 69', async () => {
    const { code, err } = await commandWorld().run('send', 'missed_call');
    expect([code, err]).toEqual([
      69,
      expect.stringMatching(/no daemon is running for .*; start one: hookswitch serve/),
    ]);
  });
  test('a receiver that refuses, or that is not there: exit code 1', async () => {
    const refusing = await rawReceiver(() => 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n');
    const silent = await rawReceiver(() => '');
    for (const [url, told] of [
      [refusing.base, 'the hit was refused: HTTP 503\n'],
      [silent.base, 'the hit could not be sent (the connection ended without an answer)\n'],
      ['http://127.0.0.1:1', 'the hit could not be sent (ECONNREFUSED)\n'],
    ] as const) {
      const world = commandWorld();
      world.folder.write('data/keep', '');
      await testDaemon(world);
      expect(await world.run('send', 'missed_call', '--url', url)).toEqual({ code: 1, out: '', err: told });
    }
  });
  test('elsewhere, with a token from the environment: no daemon is needed here, and the token is not shown', async () => {
    const world = commandWorld();
    const { requests, base } = await rawReceiver(() => OK);
    world.env.HOOKSWITCH_TOKEN = 'canary-canary-canary-canary';
    const { code, out, err } = await world.run('send', 'missed_call', '--url', `${base}/in/`);
    expect([code, out]).toEqual([0, 'the hit was accepted: HTTP 200\n']);
    expect(requests[0]?.toString()).toMatch(/^GET \/in\/a\/canary-canary-canary-canary\/missed_call\?/);
    expect(out + err).not.toContain('canary');
  });
});
