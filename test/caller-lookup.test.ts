// The look-up of callers against a real HTTP server: what is asked, what is understood, and how little it may cost.

import { describe, expect, test } from 'vitest';
import { Secret } from '../src/core/secret.ts';
import { lookupAt, says, settingsOf, startServer } from './caller-lookup-desk.ts';
import { answer, closedPort, type HttpScript, startSilentServer } from './support/http-server.ts';

const ERIKA = '+49301234567';

describe('a question', () => {
  test('is one GET with the number as one segment, and the secret headers', async () => {
    const server = await startServer(says({ name: 'Erika' }));
    const { lookup, found, end } = lookupAt(server.url, { headers: { 'X-Api-Key': new Secret('k1') } });
    lookup.ask(ERIKA);
    await end(1);
    expect(found).toEqual([[ERIKA, 'Erika']]);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      target: '/callers/%2B49301234567',
      headers: { 'x-api-key': 'k1', accept: 'application/json', host: `127.0.0.1:${server.port}` },
    });
  });
  test('or with the number as a value of the query', async () => {
    const server = await startServer(says({ contact: { 'full/name': 'Erika' } }));
    const url = `${server.url}/find?tenant=1&n={{number}}&x=2`;
    const { lookup, found, end } = lookupAt(server.url, { url, name: '/contact/full~1name' });
    lookup.ask(ERIKA);
    await end(1);
    expect(server.requests[0]?.target).toBe('/find?tenant=1&n=%2B49301234567&x=2');
    expect(found).toEqual([[ERIKA, 'Erika']]);
  });
  test('is asked about numbers only', async () => {
    const server = await startServer(says({ name: 'x' }));
    const { lookup, end } = lookupAt(server.url);
    for (const said of ['', 'erika', '*21#', '../../admin', '+', '12', '1'.repeat(21), '+49 30', '4711'])
      lookup.ask(said);
    await end(1);
    expect(server.requests.map(({ target }) => target)).toEqual(['/callers/4711']);
  });
});

describe('an answer', () => {
  test.each<[string, HttpScript, string | null]>([
    ['a name', says({ name: 'Mustermann GmbH' }), 'Mustermann GmbH'],
    ['a name on several lines', says({ name: ' Erika\n\u0007Mustermann\u202e ' }), 'Erika Mustermann'],
    ['a long name', says({ name: 'x'.repeat(5_000) }), `${'x'.repeat(199)}…`],
    ['an empty name', says({ name: ' \n' }), null],
    ['no name', says({ id: 5 }), null],
    ['null', says({ name: null }), null],
    ['what every object has', says({}), null],
    ['nothing there', answer(404), null],
    ['no content', answer(204), null],
    ['gone', answer(410, {}, 'x'), null],
  ])('%s', async (_, script, name) => {
    const server = await startServer(script);
    const { lookup, found, end } = lookupAt(server.url);
    lookup.ask(ERIKA);
    await end(1);
    expect(found).toEqual([[ERIKA, name]]);
  });
  test.each<[string, HttpScript, string]>([
    ['a redirect, which is not followed', answer(302, { location: 'http://127.0.0.1:9/' }), 'status_302'],
    ['an error', answer(500, {}, '{"name":"x"}'), 'status_500'],
    ['a refusal', answer(401), 'status_401'],
    ['no JSON', answer(200, {}, '<html>'), 'not_json'],
    ['a name that is an object', says({ name: { first: 'Erika' } }), 'name_is_no_text'],
    ['more than 64 KiB', says({ name: 'Erika', rest: 'x'.repeat(70_000) }), 'too_large'],
    ['rubbish instead of HTTP', (socket) => socket.end('hello\r\n\r\n'), 'no_answer'],
    ['a connection that breaks off', (socket) => socket.destroy(), 'UND_ERR_SOCKET'],
  ])('%s, is none', async (_, script, reason) => {
    const server = await startServer(script);
    const { lookup, found, end, count, context } = lookupAt(server.url);
    lookup.ask(ERIKA);
    await end(1);
    expect(found).toEqual([]);
    expect(count(`caller_lookup_failures{reason=${reason}}`)).toBe(1);
    expect(context.lines).toEqual([{ level: 'warn', event: 'caller_lookup_fails', fields: { reason } }]);
    expect(server.connections()).toBe(1);
  });
  test('nobody there', async () => {
    const { lookup, end, count } = lookupAt(`http://127.0.0.1:${await closedPort()}`);
    lookup.ask(ERIKA);
    await end(1);
    expect(count('caller_lookup_failures{reason=ECONNREFUSED}')).toBe(1);
  });
  test.each<[string, HttpScript | undefined]>([
    ['not a word', undefined],
    ['a head without an end', (socket) => socket.write('HTTP/1.1 200 OK\r\n')],
    ['a body without an end', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"name":')],
  ])('%s within the time limit', async (_, script) => {
    const server = script === undefined ? await startSilentServer() : await startServer(script);
    const { lookup, found, end, count } = lookupAt(server.url, { timeout: '150ms' });
    lookup.ask(ERIKA);
    await end(1);
    expect(found).toEqual([]);
    expect(count('caller_lookup_failures{reason=timeout}')).toBe(1);
    await lookup.close();
    await server.stop();
  });
});

test('an outage is one line in the log, and so is its end; neither holds a number', async () => {
  let down = true;
  const server = await startServer((socket, request) => (down ? answer(503) : says({ name: 'x' }))(socket, request));
  const { lookup, end, context } = lookupAt(server.url);
  for (const n of [1, 2, 3]) lookup.ask(`+4930100000${n}`);
  await end(3);
  down = false;
  for (const n of [4, 5]) lookup.ask(`+4930100000${n}`);
  await end(5);
  expect(context.lines.map(({ event }) => event)).toEqual(['caller_lookup_fails', 'caller_lookup_works_again']);
  expect(JSON.stringify([context.lines, [...context.counts]])).not.toMatch(/100000\d/);
});

describe('where it may go', () => {
  const resolve = (...addresses: string[]) => ({ resolve: async () => addresses });
  test('to no private address that is not listed, by whatever name', async () => {
    const server = await startServer(says({ name: 'x' }));
    const url = `http://crm.example:${server.port}/{{ number }}`;
    for (const [allowPrivate, addresses, reason] of [
      [[], ['127.0.0.1'], 'refused_loopback'],
      [['127.0.0.2/32'], ['127.0.0.2', '127.0.0.1'], 'refused_loopback'],
      [['127.0.0.2/32'], ['::ffff:127.0.0.1'], 'refused_loopback'],
      [[], ['169.254.169.254'], 'refused_linkLocal'],
      [['127.0.0.0/8'], [], 'ENOTFOUND'],
    ] as const) {
      const { lookup, end, count } = lookupAt(
        server.url,
        { url, allowHttp: true, allowPrivate },
        resolve(...addresses),
      );
      lookup.ask(ERIKA);
      await end(1);
      expect([reason, count(`caller_lookup_failures{reason=${reason}}`)]).toEqual([reason, 1]);
    }
    expect(server.connections()).toBe(0);
  });
  test('to a listed one by name, which stays in the Host header', async () => {
    const server = await startServer(says({ name: 'x' }));
    const url = `http://crm.lan:${server.port}/{{ number }}`;
    const { lookup, end, found } = lookupAt(server.url, { url }, resolve('127.0.0.1'));
    lookup.ask(ERIKA);
    await end(1);
    expect(found).toEqual([[ERIKA, 'x']]);
    expect(server.requests[0]?.headers.host).toBe(`crm.lan:${server.port}`);
  });
});

test('what holds when nothing is said', () => {
  expect(settingsOf({ url: 'https://crm.example.net/callers/{{ number }}' })).toEqual({
    url: 'https://crm.example.net/callers/{{ number }}',
    headers: {},
    name: '/name',
    timeoutMs: 2_000,
    cacheMs: 86_400_000,
    allowPrivate: [],
    allowHttp: false,
  });
});
