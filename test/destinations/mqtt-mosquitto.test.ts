// The mqtt destination with a real mosquitto: both versions of MQTT, logins, TLS, WebSockets, rights, poison, last will.
import { afterEach, describe, expect } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { makeCertificates } from '../support/certificates.ts';
import { eventually } from '../support/destination-contract.ts';
import {
  itWithMosquitto,
  itWithMosquittoAndOpenssl,
  type MosquittoOptions,
  startMosquitto,
} from '../support/mosquitto.ts';
import { observe } from '../support/mqtt-broker.ts';
import { openMqtt } from '../support/mqtt-connection.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { startWebsocketBridge } from '../support/websocket-bridge.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: MosquittoOptions = {}) {
  const broker = await startMosquitto(options);
  cleanups.push(broker.stop);
  return broker;
}

async function watch(...args: Parameters<typeof observe>) {
  const observer = await observe(...args);
  cleanups.push(observer.stop);
  return observer;
}

async function open(...args: Parameters<typeof openMqtt>) {
  const opened = await openMqtt(...args);
  cleanups.push(() => opened.connection.close());
  return opened;
}

describe('messages', () => {
  itWithMosquitto('arrive over MQTT 5 as they were written, with the delivery id beside them', async () => {
    const { port } = await start();
    const { arrivals } = await watch(port);
    const { send, up } = await open(port, { prefix: 'office' });
    await up();
    const name = 'Jürgen "株" \u202E\0 {{ x }}';
    const tree = { name, list: [1, true, null] };
    expect(await send('phones/ü/event', { payload: tree, id: '019ab/rule/0' })).toEqual({ kind: 'delivered' });
    expect(await send('phones/text', { payload: name, qos: 2 })).toEqual({ kind: 'delivered' });
    expect(await send('phones/none', { payload: '', qos: 0 })).toEqual({ kind: 'delivered' });
    expect(await send('phones/long', { payload: 'ü'.repeat(131_072) })).toEqual({ kind: 'delivered' });
    await eventually(() => arrivals.length === 4, 'all arrive');
    expect(JSON.parse(arrivals[0]?.payload ?? '')).toEqual(tree);
    expect(arrivals[0]).toMatchObject({
      topic: 'office/phones/ü/event',
      properties: {
        userProperties: { 'hookswitch-id': '019ab/rule/0' },
        contentType: 'application/json',
        payloadFormatIndicator: true,
      },
    });
    expect(arrivals[1]).toMatchObject({
      topic: 'office/phones/text',
      payload: name,
      properties: { contentType: 'text/plain' },
    });
    expect(arrivals[2]).toMatchObject({ topic: 'office/phones/none', payload: '', qos: 0 });
    expect(arrivals[3]?.payload).toBe('ü'.repeat(131_072));
  });

  itWithMosquitto('arrive over MQTT 3.1.1, and are kept where they are retained', async () => {
    const { port } = await start();
    const { send, up } = await open(port, { protocol: '3.1.1', qos: 0 });
    await up();
    expect(await send('kept', { payload: 'on', retain: true, qos: 1 })).toEqual({ kind: 'delivered' });
    expect(await send('not/kept', { payload: 'on', qos: 1 })).toEqual({ kind: 'delivered' });
    const { arrivals } = await watch(port);
    await eventually(() => arrivals.length > 0, 'the retained one arrives');
    expect(arrivals).toMatchObject([{ topic: 'kept', payload: 'on', retain: true, qos: 1 }]);
  });

  itWithMosquitto('come in the order in which they were sent, once each, many at a time', async () => {
    const { port } = await start();
    const { arrivals } = await watch(port);
    const { send, up } = await open(port);
    await up();
    const sizes = Array.from({ length: 2_000 }, (_, n) => (n % 97 === 0 ? 40_000 : n % 300));
    const outcomes: unknown[] = [];
    for (let at = 0; at < sizes.length; at += 250) {
      const burst = sizes.slice(at, at + 250).map((size, n) => send(`n/${at + n}`, { payload: 'x'.repeat(size) }));
      outcomes.push(...(await Promise.all(burst)));
    }
    expect(outcomes.every((outcome) => (outcome as { kind: string }).kind === 'delivered')).toBe(true);
    await eventually(() => arrivals.length >= sizes.length, 'all arrive');
    expect(arrivals.map(({ topic }) => topic)).toEqual(sizes.map((_, n) => `n/${n}`));
    expect(arrivals.map(({ payload }) => payload.length)).toEqual(sizes);
  });

  itWithMosquitto('travel over WebSockets', async () => {
    const { port } = await start();
    const bridge = await startWebsocketBridge(port);
    cleanups.push(bridge.stop);
    const { arrivals } = await watch(port);
    const { send, up, connection } = await open(`ws://127.0.0.1:${bridge.port}/mqtt`);
    await up();
    const payloads = ['short', 'x'.repeat(1_000), 'x'.repeat(100_000)];
    for (const payload of payloads) expect(await send('a/b', { payload })).toEqual({ kind: 'delivered' });
    await eventually(() => arrivals.length === 3, 'all arrive');
    expect(arrivals.map(({ payload }) => payload)).toEqual(payloads);
    await connection.close();
    expect(await send('a/b')).toMatchObject({ kind: 'unavailable' });
  });
});

describe('a topic that would make mosquitto hang up', () => {
  itWithMosquitto('is dead at once, and the next good message goes out on the same connection', async () => {
    const { port } = await start();
    const { arrivals } = await watch(port);
    const { send, up, context } = await open(port);
    await up();
    const poison = ['a/+/b', '#', 'a\0b', 'a\u0001', '', new Array(300).fill('a').join('/'), 'x'.repeat(70_000)];
    const outcomes = await Promise.all([...poison.map((topic) => send(topic)), send('good')]);
    expect(outcomes.slice(0, -1).map(({ kind }) => kind)).toEqual(poison.map(() => 'dead'));
    expect(outcomes.at(-1)).toEqual({ kind: 'delivered' });
    await eventually(() => arrivals.length === 1, 'the good one arrives', 1_000);
    expect(arrivals[0]?.topic).toBe('good');
    expect(context.counts.get('mqtt_connected{connection=under-test}')).toBe(1);
  });
});

describe('who may publish', () => {
  const user = { name: 'house', password: 'right-password' };

  itWithMosquitto('is known by user name and password', async () => {
    const { port } = await start({ user });
    for (const protocol of ['5', '3.1.1']) {
      const good = await open(port, { protocol, username: user.name, password: new Secret(user.password) });
      await good.up();
      expect(await good.send('a')).toMatchObject({ kind: 'delivered' });
      const bad = await open(port, { protocol, username: user.name, password: new Secret('wrong-password') });
      await eventually(() => bad.context.lines.length > 0, 'it is refused');
      expect(await bad.send('a')).toMatchObject({ kind: 'unavailable', code: protocol === '5' ? '135' : '5' });
      expect(JSON.stringify(bad.context.lines)).not.toContain('wrong-password');
    }
  });

  itWithMosquitto('to this topic: a topic without right is dead in MQTT 5', async () => {
    const { port } = await start({ user, acl: [`user ${user.name}`, 'topic write allowed/#'] });
    const { send, up } = await open(port, { username: user.name, password: new Secret(user.password) });
    await up();
    expect(await send('forbidden/a')).toMatchObject({ kind: 'dead', code: '135' });
    expect(await send('allowed/a')).toMatchObject({ kind: 'delivered' });
  });
});

describe('over TLS', () => {
  itWithMosquittoAndOpenssl(
    'both sides show a certificate, and nothing is sent to a broker that is not trusted',
    async () => {
      const { ca, server, client } = makeCertificates();
      const { port } = await start({ tls: { ...server, ca: ca.cert } });
      const address = `mqtts://127.0.0.1:${port}`;
      const mine = { cert: new Secret(client.cert), key: new Secret(client.key) };
      const good = await open(address, { tls: { ca: new Secret(ca.cert), ...mine } });
      await good.up();
      expect(await good.send('a')).toMatchObject({ kind: 'delivered' });

      const stranger = await open(address, { tls: mine });
      await eventually(() => stranger.context.lines.length > 0, 'the broker is not trusted');
      expect(await stranger.send('a')).toMatchObject({
        kind: 'unavailable',
        code: expect.stringMatching(/CERT|SIGN|ISSUER/),
      });

      const nameless = await open(address, { tls: { ca: new Secret(ca.cert) } });
      await eventually(
        () => nameless.context.lines.some(({ event }) => event === 'mqtt.lost'),
        'the client is refused',
      );
      expect(await nameless.send('a')).toMatchObject({ kind: 'unavailable' });
      for (const { context } of [good, stranger, nameless])
        expect(JSON.stringify(context.lines)).not.toContain('BEGIN');
      await expect(open(address, { tls: { cert: new Secret('no pem'), key: new Secret('no pem') } })).rejects.toThrow();
    },
  );
});

describe('the status topic', () => {
  itWithMosquitto('says online, offline when the connection is lost, online again, offline at the end', async () => {
    const { port } = await start();
    const proxy = await startTcpProxy(port);
    cleanups.push(proxy.stop);
    const { arrivals } = await watch(port);
    const { up, connection } = await open(proxy.port, { status: { topic: 'hookswitch/status' } });
    await up();
    await eventually(() => arrivals.length === 1, 'online');
    proxy.cut();
    await up(2);
    await eventually(() => arrivals.length === 3, 'offline, online');
    await connection.close();
    await eventually(() => arrivals.length === 4, 'offline');
    expect(arrivals.map(({ payload }) => payload)).toEqual(['online', 'offline', 'online', 'offline']);
    const late = await watch(port, { clientId: 'late' });
    await eventually(() => late.arrivals.length === 1, 'the broker kept it');
    expect(late.arrivals).toMatchObject([{ topic: 'hookswitch/status', payload: 'offline', retain: true }]);
  });

  itWithMosquitto('may be a last will of one own: published when the connection is lost, not at the end', async () => {
    const { port } = await start();
    const proxy = await startTcpProxy(port);
    cleanups.push(proxy.stop);
    const { arrivals } = await watch(port);
    const { up, connection } = await open(proxy.port, { will: { topic: 'gone', payload: 'bye' }, prefix: 'office' });
    await up();
    proxy.cut();
    await up(2);
    await eventually(() => arrivals.length === 1, 'the will is published');
    await connection.close();
    expect(arrivals.map(({ topic, payload }) => [topic, payload])).toEqual([['office/gone', 'bye']]);
  });
});
