// Connections: what ends a request, what a slow, rude or crowded peer is told, and that no answer is lost on the way out.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectRaw, sendRaw } from '../support/raw-http.ts';
import { createVirtualTime, settled } from '../support/virtual-clock.ts';
import { type Desk, get, hit, openDesk, TOKEN } from './desk.ts';

const SCRIPT = fileURLToPath(new URL('./inherited-socket.ts', import.meta.url));

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const target = (length: number): string => `/a/${TOKEN}/dnd_on?remote=${'9'.repeat(length)}&_=.`;
/** A request line of exactly that many bytes. */
const lineOf = (bytes: number): string => {
  const bare = `GET ${target(0)} HTTP/1.1`.length;
  return `GET ${target(bytes - bare)} HTTP/1.1`;
};

describe('the head', () => {
  test.each([
    ['a line of 8,192 bytes', `${lineOf(8192)}\r\n\r\n`, 200],
    ['a line of 8,192 bytes with LF', `${lineOf(8192)}\n\n`, 200],
    ['a line of 8,193 bytes', `${lineOf(8193)}\r\n\r\n`, 414],
    ['a line without end', 'G'.repeat(9000), 414],
    ['headers up to the cap', `${lineOf(100)}\r\nX: ${'x'.repeat(16_000)}\r\n\r\n`, 200],
    ['headers over the cap', `${lineOf(100)}\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    ['many headers over the cap', `${lineOf(100)}\r\n${'X: y\r\n'.repeat(4000)}\r\n`, 431],
    ['an empty line first', `\r\n${lineOf(100)}\r\n\r\n`, 200],
    ['an LF first', `\n${lineOf(100)}\r\n\r\n`, 200],
    ['two empty lines first', `\r\n\r\n${lineOf(100)}\r\n\r\n`, 400],
    ['no space in the line', 'GARBAGE\r\n\r\n', 400],
    ['a method that is none', 'G@T / HTTP/1.1\r\n\r\n', 400],
    ['a header without a colon', `${lineOf(100)}\r\nHost\r\n\r\n`, 400],
    ['a header with a blank in its name', `${lineOf(100)}\r\nHost : x\r\n\r\n`, 400],
    ['a folded header', `${lineOf(100)}\r\nHost: x\r\n y\r\n\r\n`, 400],
    ['a header without a name', `${lineOf(100)}\r\n: x\r\n\r\n`, 400],
    ['an empty header value', `${lineOf(100)}\r\nX:\r\n\r\n`, 200],
    ['any bytes in a header value', `${lineOf(100)}\r\nX: \x00\x80\xff\r y\r\n\r\n`, 200],
  ])('%s', async (_name, request, status) => {
    const before = desk.entries.length;
    const answer = await sendRaw(desk.port, request);
    expect([answer.status, answer.body, answer.reset]).toEqual([status, '', false]);
    expect(desk.entries.length - before).toBe(status === 200 ? 1 : 0);
  });

  test('a hit cut short whose sender ends its side before the head is whole counts', async () => {
    const connection = await connectRaw(desk.port);
    await connection.write(`GET /a/${TOKEN}/dnd_on?mac=\r\n`);
    connection.end();
    expect((await connection.closed()).status).toBe(200);
    expect(desk.events().at(-1)?.suspect).toEqual(['truncated']);
  });

  test('a line that is not whole when its sender ends its side: 400', async () => {
    const connection = await connectRaw(desk.port);
    await connection.write(`GET /a/${TOKEN}/transfer`);
    connection.end();
    expect((await connection.closed()).status).toBe(400);
    expect(desk.refused('incomplete')).toBe(1);
  });

  test('TLS on this port is counted, so that somebody can find it', async () => {
    const answer = await sendRaw(desk.port, '\x16\x03\x01\x02\x00\x01\x00');
    expect(answer.status).toBe(0);
    expect(desk.refused('tls')).toBe(1);
  });
});

describe('the end of a connection', () => {
  test('a client that ends its side after the request is answered', async () => {
    const connection = await connectRaw(desk.port);
    connection.write(hit('dnd_on'));
    connection.end();
    expect((await connection.closed()).status).toBe(200);
  });

  test('two requests in one write: one answer, one event', async () => {
    const before = desk.entries.length;
    const answer = await sendRaw(desk.port, hit('dnd_on') + hit('dnd_off'));
    expect([answer.status, answer.body]).toEqual([200, '']);
    expect(
      desk
        .events()
        .slice(before)
        .map((event) => event.type),
    ).toEqual(['phone.dnd_on']);
  });

  test('bytes that come behind the answer cause no reset', async () => {
    const connection = await connectRaw(desk.port);
    connection.socket.allowHalfOpen = true;
    await connection.write(hit('dnd_on'));
    await connection.answers(1);
    for (let n = 0; n < 50; n++) await connection.write('x'.repeat(1000));
    connection.end();
    expect(await connection.closed()).toMatchObject({ status: 200, reset: false });
  });

  test('bytes that come while the store writes cause no reset either', async () => {
    let stored = (): void => {};
    const own = await openDesk({
      append: () => new Promise((resolve) => (stored = () => resolve([{ seq: 1, duplicate: false }]))),
    });
    const connection = await connectRaw(own.port);
    connection.socket.allowHalfOpen = true;
    await connection.write(hit('dnd_on'));
    const written = connection.write('x'.repeat(900_000));
    for (let n = 0; n < 5; n++) await sendRaw(own.port, get('/'));
    stored();
    await connection.answers(1);
    await written;
    connection.end();
    expect(await connection.closed()).toMatchObject({ status: 200, reset: false });
    await own.close();
  });

  test('a line too long is answered although its sender goes on', async () => {
    const answer = await sendRaw(desk.port, 'G'.repeat(300_000));
    expect([answer.status, answer.reset]).toEqual([414, false]);
  });

  test('a client that resets in the middle costs nothing', async () => {
    for (const part of ['', 'GET /a/', hit('dnd_on').slice(0, -2), hit('dnd_on')]) {
      const connection = await connectRaw(desk.port);
      if (part !== '') await connection.write(part);
      connection.socket.resetAndDestroy();
      await connection.closed();
    }
    expect((await sendRaw(desk.port, hit('dnd_on'))).status).toBe(200);
  });

  test('a client that does not close is let go after a while', async () => {
    const time = createVirtualTime();
    const own = await openDesk({ clock: time.clock });
    const connection = await connectRaw(own.port);
    connection.socket.allowHalfOpen = true;
    await connection.write(hit('dnd_on'));
    await connection.answers(1);
    connection.socket.on('error', () => {});
    await time.until(() => time.waiting() > 0, 0);
    await time.advance(2000);
    connection.write('x');
    connection.write('x');
    expect((await connection.closed()).status).toBe(200);
    await own.close();
  });
});

describe('time', () => {
  const lateOf = async (first: string): Promise<{ status: number; own: Desk }> => {
    const time = createVirtualTime();
    const own = await openDesk({ clock: time.clock });
    const connection = await connectRaw(own.port);
    if (first !== '') await connection.write(first);
    // A request on another connection comes after these bytes, so they are there when it is answered.
    for (let n = 0; n < 3; n++) await sendRaw(own.port, get('/later'));
    await settled();
    await time.advance(4990);
    expect(connection.text()).toBe('');
    await time.advance(20);
    const { status } = await connection.closed();
    await own.close();
    return { status, own };
  };

  test.each([
    ['nothing', ''],
    ['half a line', 'GET /a/'],
    ['half a head', hit('dnd_on').slice(0, -4)],
  ])('%s for 5 s: 408', async (_name, first) => {
    const { status, own } = await lateOf(first);
    expect(status).toBe(408);
    expect(own.refused('timeout')).toBe(1);
    expect(own.entries).toHaveLength(0);
  });

  test('a hit cut short that never ends its head is kept', async () => {
    const { status, own } = await lateOf(`GET /a/${TOKEN}/dnd_on?mac=\r\n`);
    expect(status).toBe(200);
    expect(own.events().map((event) => event.suspect)).toEqual([['truncated']]);
  });
});

describe('crowds', () => {
  test('one address at its limit is refused; another one is answered, and the slot comes back', async () => {
    const own = await openDesk({ settings: { limits: { connectionsPerAddressMax: 3, connectionsMax: 5 } } });
    const idle = [];
    for (let n = 0; n < 3; n++) idle.push(await connectRaw(own.port));
    const fourth = await connectRaw(own.port);
    expect(await fourth.closed()).toMatchObject({ status: 0 });
    expect(own.refused('connections-address')).toBe(1);
    const honest = await connectRaw(own.port, '127.0.0.2');
    await honest.write(hit('dnd_on'));
    expect((await honest.closed()).status).toBe(200);
    await idle[0]?.write(hit('dnd_on'));
    await idle[0]?.closed();
    expect((await sendRaw(own.port, hit('dnd_on'))).status).toBe(200);
    await own.close();
  });

  test('all together have a limit too', async () => {
    const own = await openDesk({ settings: { limits: { connectionsMax: 2 } } });
    await connectRaw(own.port, '127.0.0.2');
    await connectRaw(own.port, '127.0.0.3');
    const third = await connectRaw(own.port, '127.0.0.4');
    expect((await third.closed()).status).toBe(0);
    expect(own.refused('connections')).toBe(1);
    await own.close();
  });

  test('who is answered holds no slot, though it does not close', async () => {
    const own = await openDesk({ settings: { limits: { connectionsPerAddressMax: 1 } } });
    for (let n = 0; n < 5; n++) {
      const connection = await connectRaw(own.port);
      connection.socket.allowHalfOpen = true;
      await connection.write(hit('dnd_on'));
      expect(await connection.answers(1)).toMatch(/^HTTP\/1\.1 200 /);
    }
    await own.close();
  });
});

describe('stopping', () => {
  test('what is under way is answered, what is new is refused', async () => {
    let stored = (): void => {};
    const own = await openDesk({
      append: () => new Promise((resolve) => (stored = () => resolve([{ seq: 1, duplicate: false }]))),
    });
    const under = await connectRaw(own.port);
    await under.write(hit('dnd_on'));
    await sendRaw(own.port, get('/'));
    await sendRaw(own.port, get('/'));
    const stopped = own.receiver.stopAccepting();
    await expect(connectRaw(own.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    stored();
    expect((await under.closed()).status).toBe(200);
    await stopped;
  });

  test('a connection that never ends is ended after the grace', async () => {
    const time = createVirtualTime();
    const own = await openDesk({ clock: time.clock, append: () => new Promise(() => {}) });
    const under = await connectRaw(own.port);
    await under.write(hit('dnd_on'));
    await sendRaw(own.port, get('/'));
    const stopped = own.receiver.stopAccepting(700);
    await time.advance(701);
    await stopped;
    expect((await under.closed()).status).toBe(0);
  });

  test('a port that is taken is told by its code', async () => {
    await expect(openDesk({ settings: { port: desk.port } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('a socket that was passed on', () => {
  test('is answered on', async () => {
    const listening = net.createServer().listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as net.AddressInfo;
    const handle = (listening as unknown as { _handle: { fd: number } })._handle;
    const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT], {
      stdio: ['ignore', 'inherit', 'inherit', handle.fd, 'ipc'],
    });
    await once(child, 'message');
    await new Promise((resolve) => listening.close(resolve));
    expect((await sendRaw(port, hit('dnd_off'))).status).toBe(200);
    child.kill();
    await once(child, 'exit');
  });
});
