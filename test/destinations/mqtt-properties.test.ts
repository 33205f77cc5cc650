// What MQTT 5 says beside a payload: expiry, content type, user properties; and which messages stand for those before them.
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { mqtt } from '../../src/destinations/mqtt/index.ts';
import { eventually } from '../support/destination-contract.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { itWithMosquitto, startMosquitto } from '../support/mosquitto.ts';
import { observe } from '../support/mqtt-broker.ts';
import { openMqtt } from '../support/mqtt-connection.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function brokerAndObserver() {
  const broker = await startMosquitto();
  cleanups.push(broker.stop);
  const observer = await observe(broker.port);
  cleanups.push(observer.stop);
  return { port: broker.port, arrivals: observer.arrivals };
}

async function open(...args: Parameters<typeof openMqtt>) {
  const opened = await openMqtt(...args);
  cleanups.push(() => opened.connection.close());
  await opened.up();
  return opened;
}

const all = {
  payload: '<a/>',
  expiry: '1m30s',
  contentType: 'text/xml;charset=utf-8',
  userProperties: { caller: 'Müller 株', kind: 'external' },
};

describe('beside the payload', () => {
  itWithMosquitto('MQTT 5 carries expiry, content type and user properties, and the id as ever', async () => {
    const { port, arrivals } = await brokerAndObserver();
    const { send } = await open(port);
    expect(await send('a', all)).toEqual({ kind: 'delivered' });
    expect(await send('b', { expiry: '500ms', payload: { x: 1 }, qos: 0 })).toEqual({ kind: 'delivered' });
    expect(await send('c', { userProperties: { long: 'ü'.repeat(30_000) }, qos: 2 })).toEqual({ kind: 'delivered' });
    await eventually(() => arrivals.length === 3, 'all arrive');
    const [a, b, c] = arrivals;
    expect(a).toMatchObject({ topic: 'a', payload: '<a/>' });
    expect(a?.properties).toMatchObject({
      contentType: 'text/xml;charset=utf-8',
      payloadFormatIndicator: true,
      userProperties: { 'hookswitch-id': 'event/rule/0', caller: 'Müller 株', kind: 'external' },
    });
    // The broker counts it down: 90 s, perhaps 89 by now.
    expect(a?.properties?.messageExpiryInterval).toBeGreaterThan(80);
    expect(a?.properties?.messageExpiryInterval).toBeLessThanOrEqual(90);
    expect(b?.properties).toMatchObject({ contentType: 'application/json', messageExpiryInterval: 1 });
    expect(c?.properties?.userProperties?.long).toBe('ü'.repeat(30_000));
  });

  itWithMosquitto('MQTT 3.1.1 carries none of it, and the message arrives all the same', async () => {
    const { port, arrivals } = await brokerAndObserver();
    const { send } = await open(port, { protocol: '3.1.1' });
    expect(await send('a', all)).toEqual({ kind: 'delivered' });
    await eventually(() => arrivals.length === 1, 'it arrives');
    expect(arrivals[0]).toMatchObject({ topic: 'a', payload: '<a/>' });
    expect(arrivals[0]?.properties?.userProperties).toBeUndefined();
    expect(arrivals[0]?.properties?.messageExpiryInterval).toBeUndefined();
  });

  itWithMosquitto('a retained message that has expired is not there any more for who comes later', async () => {
    const { port } = await brokerAndObserver();
    const { send } = await open(port);
    await send('short', { retain: true, expiry: '1s' });
    await send('long', { retain: true, expiry: '1h' });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const late = await observe(port, { clientId: 'late' });
    cleanups.push(late.stop);
    await eventually(() => late.arrivals.length > 0, 'the other one is there');
    expect(late.arrivals.map(({ topic }) => topic)).toEqual(['long']);
  });
});

describe('what a rule may write', () => {
  const problems = (message: object): string[] =>
    mqtt.message
      .safeParse({ topic: 'a', payload: 'x', ...message })
      .error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];

  it.each([
    [{ expiry: 'soon' }, /^expiry: must be a span of at least a second/],
    [{ expiry: '0s' }, /^expiry: must be a span/],
    [{ expiry: '7000w' }, /^expiry: must be a span/],
    [{ expiry: 30 }, /^expiry: /],
    [{ contentType: 'json' }, /^contentType: must be a media type/],
    [{ contentType: 'text/plain;\r\nx' }, /^contentType: must be a media type/],
    [{ userProperties: { 'hookswitch-id': 'x' } }, /^userProperties.hookswitch-id: is set by Hookswitch itself/],
    [{ userProperties: { 'a\0': 'x' } }, /is a name with a control character/],
    [{ userProperties: { '': 'x' } }, /is a property without a name/],
    [{ userProperties: { ['ü'.repeat(129)]: 'x' } }, /is a name longer than 256 bytes/],
    [{ userProperties: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [n, ''])) }, /must hold 32 at most/],
    [{ userProperties: { a: 1 } }, /^userProperties.a: /],
  ])('is not %j', (message, problem) => expect(problems(message)).toEqual([expect.stringMatching(problem)]));

  it('is everything else', () => {
    expect(
      problems({ expiry: '30s', contentType: 'application/vnd.x+json', userProperties: { a: '{{ x }}' } }),
    ).toEqual([]);
  });

  it('is checked again when it has been filled in', () => {
    const check = (message: object) => mqtt.check?.({ topic: 'a', payload: 'x', ...message });
    expect(check(all)).toBeUndefined();
    expect(check({ expiry: 'x' })).toMatch(/expiry/);
    expect(check({ contentType: 'a\0b' })).toMatch(/contentType/);
    expect(check({ userProperties: { a: 'b\u0001' } })).toMatch(/control character/);
    expect(check({ userProperties: { a: 'ü'.repeat(40_000) } })).toMatch(/longer than 65535 bytes/);
    expect(check({ userProperties: ['a'] })).toMatch(/no object/);
  });
});

describe('a retained message', () => {
  it('stands for those of its topic that wait; one that is not retained stands for itself', () => {
    expect(mqtt.slot?.({ topic: 'phones/a/dnd', payload: 'on', retain: true })).toBe('phones/a/dnd');
    expect(mqtt.slot?.({ topic: 'phones/a/dnd', payload: '', retain: true })).toBe('phones/a/dnd');
    expect(mqtt.slot?.({ topic: 'phones/a/event', payload: 'x', retain: false })).toBeUndefined();
    expect(mqtt.slot?.({ topic: 'phones/a/event', payload: 'x' })).toBeUndefined();
  });
});

describe('a test message', () => {
  itWithMosquitto(
    'arrives below the prefix, is marked, and is kept by no broker, whatever the connection says',
    async () => {
      const { port, arrivals } = await brokerAndObserver();
      const at = '2026-11-24T09:15:02.412Z';
      for (const settings of [
        {},
        { prefix: 'office' },
        { homeAssistant: {} },
        { homeAssistant: { base: 'hookswitch-test', prefix: 'hookswitch' } },
      ]) {
        const { connection } = await open(port, settings);
        const parsed = mqtt.settings.parse({ broker: `mqtt://127.0.0.1:${port}`, ...settings });
        const message = mqtt.trial(parsed, at);
        expect(mqtt.message.safeParse(message).success).toBe(true);
        const meta = { id: 'test', attempt: 1, signal: new AbortController().signal };
        expect(await connection.send(message, meta)).toEqual({ kind: 'delivered' });
        await connection.close();
      }
      const topics = ['hookswitch/test', 'office/hookswitch/test', 'hookswitch-test', 'test-message'];
      await eventually(() => arrivals.length === topics.length, 'all arrive');
      expect(arrivals.map(({ topic }) => topic)).toEqual(topics);
      for (const { payload, properties } of arrivals) {
        expect(JSON.parse(payload)).toMatchObject({ test: true, at });
        expect(properties?.userProperties).toMatchObject({ test: 'true' });
      }
      const late = await observe(port, { clientId: 'late' });
      cleanups.push(late.stop);
      const { send } = await open(port);
      await send('end');
      await eventually(() => late.arrivals.some(({ topic }) => topic === 'end'), 'the end');
      expect(late.arrivals).toHaveLength(1);
    },
  );
});

describe('hostile strings', () => {
  const unit = fc.constantFrom<'binary' | 'grapheme'>('binary', 'grapheme');
  const text = fc.oneof(
    fc.constantFrom(...HOSTILE_STRINGS),
    unit.chain((kind) => fc.string({ unit: kind, maxLength: 30 })),
    fc.string({ unit: fc.constantFrom('/', '+', '#', '$', '\0', '\u0085', '\uD800', '\uFFFF', 'a'), maxLength: 8 }),
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
  );
  const message = fc.record(
    { topic: text, payload: text, userProperties: fc.dictionary(text, text, { maxKeys: 2 }), contentType: text },
    { requiredKeys: ['topic', 'payload'] },
  );

  itWithMosquitto(
    'written by force into every field never make the broker hang up, and good messages pass',
    async () => {
      const { port, arrivals } = await brokerAndObserver();
      const { send, context } = await open(port);
      const kinds = new Map<string, number>();
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(message, { minLength: 40, maxLength: 40 }), async (messages) => {
          const outcomes = await Promise.all([
            ...messages.map(({ topic, ...rest }) => send(topic, rest)),
            send(`good/${round++}`),
          ]);
          for (const { kind } of outcomes) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
          expect(outcomes.at(-1)).toEqual({ kind: 'delivered' });
        }),
        { numRuns: 100, endOnFailure: true },
      );
      await eventually(() => arrivals.filter(({ topic }) => topic.startsWith('good/')).length === round, 'good ones');
      expect(context.counts.get('mqtt_connected{connection=under-test}')).toBe(1);
      expect(context.counts.get('mqtt_lost{connection=under-test}')).toBeUndefined();
      // Each is delivered or dead in its one attempt, and there are many of both.
      expect([...kinds.keys()].sort()).toEqual(['dead', 'delivered']);
      for (const count of kinds.values()) expect(count).toBeGreaterThan(200);
    },
  );
});
