// Slack: the connection of Socket Mode comes back after whatever happens to it, is refreshed without a gap, and can be ended.
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { slack } from '../../src/destinations/slack/index.ts';
import { systemClock } from '../../src/ports.ts';
import { eventually, testContext } from '../support/destination-contract.ts';
import { answer } from '../support/http-server.ts';
import { startSlackServer } from '../support/slack-server.ts';
import { APP_TOKEN, click, listen, type Server } from './slack-click.ts';
import { cardWith, cleanups, settingsFor, TOKEN } from './slack-desk.ts';

describe('the connection', () => {
  it('is refreshed without a gap: the next socket is there before the old one ends', async () => {
    const { peer, claims } = await listen({ factor: 10 });
    const old = await peer(0);
    old.say({ type: 'disconnect', reason: 'warning' });
    const next = await peer(1);
    expect(old.open).toBe(true);
    old.say(click('e1'));
    next.say(click('e2', {}, { value: JSON.stringify({ v: 1, site: 'default', call: 'other' }) }));
    await eventually(() => old.acknowledged.length + next.acknowledged.length === 2, 'clicks over both');
    // Two sockets: either click may come first.
    expect(claims.map(({ call }) => call).sort()).toEqual([cardWith().key, 'other'].sort());
    await eventually(() => !old.open, 'the old one ends by itself', 8_000);
    expect(next.open).toBe(true);
  });

  it.each<[string, (server: Server) => void]>([
    ['a refused socket', (server) => server.script(answer(500), answer(503))],
    ['rubbish', (server) => server.script(answer(200, {}, '{"ok":true,"url":7}'), answer(200, {}, '<html>'))],
    [
      'an address that gives secrets away',
      (server) => server.script(answer(200, {}, '{"ok":true,"url":"ws://evil.example/"}')),
    ],
    [
      'a port where nobody speaks WebSocket',
      (server) => server.script(answer(200, {}, `{"ok":true,"url":"ws://127.0.0.1:${server.port}/api/x"}`)),
    ],
    ['a rate limit', (server) => server.script(answer(429, { 'retry-after': '2' }))],
    ['a wrong token', (server) => server.script('invalid_auth')],
  ])('comes back after %s', async (_name, before) => {
    const { server, context } = await listen({ factor: 200, before });
    const opened = () => context.lines.some(({ event }) => event === 'slack_socket_open');
    await eventually(() => opened() && server.sockets.some(({ open }) => open), 'a socket that is greeted', 8_000);
    expect(JSON.stringify(context.lines)).not.toMatch(/secret-ticket|4711/);
  });

  it('comes back after every drop, and waits longer the more often it fails', async () => {
    const { server, peer } = await listen({ factor: 50 });
    const times: number[] = [];
    for (let n = 0; n < 5; n++) {
      const socket = await peer(n);
      times.push(systemClock.monotonicMs() * 50);
      socket.drop();
    }
    const gaps = times.slice(1).map((atMs, n) => atMs - (times[n] ?? 0));
    expect(gaps[3]).toBeGreaterThan(4_000);
    expect(Math.max(...gaps)).toBeLessThan(40_000);
    await peer(5);
    expect(server.sockets.filter(({ open }) => open)).toHaveLength(1);
  });

  it('says what to do when Socket Mode is turned off, and does not hammer', async () => {
    const { server, peer, context } = await listen({ factor: 100 });
    (await peer(0)).say({ type: 'disconnect', reason: 'link_disabled' });
    await eventually(() => server.open() === 0, 'the socket ends');
    await eventually(() => context.lines.some(({ event }) => event === 'slack_socket_disabled'), 'a line in the log');
    await new Promise<void>((resolve) => systemClock.after(1_000, resolve));
    expect(server.sockets).toHaveLength(1);
    await eventually(() => server.sockets.length === 2, 'the next try, after five minutes', 8_000);
  });

  it('names the scope that an app token lacks', async () => {
    const { context } = await listen({ before: (server) => (server.scopes = new Set()) });
    await eventually(() => context.lines.some(({ event }) => event === 'slack_socket_refused'), 'a line in the log');
    expect(JSON.stringify(context.lines)).toContain('connections:write');
  });

  it('notices a peer that says nothing any more, and one that never says hello', async () => {
    const { server, peer } = await listen({ factor: 100, before: (one) => (one.quiet = true) });
    const silent = await peer(0);
    await eventually(() => silent.pings > 0, 'it is asked');
    server.greeting = false;
    await peer(1);
    expect(silent.open).toBe(false);
    await peer(2);
    expect(server.sockets[1]?.open).toBe(false);
  });

  it('stays with a peer that answers pings and says nothing else', async () => {
    const { server, peer } = await listen({ factor: 100 });
    const socket = await peer(0);
    await eventually(() => socket.pings > 5, 'it is asked again and again', 8_000);
    expect(server.sockets).toHaveLength(1);
    expect(socket.open).toBe(true);
  });

  it('ends at once and leaves nothing open, even while it is being opened', async () => {
    const { server, connection, peer } = await listen();
    await peer(0);
    await connection.close();
    await eventually(() => server.open() === 0, 'no socket is left');
    const other = await listen();
    await other.connection.close();
    await eventually(() => other.server.open() === 0, 'none of the second one either');
  });

  it('is not opened without an app token, or where nobody could take a claim', async () => {
    const server = await startSlackServer(TOKEN, APP_TOKEN);
    cleanups.push(() => server.stop());
    const given = { ...settingsFor(server.port), appToken: new Secret(APP_TOKEN) };
    for (const [settings, claim] of [
      [given, undefined],
      [settingsFor(server.port), async () => true],
    ] as const) {
      const context = testContext(claim === undefined ? {} : { claim });
      const connection = await slack.open(slack.settings.parse(settings), context);
      await connection.send({ text: 'x' }, { id: 'e/r/0', attempt: 1, signal: AbortSignal.timeout(5_000) });
      await connection.close();
    }
    expect(server.calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.postMessage']);
  });
});
