// What phones, browsers and strangers are answered: always without a body, and always counted when it is a refusal.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoreError } from '../../src/core/store.ts';
import { sendRaw } from '../support/raw-http.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';
import { type Desk, directoryOf, get, hit, openDesk, TOKEN } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

describe('404', () => {
  const paths = [
    '/',
    '/a',
    '/a/',
    `/a/${TOKEN}`,
    `/a/${TOKEN}/`,
    `/a/${TOKEN}/incoming_call/`,
    `/a/${TOKEN}/incoming_call/x`,
    `/a//${TOKEN}/incoming_call`,
    `//a/${TOKEN}/incoming_call`,
    `/A/${TOKEN}/incoming_call`,
    `/%61/${TOKEN}/incoming_call`,
    `/a/../a/${TOKEN}/incoming_call`,
    `/./a/${TOKEN}/incoming_call`,
    `/a/${TOKEN}%2Fincoming_call`,
    `/a/${TOKEN}/incoming%2Fcall`,
    `/a/${TOKEN}/incoming_calls?_=.`,
    `/a/${TOKEN}/__proto__?_=.`,
    `/a/${TOKEN}/off_hoo%E2%84%AA?_=.`,
    `/a/${TOKEN.slice(0, -1)}/off_hook?_=.`,
    `/a/${TOKEN}x/off_hook?_=.`,
    `/a/x/off_hook?_=.`,
    '*',
    'off_hook',
    '',
  ];

  test('is the same bytes for a wrong token, event or form', async () => {
    const answers = new Set<string>();
    for (const path of paths) answers.add((await sendRaw(desk.port, get(path))).text);
    expect([...answers]).toEqual(['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n']);
    expect(desk.entries).toHaveLength(0);
  });

  test('is counted by its reason', () => {
    expect(desk.refused('token')).toBe(3);
    expect(desk.refused('event')).toBeGreaterThan(2);
    expect(desk.refused('path')).toBeGreaterThan(10);
    expect(desk.counts.filter((c) => c.name === 'hits_refused')).toHaveLength(paths.length);
  });
});

test('an accepted hit is counted, and its answer says nothing', async () => {
  const answer = await sendRaw(desk.port, hit('dnd_on'));
  expect(answer.text).toBe('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  expect(desk.counts.at(-1)).toEqual({ name: 'hits_accepted', labels: {} });
});

test.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'BREW', 'get', '__proto__'])(
  '%s is 405, for a known token and an unknown one alike',
  async (method) => {
    const before = desk.entries.length;
    const known = await sendRaw(desk.port, hit('dnd_on').replace('GET', method));
    const unknown = await sendRaw(desk.port, get('/nothing').replace('GET', method));
    expect(known.status).toBe(405);
    expect(known.headers.allow).toBe('GET');
    expect(unknown.text).toBe(known.text);
    expect(desk.entries).toHaveLength(before);
  },
);

test.each([
  'Origin: http://evil.example',
  'ORIGIN: null',
  'Cookie: a=b',
  'Referer: http://evil.example/',
  'Sec-Fetch-Mode: no-cors',
  'sec-fetch-site: cross-site',
  'Accept-Language: de',
  'Upgrade: websocket',
])('a request with "%s" is no phone: 403', async (header) => {
  const before = desk.refused('browser');
  const answer = await sendRaw(desk.port, get(`/a/${TOKEN}/dnd_on?_=.`, `Host: x\r\n${header}\r\n`));
  expect(answer.status).toBe(403);
  expect(answer.headers['content-length']).toBe('0');
  expect(desk.refused('browser')).toBe(before + 1);
});

test.each(['', '?', '?x', 'x', '*', '//', 'http://host', 'http://host?x'])(
  'a target that is no path (%j) is an ordinary 404, or 405 with another method',
  async (target) => {
    expect((await sendRaw(desk.port, get(target))).status).toBe(404);
    expect((await sendRaw(desk.port, get(target).replace('GET', 'POST'))).status).toBe(405);
    expect((await sendRaw(desk.port, get(target).replace('GET', 'HEAD'))).status).toBe(405);
  },
);

test('headers whose names only look like those of browsers are fine', async () => {
  const headers = 'X-Origin: a\r\nAccept: text/html\r\nUser-Agent: Origin: x\r\nSec-Fetching: y\r\n';
  expect((await sendRaw(desk.port, get(`/a/${TOKEN}/dnd_on?_=.`, headers))).status).toBe(200);
});

test('a store that cannot take the hit: 503, and one line in the log', async () => {
  const failing = await openDesk({ append: () => Promise.reject(new StoreError('full', `secret ${TOKEN}`)) });
  const answers = [];
  for (let n = 0; n < 3; n++) answers.push(await sendRaw(failing.port, hit('dnd_on')));
  expect(answers.map((answer) => [answer.status, answer.headers['retry-after']])).toEqual(Array(3).fill([503, '5']));
  expect(failing.refused('not-stored')).toBe(3);
  expect(failing.lines).toEqual([{ level: 'warn', event: 'hit_not_stored', fields: { code: 'full' } }]);
  await failing.close();
});

test('an error of our own: 500, and nothing of the request in the log', async () => {
  const broken = await openDesk({
    directory: directoryOf({
      find: () => {
        throw new TypeError(`cannot read ${TOKEN}`);
      },
    }),
  });
  expect((await sendRaw(broken.port, hit('dnd_on'))).status).toBe(500);
  expect(broken.lines.map((line) => line.event)).toEqual(['hit_failed']);
  expect(JSON.stringify(broken.lines)).not.toContain(TOKEN);
  await broken.close();
});

test('the answer waits for the store', async () => {
  let stored = (): void => {};
  const slow = await openDesk({
    append: () => new Promise((resolve) => (stored = () => resolve([{ seq: 1, duplicate: false }]))),
  });
  const answer = sendRaw(slow.port, hit('dnd_on'));
  // Another request on another connection is answered meanwhile, so this one was not just slow to arrive.
  await sendRaw(slow.port, get('/nothing'));
  expect(await Promise.race([answer.then(() => 'answered'), sendRaw(slow.port, get('/')).then(() => 'waits')])).toBe(
    'waits',
  );
  stored();
  expect((await answer).status).toBe(200);
  await slow.close();
});

test('a phone that speaks too often: 429 until its rate allows it, and other phones notice nothing', async () => {
  const time = createVirtualTime();
  const limited = await openDesk({ clock: time.clock, settings: { limits: { hitsPerSecondMax: 2, hitsBurstMax: 3 } } });
  const send = async (token?: string): Promise<number> =>
    (await sendRaw(limited.port, hit('dnd_on', 'mac=', token))).status;
  expect([await send(), await send(), await send(), await send()]).toEqual([200, 200, 200, 429]);
  expect(await send('nameless-0123456789abcd')).toBe(200);
  await time.advance(500);
  expect([await send(), await send()]).toEqual([200, 429]);
  await time.advance(60_000);
  expect([await send(), await send(), await send(), await send()]).toEqual([200, 200, 200, 429]);
  expect(limited.refused('rate')).toBe(3);
  await limited.close();
});

test('more own variables than the limit: 400; a caller can write as many "&x=" as fit', async () => {
  const many = Array.from({ length: 65 }, (_, n) => `v${n}=1`).join('&');
  expect((await sendRaw(desk.port, hit('dnd_on', many))).status).toBe(400);
  expect(desk.refused('parameters')).toBe(1);
  expect((await sendRaw(desk.port, hit('dnd_on', `remote=1&display_remote=x&${many}`))).status).toBe(200);
  expect(desk.events().at(-1)?.remote.name).toBe(`x&${many}`);
});
