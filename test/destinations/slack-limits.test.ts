// Slack: about one message a second and channel; whoever has to wait keeps their turn, and one slow channel delays no other.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLimits } from '../../src/destinations/slack/limits.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';
import { asJson, cardWith, connect, createLittleOutbox, post } from './slack-desk.ts';

/** Somebody who asks for a turn until they get one. Resolves with the moment. */
function queue(limits: ReturnType<typeof createLimits>, time: ReturnType<typeof createVirtualTime>) {
  const went: { channel: string; who: string; atMs: number }[] = [];
  const ask = (channel: string, who: string): void => {
    const waitMs = limits.turn(channel, who);
    if (waitMs === 0) went.push({ channel, who, atMs: time.nowMs() });
    else time.clock.after(waitMs, () => ask(channel, who));
  };
  return { went, ask };
}

describe('turns', () => {
  it('are three at once and then one a second, in the order in which they were asked for', async () => {
    const time = createVirtualTime();
    const { went, ask } = queue(createLimits(time.clock), time);
    for (let n = 0; n < 8; n++) ask('#a', `m${n}`);
    await time.advance(10_000);
    expect(went.map(({ who }) => who)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7']);
    expect(went.map(({ atMs }) => atMs)).toEqual([0, 0, 0, 1_000, 2_000, 3_000, 4_000, 5_000]);
  });

  it('never exceed one a second with a burst of three, and nobody waits for ever', async () => {
    const asked = fc.array(fc.record({ channel: fc.constantFrom('#a', '#b'), atMs: fc.nat(20_000) }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(asked, async (all) => {
        const time = createVirtualTime();
        const { went, ask } = queue(createLimits(time.clock), time);
        for (const [n, { channel, atMs }] of all.entries()) time.clock.after(atMs, () => ask(channel, `m${n}`));
        await time.advance(70_000);
        expect(went).toHaveLength(all.length);
        for (const channel of ['#a', '#b']) {
          const times = went.filter((one) => one.channel === channel).map(({ atMs }) => atMs);
          for (const [n, from] of times.entries())
            for (const [m, to] of times.entries())
              if (m > n) expect(m - n + 1).toBeLessThanOrEqual(3 + (to - from) / 1_000);
        }
      }),
      { numRuns: 100 },
    );
  }, 30_000);

  it('that were not taken in time are void, so that they do not all go at once', async () => {
    const time = createVirtualTime();
    const limits = createLimits(time.clock);
    for (let n = 0; n < 50; n++) limits.turn('#a', `m${n}`);
    await time.advance(3_600_000);
    const free = Array.from({ length: 50 }, (_, n) => limits.turn('#a', `m${n}`)).filter((waitMs) => waitMs === 0);
    expect(free).toHaveLength(3);
  });

  it('are counted together for a name and its id', () => {
    const limits = createLimits(createVirtualTime().clock);
    limits.turn('#a', '1');
    limits.turn('#a', '2');
    limits.same('#a', 'C1');
    limits.turn('C1', '3');
    expect(limits.turn('#a', '4')).toBe(1_000);
    expect(limits.turn('C2', '5')).toBe(0);
  });
});

describe('a channel at its limit', () => {
  it('makes the message wait without an attempt, and lets the newest state of a card take its turn', async () => {
    const { connection, server, time } = await connect();
    for (let n = 0; n < 3; n++) await post(connection, { text: `${n}` }, 5_000, { id: `m${n}` });
    const card = (type: 'call.ringing' | 'call.missed') => ({ card: asJson(cardWith({ type })) });
    const first = await post(connection, card('call.ringing'), 5_000, { id: 'e0' });
    expect(first).toMatchObject({ kind: 'later', afterMs: 1_000 });
    expect(await post(connection, { text: 'x', channel: '#sales' }, 5_000, { id: 'other' })).toMatchObject({
      code: 'ok',
    });
    await time.advance(1_000);
    expect(await post(connection, card('call.missed'), 5_000, { id: 'e1' })).toMatchObject({ code: 'ok' });
    expect(server.posted).toHaveLength(5);
  });

  it('a storm of 429: everything arrives once and in order, and other channels are not delayed', async () => {
    const { connection, server, time } = await connect();
    const outbox = createLittleOutbox(connection, time);
    const endMs = 30_000;
    server.throttle = (channel) => (channel === '#busy' && time.nowMs() < endMs ? 5 : undefined);
    const arrived = new Map<string, number>();
    const busy = Array.from({ length: 20 }, async (_, n) => {
      let outcome = await post(connection, { text: `busy ${n}`, channel: '#busy' }, 5_000, { id: `b${n}` });
      while (outcome.kind === 'later') {
        const { afterMs } = outcome;
        await new Promise<void>((resolve) => time.clock.after(afterMs, resolve));
        outcome = await post(connection, { text: `busy ${n}`, channel: '#busy' }, 5_000, { id: `b${n}` });
      }
      arrived.set(`busy ${n}`, time.nowMs());
      return outcome;
    });
    let done = false;
    const all = Promise.all(busy).then((outcomes) => {
      done = true;
      return outcomes;
    });
    const before = time.nowMs();
    expect(await outbox.deliver('q', { text: 'quiet', channel: '#quiet' })).toMatchObject([{ code: 'ok' }]);
    expect(time.nowMs()).toBe(before);
    while (!done) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (server.open() === 0) await time.advance(100);
    }
    expect(await all).toHaveLength(20);
    const texts = server.posted.map(({ text }) => text).filter((text) => text?.startsWith('busy'));
    expect([...texts].sort()).toEqual(Array.from({ length: 20 }, (_, n) => `busy ${n}`).sort());
    const refused = server.calls.filter(({ args }) => args.channel === '#busy').length - 20;
    expect(refused).toBeLessThan(12);
    expect(Math.max(...arrived.values())).toBeLessThan(endMs + 5_000 + 22_000);
  }, 30_000);
});
