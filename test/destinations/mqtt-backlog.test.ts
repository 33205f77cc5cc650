// The outbox and the mqtt connection together: a broker that is down, frozen or fed with poison, and what waits meanwhile.
import { afterEach, expect } from 'vitest';
import { eventually } from '../support/destination-contract.ts';
import { itWithMosquitto, startMosquitto } from '../support/mosquitto.ts';
import { backlogCourse } from '../support/mqtt-backlog.ts';
import { observe } from '../support/mqtt-broker.ts';
import { openMqttOutbox } from '../support/mqtt-outbox.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function world(delivery: Parameters<typeof openMqttOutbox>[2] = {}) {
  const broker = await startMosquitto();
  cleanups.push(broker.stop);
  const observer = await observe(broker.port);
  cleanups.push(observer.stop);
  const opened = await openMqttOutbox(broker.port, {}, delivery);
  cleanups.push(opened.close);
  await eventually(() => opened.connected() === 1, 'it is connected');
  return { broker, arrivals: observer.arrivals, ...opened };
}

itWithMosquitto(
  'a broker that is down for some seconds while 1,000 messages are queued gets each of them once, in order',
  async () => {
    expect(await backlogCourse(4_000)).toMatchObject({ copiesPerMessage: 1, attemptsWhileDown: 0 });
  },
  60_000,
);

itWithMosquitto(
  'a broker that is frozen is left, and gets what waited as soon as it goes on',
  async () => {
    const { broker, arrivals, queue, delivered, connected, settlements } = await world({
      timeoutMs: 1_000,
      backoffMs: 200,
    });
    queue('phone-1', { topic: 'before', payload: 'x' });
    await eventually(() => arrivals.length === 1, 'it arrives');
    broker.freeze();
    const during = ['a', 'b', 'c'].map((topic) => queue('phone-1', { topic, payload: 'x' }));
    await eventually(() => settlements.some(({ state }) => state === 'waiting'), 'the attempt ends', 3_000);
    expect(settlements.filter(({ state }) => state === 'waiting')).toMatchObject([{ attempts: 1, code: 'timeout' }]);
    broker.thaw();
    const thawedAtMs = performance.now();
    await eventually(() => during.every((id) => delivered().has(id)), 'all are delivered', 15_000);
    expect(performance.now() - thawedAtMs).toBeLessThan(11_000);
    expect(connected()).toBe(2);
    await eventually(() => arrivals.some(({ topic }) => topic === 'c'), 'the last one arrives');
    const topics = arrivals.map(({ topic }) => topic);
    // What was written before the freeze may be read after it: one copy, of the one that was in flight.
    expect(topics.filter((topic, n) => topics.indexOf(topic) === n)).toEqual(['before', 'a', 'b', 'c']);
    expect(topics.length).toBeLessThanOrEqual(5);
    expect(topics.filter((topic) => topic !== 'a')).toHaveLength(3);
  },
  40_000,
);

itWithMosquitto(
  'poison is dead after one attempt, and the next good message of its lane is there within a second',
  async () => {
    const { arrivals, queue, settlements, connected } = await world();
    const poison = [
      'a/+/b',
      '#',
      'a\0b',
      '$SYS/x',
      '',
      'a\uD800',
      new Array(300).fill('a').join('/'),
      'x'.repeat(70_000),
    ];
    const dead: string[] = [];
    const beganMs = performance.now();
    for (const [n, topic] of poison.entries()) {
      dead.push(queue('phone-1', { topic, payload: 'x' }));
      queue('phone-1', { topic: `good/${n}`, payload: 'x' });
    }
    dead.push(queue('phone-1', { topic: 'a', payload: 'x'.repeat(300_000) }));
    dead.push(queue('phone-1', { topic: 'a', payload: 'x', userProperties: { a: '\0' } }));
    queue('phone-1', { topic: 'good/last', payload: 'x' });
    await eventually(() => arrivals.length === poison.length + 1, 'all good ones arrive', 1_000);
    expect(performance.now() - beganMs).toBeLessThan(1_000);
    expect(arrivals.map(({ topic }) => topic)).toEqual([...poison.map((_, n) => `good/${n}`), 'good/last']);
    await eventually(() => settlements.length === dead.length + arrivals.length, 'all are settled');
    const ended = settlements.filter(({ id }) => dead.includes(id));
    expect(ended.map(({ state, attempts }) => [state, attempts])).toEqual(dead.map(() => ['dead', 1]));
    expect(connected()).toBe(1);
  },
);
