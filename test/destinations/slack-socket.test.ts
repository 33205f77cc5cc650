// Slack: clicks come over Socket Mode, are claimed once and acknowledged when that is durable, whatever happens to the socket.
import { describe, expect, it } from 'vitest';
import type { CallClaim } from '../../src/core/destination.ts';
import type { Clock } from '../../src/core/ports.ts';
import { Secret } from '../../src/core/secret.ts';
import { drawCard } from '../../src/destinations/slack/card.ts';
import { slack } from '../../src/destinations/slack/index.ts';
import { systemClock } from '../../src/ports.ts';
import { eventually, testContext } from '../support/destination-contract.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { answer } from '../support/http-server.ts';
import { startSlackServer } from '../support/slack-server.ts';
import { serverFrame } from '../support/slack-socket.ts';
import { readBlocks } from './slack-blocks.ts';
import { cardWith, cleanups, settingsFor, TOKEN } from './slack-desk.ts';

const APP_TOKEN = 'xapp-marker-4711';

/** The real clock, only quicker: minutes of waiting pass in a moment. */
const quick = (factor: number): Clock => ({
  wallMs: () => systemClock.wallMs(),
  monotonicMs: () => systemClock.monotonicMs() * factor,
  after: (delayMs, task) => systemClock.after(delayMs / factor, task),
});

type Claiming = (claim: CallClaim) => Promise<boolean>;

async function listen(options: { factor?: number; claim?: Claiming; before?: (s: Server) => void } = {}) {
  const server = await startSlackServer(TOKEN, APP_TOKEN);
  cleanups.push(() => server.stop());
  options.before?.(server);
  const claims: CallClaim[] = [];
  const context = testContext({
    clock: quick(options.factor ?? 1),
    claim: async (claim) => {
      claims.push(claim);
      return options.claim === undefined ? true : options.claim(claim);
    },
  });
  const settings = slack.settings.parse({ ...settingsFor(server.port), appToken: new Secret(APP_TOKEN) });
  const connection = await slack.open(settings, context);
  cleanups.push(() => connection.close());
  const peer = async (n: number) => {
    await eventually(() => server.sockets.length > n, `socket ${n} opens`, 8_000);
    return server.sockets[n] as (typeof server.sockets)[number];
  };
  return { server, context, claims, connection, peer };
}
type Server = Awaited<ReturnType<typeof startSlackServer>>;

/** The value of the button that a card really has. */
const VALUE = readBlocks(drawCard(cardWith(), true).blocks).buttons[0]?.value ?? '';

const click = (envelope: string, given: Record<string, unknown> = {}, action: Record<string, unknown> = {}) => ({
  envelope_id: envelope,
  type: 'interactive',
  accepts_response_payload: false,
  payload: {
    type: 'block_actions',
    user: { id: 'U0123456789', username: 'bob', name: 'bob', team_id: 'T0123456789' },
    channel: { id: 'C0123456789', name: 'reception' },
    actions: [{ type: 'button', action_id: 'hookswitch_take', block_id: 'hookswitch_call', value: VALUE, ...action }],
    ...given,
  },
});

const told = (server: Server) => server.calls.filter(({ method }) => method === 'chat.postEphemeral');

describe('a click', () => {
  it('claims the call of its card, and is acknowledged once that is durable', async () => {
    let settle: (taken: boolean) => void = () => undefined;
    const { claims, peer } = await listen({ claim: () => new Promise((resolve) => (settle = resolve)) });
    const socket = await peer(0);
    socket.say(click('e1'));
    await eventually(() => claims.length === 1, 'the claim arrives');
    expect(claims).toEqual([{ site: 'default', call: cardWith().key, by: 'bob' }]);
    socket.ping();
    await eventually(() => socket.pongs === 1, 'a ping is answered meanwhile');
    expect(socket.acknowledged).toEqual([]);
    settle(true);
    await eventually(() => socket.acknowledged.length === 1, 'the acknowledgement');
    expect(socket.acknowledged).toEqual(['e1']);
  });

  it('is acknowledged in time even if the claim is slow', async () => {
    const { peer, claims } = await listen({ factor: 20, claim: () => new Promise(() => undefined) });
    const socket = await peer(0);
    const startedMs = systemClock.monotonicMs();
    socket.say(click('e1'));
    await eventually(() => socket.acknowledged.length === 1, 'the acknowledgement');
    expect((systemClock.monotonicMs() - startedMs) * 20).toBeGreaterThan(2_000);
    expect(claims).toHaveLength(1);
  });

  it('that cannot be put down is not acknowledged, and may come again', async () => {
    let broken = true;
    const { peer, claims } = await listen({ claim: async () => (broken ? Promise.reject(new Error('full')) : true) });
    const socket = await peer(0);
    socket.say(click('e1'));
    await eventually(() => claims.length === 1, 'the claim arrives');
    broken = false;
    socket.say(click('e1'));
    await eventually(() => socket.acknowledged.length === 1, 'the second try');
    expect(claims).toHaveLength(2);
  });

  it('that is delivered twice, also over another socket, claims once', async () => {
    const { server, peer, claims } = await listen();
    const socket = await peer(0);
    socket.say(click('e1'));
    socket.say(click('e1'));
    socket.say({ type: 'disconnect', reason: 'refresh_requested' });
    const next = await peer(1);
    next.say(click('e1'));
    await eventually(() => socket.acknowledged.length === 2 && next.acknowledged.length === 1, 'all acknowledged');
    expect(claims).toHaveLength(1);
    expect(told(server)).toEqual([]);
  });

  it('of somebody else comes too late, and they alone are told who was quicker', async () => {
    const { server, peer, claims } = await listen();
    const socket = await peer(0);
    socket.say(click('e1', { user: { id: 'U1111111111', name: '<!channel> & Co' } }));
    socket.say(click('e2'));
    await eventually(() => told(server).length === 1, 'the answer');
    expect(claims).toHaveLength(1);
    expect(told(server)[0]?.args).toMatchObject({
      channel: 'C0123456789',
      user: 'U0123456789',
      text: 'Already taken by &lt;!channel&gt; &amp; Co.',
      parse: 'none',
    });
    await eventually(() => socket.acknowledged.length === 2, 'both acknowledged');
  });

  it('on a call that is not known (any more) is answered', async () => {
    const { server, peer } = await listen({ claim: async () => false });
    const socket = await peer(0);
    socket.say(click('e1'));
    await eventually(() => told(server).length === 1, 'the answer');
    expect(told(server)[0]?.args.text).toContain('too old');
    await eventually(() => socket.acknowledged.length === 1, 'the acknowledgement');
  });
});

describe('what is no click of ours', () => {
  it('is acknowledged where it is an envelope, and does nothing', async () => {
    const { peer, claims, server } = await listen();
    const socket = await peer(0);
    const others = [
      click('o1', {}, { action_id: 'somebody_elses' }),
      click('o2', {}, { value: 'x' }),
      click('o3', {}, { value: '{"v":1,"site":"default"}' }),
      click('o4', {}, { value: JSON.stringify({ v: 2, site: 'default', call: 'k' }) }),
      click('o5', {}, { value: JSON.stringify({ v: 1, site: 'default', call: 'k', more: 1 }) }),
      click('o6', { user: undefined }),
      click('o7', { user: { id: '<!channel>' } }),
      click('o8', { actions: [] }),
      click('o9', { actions: 'all' }),
      click('oa', { type: 'view_submission' }),
      { ...click('ob'), type: 'events_api' },
      { ...click('oc'), type: 'slash_commands' },
      { ...click('od'), payload: null },
    ];
    for (const one of others) socket.say(one);
    await eventually(() => socket.acknowledged.length === others.length, 'all acknowledged');
    expect(claims).toEqual([]);
    expect(told(server)).toEqual([]);
  });

  it('is survived, whatever it is', async () => {
    const { peer, claims, server } = await listen();
    const socket = await peer(0);
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '1',
      '"x"',
      '{"type":7}',
      '{"envelope_id":{}}',
      '{"type":"disconnect"',
      ...HOSTILE_STRINGS,
    ])
      socket.say(text);
    socket.say(`{"__proto__":{"envelope_id":"p"},"type":"interactive"}`);
    socket.say({ envelope_id: 'x'.repeat(300), type: 'interactive' });
    socket.say(`[${'['.repeat(50_000)}`);
    socket.raw(serverFrame(0x82, Buffer.from('binary')));
    socket.raw(serverFrame(0x01, Buffer.from(JSON.stringify(click('e1')).slice(0, 40))));
    socket.raw(serverFrame(0x89, Buffer.alloc(125)));
    socket.raw(serverFrame(0x80, Buffer.from(JSON.stringify(click('e1')).slice(40))));
    await eventually(() => socket.acknowledged.length === 1, 'the click after all that, in two fragments');
    expect(claims).toHaveLength(1);
    expect(server.sockets).toHaveLength(1);
  });

  it.each<[string, Buffer]>([
    ['too large', serverFrame(0x81, Buffer.alloc(1024 * 1024 + 1, 0x20))],
    ['too large by its length', Buffer.from([0x81, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255])],
    ['masked', Buffer.from([0x81, 0x82, 1, 2, 3, 4, 5, 6])],
    ['compressed', serverFrame(0xc1, Buffer.from('x'))],
    ['of an unknown kind', serverFrame(0x83, Buffer.from('x'))],
    ['a long ping', serverFrame(0x89, Buffer.alloc(126))],
    ['the middle of nothing', serverFrame(0x80, Buffer.from('x'))],
    ['not UTF-8', serverFrame(0x81, Buffer.from([0xff, 0xfe]))],
    [
      'many fragments',
      Buffer.concat([
        serverFrame(0x01, Buffer.from('x')),
        ...Array.from({ length: 300 }, () => serverFrame(0x00, Buffer.from('x'))),
      ]),
    ],
    ['a goodbye', serverFrame(0x88, Buffer.from([3, 232]))],
  ])('a frame that is %s ends the socket, and another one is opened', async (_name, bytes) => {
    const { peer, claims } = await listen({ factor: 20 });
    const socket = await peer(0);
    socket.raw(bytes);
    const next = await peer(1);
    expect(socket.open).toBe(false);
    next.say(click('e1'));
    await eventually(() => claims.length === 1, 'a click over the next socket');
  });
});

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
    expect(claims.map(({ call }) => call)).toEqual([cardWith().key, 'other']);
    await eventually(() => !old.open, 'the old one ends by itself', 8_000);
    expect(next.open).toBe(true);
  });

  it.each<[string, (s: Server) => void]>([
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
