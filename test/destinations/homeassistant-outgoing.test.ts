// What happens when a broker is slow: states are sent once, as they are by then; events keep their order, grow old, and are counted.
import { afterEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/core/delivery.ts';
import {
  type Carrier,
  createOutgoing,
  EVENTS_WAITING_MAX,
  HANDED_OUT_MAX,
  type Item,
} from '../../src/destinations/mqtt/homeassistant/outgoing.ts';
import type { Publish } from '../../src/destinations/mqtt/packet.ts';
import { eventually, testContext } from '../support/destination-contract.ts';
import { FRONT_DESK, openHome, twoPhones } from '../support/homeassistant.ts';
import { CONNACK_5, puback5, startScriptedBroker } from '../support/mqtt-script.ts';
import { createTestFeed } from '../support/phone-feed.ts';
import { createVirtualTime, settled } from '../support/virtual-clock.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const message = (topic: string, payload = ''): Publish => ({
  id: '',
  topic,
  payload,
  json: false,
  qos: 1,
  retain: false,
});

/** A carrier that acknowledges when the test says so. */
function slowCarrier() {
  const taken: { publish: Publish; wanted: (() => boolean) | undefined; end(outcome: Outcome): void }[] = [];
  const carrier: Carrier = {
    publish: (publish, _signal, wanted) => new Promise((end) => taken.push({ publish, wanted, end })),
  };
  return {
    carrier,
    taken,
    topics: () => taken.map(({ publish }) => publish.topic),
    async deliver(count = taken.length) {
      for (const { end } of taken.splice(0, count)) end({ kind: 'delivered' });
      await settled();
    },
  };
}

function start(eventTtlMs = 10_000) {
  const time = createVirtualTime();
  const context = testContext();
  const ends: { topic: string; kind: string; up: boolean }[] = [];
  const outgoing = createOutgoing({
    clock: time.clock,
    count: context.count,
    connection: 'x',
    eventTtlMs,
    ended: ({ topic }, { kind }, up) => ends.push({ topic, kind, up }),
  });
  const dropped = (reason: string) => context.counts.get(`ha_events_dropped{connection=x,reason=${reason}}`) ?? 0;
  const event = (topic: string, ageMs = 0): Item => ({
    kind: 'event',
    atMs: time.clock.wallMs() - ageMs,
    publish: message(topic),
  });
  return { time, outgoing, dropped, ends, event };
}

const filler = (count: number): Item[] =>
  Array.from({ length: count }, (_, n) => ({ kind: 'extra', publish: message(`filler/${n}`) }));

describe('behind a slow broker', () => {
  it('a state that waits is sent once, as it is by then, before the events that came with it or after it', async () => {
    const { outgoing, event } = start();
    const slow = slowCarrier();
    outgoing.open(slow.carrier);
    for (const item of filler(HANDED_OUT_MAX)) outgoing.push(item);
    let seq = 0;
    const makes: number[] = [];
    const state: Item = {
      kind: 'kept',
      key: 'state',
      make() {
        makes.push(seq);
        return [message('state', String(seq))];
      },
    };
    for (seq = 1; seq <= 5; seq++) {
      outgoing.push(state);
      outgoing.push(event(`event/${seq}`));
    }
    expect(slow.taken).toHaveLength(HANDED_OUT_MAX);
    await slow.deliver();
    expect(slow.topics()).toEqual(['state', ...[1, 2, 3, 4, 5].map((n) => `event/${n}`)]);
    expect(makes).toEqual([6]);
    outgoing.push(state);
    expect(slow.topics().at(-1)).toBe('state');
  });

  it('an event that grows too old is dropped, wherever it waits; a younger one behind it goes out', async () => {
    const { outgoing, time, dropped, event } = start();
    const slow = slowCarrier();
    outgoing.open(slow.carrier);
    outgoing.push(event('handed-out'));
    for (const item of filler(HANDED_OUT_MAX - 1)) outgoing.push(item);
    outgoing.push(event('old'));
    expect(slow.taken[0]?.wanted?.()).toBe(true);
    await time.advance(6_000);
    outgoing.push(event('young'));
    await time.advance(4_001);
    expect(slow.taken[0]?.wanted?.()).toBe(false);
    slow.taken.shift()?.end({ kind: 'unavailable', error: 'too old when its turn came' });
    await slow.deliver();
    expect(slow.topics()).toEqual(['young']);
    expect(dropped('old')).toBe(2);
  });

  it('an event that was old when it was told is not sent at all', () => {
    const { outgoing, dropped, event } = start();
    const slow = slowCarrier();
    outgoing.open(slow.carrier);
    outgoing.push(event('late', 10_001));
    outgoing.push(event('in-time', 9_999));
    expect(slow.topics()).toEqual(['in-time']);
    expect(dropped('old')).toBe(1);
  });

  it('not more than some thousand events wait: the oldest go', async () => {
    const { outgoing, dropped, event } = start();
    const slow = slowCarrier();
    outgoing.open(slow.carrier);
    for (const item of filler(HANDED_OUT_MAX)) outgoing.push(item);
    for (let n = 0; n < EVENTS_WAITING_MAX + 10; n++) outgoing.push(event(`event/${n}`));
    expect(dropped('full')).toBe(10);
    await slow.deliver();
    expect(slow.topics()[0]).toBe('event/10');
    expect(outgoing.figures()).toEqual({
      waiting: EVENTS_WAITING_MAX,
      dropped: { old: 0, offline: 0, full: 10, refused: 0 },
    });
  });
});

describe('when the connection is lost', () => {
  it('nothing that waits is sent later; every event is counted once, by why', async () => {
    const { outgoing, dropped, event, ends } = start();
    const slow = slowCarrier();
    outgoing.push(event('before'));
    outgoing.open(slow.carrier);
    outgoing.push(event('handed-out'));
    outgoing.push(event('refused'));
    for (const item of filler(HANDED_OUT_MAX - 2)) outgoing.push(item);
    outgoing.push(event('waiting'));
    slow.taken.splice(1, 1)[0]?.end({ kind: 'dead', error: 'not authorised', code: '135' });
    await settled();
    expect(slow.topics().at(-1)).toBe('waiting');
    outgoing.push(event('waiting, too'));
    outgoing.shut();
    for (const { end } of slow.taken.splice(0)) end({ kind: 'retry', error: 'lost' });
    await settled();
    outgoing.missed();
    expect(dropped('offline')).toBe(5);
    expect(dropped('refused')).toBe(1);
    expect(ends.filter(({ up }) => up)).toEqual([{ topic: 'refused', kind: 'dead', up: true }]);
    const next = slowCarrier();
    outgoing.open(next.carrier);
    expect(next.taken).toEqual([]);
    await outgoing.idle();
  });
});

describe('on the wire', () => {
  it('rules are not held up by phones that have much to say', async () => {
    const sockets: ((bytes: number[]) => void)[] = [];
    let holding = false;
    const broker = await startScriptedBroker((packet, reply) => {
      if (packet.type === 1) {
        sockets.push(reply);
        reply(CONNACK_5);
      }
      if (packet.type === 3 && !holding) reply(puback5(packet.id));
    });
    cleanups.push(broker.stop);
    const feed = createTestFeed(...twoPhones());
    const { connection, up, send } = await openHome(broker.port, feed);
    cleanups.push(() => connection.close());
    await up();
    holding = true;
    feed.say(FRONT_DESK, { event: 'incoming_call' });
    for (let n = 0; n < 200; n++) feed.say(FRONT_DESK, { event: 'hold' });
    const rules = Array.from({ length: 200 }, (_, n) => send(`by/rule/${n}`));
    await eventually(
      () => broker.published().filter((topic) => topic.startsWith('by/rule')).length === 200,
      'all rules',
    );
    const phones = broker.published().filter((topic) => topic.startsWith('hookswitch/'));
    expect(phones.length).toBeLessThanOrEqual(HANDED_OUT_MAX + 1);
    for (let id = 1; id <= 256; id++) for (const reply of sockets) reply(puback5(id));
    expect((await Promise.all(rules)).every(({ kind }) => kind === 'delivered')).toBe(true);
  });
});
