// The control socket: only this account opens it, one daemon has it, and a command learns whether one is there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { askControl, controlSocketPath, serveControl } from '../../src/control-socket.ts';
import { tempFolder } from '../support/temp-folder.ts';

const echo: RequestListener = (request, response) => {
  const parts: string[] = [];
  request.on('data', (part) => parts.push(String(part)));
  request.on('end', () => {
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ method: request.method, url: request.url, body: parts.join('') }));
  });
};

async function served(dataPath: string, listener = echo) {
  const server = await serveControl(dataPath, listener);
  onTestFinished(() => server.close());
  return server;
}

test('asks and is answered', async () => {
  const { path } = tempFolder();
  await served(path);
  expect(await askControl(path, 'POST', '/retry?x=%C3%BC', { ids: ['ä'] })).toEqual({
    status: 201,
    body: { method: 'POST', url: '/retry?x=%C3%BC', body: '{"ids":["ä"]}' },
  });
  expect(await askControl(path, 'GET', '/status')).toMatchObject({ body: { method: 'GET', body: '' } });
});

test('the socket is in the data folder, for this account only, whatever the umask', async () => {
  const folder = tempFolder();
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  const server = await served(folder.path);
  expect(server.path).toBe(folder.at('control.sock'));
  expect(statSync(server.path).mode & 0o777).toBe(0o600);
  expect(process.umask()).toBe(0);
});

describe('a data folder with a long path', () => {
  const long = (name = 'x') => {
    const folder = tempFolder();
    const path = folder.at(`${name.repeat(90)}`);
    mkdirSync(path);
    return { folder, path };
  };
  test('has its socket in a folder of its own that only this account enters, found by any spelling of the path', async () => {
    const { folder, path } = long();
    const server = await served(path);
    onTestFinished(() => rmSync(dirname(server.path), { recursive: true, force: true }));
    expect(server.path).toMatch(/\/hookswitch-[0-9a-f]{16}\/control\.sock$/);
    expect(statSync(dirname(server.path)).mode & 0o777).toBe(0o700);
    symlinkSync(path, folder.at('short'));
    expect(await controlSocketPath(folder.at('short'))).toBe(server.path);
    expect(await askControl(folder.at('short'), 'GET', '/')).toMatchObject({ status: 201 });
    expect(await controlSocketPath(long('y').path)).not.toBe(server.path);
  });
  test('does not use a folder that others may enter, neither to listen nor to ask', async () => {
    const { path } = long('z');
    const foreign = dirname(await controlSocketPath(path));
    mkdirSync(foreign);
    onTestFinished(() => rmSync(foreign, { recursive: true, force: true }));
    chmodSync(foreign, 0o755);
    await expect(serveControl(path, echo)).rejects.toMatchObject({ code: 'denied' });
    const impostor = createHttp(echo).listen(`${foreign}/control.sock`);
    await once(impostor, 'listening');
    onTestFinished(() => void impostor.close());
    expect(await askControl(path, 'GET', '/')).toEqual({ failed: 'absent' });
  });
});

describe('no daemon', () => {
  test('no folder, no socket, or a socket that one left behind', async () => {
    const folder = tempFolder();
    expect(await askControl(folder.at('none'), 'GET', '/')).toEqual({ failed: 'absent' });
    expect(await askControl(folder.path, 'GET', '/')).toEqual({ failed: 'absent' });
    folder.write('control.sock', '');
    expect(await askControl(folder.path, 'GET', '/')).toEqual({ failed: 'absent' });
  });
  test('a socket that a killed one left behind is taken over', async () => {
    const folder = tempFolder();
    const script = `require('node:net').createServer().listen(${JSON.stringify(folder.at('control.sock'))}, () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(folder.at('control.sock'))).toBe(true);
    expect(await askControl(folder.path, 'GET', '/')).toEqual({ failed: 'absent' });
    await served(folder.path);
    expect(await askControl(folder.path, 'GET', '/')).toMatchObject({ status: 201 });
  });
});

test('a second daemon is refused and does not disturb the first', async () => {
  const { path } = tempFolder();
  await served(path);
  await expect(serveControl(path, echo)).rejects.toMatchObject({ code: 'taken' });
  expect(await askControl(path, 'GET', '/')).toMatchObject({ status: 201 });
});

test('after close the socket is gone, and what was half asked does not hold it', async () => {
  const { path } = tempFolder();
  const server = await serveControl(path, () => {});
  const pending = askControl(path, 'GET', '/');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await server.close();
  expect(await pending).toEqual({ failed: 'broken' });
  expect(existsSync(server.path)).toBe(false);
});

test.each([
  ['no JSON', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{x'],
  ['no HTTP', 'hello\r\n\r\n'],
  ['nothing', ''],
  ['half an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":'],
])('a daemon that answers %s is broken, not absent', async (_, answer) => {
  const folder = tempFolder();
  const server = createServer((socket) => socket.on('error', () => {}).end(answer)).listen(folder.at('control.sock'));
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  expect(await askControl(folder.path, 'GET', '/')).toEqual({ failed: 'broken' });
});
