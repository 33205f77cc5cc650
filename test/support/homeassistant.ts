// A connection that shows phones in Home Assistant, and what a broker keeps of it.
import mqtt from 'mqtt';
import { expect } from 'vitest';
import type { OpenContext } from '../../src/core/destination.ts';
import type { Clock } from '../../src/core/ports.ts';
import { systemClock } from '../../src/ports.ts';
import { eventually } from './destination-contract.ts';
import type { Arrival } from './mqtt-broker.ts';
import { type OpenMqtt, openMqtt } from './mqtt-connection.ts';
import { quietSnapshot, type TestFeed, viewOf } from './phone-feed.ts';

export const FRONT_DESK = '005058aabbcc';
export const CELLAR = '005058aabbdd';

/** A clock that runs four times as fast as the system's: what takes seconds is waited for shorter. */
export const hurriedClock: Clock = {
  wallMs: () => systemClock.wallMs(),
  monotonicMs: () => systemClock.monotonicMs() * 4,
  after: (delayMs, task) => systemClock.after(delayMs / 4, task),
};

/** Two phones: the front desk's has spoken, the cellar's has not. */
export const twoPhones = () => [
  viewOf(quietSnapshot(FRONT_DESK, { name: 'Front desk phone', model: 'S505', call_state: 'idle', seq: 5 })),
  viewOf(quietSnapshot(CELLAR, { name: 'Cellar' })),
];

export type Home = OpenMqtt & {
  /** Messages of a client that asks for something. */
  ask(topic: string, payload: string, options?: { retain?: boolean }): Promise<void>;
};

/** Opens the destination with `homeAssistant` set. */
export async function openHome(
  port: number,
  feed: TestFeed,
  homeAssistant: object = {},
  { settings = {}, context = {} }: { settings?: object; context?: Partial<OpenContext> } = {},
): Promise<Home> {
  const opened = await openMqtt(port, { homeAssistant, ...settings }, { phones: feed, ...context });
  return { ...opened, ask: (topic, payload, options) => publishTo(port, topic, payload, options) };
}

/** Publishes one message as another client. */
export async function publishTo(port: number, topic: string, payload: string, { retain = false } = {}): Promise<void> {
  const client = await mqtt.connectAsync({ protocol: 'mqtt', host: '127.0.0.1', port, protocolVersion: 4 });
  await client.publishAsync(topic, payload, { qos: 1, retain });
  await client.endAsync();
}

/** What a broker keeps, by topic: subscribes to everything and takes what comes until two looks agree. */
export async function keptBy(port: number): Promise<Map<string, string>> {
  const look = async (): Promise<Map<string, string>> => {
    const kept = new Map<string, string>();
    const client = await mqtt.connectAsync({ protocol: 'mqtt', host: '127.0.0.1', port, protocolVersion: 4 });
    let lastAtMs = Date.now();
    client.on('message', (topic, payload, { retain }) => {
      lastAtMs = Date.now();
      if (retain) kept.set(topic, payload.toString());
    });
    await client.subscribeAsync('#', { qos: 0 });
    await eventually(() => Date.now() - lastAtMs > 40, 'silence');
    await client.endAsync(true);
    return kept;
  };
  let before = await look();
  for (let looks = 0; looks < 20; looks++) {
    const kept = await look();
    if (JSON.stringify([...kept].sort()) === JSON.stringify([...before].sort())) return kept;
    before = kept;
  }
  return before;
}

/** Waits until a broker keeps exactly these topics. */
export async function expectKept(
  port: number,
  topics: readonly string[],
  limitMs = 8_000,
): Promise<Map<string, string>> {
  const wanted = [...topics].sort();
  const endMs = Date.now() + limitMs;
  let kept = await keptBy(port);
  while (Date.now() < endMs && [...kept.keys()].sort().join() !== wanted.join()) kept = await keptBy(port);
  expect([...kept.keys()].sort()).toEqual(wanted);
  return kept;
}

export const BRIDGE_TOPICS = ['state', 'info', 'phones', 'health'].map((leaf) => `hookswitch/bridge/${leaf}`);

/** Topics that a broker keeps for phones that were announced as one message each. */
export const keptTopics = (...phones: string[]): string[] => [
  ...BRIDGE_TOPICS,
  ...['bridge', ...phones].map((id) => `homeassistant/device/hookswitch_${id}/config`),
  ...phones.map((id) => `hookswitch/phone/${id}/state`),
];

/** Waits until Hookswitch has said that it is there, for the `times`th time. */
export const online = (arrivals: readonly Arrival[], times = 1): Promise<void> =>
  eventually(
    () => arrivals.filter(({ topic, payload }) => topic === BRIDGE_TOPICS[0] && payload === 'online').length >= times,
    `online ${times}`,
    20_000,
  );

/** Topics in the order in which they arrived, without the retained replies to a subscription. */
export const topicsOfArrivals = (arrivals: readonly Arrival[]): string[] => arrivals.map(({ topic }) => topic);
