// What stays on the broker: exactly what is wanted, after a phone is removed or renamed, after other settings, and after a stop.
import { afterEach, describe, expect, it } from 'vitest';
import { SLUGS } from '../../src/core/events.ts';
import { BRIDGE_ENTITIES, PHONE_ENTITIES } from '../../src/destinations/mqtt/homeassistant/keys.ts';
import { eventually } from '../support/destination-contract.ts';
import {
  BRIDGE_TOPICS,
  CELLAR,
  expectKept,
  FRONT_DESK,
  type Home,
  hurriedClock,
  keptTopics,
  online,
  openHome,
  publishTo,
  twoPhones,
} from '../support/homeassistant.ts';
import { itWithMosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type Arrival, observe, startTestBroker } from '../support/mqtt-broker.ts';
import { createTestFeed, type TestFeed } from '../support/phone-feed.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Place = { port: number; received: Arrival[] };

async function embedded(): Promise<Place> {
  const broker = await startTestBroker();
  cleanups.push(broker.stop);
  return broker;
}

async function mosquitto(): Promise<Place> {
  const broker = await startMosquitto();
  cleanups.push(broker.stop);
  const observer = await observe(broker.port);
  cleanups.push(observer.stop);
  return { port: broker.port, received: observer.arrivals };
}

/** Opens and waits until all is told; `times`: how often that was so before, plus one. */
async function open({ port, received }: Place, feed: TestFeed, homeAssistant: object = {}): Promise<Home> {
  const before = received.filter(({ topic, payload }) => topic === BRIDGE_TOPICS[0] && payload === 'online').length;
  const home = await openHome(port, feed, homeAssistant, { context: { clock: hurriedClock } });
  cleanups.push(() => home.connection.close());
  await online(received, before + 1);
  return home;
}

const device = (id: string): string => `homeassistant/device/hookswitch_${id}/config`;
const ring = {
  event: 'incoming_call',
  remote: { number: '+15555550142' },
  state: { call_state: 'ringing' },
  lastCaller: {},
  lastMissed: {},
} as const;
const calls = (id: string): string[] => ['last_caller', 'last_missed'].map((leaf) => `hookswitch/phone/${id}/${leaf}`);

/** When messages on a topic arrived, with their payloads. */
function timed({ received }: Place, topic: string) {
  const seen: { atMs: number; payload: string }[] = [];
  const push = received.push.bind(received);
  received.push = (...arrivals) => {
    for (const arrival of arrivals)
      if (arrival.topic === topic) seen.push({ atMs: hurriedClock.monotonicMs(), payload: arrival.payload });
    return push(...arrivals);
  };
  return () => seen;
}

describe('a phone that is removed', () => {
  it('leaves nothing: first its device goes, two seconds later what it said', async () => {
    const place = await embedded();
    const feed = createTestFeed(...twoPhones());
    await open(place, feed);
    feed.say(CELLAR, ring);
    await expectKept(place.port, [...keptTopics(FRONT_DESK, CELLAR), ...calls(CELLAR)]);
    const config = timed(place, device(CELLAR));
    const state = timed(place, `hookswitch/phone/${CELLAR}/state`);
    feed.remove(CELLAR);
    await eventually(() => config().length === 1, 'the device goes');
    expect(config()[0]?.payload).toBe('');
    await eventually(() => state().length === 1, 'the state goes');
    expect((state()[0]?.atMs ?? 0) - (config()[0]?.atMs ?? 0)).toBeGreaterThan(1_000);
    await expectKept(place.port, keptTopics(FRONT_DESK));
    const told = place.received.filter(({ topic }) => topic === 'hookswitch/bridge/event');
    expect(told.map(({ payload }) => JSON.parse(payload))).toEqual([
      { type: 'phone_removed', data: { phone: CELLAR } },
    ]);
  });

  it('and comes back at once is announced two seconds after it went, and keeps its state', async () => {
    const place = await embedded();
    const feed = createTestFeed(...twoPhones());
    await open(place, feed);
    const config = timed(place, device(CELLAR));
    feed.remove(CELLAR);
    feed.add({ id: CELLAR, name: 'Cellar, new' });
    await eventually(() => config().at(-1)?.payload.includes('Cellar, new') === true, 'announced');
    expect(config()[0]?.payload).toBe('');
    expect((config().at(-1)?.atMs ?? 0) - (config()[0]?.atMs ?? 0)).toBeGreaterThan(1_000);
    await expectKept(place.port, keptTopics(FRONT_DESK, CELLAR));
  });

  it('while Hookswitch was down leaves nothing either', async () => {
    const place = await embedded();
    const feed = createTestFeed(...twoPhones());
    const first = await open(place, feed);
    feed.say(CELLAR, ring);
    await expectKept(place.port, [...keptTopics(FRONT_DESK, CELLAR), ...calls(CELLAR)]);
    await first.connection.close();
    feed.remove(CELLAR);
    await open(place, feed);
    await expectKept(place.port, keptTopics(FRONT_DESK));
  });

  it('while the connection was down leaves nothing either', async () => {
    const place = await embedded();
    const proxy = await startTcpProxy(place.port);
    cleanups.push(proxy.stop);
    const feed = createTestFeed(...twoPhones());
    const home = await open({ port: proxy.port, received: place.received }, feed);
    proxy.cut();
    await eventually(() => home.context.lines.some(({ event }) => event === 'mqtt.lost'), 'the loss is noticed');
    feed.remove(CELLAR);
    await online(place.received, 2);
    await expectKept(place.port, keptTopics(FRONT_DESK));
  });
});

describe('a phone that is renamed', () => {
  it('changes one word of one message at once, and no topic', async () => {
    const place = await embedded();
    const feed = createTestFeed(...twoPhones());
    await open(place, feed);
    await expectKept(place.port, keptTopics(FRONT_DESK, CELLAR));
    const config = timed(place, device(CELLAR));
    const other = timed(place, device(FRONT_DESK));
    const before = place.received.find(({ topic }) => topic === device(CELLAR))?.payload ?? '';
    feed.rename(CELLAR, 'Wine cellar');
    feed.rename(CELLAR, 'Coal cellar');
    // Two different messages lie two seconds apart.
    await eventually(() => config().at(-1)?.payload.includes('Coal cellar') === true, 'the last name is told');
    const times = config().map(({ atMs }) => atMs);
    for (let n = 1; n < times.length; n++) expect((times[n] ?? 0) - (times[n - 1] ?? 0)).toBeGreaterThan(1_000);
    expect(config().at(-1)?.payload).toBe(before.replace('"name":"Cellar"', '"name":"Coal cellar"'));
    expect(other()).toEqual([]);
    await expectKept(place.port, keptTopics(FRONT_DESK, CELLAR));
  });
});

describe('components that are left out from now on', () => {
  it('are named once more without content, then never again', async () => {
    const place = await embedded();
    const feed = createTestFeed(...twoPhones());
    const first = await open(place, feed);
    await first.connection.close();
    const config = timed(place, device(CELLAR));
    await open(place, feed, { exclude: ['dnd', 'trigger_dnd_on'] });
    await eventually(() => config().length === 2, 'both messages');
    const [tombstones, last] = config().map(({ payload }) => JSON.parse(payload).components);
    expect(tombstones).toMatchObject({ dnd: { platform: 'binary_sensor' }, muted: { name: 'Microphone muted' } });
    expect(tombstones.dnd).toEqual({ platform: 'binary_sensor' });
    expect(tombstones.trigger_dnd_on).toEqual({ platform: 'device_automation' });
    const { dnd: _dnd, trigger_dnd_on: _trigger, ...rest } = tombstones;
    expect(last).toEqual(rest);
    expect((config()[1]?.atMs ?? 0) - (config()[0]?.atMs ?? 0)).toBeGreaterThan(1_000);
    await expectKept(place.port, keptTopics(FRONT_DESK, CELLAR));
  });
});

const USUAL =
  'incoming_call outgoing_call established terminated missed_call reject_incoming_call dnd_on dnd_off'.split(' ');

/** Topics of single-component announcements, without the keys left out. */
function componentTopics(phones: string[], triggers: readonly string[], without: string[]): string[] {
  const of = (id: string, entities: object): string[] =>
    Object.entries(entities)
      .filter(([key]) => !without.includes(key))
      .map(([key, platform]) => `homeassistant/${platform}/hookswitch_${id}/${key}/config`);
  const triggersOf = (id: string): string[] =>
    triggers.map((slug) => `homeassistant/device_automation/hookswitch_${id}/trigger_${slug}/config`);
  return [
    ...BRIDGE_TOPICS,
    ...of('bridge', BRIDGE_ENTITIES),
    ...phones.flatMap((id) => [...of(id, PHONE_ENTITIES), ...triggersOf(id), `hookswitch/phone/${id}/state`]),
  ];
}

describe.each([
  ['in a broker of 3.1.1', it as typeof itWithMosquitto, embedded],
  ['in mosquitto', itWithMosquitto, mosquitto],
])('other settings, %s', (_name, test, start) => {
  test('leave no message of the other mode, in either direction', async () => {
    const place = await start();
    const feed = createTestFeed(...twoPhones());
    const both = [FRONT_DESK, CELLAR];
    const devices = await open(place, feed);
    await devices.connection.close();
    const single = await open(place, feed, { mode: 'component', triggers: 'all', exclude: ['model'] });
    const many = componentTopics(both, SLUGS, ['model']);
    expect(many).toHaveLength(4 + 7 + 2 * (20 + 34 + 1));
    await expectKept(place.port, many);
    await single.connection.close();
    const fewer = await open(place, feed, { mode: 'component', exclude: ['model', 'dnd'] });
    await expectKept(place.port, componentTopics(both, USUAL, ['model', 'dnd']), 15_000);
    await fewer.connection.close();
    feed.remove(FRONT_DESK);
    const back = await open(place, feed);
    await expectKept(place.port, keptTopics(CELLAR), 15_000);
    await back.connection.close();
    await open(place, feed, { discovery: false });
    const states = keptTopics(CELLAR).filter((topic) => !topic.startsWith('homeassistant/'));
    await expectKept(place.port, states, 15_000);
  }, 60_000);
});

describe('what is not ours', () => {
  const foreign = (node: string, via: string, origin = 'hookswitch') =>
    JSON.stringify({ device: { identifiers: [node], via_device: via }, origin: { name: origin }, components: {} });

  it('is left alone: other projects, other instances, whatever they are called', async () => {
    const place = await embedded();
    const others = {
      'homeassistant/device/hookswitch_two_1/config': foreign('hookswitch_two_1', 'hookswitch_two_bridge'),
      'homeassistant/device/hookswitch_9/config': foreign('hookswitch_9', 'hookswitch_bridge', 'zigbee2mqtt'),
      'homeassistant/device/other/config': '{"origin":',
      'homeassistant/sensor/hookswitch_two_1/call_state/config': foreign('x', 'hookswitch_two_bridge'),
      'homeassistant/sensor/0x0017/last_seen/config': '[]',
      'zigbee2mqtt/bridge/state': 'online',
    };
    for (const [topic, payload] of Object.entries(others))
      await publishTo(place.port, topic, payload, { retain: true });
    await open(place, createTestFeed(...twoPhones()));
    const kept = await expectKept(place.port, [...keptTopics(FRONT_DESK, CELLAR), ...Object.keys(others)]);
    for (const [topic, payload] of Object.entries(others)) expect(kept.get(topic)).toBe(payload);
  });

  it('is not cleared below a base that another instance calls its own', async () => {
    const place = await embedded();
    const others = {
      'hookswitch/phone/elsewhere/state': '{}',
      'hookswitch/bridge/info': JSON.stringify({ instance: 'other' }),
    };
    for (const [topic, payload] of Object.entries(others))
      await publishTo(place.port, topic, payload, { retain: true });
    const home = await open(place, createTestFeed(...twoPhones()));
    await expectKept(place.port, [...keptTopics(FRONT_DESK, CELLAR), 'hookswitch/phone/elsewhere/state']);
    expect(home.context.lines.some(({ event }) => event === 'ha.base-in-use')).toBe(true);
  });

  it('what nobody could have published for a known phone goes', async () => {
    const place = await embedded();
    const old = ['availability', 'last_caller', 'event'].map((leaf) => `hookswitch/phone/${CELLAR}/${leaf}`);
    for (const topic of old) await publishTo(place.port, topic, '{"remote_name":"Jane Doe"}', { retain: true });
    await open(place, createTestFeed(...twoPhones()));
    await expectKept(place.port, keptTopics(FRONT_DESK, CELLAR));
  });
});
