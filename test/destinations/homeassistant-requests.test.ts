// What may be asked of Hookswitch over MQTT, and what is answered; old, oversized and unknown requests do no harm.
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/destination-contract.ts';
import { CELLAR, FRONT_DESK, hurriedClock, online, openHome, publishTo, twoPhones } from '../support/homeassistant.ts';
import { startTestBroker } from '../support/mqtt-broker.ts';
import { createTestFeed } from '../support/phone-feed.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(before: (port: number) => Promise<void> = async () => {}) {
  const broker = await startTestBroker();
  cleanups.push(broker.stop);
  await before(broker.port);
  const feed = createTestFeed(...twoPhones());
  const home = await openHome(broker.port, feed, {}, { context: { clock: hurriedClock } });
  cleanups.push(() => home.connection.close());
  await online(broker.received);
  const { received } = broker;
  const answers = () =>
    received
      .filter(({ topic }) => topic.startsWith('hookswitch/bridge/response/'))
      .map(({ topic, payload }) => ({ to: topic.slice('hookswitch/bridge/response/'.length), ...JSON.parse(payload) }));
  const ask = async (topic: string, payload: unknown = '') => {
    const asked = answers().length;
    await home.ask(`hookswitch/${topic}`, typeof payload === 'string' ? payload : JSON.stringify(payload));
    await eventually(() => answers().length > asked, `an answer to ${topic}`);
    return answers()[asked];
  };
  return { broker, feed, home, received, ask, answers };
}

describe('an order about a phone', () => {
  it('is carried out, from a button or with a transaction, and answered without being kept', async () => {
    const { ask, feed, received } = await start();
    expect(await ask(`phone/${FRONT_DESK}/request/clear_missed`, 'PRESS')).toEqual({
      to: 'phone/clear_missed',
      status: 'ok',
      data: { id: FRONT_DESK },
      error: null,
    });
    expect(await ask(`phone/${CELLAR}/request/reset`, { transaction: 'a-1' })).toMatchObject({
      status: 'ok',
      transaction: 'a-1',
    });
    expect(await ask('bridge/request/phone/reset', { id: FRONT_DESK, transaction: 7 })).toMatchObject({
      to: 'phone/reset',
      status: 'ok',
      data: { id: FRONT_DESK },
      transaction: 7,
    });
    expect(feed.orders).toEqual([
      { phone: FRONT_DESK, command: 'clear_missed' },
      { phone: CELLAR, command: 'reset' },
      { phone: FRONT_DESK, command: 'reset' },
    ]);
    const answered = received.filter(({ topic }) => topic.includes('/response/'));
    expect(answered.every(({ retain, qos }) => !retain && qos === 1)).toBe(true);
  });

  it('that the broker kept is ignored: it would be carried out at every connect', async () => {
    const topics = [`hookswitch/phone/${CELLAR}/request/reset`, 'hookswitch/bridge/request/phone/reset'];
    const { ask, feed, answers, home } = await start(async (port) => {
      for (const topic of topics) await publishTo(port, topic, JSON.stringify({ id: CELLAR }), { retain: true });
    });
    await ask('bridge/request/health');
    expect(answers()).toHaveLength(1);
    expect(feed.orders).toEqual([]);
    const told = home.context.lines.filter(({ event }) => event === 'ha.retained-request-ignored');
    expect(told).toHaveLength(2);
  });
});

describe('a question', () => {
  it('about the phones and the health is answered', async () => {
    const { ask } = await start();
    expect(await ask('bridge/request/phones/list', { transaction: 'x' })).toMatchObject({
      to: 'phones/list',
      data: [{ id: FRONT_DESK, name: 'Front desk phone' }, { id: CELLAR }],
      transaction: 'x',
    });
    const health = await ask('bridge/request/health');
    expect(health).toMatchObject({
      status: 'ok',
      data: { phones: 2, events_received: 7, waiting: expect.any(Number) },
    });
    expect(health.data.memory_bytes).toBeGreaterThan(1_000_000);
  });

  it('for discovery makes everything go out again', async () => {
    const { ask, received } = await start();
    const config = `homeassistant/device/hookswitch_${CELLAR}/config`;
    const times = (topic: string) => received.filter((each) => each.topic === topic).length;
    expect(await ask('bridge/request/discovery/republish', 'PRESS')).toMatchObject({ status: 'ok' });
    await eventually(() => times(config) === 2 && times(`hookswitch/phone/${CELLAR}/state`) === 2, 'both again');
    await online(received, 2);
  });
});

describe('what cannot be done', () => {
  it.each([
    ['bridge/request/phone/rename', { id: CELLAR, name: 'x' }, /names and phones stand in the config file/],
    ['bridge/request/phone/remove', { id: CELLAR }, /names and phones stand in the config file/],
    ['bridge/request/phone/rest', { id: CELLAR }, /no request "phone\/rest"; did you mean "phone\/reset"\?/],
    ['bridge/request/phone/reset', {}, /^id: is missing/],
    ['bridge/request/phone/reset', '{"id":', /^id: is missing/],
    ['bridge/request/phone/reset', { id: '../x' }, /^id: is not the id of a phone/],
    ['bridge/request/phone/reset', { id: 'nobody' }, /there is no phone "nobody"; see phones\/list/],
    ['bridge/request/phone/reset', `{"id":"${CELLAR}","x":"${'x'.repeat(4_096)}"}`, /longer than 4096 bytes/],
    [
      `phone/${CELLAR}/request/restart`,
      '',
      /no request "restart"; .*clear_missed, reset|no request "restart"; did you/,
    ],
    ['phone/nobody/request/reset', '', /there is no phone "nobody"/],
    ['bridge/request/__proto__', '', /there is no request/],
    ['bridge/request/a/b/c', '', /there is no request/],
  ])('is said, with what would be right: %s %j', async (topic, payload, error) => {
    const { ask, feed } = await start();
    expect(await ask(topic, payload)).toMatchObject({ status: 'error', error: expect.stringMatching(error) });
    expect(feed.orders).toEqual([]);
  });

  it('is said, too, when too much is asked at once', async () => {
    const { home, answers, feed } = await start();
    const slow: (() => void)[] = [];
    feed.command = () =>
      new Promise((resolve) => {
        slow.push(() => resolve(true));
      });
    const topic = `hookswitch/phone/${CELLAR}/request/reset`;
    for (let n = 0; n < 18; n++) await home.ask(topic, 'PRESS');
    await eventually(() => answers().length === 2, 'two are refused');
    expect(answers().every(({ error }) => /too many requests/.test(error))).toBe(true);
    expect(slow).toHaveLength(16);
    for (const finish of slow) finish();
    await eventually(() => answers().length === 18, 'the others are carried out');
  });

  it('is said when it could not be written down', async () => {
    const { ask, feed } = await start();
    feed.command = async () => {
      throw new Error('disk full: /secret/place');
    };
    const answer = await ask(`phone/${CELLAR}/request/reset`);
    expect(answer).toMatchObject({ status: 'error', error: 'it could not be written down; try again' });
  });
});
