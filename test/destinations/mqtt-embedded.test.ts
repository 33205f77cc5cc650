// The embedded broker: loopback unless a password is set, bounded, reachable through the mqtt destination, and gone when closed.
import { connect, createServer } from 'node:net';
import mqttClient from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import {
  embeddedBrokerProblems,
  embeddedBrokerSettings,
  startEmbeddedBroker,
} from '../../src/destinations/mqtt/broker.ts';
import { mqtt } from '../../src/destinations/mqtt/index.ts';
import { eventually, testContext } from '../support/destination-contract.ts';
import { observe } from '../support/mqtt-broker.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(settings: object = {}) {
  const { log } = testContext();
  const parsed = embeddedBrokerSettings.parse({ port: 0, ...settings });
  const broker = await startEmbeddedBroker({ ...parsed, createServer, log });
  cleanups.push(broker.close);
  return broker;
}

const login = { username: 'house', password: new Secret('a-secret') };

describe('who may use the embedded broker', () => {
  it('listens on loopback unless told otherwise, and beyond it only with a password', () => {
    const problems = (settings: object) => embeddedBrokerProblems(embeddedBrokerSettings.parse(settings));
    expect(embeddedBrokerSettings.parse({}).host).toBe('127.0.0.1');
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) expect(problems({ host })).toEqual([]);
    for (const host of ['0.0.0.0', '::', '192.168.1.2', 'broker.example.net', '127.0.0.1.example.net'])
      expect(problems({ host })).toMatchObject([{ path: ['host'] }]);
    expect(problems({ host: '0.0.0.0', ...login })).toEqual([]);
    expect(problems({ username: 'house' })).toMatchObject([{ path: ['username'] }]);
    expect(problems({ password: new Secret('x') })).toMatchObject([{ path: ['password'] }]);
  });

  it('does not start with such a problem', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toThrow(/host: listens beyond this machine without a password/);
  });

  it('lets in who knows name and password, and nobody else', async () => {
    const { port } = await start(login);
    const enter = (username?: string, password?: string) =>
      observe(port, {
        protocolVersion: 4,
        reconnectPeriod: 0,
        ...(username ? { username } : {}),
        ...(password ? { password } : {}),
      });
    for (const [name, password] of [[], ['house'], ['house', 'wrong'], ['other', 'a-secret']] as const)
      await expect(enter(name, password)).rejects.toMatchObject({ code: 5 });
    const observer = await enter('house', 'a-secret');
    await observer.stop();
  });
});

describe('the embedded broker and the mqtt destination', () => {
  it('work together: by the address that the context gives, in MQTT 3.1.1', async () => {
    const { host, port } = await start(login);
    const observer = await observe(port, { protocolVersion: 4, username: 'house', password: 'a-secret' });
    cleanups.push(observer.stop);
    const settings = mqtt.settings.parse({ broker: 'embedded', ...login, status: { topic: 'hookswitch/status' } });
    const connection = await mqtt.open(settings, testContext({ embeddedBroker: { host, port } }));
    cleanups.push(() => connection.close());
    await new Promise<void>((resolve) => connection.onReady?.(resolve));
    const meta = { id: 'e/r/0', attempt: 1, signal: AbortSignal.timeout(5_000) };
    expect(await connection.send({ topic: 'a/b', payload: { n: 1 } }, meta)).toEqual({ kind: 'delivered' });
    await eventually(() => observer.arrivals.length === 2, 'both arrive');
    expect(observer.arrivals.map(({ topic, payload }) => [topic, payload])).toEqual([
      ['hookswitch/status', 'online'],
      ['a/b', '{"n":1}'],
    ]);
    await connection.close();
    await eventually(() => observer.arrivals.length === 3, 'offline is published');
    expect(observer.arrivals[2]).toMatchObject({ topic: 'hookswitch/status', payload: 'offline' });
  });

  it('refuse each other when the config starts no broker', async () => {
    await expect(mqtt.open(mqtt.settings.parse({ broker: 'embedded' }), testContext())).rejects.toThrow(
      /broker: the config starts no embedded broker/,
    );
  });
});

describe('limits of the embedded broker', () => {
  it('drops a client that announces a packet without measure, before it is sent', async () => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    cleanups.push(async () => socket.destroy());
    let open = true;
    socket.on('close', () => {
      open = false;
    });
    socket.on('error', () => {});
    const id = Buffer.from('endless');
    const connectPacket = [0x10, 12 + id.length, 0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 0, 0, id.length, ...id];
    const connack = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    socket.write(Buffer.from(connectPacket));
    expect([...(await connack)]).toEqual([0x20, 2, 0, 0]);
    // 266,240 bytes are allowed; this is one byte more.
    socket.write(Buffer.from([0x30, 0x81, 0xa0, 0x10]));
    await eventually(() => !open, 'it is dropped', 2_000);
  });

  it('keeps no session for a client that is gone', async () => {
    const { port } = await start();
    const options = { protocolVersion: 4, clean: false, clientId: 'comes-and-goes', reconnectPeriod: 0 } as const;
    const first = await observe(port, options);
    await first.stop();
    const publisher = await mqttClient.connectAsync({ protocol: 'mqtt', host: '127.0.0.1', port });
    await publisher.publishAsync('a/b', 'while it was gone', { qos: 1 });
    const again = await observe(port, options);
    await publisher.publishAsync('a/b', 'now', { qos: 1 });
    await eventually(() => again.arrivals.length > 0, 'the new message arrives');
    expect(again.arrivals.map(({ payload }) => payload)).toEqual(['now']);
    await publisher.endAsync();
    await again.stop();
  });

  it('closes with clients connected, and frees its port', async () => {
    const { host, port, close } = await start();
    const observer = await observe(port, { protocolVersion: 4 });
    cleanups.push(observer.stop);
    await close();
    await eventually(() => !observer.connected(), 'the client is disconnected');
    const again = await start({ port });
    expect(again).toMatchObject({ host, port });
  });

  it('says which code the system gave when the port is taken', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
