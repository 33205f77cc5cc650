// What is published when, at a real broker: the order at connect, state before event, birth, loss and return, the end.
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/destination-contract.ts';
import {
  BRIDGE_TOPICS,
  CELLAR,
  expectKept,
  FRONT_DESK,
  keptTopics,
  online,
  openHome,
  topicsOfArrivals,
  twoPhones,
} from '../support/homeassistant.ts';
import { type Arrival, startTestBroker } from '../support/mqtt-broker.ts';
import { openMqtt } from '../support/mqtt-connection.ts';
import { createTestFeed, quietSnapshot, type TestFeed, viewOf } from '../support/phone-feed.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { createVirtualTime, type VirtualTime } from '../support/virtual-clock.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: { feed?: TestFeed; homeAssistant?: object; time?: VirtualTime } = {}) {
  const broker = await startTestBroker();
  cleanups.push(broker.stop);
  const proxy = await startTcpProxy(broker.port);
  cleanups.push(proxy.stop);
  const feed = options.feed ?? createTestFeed(...twoPhones());
  const { time } = options;
  const context = time === undefined ? {} : { clock: time.clock, random: time.random };
  const home = await openHome(proxy.port, feed, options.homeAssistant, { context });
  cleanups.push(() => home.connection.close());
  return { broker, proxy, feed, home, received: broker.received };
}

/** Real time lets sockets speak, virtual time lets the destination's timers run. */
async function passing(time: VirtualTime, done: () => boolean, stepMs = 5): Promise<void> {
  for (let steps = 0; steps < 2_000 && !done(); steps++) {
    await time.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(done()).toBe(true);
}

const device = (id: string): string => `homeassistant/device/hookswitch_${id}/config`;
const state = (id: string): string => `hookswitch/phone/${id}/state`;
const caller = { number: '+15555550142', name: 'Jane Doe' };
const ring = { event: 'incoming_call', remote: caller, state: { call_state: 'ringing' }, lastCaller: {} } as const;
const onlines = (received: readonly Arrival[]): number =>
  received.filter(({ topic, payload }) => topic === BRIDGE_TOPICS[0] && payload === 'online').length;
const at = (received: readonly Arrival[], topic: string): number =>
  received.filter((each) => each.topic === topic).length;

describe('at connect', () => {
  it('everything goes out in the order that lets entities come up with fresh values', async () => {
    const { received, broker } = await start();
    await online(received);
    expect(topicsOfArrivals(received)).toEqual([
      device('bridge'),
      device(FRONT_DESK),
      device(CELLAR),
      state(FRONT_DESK),
      state(CELLAR),
      ...['info', 'phones', 'health', 'state'].map((leaf) => `hookswitch/bridge/${leaf}`),
    ]);
    expect(received.every(({ retain, qos }) => retain && qos === 1)).toBe(true);
    const kept = await expectKept(broker.port, keptTopics(FRONT_DESK, CELLAR));
    expect(JSON.parse(kept.get(state(CELLAR)) ?? '')).toEqual(quietSnapshot(CELLAR, { name: 'Cellar' }));
    const info = JSON.parse(kept.get('hookswitch/bridge/info') ?? '');
    expect(info).toMatchObject({
      version: '0.1.0',
      instance: 'hookswitch',
      protocol: expect.stringMatching(/^(5|3\.1\.1)$/),
    });
    expect(JSON.parse(kept.get('hookswitch/bridge/phones') ?? '')).toMatchObject([
      { id: FRONT_DESK, name: 'Front desk phone', call_state: 'idle', known: true },
      { id: CELLAR, name: 'Cellar', call_state: null, known: true },
    ]);
    expect(JSON.parse(kept.get('hookswitch/bridge/health') ?? '')).toMatchObject({
      version: '0.1.0',
      phones: 2,
      events_received: 7,
      events_dropped: 2,
      last_error: null,
    });
  });

  it('without discovery only the topics of the phones and of Hookswitch are kept', async () => {
    const { received, broker } = await start({ homeAssistant: { discovery: false, base: 'desk/phones' } });
    await eventually(() => at(received, 'desk/phones/bridge/state') === 1, 'online');
    await expectKept(broker.port, [
      ...['state', 'info', 'phones', 'health'].map((leaf) => `desk/phones/bridge/${leaf}`),
      ...[FRONT_DESK, CELLAR].map((id) => `desk/phones/phone/${id}/state`),
    ]);
  });

  it('the prefix of the connection counts for rules only', async () => {
    const broker = await startTestBroker();
    cleanups.push(broker.stop);
    const feed = createTestFeed(...twoPhones());
    const home = await openHome(broker.port, feed, {}, { settings: { prefix: 'office' } });
    cleanups.push(() => home.connection.close());
    await online(broker.received);
    expect(await home.send('by/rule')).toEqual({ kind: 'delivered' });
    expect(at(broker.received, 'office/by/rule')).toBe(1);
    expect(at(broker.received, state(CELLAR))).toBe(1);
  });

  it('where nobody knows the phones, nothing is published', async () => {
    const broker = await startTestBroker();
    cleanups.push(broker.stop);
    const { connection, up, send } = await openMqtt(broker.port, { homeAssistant: {} });
    cleanups.push(() => connection.close());
    await up();
    expect(await send('by/rule')).toEqual({ kind: 'delivered' });
    await connection.close();
    expect(topicsOfArrivals(broker.received)).toEqual(['by/rule']);
  });

  it('a phone that would take the place of Hookswitch itself, or of another, is not shown, and the log says so', async () => {
    const phones = [viewOf(quietSnapshot('bridge')), ...twoPhones(), viewOf(quietSnapshot(CELLAR), { site: 'second' })];
    const { received, home, broker } = await start({ feed: createTestFeed(...phones) });
    await online(received);
    await expectKept(broker.port, keptTopics(FRONT_DESK, CELLAR));
    const told = home.context.lines.filter(({ event }) => event === 'ha.phone-not-shown');
    expect(told.map(({ fields }) => fields.phone)).toEqual(['bridge', CELLAR]);
  });
});

describe('what a phone says', () => {
  it('goes out as its state, its last calls, then the event, which is never kept', async () => {
    const { received, feed } = await start();
    await online(received);
    const before = received.length;
    feed.say(FRONT_DESK, ring);
    feed.say(FRONT_DESK, { event: 'missed_call', remote: caller, state: { call_state: 'idle' }, lastMissed: {} });
    await eventually(() => received.length >= before + 6, 'all arrive');
    const news = received.slice(before, before + 6);
    expect(topicsOfArrivals(news)).toEqual(
      ['state', 'last_caller', 'event', 'state', 'last_missed', 'event'].map(
        (leaf) => `hookswitch/phone/${FRONT_DESK}/${leaf}`,
      ),
    );
    expect(news.map(({ retain }) => retain)).toEqual([true, true, false, true, true, false]);
    expect(news.every(({ qos }) => qos === 1)).toBe(true);
    const [ringing, lastCaller, event] = news.map(({ payload }) => JSON.parse(payload));
    expect(ringing).toMatchObject({
      call_state: 'ringing',
      ringing: true,
      seq: 6,
      call: { remote_number: caller.number },
    });
    expect(lastCaller).toMatchObject({ display: 'Jane Doe', remote_number: caller.number, outcome: 'ringing' });
    expect(event).toMatchObject({ event_type: 'incoming_call', call_key: `201|${caller.number}`, seq: 6 });
  });

  it('is told to those who watch Hookswitch, too', async () => {
    const { received, feed } = await start();
    await online(received);
    feed.notice('phone_discovered', { phone: '005058000001' });
    const topic = 'hookswitch/bridge/event';
    await eventually(() => at(received, topic) === 1, 'the notice arrives');
    const notice = received.find((each) => each.topic === topic);
    expect(notice).toMatchObject({ retain: false });
    expect(JSON.parse(notice?.payload ?? '')).toEqual({ type: 'phone_discovered', data: { phone: '005058000001' } });
  });

  it('while there is no connection, is not told afterwards; the state is', async () => {
    const { received, feed, proxy, home } = await start();
    await online(received);
    proxy.cut();
    await eventually(() => home.context.lines.some(({ event }) => event === 'mqtt.lost'), 'the loss is noticed');
    feed.say(FRONT_DESK, ring);
    await online(received, 2);
    const again = received.slice(received.findIndex(({ payload }) => payload === 'online') + 1);
    expect(at(again, `hookswitch/phone/${FRONT_DESK}/event`)).toBe(0);
    const last = again.filter(({ topic }) => topic === state(FRONT_DESK)).at(-1);
    expect(JSON.parse(last?.payload ?? '')).toMatchObject({ call_state: 'ringing', seq: 6 });
    expect(home.context.counts.get('ha_events_dropped{connection=under-test,reason=offline}')).toBe(1);
  });

  it('about itself is announced some seconds later, once', async () => {
    const time = createVirtualTime();
    const { received, feed } = await start({ time });
    await passing(time, () => at(received, 'hookswitch/bridge/state') === 1);
    feed.say(FRONT_DESK, { event: 'registered', state: { firmware: '3.0.5' } });
    feed.say(FRONT_DESK, { event: 'registered', state: { ip: '192.0.2.7' } });
    await time.advance(4_000);
    expect(at(received, device(FRONT_DESK))).toBe(1);
    await passing(time, () => at(received, device(FRONT_DESK)) === 2);
    await time.advance(30_000);
    const sent = received.filter(({ topic }) => topic === device(FRONT_DESK));
    expect(sent).toHaveLength(2);
    expect(JSON.parse(sent[1]?.payload ?? '').device).toMatchObject({
      sw_version: '3.0.5',
      configuration_url: 'http://192.0.2.7/',
    });
  });
});

describe('when Home Assistant starts', () => {
  it('it is told everything again after a while, once for two births close together', async () => {
    const time = createVirtualTime();
    const { received, home } = await start({ time });
    await passing(time, () => at(received, 'hookswitch/bridge/state') === 1);
    const before = received.length;
    await home.ask('homeassistant/status', 'offline');
    await home.ask('homeassistant/status', 'online');
    await home.ask('homeassistant/status', 'online');
    await time.advance(499);
    expect(received.length).toBe(before + 3);
    await passing(time, () => at(received, 'hookswitch/bridge/state') === 2);
    await time.advance(30_000);
    const again = topicsOfArrivals(received.slice(before + 3)).filter((topic) => !topic.endsWith('/phones'));
    expect(again).toEqual([
      ...['bridge', FRONT_DESK, CELLAR].map(device),
      state(FRONT_DESK),
      state(CELLAR),
      'hookswitch/bridge/state',
    ]);
  });

  it('a birth that the broker kept is an old one', async () => {
    const time = createVirtualTime();
    const { received, home, proxy } = await start({ time });
    await passing(time, () => at(received, 'hookswitch/bridge/state') === 1);
    await home.ask('homeassistant/status', 'online', { retain: true });
    await passing(time, () => onlines(received) === 2);
    proxy.cut();
    await eventually(() => home.context.lines.some(({ event }) => event === 'mqtt.lost'), 'the loss is noticed');
    await passing(time, () => onlines(received) >= 3);
    const before = at(received, device(CELLAR));
    // Two questions around the longest delay: whatever a birth would have set off has been published by the second answer.
    for (const answers of [1, 2]) {
      await home.ask('hookswitch/bridge/request/health', '');
      await passing(time, () => at(received, 'hookswitch/bridge/response/health') === answers);
      if (answers === 1) await time.advance(3_100);
    }
    expect(at(received, device(CELLAR))).toBe(before);
  });
});

describe('the health', () => {
  it('is told every ten minutes', async () => {
    const time = createVirtualTime();
    const { received } = await start({ time });
    await passing(time, () => at(received, 'hookswitch/bridge/state') === 1);
    expect(at(received, 'hookswitch/bridge/health')).toBe(1);
    await time.advance(601_000);
    await eventually(() => at(received, 'hookswitch/bridge/health') === 2, 'once more');
    await time.advance(600_000);
    await eventually(() => at(received, 'hookswitch/bridge/health') === 3, 'and again');
  });
});

describe('the state of Hookswitch', () => {
  it('is set right when the will of an earlier run comes late', async () => {
    const { received, home, broker } = await start();
    await online(received);
    await home.ask(BRIDGE_TOPICS[0] ?? '', 'offline', { retain: true });
    await online(received, 2);
    expect((await expectKept(broker.port, keptTopics(FRONT_DESK, CELLAR))).get(BRIDGE_TOPICS[0] ?? '')).toBe('online');
  });

  it('is told soon also where phones never stop talking', async () => {
    const feed = createTestFeed(...twoPhones());
    const talk = setInterval(() => feed.say(FRONT_DESK, { event: 'hold' }), 5);
    cleanups.push(async () => clearInterval(talk));
    const { received } = await start({ feed });
    await eventually(() => received.some(({ payload }) => payload === 'online'), 'online', 3_000);
    const events = received.filter(({ topic }) => topic.endsWith('/event'));
    expect(events.length).toBeGreaterThan(0);
  });
});

describe('the end', () => {
  it('is said before the connection is closed, and nobody listens to the phones any more', async () => {
    const { received, home, feed, broker } = await start();
    await online(received);
    await home.connection.close();
    expect(received.at(-1)).toMatchObject({ topic: BRIDGE_TOPICS[0], payload: 'offline', retain: true });
    expect(feed.listeners()).toBe(0);
    feed.say(FRONT_DESK, ring);
    const kept = await expectKept(broker.port, keptTopics(FRONT_DESK, CELLAR));
    expect(kept.get('hookswitch/bridge/state')).toBe('offline');
  });
});
