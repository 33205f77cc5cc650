// Slack: one call, one message, for its whole life: posted once, edited afterwards, found again where an answer was lost.
import { describe, expect, it } from 'vitest';
import type { CallCard } from '../../src/core/call-card.ts';
import { slack } from '../../src/destinations/slack/index.ts';
import { testContext } from '../support/destination-contract.ts';
import { answer } from '../support/http-server.ts';
import { createDraw, START_WALL_MS } from '../support/virtual-clock.ts';
import { asJson, cardWith, cleanups, connect, createLittleOutbox, post, settingsFor } from './slack-desk.ts';

const at = (seconds: number): string => new Date(START_WALL_MS + seconds * 1000).toISOString();
const front = { id: 'front-desk', name: 'Front desk' };

const LIFE: Partial<CallCard>[] = [
  { type: 'call.ringing', at: at(1) },
  { type: 'call.missed', at: at(25), outcome: 'missed' },
  { type: 'call.claimed', at: at(60), outcome: 'missed', claimedBy: 'Bob', claimedAt: at(60) },
  { type: 'call.returned', at: at(400), outcome: 'missed', returnedBy: front, returnedAt: at(400), claimedBy: 'Bob' },
];
const messageOf = (given: Partial<CallCard>) => ({ card: asJson(cardWith(given)) });

async function desk(more = {}) {
  const opened = await connect('token', undefined, more);
  return { ...opened, outbox: createLittleOutbox(opened.connection, opened.time) };
}

const methods = ({ calls }: { calls: { method: string }[] }) => calls.map(({ method }) => method);
const headline = (blocks: string | undefined): string => JSON.parse(blocks ?? '[]')[0].text.text;

describe('the card of a call', () => {
  it('is one message, with one call of Slack for each change', async () => {
    const { server, outbox, time } = await desk();
    for (const [n, state] of LIFE.entries()) {
      await outbox.deliver(`e${n}`, messageOf(state));
      await time.advance(2_000);
    }
    expect(server.posted).toHaveLength(1);
    expect(methods(server)).toEqual(['chat.postMessage', 'chat.update', 'chat.update', 'chat.update']);
    expect(headline(server.posted[0]?.blocks)).toBe('↩️ Called back from Front desk after 7 min');
    expect(server.posted[0]).toMatchObject({ parse: 'none', link_names: 'false' });
  });

  it('has a fallback text of its own, or the author’s', async () => {
    const { server, outbox } = await desk();
    await outbox.deliver('e0', messageOf(LIFE[0] ?? {}));
    expect(server.posted[0]?.text).toBe('🔔 Ringing at 3 phones: Anna Schmidt (+493012345)');
    await outbox.deliver('e1', { ...messageOf(LIFE[1] ?? {}), text: 'missed!' });
    expect(server.posted[0]?.text).toBe('missed!');
  });

  it('shares its slot with its later states, and with nothing else', () => {
    const slot = (message: object) => slack.slot?.(asJson(message) as never);
    expect(slot(messageOf(LIFE[0] ?? {}))).toBe(slot(messageOf(LIFE[1] ?? {})));
    expect(slot(messageOf({ key: 'other' }))).not.toBe(slot(messageOf({})));
    expect(slot({ text: 'x' })).toBeUndefined();
    expect(slot({ text: 'x', thread: cardWith() })).toBeUndefined();
  });

  it('stays where it is when the channel of the config changes', async () => {
    const { server, outbox } = await desk();
    await outbox.deliver('e0', messageOf(LIFE[0] ?? {}));
    await outbox.deliver('e1', { ...messageOf(LIFE[1] ?? {}), channel: '#sales' });
    expect(server.posted.map(({ channel }) => channel)).toEqual([server.idOf('#reception')]);
    expect(server.posted[0]?.edits).toBe(1);
  });

  it('is found after a restart by what is remembered', async () => {
    const { server, outbox, time } = await desk();
    await outbox.deliver('e0', messageOf(LIFE[0] ?? {}));
    const again = await slack.open(
      slack.settings.parse(settingsFor(server.port)),
      testContext({ clock: time.clock, random: time.random }),
    );
    cleanups.push(() => again.close());
    const meta = { id: 'e1', kept: (key: string) => outbox.kept.get(key) };
    expect(await post(again, messageOf(LIFE[1] ?? {}), 5_000, meta)).toMatchObject({ kind: 'delivered' });
    expect(server.posted.map(({ edits }) => edits)).toEqual([1]);
  });

  it('remembers its place for 48 hours after the last change', async () => {
    const { connection, time } = await desk();
    const outcome = await post(connection, messageOf(LIFE[0] ?? {}));
    const untilMs = time.clock.wallMs() + 48 * 3_600_000;
    expect(outcome).toMatchObject({ keep: { key: `card:${cardWith().key}`, untilMs } });
  });

  it('does not go back to an earlier state that somebody sends again', async () => {
    const { server, outbox } = await desk();
    await outbox.deliver('e1', messageOf(LIFE[1] ?? {}));
    expect(await outbox.deliver('e0', messageOf(LIFE[0] ?? {}))).toMatchObject([{ code: 'overtaken' }]);
    expect(methods(server)).toEqual(['chat.postMessage']);
  });

  it('that somebody deleted does not come back, and costs no more calls', async () => {
    const { server, outbox, time } = await desk();
    await outbox.deliver('e0', messageOf(LIFE[0] ?? {}));
    server.posted.splice(0);
    const second = await outbox.deliver('e1', messageOf(LIFE[1] ?? {}));
    expect(second).toMatchObject([{ kind: 'delivered', code: 'message_not_found' }]);
    await time.advance(5_000);
    expect(await outbox.deliver('e2', messageOf(LIFE[2] ?? {}))).toMatchObject([{ code: 'card_removed' }]);
    expect(server.posted).toEqual([]);
    expect(methods(server)).toEqual(['chat.postMessage', 'chat.update']);
  });

  it('of an app that was exchanged is posted anew', async () => {
    const { server, outbox } = await desk();
    await outbox.deliver('e0', messageOf(LIFE[0] ?? {}));
    server.script('cant_update_message');
    await outbox.deliver('e1', messageOf(LIFE[1] ?? {}));
    expect(server.posted).toHaveLength(2);
    await outbox.deliver('e2', messageOf(LIFE[2] ?? {}));
    expect(server.posted.map(({ edits }) => edits)).toEqual([0, 1]);
  });
});

describe('a lost answer', () => {
  it.each(['#reception', 'C000000000'])('to the first post does not double the card (%s)', async (channel) => {
    const { server, outbox, context } = await desk({ channel });
    server.idOf('#reception');
    server.loseAnswers('chat.postMessage', 1);
    const outcomes = await outbox.deliver('e0', messageOf(LIFE[0] ?? {}));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['retry', 'delivered']);
    await outbox.deliver('e1', messageOf(LIFE[1] ?? {}));
    expect(server.posted).toHaveLength(1);
    expect(headline(server.posted[0]?.blocks)).toContain('Missed');
    expect(context.counts.get('slack_cards_found{to=under-test}')).toBe(1);
  });

  it('is looked up for the newer state that goes instead, too', async () => {
    const { server, connection, outbox } = await desk();
    server.loseAnswers('chat.postMessage', 1);
    expect((await post(connection, messageOf(LIFE[0] ?? {}))).kind).toBe('retry');
    await outbox.deliver('e1', messageOf(LIFE[1] ?? {}));
    expect(server.posted).toHaveLength(1);
    expect(headline(server.posted[0]?.blocks)).toContain('Missed');
  });

  it('of a process that ended in the middle is looked up by the next one', async () => {
    const { server, connection, time } = await desk();
    server.loseAnswers('chat.postMessage', 1);
    await time.advance(1_000);
    await post(connection, messageOf(LIFE[0] ?? {}));
    await time.advance(60_000);
    const again = await slack.open(
      slack.settings.parse(settingsFor(server.port)),
      testContext({ clock: time.clock, random: time.random }),
    );
    cleanups.push(() => again.close());
    expect(await createLittleOutbox(again, time).deliver('e1', messageOf(LIFE[1] ?? {}))).toHaveLength(1);
    expect(server.posted.map(({ edits }) => edits)).toEqual([1]);
  });

  it('is searched for through all pages of a busy channel', async () => {
    const { server, connection, outbox, time } = await desk();
    server.loseAnswers('chat.postMessage', 1);
    expect((await post(connection, messageOf(LIFE[0] ?? {}))).kind).toBe('retry');
    for (let n = 0; n < 40; n++) {
      await time.advance(1_000);
      await post(connection, { text: `other ${n}` }, 5_000, { id: `other-${n}` });
    }
    await outbox.deliver('e1', messageOf(LIFE[1] ?? {}));
    expect(server.posted).toHaveLength(41);
    expect(server.posted[0]?.edits).toBe(1);
  });

  it('without the scope to look ends in a second card, is counted, and asks only once', async () => {
    const { server, outbox, context, time } = await desk({ channel: 'C000000000' });
    server.scopes = new Set(['chat:write']);
    for (const key of ['a', 'b']) {
      server.loseAnswers('chat.postMessage', 1);
      await outbox.deliver(`${key}0`, messageOf({ ...LIFE[0], key }));
      await time.advance(5_000);
    }
    expect(server.posted).toHaveLength(4);
    expect(methods(server).filter((method) => method.startsWith('conversations.'))).toHaveLength(1);
    expect(context.counts.get('slack_lookups_denied{to=under-test}')).toBe(2);
    expect(context.lines.filter(({ event }) => event === 'slack_lookup_denied')).toHaveLength(1);
  });

  it('to the search itself posts nothing yet', async () => {
    const { server, outbox } = await desk();
    server.loseAnswers('chat.postMessage', 1);
    server.loseAnswers('conversations.history', 2);
    await outbox.deliver('e0', messageOf(LIFE[0] ?? {}));
    expect(server.posted).toHaveLength(1);
  });

  it('leaves one message for each of 60 calls, whatever fails and however often', async () => {
    const { server, connection, time } = await desk();
    const draw = createDraw(4711);
    const outbox = createLittleOutbox(connection, time);
    for (let n = 0; n < 60; n++) {
      const states = LIFE.slice(0, 1 + Math.floor(draw() * LIFE.length));
      for (const [place, state] of states.entries()) {
        const fault = draw();
        if (fault < 0.2) server.loseAnswers('chat.postMessage', 1);
        else if (fault < 0.4) server.loseAnswers('chat.update', 1);
        else if (fault < 0.5) server.loseAnswers('conversations.history', 1);
        else if (fault < 0.6) server.script(answer(500));
        else if (fault < 0.7) server.script('ratelimited');
        const outcomes = await outbox.deliver(`${n}-${place}`, messageOf({ ...state, key: `call-${n}` }));
        expect(outcomes.at(-1)?.kind).toBe('delivered');
      }
    }
    const keys = server.posted.map(({ metadata }) => JSON.parse(metadata ?? '{}').event_payload.key);
    expect(keys).toEqual(Array.from({ length: 60 }, (_, n) => `call-${n}`));
  }, 30_000);
});

describe('an answer in the thread of a card', () => {
  it('goes there, also into the channel if it should, and is a normal message where there is no card', async () => {
    const { server, outbox, connection, time } = await desk();
    await outbox.deliver('t0', { text: 'no card yet', thread: asJson(cardWith()) });
    await outbox.deliver('e0', messageOf(LIFE[0] ?? {}));
    await outbox.deliver('t1', { text: 'still nobody', thread: asJson(cardWith()), channel: '#sales' });
    await time.advance(5_000);
    await post(connection, { text: 'loud', thread: asJson(cardWith()), broadcast: true });
    const [first, card, second, third] = server.posted;
    expect(first?.thread_ts).toBeUndefined();
    expect(second).toMatchObject({ text: 'still nobody', channel: card?.channel, thread_ts: card?.ts });
    expect(second?.reply_broadcast).toBeUndefined();
    expect(third).toMatchObject({ thread_ts: card?.ts, reply_broadcast: 'true' });
  });

  it('becomes a normal message when the card was deleted', async () => {
    const { server, outbox } = await desk();
    await outbox.deliver('e0', messageOf(LIFE[0] ?? {}));
    server.posted.splice(0);
    await outbox.deliver('t0', { text: 'reached', thread: asJson(cardWith()) });
    expect(server.posted).toMatchObject([{ text: 'reached' }]);
    expect(server.posted[0]?.thread_ts).toBeUndefined();
  });
});
