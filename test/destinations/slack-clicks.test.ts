// Slack: a click claims its call once, and is acknowledged when that is durable; whatever else comes over the socket does nothing.
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/ports.ts';
import { eventually } from '../support/destination-contract.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { serverFrame } from '../support/slack-socket.ts';
import { click, listen, told } from './slack-click.ts';
import { cardWith } from './slack-desk.ts';

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
