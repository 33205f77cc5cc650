// A broker that does not let Hookswitch subscribe, or hangs up on it: phones are shown all the same, and the log says what is missing.
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/destination-contract.ts';
import { FRONT_DESK, type Home, hurriedClock, openHome, twoPhones } from '../support/homeassistant.ts';
import { CONNACK_5, puback5, type Script, startScriptedBroker, suback5 } from '../support/mqtt-script.ts';
import { createTestFeed } from '../support/phone-feed.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(script: Script) {
  const broker = await startScriptedBroker(script);
  cleanups.push(broker.stop);
  const feed = createTestFeed(...twoPhones());
  const home = await openHome(broker.port, feed, {}, { context: { clock: hurriedClock } });
  cleanups.push(() => home.connection.close());
  const times = (topic: string): number => broker.published().filter((each) => each === topic).length;
  return { broker, feed, home, times };
}

/** Takes everything, and gives nothing. */
const takes: Script = (packet, reply) => {
  const id = packet.id ?? 0;
  if (packet.type === 1) reply(CONNACK_5);
  if (packet.type === 3) reply(puback5(packet.id));
  if (packet.type === 8) reply(suback5(packet, 1));
  if (packet.type === 10) reply([0xb0, 3, id >> 8, id & 255, 0]);
};

const told = ({ context }: Home, event: string) => context.lines.filter((line) => line.event === event);
const ONLINE = 'hookswitch/bridge/state';

describe('a broker', () => {
  it('that refuses subscriptions gets everything all the same, and the log says what is not heard', async () => {
    const { home, times, feed } = await start((packet, reply, socket) => {
      if (packet.type === 8) reply(suback5(packet, 0x87));
      else takes(packet, reply, socket);
    });
    await eventually(() => times(ONLINE) === 1, 'online');
    expect(times(`hookswitch/phone/${FRONT_DESK}/state`)).toBe(1);
    expect(told(home, 'ha.subscribe-refused')).toHaveLength(1);
    expect(told(home, 'ha.leftovers-not-searched')).toMatchObject([{ fields: { reason: 'refused' } }]);
    feed.say(FRONT_DESK, { event: 'off_hook' });
    await eventually(() => times(`hookswitch/phone/${FRONT_DESK}/event`) === 1, 'the event');
    expect(told(home, 'mqtt.lost')).toEqual([]);
  });

  it('that hangs up on who looks around is not looked through any more', async () => {
    const { home, times } = await start((packet, reply, socket) => {
      if (packet.filters?.some((filter) => filter.endsWith('/config'))) socket.destroy();
      else takes(packet, reply, socket);
    });
    await eventually(() => times(ONLINE) === 1, 'online', 10_000);
    expect(told(home, 'ha.leftovers-not-searched')).toHaveLength(1);
    expect(home.context.counts.get('mqtt_connected{connection=under-test}')).toBe(3);
  });

  it('that keeps something too long to be read is not looked through any more', async () => {
    const { home, times } = await start((packet, reply, socket) => {
      takes(packet, reply, socket);
      // A PUBLISH of 2 MB is announced.
      if (packet.filters?.some((filter) => filter.endsWith('/config'))) reply([0x31, 0x80, 0x80, 0x80, 0x01]);
    });
    await eventually(() => times(ONLINE) === 1, 'online', 10_000);
    expect(told(home, 'ha.leftovers-not-searched')).toHaveLength(1);
    expect(home.context.counts.get('mqtt_connected{connection=under-test}')).toBe(2);
  });

  it('that does not answer at all is left, and tried again', async () => {
    let answers = false;
    const { home, times } = await start((packet, reply, socket) => {
      if (packet.type !== 8 || answers) takes(packet, reply, socket);
    });
    await eventually(() => told(home, 'mqtt.lost').length === 1, 'the loss is told', 10_000);
    expect(told(home, 'mqtt.lost')[0]?.fields.code).toBe('timeout');
    expect(times(ONLINE)).toBe(0);
    answers = true;
    await eventually(() => times(ONLINE) === 1, 'online', 10_000);
  });

  it('that takes only so much for a while is told the rest later', async () => {
    let full = true;
    const { times } = await start((packet, reply, socket) => {
      const isState = packet.topic === `hookswitch/phone/${FRONT_DESK}/state`;
      if (isState && full) reply(puback5(packet.id, 0x97));
      else takes(packet, reply, socket);
    });
    await eventually(() => times(ONLINE) === 1, 'online');
    full = false;
    await eventually(() => times(`hookswitch/phone/${FRONT_DESK}/state`) === 2, 'the state again', 10_000);
    await eventually(() => times(ONLINE) === 2, 'online again');
  });
});
