// Ways around: other spellings of a path, other methods, other hosts, large bodies; and what every answer tells a browser.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { form, openConsoleDesk } from '../support/console-desk.ts';
import { connectRaw } from '../support/raw-http.ts';

/** Other spellings of one path, of which some mean it and some mean nothing. */
const spellings = (path: string): string[] => {
  const [, first = '', ...rest] = path.split('/');
  const tail = rest.length === 0 ? '' : `/${rest.join('/')}`;
  const hex = (text: string): string => [...text].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
  return [
    `/${first.toUpperCase()}${tail}`,
    `/${hex(first)}${tail}`,
    `//${first}${tail}`,
    `/./${first}${tail}`,
    `/x/../${first}${tail}`,
    `/%2e/${first}${tail}`,
    `/x/%2e%2e/${first}${tail}`,
    `/%2F${first}${tail}`,
    `/${first}${tail}/`,
    `/${first}${tail}//`,
    `/${first}${tail}%20`,
    `/${first}${tail}%00`,
    `/${first}${tail};x`,
    `/${first}${tail}?x=/login`,
    `/${first}${tail}%3Fx`,
    `/${first}${tail}%23`,
    `\\${first}${tail}`,
    `/login/../${first}${tail}`,
    `/assets/..${path}`,
    `/assets/%2e%2e${path}`,
    `/assets/..%2F${first}`,
  ].filter((spelling) => spelling.startsWith('/'));
};

test('no spelling of a path is decided otherwise than the path itself', async () => {
  const desk = await openConsoleDesk();
  const reader = { cookie: (await desk.login('read', desk.passwordOf('read'))).cookie };
  const offences: string[] = [];
  let tried = 0;
  for (const path of ['/audit', '/calls', '/phones', '/api/v1/calls.csv', '/api/v1/phones', '/metrics', '/account'])
    for (const spelling of spellings(path)) {
      const stranger = await desk.ask('GET', spelling);
      // Somebody unknown gets nothing but the way to the login, by any spelling.
      if (![303, 401, 404].includes(stranger.status) || stranger.body.includes('<table'))
        offences.push(`nobody: GET ${spelling}: ${stranger.status}`);
      const known = await desk.ask('GET', spelling, { headers: reader });
      if (['/audit', '/api/v1/calls.csv'].includes(path) && ![403, 404].includes(known.status))
        offences.push(`read: GET ${spelling}: ${known.status}`);
      tried += 2;
    }
  for (const path of ['/api/v1/deliveries/retry', '/phones', '/phones/hall/token'])
    for (const spelling of spellings(path)) {
      const answer = await desk.ask('POST', spelling, form({}, reader));
      if (![403, 404].includes(answer.status)) offences.push(`read: POST ${spelling}: ${answer.status}`);
      tried += 1;
    }
  console.log(`${tried} requests with other spellings, ${offences.length} decided otherwise`);
  expect(offences).toEqual([]);
}, 60_000);

test('no path at all lets somebody unknown see a page', async () => {
  const desk = await openConsoleDesk();
  const piece = fc.oneof(
    fc.constantFrom(
      'calls',
      'audit',
      'api',
      'v1',
      '..',
      '.',
      '%2e',
      '%2f',
      '',
      'login',
      'assets',
      'console.js',
      '%00',
      ';',
    ),
    fc.stringMatching(/^[a-z%0-9.]{0,6}$/),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 5 }), async (pieces) => {
      const path = `/${pieces.join('/')}`;
      const { status, body } = await desk.ask('GET', path);
      const isOpen = status === 200 && (/^\/(?:login|assets\/)/.test(path) || body.includes('<h1>Log in</h1>'));
      expect(isOpen || [303, 400, 401, 404].includes(status), `${path}: ${status}`).toBe(true);
    }),
    { numRuns: 300 },
  );
}, 60_000);

test('HEAD is decided as GET and holds no stream open; OPTIONS, TRACE and PUT are given nothing', async () => {
  const desk = await openConsoleDesk();
  const { cookie, csrf } = await desk.login('read', desk.passwordOf('read'));
  const reader = { cookie, 'x-csrf-token': csrf };
  for (const path of [
    '/',
    '/calls',
    '/audit',
    '/api/v1/calls',
    '/api/v1/calls.csv',
    '/metrics',
    '/live',
    '/phones/hall',
  ]) {
    const statuses = [];
    for (const method of ['GET', 'HEAD']) {
      const answer = await desk.ask(method, path, { headers: reader, headOnly: method === 'GET' && path === '/live' });
      if (method === 'HEAD') expect(answer.body).toBe('');
      statuses.push(answer.status);
    }
    expect(statuses[1], path).toBe(statuses[0]);
    expect([401, 303]).toContain((await desk.ask('HEAD', path)).status);
  }
  for (const method of ['OPTIONS', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])
    for (const path of ['/', '/phones', '/api/v1/phones', '/api/v1/deliveries/retry']) {
      const answer = await desk.ask(method, path, { headers: { ...reader, origin: 'https://evil.example' } });
      expect(answer.status, `${method} ${path}`).toBe(404);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
});

test('a body beyond 1 MB is refused, whether it says its length or not, and at the login too', async () => {
  const desk = await openConsoleDesk();
  const { cookie, csrf } = await desk.login('admin', desk.passwordOf('admin'));
  const big = 'x'.repeat(1024 * 1024 + 1);
  const headers = { cookie, 'x-csrf-token': csrf, 'content-type': 'application/json' };
  for (const path of ['/api/v1/deliveries/retry', '/phones', '/login'])
    expect((await desk.ask('POST', path, { headers, body: big })).status, path).toBe(413);
  const raw = await connectRaw(desk.port);
  await raw.write(
    `POST /login HTTP/1.1\r\nHost: ${desk.host}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  for (let n = 0; n < 40; n++) await raw.write(`8000\r\n${'x'.repeat(0x8000)}\r\n`);
  await raw.write('0\r\n\r\n');
  expect((await raw.closed()).status).toBe(413);
  expect((await desk.ask('GET', '/livez')).status).toBe(200);
}, 30_000);

test('no page may be framed, sniffed, cached or given away, on refusals and failures neither', async () => {
  const desk = await openConsoleDesk();
  const { cookie } = await desk.login('admin', desk.passwordOf('admin'));
  const tried: [string, string, Record<string, string>][] = [
    ['GET', '/', { cookie }],
    ['GET', '/calls', { cookie }],
    ['GET', '/login', {}],
    ['GET', '/nowhere', { cookie }],
    ['GET', '/calls', { host: 'evil.example' }],
    ['POST', '/phones', { cookie }],
    ['GET', '/api/v1/calls?limit=x', { cookie }],
    ['GET', '/assets/console.js', {}],
  ];
  for (const [method, path, headers] of tried) {
    const answer = await desk.ask(method, path, { headers });
    const policy = String(answer.headers['content-security-policy']);
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).not.toContain('unsafe');
    expect(answer.headers['x-frame-options'], path).toBe('DENY');
    expect(answer.headers['x-content-type-options'], path).toBe('nosniff');
    expect(answer.headers['referrer-policy'], path).toBe('no-referrer');
    expect(answer.headers['cache-control'], path).toBe(path.startsWith('/assets') ? 'max-age=300' : 'no-store');
  }
});

test('a name with line breaks is one line of the live stream', async () => {
  const desk = await openConsoleDesk();
  const { cookie } = await desk.login('read', desk.passwordOf('read'));
  const stopped = new AbortController();
  const answer = await fetch(`${desk.base}/live`, { headers: { cookie }, signal: stopped.signal });
  const evil = '%0D%0A%0D%0Aevent: tiles%0D%0Adata: [{"id":"hall"}]%0D%0A%0D%0A\u2028';
  await desk.hit(
    'incoming_call',
    `mac=005058a1b2c3&call_id=7&remote=100&display_remote=Eve${encodeURI(evil).replaceAll('%25', '%')}`,
  );
  let text = '';
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    if (text.includes('event: calls') && text.endsWith('\n\n')) break;
  }
  stopped.abort();
  const events = text.split('\n\n').filter((event) => event !== '');
  for (const event of events) expect(event).toMatch(/^event: (?:hello|tiles|calls|alive)\ndata: [^\r\n]*$/);
  expect(events.filter((event) => event.startsWith('event: tiles'))).toHaveLength(1);
  expect(text).toMatch(/"who":"Eve[^\r\n]*hall/);
}, 20_000);
