// Every way to a real mosquitto: both versions over TCP, TLS, WebSockets and both; several brokers, and several connections.
import { afterEach, describe, expect } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { makeCertificates } from '../support/certificates.ts';
import { eventually } from '../support/destination-contract.ts';
import { freePort } from '../support/free-port.ts';
import {
  itWithMosquitto,
  itWithMosquittoAndOpenssl,
  type MosquittoOptions,
  startMosquitto,
} from '../support/mosquitto.ts';
import { observe } from '../support/mqtt-broker.ts';
import { openMqtt } from '../support/mqtt-connection.ts';
import { CONNACK_5, startScriptedBroker } from '../support/mqtt-script.ts';

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

const user = { name: 'house', password: 'right-password' };
const login = { username: user.name, password: new Secret(user.password) };
const PAYLOADS = ['', 'short', 'ü'.repeat(500), 'x'.repeat(100_000)];

describe('both versions of MQTT', () => {
  itWithMosquitto('over TCP and WebSockets, with a login', async () => {
    const { port, websocketPort } = await start({ user, websockets: true });
    const { arrivals } = await watch(port, { username: user.name, password: user.password });
    for (const broker of [`mqtt://127.0.0.1:${port}`, `ws://127.0.0.1:${websocketPort}/mqtt`])
      for (const protocol of ['5', '3.1.1']) {
        const { send, up } = await open(broker, { ...login, protocol });
        await up();
        const before = arrivals.length;
        for (const payload of PAYLOADS) expect(await send('a/b', { payload })).toEqual({ kind: 'delivered' });
        await eventually(() => arrivals.length === before + PAYLOADS.length, `all arrive over ${broker}`);
        expect(arrivals.slice(before).map(({ payload }) => payload)).toEqual(PAYLOADS);
      }
  });

  itWithMosquittoAndOpenssl(
    'over TLS and secure WebSockets, with a private authority and a client certificate',
    async () => {
      const { ca, server, client } = makeCertificates();
      const { port, websocketPort } = await start({ tls: { ...server, ca: ca.cert }, websockets: true });
      const mine = { cert: new Secret(client.cert), key: new Secret(client.key) };
      const tls = { ca: new Secret(ca.cert), ...mine };
      const observer = { protocol: 'mqtts', ca: ca.cert, cert: client.cert, key: client.key } as const;
      const { arrivals } = await watch(port, observer);
      for (const broker of [`mqtts://127.0.0.1:${port}`, `wss://localhost:${websocketPort}/mqtt`]) {
        for (const protocol of ['5', '3.1.1']) {
          const { send, up } = await open(broker, { tls, protocol });
          await up();
          const before = arrivals.length;
          for (const payload of PAYLOADS) expect(await send('a/b', { payload })).toEqual({ kind: 'delivered' });
          await eventually(() => arrivals.length === before + PAYLOADS.length, `all arrive over ${broker}`);
        }
        const nameless = await open(broker, { tls: { ca: new Secret(ca.cert) } });
        const stranger = await open(broker, { tls: mine });
        for (const { context, send } of [nameless, stranger]) {
          await eventually(() => context.lines.some(({ event }) => event === 'mqtt.lost'), 'it is refused');
          expect(await send('a/b')).toMatchObject({ kind: 'unavailable' });
          expect(context.counts.get('mqtt_connected{connection=under-test}')).toBeUndefined();
          expect(JSON.stringify(context.lines)).not.toContain('BEGIN');
        }
      }
      expect(arrivals).toHaveLength(4 * PAYLOADS.length);
    },
  );
});

describe('several brokers', () => {
  itWithMosquitto('are asked one after the other, and the first one again after a connection that held', async () => {
    const first = await start();
    const second = await start();
    const atFirst = await watch(first.port);
    const atSecond = await watch(second.port);
    await first.kill();
    const { send, up } = await open([first.port, second.port]);
    await up();
    expect(await send('a', { payload: '1' })).toEqual({ kind: 'delivered' });
    await first.start();
    // A connection that works is kept, although the preferred broker is back.
    expect(await send('a', { payload: '2' })).toEqual({ kind: 'delivered' });
    await new Promise((resolve) => setTimeout(resolve, 5_100));
    await second.kill();
    await up(2);
    await eventually(() => atFirst.connected(), 'the observer is back');
    expect(await send('a', { payload: '3' })).toEqual({ kind: 'delivered' });
    await eventually(() => atFirst.arrivals.length === 1, 'the last one arrives');
    expect(atSecond.arrivals.map(({ payload }) => payload)).toEqual(['1', '2']);
    expect(atFirst.arrivals.map(({ payload }) => payload)).toEqual(['3']);
  });

  itWithMosquitto('each speak their own version, and one that stalls is followed by the next', async () => {
    const old = await startScriptedBroker((packet, reply) => {
      if (packet.type === 1) reply(packet.version === 5 ? [0x20, 3, 0, 132, 0] : [0x20, 2, 0, 3]);
    });
    cleanups.push(old.stop);
    const silent = await startScriptedBroker((packet, reply) => {
      if (packet.type === 1) reply(CONNACK_5);
    });
    cleanups.push(silent.stop);
    const good = await start();
    const { send, up, context } = await open([old.port, silent.port, await freePort(), good.port]);
    await up();
    const abort = new AbortController();
    const stuck = send('a', { signal: abort.signal });
    await eventually(() => silent.published().length === 1, 'it is written');
    abort.abort();
    expect(await stuck).toMatchObject({ kind: 'retry', code: 'timeout' });
    await up(2);
    expect(await send('a')).toMatchObject({ kind: 'delivered' });
    const versions = (packets: { type: number; version?: number }[]) =>
      packets.filter(({ type }) => type === 1).map(({ version }) => version);
    expect(versions(old.packets)).toEqual([5, 4]);
    expect(versions(silent.packets)).toEqual([5]);
    const connected = context.lines.filter(({ event }) => event === 'mqtt.connected').map(({ fields }) => fields);
    expect(connected).toMatchObject([
      { broker: `mqtt://127.0.0.1:${silent.port}`, protocol: '5' },
      { broker: `mqtt://127.0.0.1:${good.port}`, protocol: '5' },
    ]);
  });
});

describe('several connections', () => {
  itWithMosquitto('stand side by side: one that is down delays none of the others', async () => {
    const brokers = [await start(), await start({ user })];
    const [one, two] = brokers as [(typeof brokers)[0], (typeof brokers)[0]];
    const atOne = await watch(one.port);
    const opened = [
      await open(one.port, { prefix: 'a' }),
      await open(one.port, { prefix: 'b', protocol: '3.1.1' }),
      await open(two.port, login),
      await open(await freePort()),
    ];
    await Promise.all(opened.slice(0, 3).map(({ up }) => up()));
    const outcomes = await Promise.all(opened.map(({ send }) => send('x')));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['delivered', 'delivered', 'delivered', 'unavailable']);
    await eventually(() => atOne.arrivals.length === 2, 'both arrive');
    expect(atOne.arrivals.map(({ topic }) => topic).sort()).toEqual(['a/x', 'b/x']);
  });
});
