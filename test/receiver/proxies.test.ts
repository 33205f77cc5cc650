// Reverse proxies: they keep their connection, speak for other addresses, and get the same treatment byte for byte.
import { expect, test } from 'vitest';
import { connectRaw, parseAnswer, sendRaw } from '../support/raw-http.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';
import { type Desk, directoryOf, get, hit, openDesk, SITE_TOKEN, TOKEN } from './desk.ts';

const proxied = (options: Parameters<typeof openDesk>[0] = {}): Promise<Desk> =>
  openDesk({ ...options, settings: { proxies: ['127.0.0.0/8'], ...options.settings } });

/** A hit of a phone that is known by its address only. */
const from = (forwarded: string): string => get(`/a/${SITE_TOKEN}/dnd_on?_=.`, `X-Forwarded-For: ${forwarded}\r\n`);
const statuses = (text: string): number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));

test('a connection carries one request after the other', async () => {
  const desk = await proxied();
  const connection = await connectRaw(desk.port);
  for (let n = 1; n <= 5; n++) {
    await connection.write(hit('dnd_on', `display_remote=John Doe ${n}`));
    const text = await connection.answers(n);
    expect(statuses(text)).toHaveLength(n);
    expect(text).not.toMatch(/connection: close/i);
  }
  expect(desk.events().map((event) => event.remote.name)).toEqual([1, 2, 3, 4, 5].map((n) => `John Doe ${n}`));
  await desk.close();
});

test('what comes at once, or byte by byte, is answered in its order', async () => {
  let pending: (() => void)[] = [];
  const desk = await proxied({
    append: (entries) =>
      new Promise((resolve) => {
        expect(pending).toHaveLength(0);
        pending.push(() => resolve(entries.map(() => ({ seq: 1, duplicate: false }))));
        setImmediate(() => {
          const [next] = pending;
          pending = [];
          next?.();
        });
      }),
  });
  const requests = hit('dnd_on') + get('/nothing') + hit('dnd_off') + get('/').replace('GET', 'POST') + hit('mute');
  const whole = await connectRaw(desk.port);
  await whole.write(requests);
  expect(statuses(await whole.answers(5))).toEqual([200, 404, 200, 405, 200]);
  const bytes = await connectRaw(desk.port);
  for (const byte of requests) await bytes.write(byte);
  expect(statuses(await bytes.answers(5))).toEqual([200, 404, 200, 405, 200]);
  await desk.close();
});

test('hundreds of refused requests in one write are all answered', async () => {
  const desk = await proxied();
  const connection = await connectRaw(desk.port);
  await connection.write(get('/x', '').repeat(2000));
  expect(statuses(await connection.answers(2000))).toEqual(Array(2000).fill(404));
  await desk.close();
});

test.each([
  ['a body', get(`/a/${TOKEN}/dnd_on?_=.`, 'Content-Length: 5\r\n')],
  ['a coded body', get(`/a/${TOKEN}/dnd_on?_=.`, 'Transfer-Encoding: chunked\r\n')],
  ['the wish to close', get(`/a/${TOKEN}/dnd_on?_=.`, 'Connection: foo, Close\r\n')],
  ['HTTP/1.0', hit('dnd_on').replace('HTTP/1.1', 'HTTP/1.0')],
  ['no version', `GET /a/${TOKEN}/dnd_on\r\nHost: x\r\n\r\n`],
])('a request with %s is the last one', async (_name, request) => {
  const desk = await proxied();
  const connection = await connectRaw(desk.port);
  await connection.write(`${request}${hit('dnd_off')}`);
  const answer = await connection.closed();
  expect([answer.status, answer.headers.connection, answer.body]).toEqual([200, 'close', '']);
  expect(desk.events().map((event) => event.type)).toEqual(['phone.dnd_on']);
  await desk.close();
});

test('HTTP/1.0 with keep-alive, and an empty body, leave the connection open', async () => {
  const desk = await proxied();
  const connection = await connectRaw(desk.port);
  await connection.write(get(`/a/${TOKEN}/mute?_=.`, 'Connection: Keep-Alive\r\n').replace('HTTP/1.1', 'HTTP/1.0'));
  await connection.answers(1);
  await connection.write(get(`/a/${TOKEN}/mute?_=.`, 'Content-Length: 0\r\n'));
  expect(statuses(await connection.answers(2))).toEqual([200, 200]);
  await desk.close();
});

test('a phone gets "Connection: close", whatever it asks for', async () => {
  const desk = await openDesk();
  const answer = await sendRaw(desk.port, get(`/a/${TOKEN}/dnd_on?_=.`, 'Connection: keep-alive\r\n'));
  expect(answer.headers.connection).toBe('close');
  await desk.close();
});

test.each([
  ['the last entry', '10.0.0.1, 192.168.7.7', 'ip-192-168-7-7'],
  ['one entry', '192.168.7.7', 'ip-192-168-7-7'],
  ['an entry with a port', '192.168.7.7:5060', 'ip-192-168-7-7'],
  ['IPv6 in brackets', '[2001:DB8::0:1]:443', 'ip-2001-db8--1'],
  ['mapped IPv4', '::ffff:192.168.7.7', 'ip-192-168-7-7'],
  ['something else', '10.0.0.1, unknown', 'ip-127-0-0-1'],
  ['an address in a spelling of its own', '127.1', 'ip-127-0-0-1'],
  ['nothing', '', 'ip-127-0-0-1'],
])('from X-Forwarded-For with %s', async (_name, forwarded, id) => {
  const desk = await proxied();
  await sendRaw(desk.port, from(forwarded).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  expect(desk.events()[0]?.phone.id).toBe(id);
  await desk.close();
});

test('the last of several X-Forwarded-For headers counts, and it decides about allowFrom', async () => {
  const desk = await proxied({ directory: directoryOf({ allowFromOf: () => ['192.168.7.0/24'] }) });
  const two = (first: string, second: string): string =>
    from(`${first}\r\nx-forwarded-for: ${second}`).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
  expect((await sendRaw(desk.port, two('192.168.7.7', '10.0.0.1'))).status).toBe(404);
  expect((await sendRaw(desk.port, two('10.0.0.1', '192.168.7.7'))).status).toBe(200);
  await desk.close();
});

test('from anybody else the header means nothing', async () => {
  const desk = await openDesk({ settings: { proxies: ['10.0.0.0/8'] } });
  await sendRaw(desk.port, from('192.168.7.7'));
  expect(desk.events()[0]?.phone.id).toBe('ip-127-0-0-1');
  await desk.close();
});

test('a proxy has no limit of connections of its own', async () => {
  const desk = await proxied({ settings: { proxies: ['127.0.0.1'], limits: { connectionsPerAddressMax: 2 } } });
  const connections = await Promise.all(Array.from({ length: 10 }, () => connectRaw(desk.port)));
  for (const connection of connections) await connection.write(hit('dnd_on'));
  for (const connection of connections) expect(parseAnswer(await connection.answers(1)).status).toBe(200);
  await desk.close();
});

test('an idle connection is ended after its time, one with half a request is told so', async () => {
  const time = createVirtualTime();
  const desk = await proxied({ clock: time.clock });
  const idle = await connectRaw(desk.port);
  await idle.write(hit('dnd_on'));
  await idle.answers(1);
  const half = await connectRaw(desk.port);
  await half.write(hit('dnd_on'));
  await half.answers(1);
  await half.write('GET /half');
  const later = await connectRaw(desk.port);
  await later.write(get('/'));
  await later.answers(1);
  await time.advance(5100);
  expect(statuses((await half.closed()).text)).toEqual([200, 408]);
  expect(idle.socket.readableEnded).toBe(false);
  await time.advance(75_000);
  expect(statuses((await idle.closed()).text)).toEqual([200]);
  await desk.close();
});

test('stopping ends idle connections at once', async () => {
  const desk = await proxied();
  const connection = await connectRaw(desk.port);
  await connection.write(hit('dnd_on'));
  await connection.answers(1);
  await desk.receiver.stopAccepting();
  expect((await connection.closed()).reset).toBe(false);
});
