// How often the look-up asks: each number once while its answer holds, five at a time, a hundred waiting, nothing after the end.
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { lookupAt, says, startServer } from './caller-lookup-desk.ts';
import { answer, type HttpRequest } from './support/http-server.ts';

const HOUR_MS = 3_600_000;
const number = (n: number): string => `+4930${1_000_000 + n}`;

/** Answers when the test says so. */
async function slowServer() {
  const open: [Socket, HttpRequest][] = [];
  const server = await startServer((socket, request) => open.push([socket, request]));
  return {
    server,
    open,
    release(): void {
      for (const [socket, request] of open.splice(0)) says({ name: request.target })(socket, request);
    },
    async asked(count: number): Promise<void> {
      while (server.requests.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
    },
  };
}

test('a name holds for the time of the cache', async () => {
  const server = await startServer(says({ name: 'Erika' }));
  const { lookup, end, pass, found } = lookupAt(server.url, { cache: '24h' });
  for (let n = 0; n < 5; n++) lookup.ask(number(1));
  await end(1);
  lookup.ask(number(1));
  pass(24 * HOUR_MS - 60_000);
  lookup.ask(number(1));
  expect(server.requests).toHaveLength(1);
  pass(60_000);
  lookup.ask(number(1));
  await end(2);
  expect(found).toHaveLength(2);
});

test.each([
  ['that there is no name holds for an hour', 404, HOUR_MS],
  ['that there is no answer holds for five minutes', 500, 300_000],
])('%s', async (_, status, holdsMs) => {
  const server = await startServer(answer(status));
  const { lookup, end, pass } = lookupAt(server.url);
  lookup.ask(number(1));
  await end(1);
  pass(holdsMs - 10_000);
  lookup.ask(number(1));
  pass(10_000);
  expect(server.requests).toHaveLength(1);
  lookup.ask(number(1));
  await end(2);
  expect(server.requests).toHaveLength(2);
});

test('five at a time, a hundred waiting; what comes then is dropped and counted, and asked another time', async () => {
  const slow = await slowServer();
  const { lookup, end, count, found } = lookupAt(slow.server.url, { timeout: '20s' });
  for (let n = 0; n < 110; n++) lookup.ask(number(n));
  // Under way or waiting already: neither asked twice nor dropped.
  for (let n = 0; n < 105; n++) lookup.ask(number(n));
  await slow.asked(5);
  expect(count('caller_lookups{result=dropped}')).toBe(5);
  for (let round = 1; round <= 21; round++) {
    await slow.asked(round * 5);
    expect(slow.open.length).toBeLessThanOrEqual(5);
    slow.release();
    await end(round * 5);
  }
  expect(slow.server.requests).toHaveLength(105);
  expect(new Set(found.map(([asked]) => asked)).size).toBe(105);
  lookup.ask(number(109));
  await slow.asked(106);
  slow.release();
  await end(106);
});

test('the end breaks off what is under way, and nothing is found or asked afterwards', async () => {
  const slow = await slowServer();
  const { lookup, ended, found, context } = lookupAt(slow.server.url, { timeout: '20s' });
  for (let n = 0; n < 20; n++) lookup.ask(number(n));
  await slow.asked(5);
  await lookup.close();
  lookup.ask(number(50));
  slow.release();
  await lookup.close();
  while (slow.server.open() > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(slow.server.requests).toHaveLength(5);
  expect([ended(), found, context.lines]).toEqual([0, [], []]);
});

test('an error of whoever is told stays with the look-up, which goes on', async () => {
  const server = await startServer(says({ name: 'Erika' }));
  const { lookup, end, found, context } = lookupAt(
    server.url,
    {},
    {
      onFound: () => {
        throw new TypeError('not today');
      },
    },
  );
  lookup.ask(number(1));
  await end(1);
  lookup.ask(number(2));
  await end(2);
  await lookup.close();
  expect(found).toHaveLength(2);
  const line = { level: 'error', event: 'caller_lookup_broke', fields: { error: 'TypeError' } };
  expect(context.lines).toEqual([line, line]);
});
