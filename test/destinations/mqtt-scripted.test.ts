// What the mqtt destination does with brokers that refuse, stall, lie or hang up: an attempt always ends, and nothing is sent twice.
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { eventually } from '../support/destination-contract.ts';
import { openMqtt } from '../support/mqtt-connection.ts';
import { CONNACK_4, CONNACK_5, puback5, type Script, startScriptedBroker } from '../support/mqtt-script.ts';
import { createVirtualTime, type VirtualTime } from '../support/virtual-clock.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function scripted(script: Script) {
  const broker = await startScriptedBroker(script);
  cleanups.push(broker.stop);
  return broker;
}

async function open(port: number, settings: object = {}, overrides = {}) {
  const opened = await openMqtt(port, settings, overrides);
  cleanups.push(() => opened.connection.close());
  return opened;
}

/** Real time lets sockets speak, virtual time lets the destination's timers run. */
async function passing(time: VirtualTime, done: () => boolean, stepMs = 20): Promise<void> {
  for (let steps = 0; steps < 1_000 && !done(); steps++) {
    await time.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(done()).toBe(true);
}

const accept: Script = (packet, reply) => {
  if (packet.type === 1) reply(CONNACK_5);
  if (packet.type === 3) reply(puback5(packet.id));
};

describe('a broker that stalls', () => {
  it('is left after some seconds: the attempt ends as retry, and nothing of it is sent afterwards', async () => {
    const time = createVirtualTime();
    let stalled = true;
    const broker = await scripted((packet, reply, socket) => {
      if (packet.type === 1 || !stalled) accept(packet, reply, socket);
    });
    const { send, up } = await open(broker.port, {}, { clock: time.clock, random: time.random });
    await up();
    const outcomes = [send('stuck/1'), send('stuck/2')];
    await eventually(() => broker.published().length === 2, 'both are written');
    await time.advance(7_000);
    expect(broker.connections()).toBe(1);
    await time.advance(1_500);
    for (const outcome of await Promise.all(outcomes))
      expect(outcome).toMatchObject({ kind: 'retry', code: 'timeout' });
    stalled = false;
    await passing(time, () => broker.packets.filter(({ type }) => type === 1).length === 2);
    await up(2);
    await time.advance(60_000);
    expect(broker.published()).toEqual(['stuck/1', 'stuck/2']);
    expect(await send('stuck/1')).toEqual({ kind: 'delivered' });
    expect(broker.published()).toEqual(['stuck/1', 'stuck/2', 'stuck/1']);
    expect(broker.packets.some(({ dup }) => dup)).toBe(false);
  });

  it('does not hold an attempt whose signal says that it is over', async () => {
    const broker = await scripted((packet, reply) => packet.type === 1 && reply(CONNACK_5));
    const { send, up } = await open(broker.port);
    await up();
    const abort = new AbortController();
    const outcome = send('stuck', { signal: abort.signal });
    await eventually(() => broker.published().length === 1, 'it is written');
    abort.abort();
    expect(await outcome).toMatchObject({ kind: 'retry' });
  });

  it('does not keep the process from ending', async () => {
    const broker = await scripted((packet, reply) => packet.type === 1 && reply(CONNACK_5));
    const { send, up, connection } = await open(broker.port, { status: { topic: 'status' } });
    await up();
    const outcome = send('stuck');
    await connection.close();
    expect(await outcome).toMatchObject({ kind: 'retry' });
    await eventually(() => broker.connections() === 0, 'the socket is closed');
  });
});

describe('what a broker answers to a message', () => {
  it.each([
    [0x00, { kind: 'delivered' }],
    [0x10, { kind: 'delivered', code: '16' }],
    [0x80, { kind: 'retry', code: '128' }],
    [0x83, { kind: 'retry', code: '131' }],
    [0x87, { kind: 'dead', code: '135' }],
    [0x90, { kind: 'dead', code: '144' }],
    [0x97, { kind: 'unavailable', code: '151', afterMs: 5_000 }],
    [0x99, { kind: 'dead', code: '153' }],
  ])('in MQTT 5, code %i', async (code, outcome) => {
    const broker = await scripted((packet, reply) => {
      if (packet.type === 1) reply(CONNACK_5);
      if (packet.type === 3) reply(puback5(packet.id, code));
    });
    const { send, up } = await open(broker.port);
    await up();
    expect(await send('a')).toMatchObject(outcome);
  });

  it('is awaited to the end with qos 2, and not at all with qos 0', async () => {
    const broker = await scripted((packet, reply) => {
      const id = packet.id ?? 0;
      if (packet.type === 1) reply(CONNACK_5);
      if (packet.type === 3 && packet.qos === 2) reply([0x50, 2, id >> 8, id & 255]);
      if (packet.type === 6) reply([0x70, 2, id >> 8, id & 255]);
    });
    const { send, up } = await open(broker.port, { qos: 2 });
    await up();
    expect(await send('twice')).toEqual({ kind: 'delivered' });
    expect(await send('once', { qos: 0 })).toEqual({ kind: 'delivered' });
    await eventually(() => broker.published().length === 2, 'both arrive');
    expect(broker.packets.map(({ type }) => type)).toEqual([1, 3, 6, 3]);
  });

  it('counts only for messages that are in flight', async () => {
    const broker = await scripted((packet, reply) => {
      if (packet.type === 1) reply(CONNACK_5);
      if (packet.type === 3) for (const id of [0, 9_999, packet.id, packet.id]) reply(puback5(id));
    });
    const { send, up } = await open(broker.port);
    await up();
    for (const topic of ['a', 'b', 'c']) expect(await send(topic)).toEqual({ kind: 'delivered' });
  });
});

describe('what a broker allows', () => {
  it('messages in flight: no more than its Receive Maximum', async () => {
    const ids: number[] = [];
    let answer: (bytes: number[]) => void = () => {};
    const broker = await scripted((packet, reply) => {
      answer = reply;
      if (packet.type === 1) reply([0x20, 6, 0, 0, 3, 0x21, 0, 2]);
      if (packet.type === 3) ids.push(packet.id ?? 0);
    });
    const { send, up } = await open(broker.port);
    await up();
    const outcomes = Promise.all(['a', 'b', 'c', 'd', 'e'].map((topic) => send(topic)));
    for (const written of [2, 3, 4, 5]) {
      await eventually(() => ids.length === written, `${written} are written`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(ids.length).toBe(written);
      answer(puback5(ids[written - 2]));
    }
    answer(puback5(ids[4]));
    expect((await outcomes).every(({ kind }) => kind === 'delivered')).toBe(true);
    expect(broker.published()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('packet size, retained messages, quality of service: what it cannot take is dead at once and never sent', async () => {
    const limits = [0x27, 0, 0, 0, 100, 0x25, 0, 0x24, 1];
    const broker = await scripted((packet, reply, socket) => {
      if (packet.type === 1) reply([0x20, 3 + limits.length, 0, 0, limits.length, ...limits]);
      else accept(packet, reply, socket);
    });
    const { send, up } = await open(broker.port);
    await up();
    expect(await send('a', { payload: 'x'.repeat(100) })).toMatchObject({
      kind: 'dead',
      error: expect.stringMatching(/100 bytes/),
    });
    expect(await send('a', { retain: true })).toMatchObject({ kind: 'dead' });
    expect(await send('a', { qos: 2 })).toMatchObject({ kind: 'dead' });
    expect(await send('a')).toEqual({ kind: 'delivered' });
    expect(broker.published()).toEqual(['a']);
  });
});

describe('a broker that refuses the connection', () => {
  it.each([
    ['an answer of 3.1.1', [0x20, 2, 0, 1]],
    ['an answer of 5', [0x20, 3, 0, 0x84, 0]],
  ])('because of the version is asked again with 3.1.1: %s', async (_name, refusal) => {
    const broker = await scripted((packet, reply) => {
      if (packet.type === 1 && packet.version === 5) reply(refusal);
      else if (packet.type === 1) reply(CONNACK_4);
      else if (packet.type === 3) reply([0x40, 2, (packet.id ?? 0) >> 8, (packet.id ?? 0) & 255]);
    });
    const { send, up } = await open(broker.port);
    await up();
    expect(await send('a')).toEqual({ kind: 'delivered' });
    expect(broker.packets.filter(({ type }) => type === 1).map(({ version }) => version)).toEqual([5, 4]);
  });

  it('because of the version is not asked with another when the config names one', async () => {
    const time = createVirtualTime();
    const broker = await scripted((packet, reply) => packet.type === 1 && reply([0x20, 2, 0, 1]));
    const { send } = await open(broker.port, { protocol: '5' }, { clock: time.clock, random: time.random });
    await passing(time, () => broker.packets.length >= 3);
    expect(broker.packets.every(({ version }) => version === 5)).toBe(true);
    expect(await send('a')).toMatchObject({ kind: 'unavailable' });
  });

  it('because of the password is asked again, ever more rarely, and the password stays unsaid', async () => {
    const time = createVirtualTime();
    const askedAtMs: number[] = [];
    const broker = await scripted((packet, reply) => {
      if (packet.type !== 1) return;
      askedAtMs.push(time.nowMs());
      reply([0x20, 3, 0, 0x86, 0]);
    });
    const login = { username: 'house', password: new Secret('not-to-be-seen') };
    const { send, context } = await open(broker.port, login, { clock: time.clock, random: time.random });
    await passing(time, () => askedAtMs.length >= 9, 100);
    const outcome = await send('a');
    expect(outcome).toMatchObject({ kind: 'unavailable', code: '134' });
    expect(JSON.stringify([outcome, context.lines])).not.toContain('not-to-be-seen');
    expect(context.lines.filter(({ event }) => event === 'mqtt.lost')).toHaveLength(1);
    const pauses = askedAtMs.slice(1).map((atMs, index) => atMs - (askedAtMs[index] ?? 0));
    expect(pauses[0]).toBeLessThan(1_000);
    expect(pauses[7]).toBeGreaterThan(5_000);
    expect(Math.max(...pauses)).toBeLessThan(17_000);
  });
});

describe('a broker that hangs up', () => {
  it('charges the messages that were written, not those that waited, and then begins with one at a time', async () => {
    let poisonous = true;
    const broker = await scripted((packet, reply, socket) => {
      if (packet.type === 1) reply([0x20, 6, 0, 0, 3, 0x21, 0, 3]);
      else if (packet.topic === 'poison' && poisonous) {
        reply([0xe0, 2, 0x90, 0]);
        socket.end();
      } else if (!poisonous) accept(packet, reply, socket);
    });
    const { send, up } = await open(broker.port);
    await up();
    const first = await Promise.all(['good/1', 'poison', 'good/2', 'good/3', 'good/4'].map((topic) => send(topic)));
    expect(first.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'retry', 'unavailable', 'unavailable']);
    expect(first[1]).toMatchObject({ code: '144' });
    await up(2);
    const before = broker.published().length;
    const second = await Promise.all(['poison', 'good/1', 'good/2'].map((topic) => send(topic)));
    expect(second.map(({ kind }) => kind)).toEqual(['retry', 'unavailable', 'unavailable']);
    expect(broker.published().slice(before)).toEqual(['poison']);
    poisonous = false;
    await up(3);
    const third = await Promise.all(['good/1', 'good/2', 'good/3', 'good/4'].map((topic) => send(topic)));
    expect(third.every(({ kind }) => kind === 'delivered')).toBe(true);
    expect(broker.published().slice(before + 1)).toEqual(['good/1', 'good/2', 'good/3', 'good/4']);
  });

  it('gets nothing afterwards of what was asked for while it was away', async () => {
    const time = createVirtualTime();
    let away = false;
    const broker = await scripted((packet, reply, socket) => (away ? socket.destroy() : accept(packet, reply, socket)));
    const { send, up } = await open(broker.port, {}, { clock: time.clock, random: time.random });
    await up();
    expect(await send('before')).toEqual({ kind: 'delivered' });
    away = true;
    expect(await send('lost')).toMatchObject({ kind: 'retry' });
    for (const topic of ['a', 'b', 'c'])
      expect(await send(topic, { qos: topic === 'b' ? 0 : 1 })).toMatchObject({ kind: 'unavailable' });
    away = false;
    let back = false;
    void up(2).then(() => {
      back = true;
    });
    await passing(time, () => back);
    await time.advance(60_000);
    expect(broker.published()).toEqual(['before', 'lost']);
  });

  it.each([
    ['a packet without measure', [0x30, 0xff, 0xff, 0xff, 0x7f], 'packet-size'],
    ['a packet of 65,537 bytes', [0x30, 0x81, 0x80, 0x04], 'packet-size'],
    ['a length that is none', [0x40, 0xff, 0xff, 0xff, 0xff, 0x01], 'error'],
    ['bytes that are no packet', [0x46, 0x02, 0x00, 0x01], 'error'],
    ['a second CONNACK', CONNACK_5, '130'],
  ])('is hung up on when it sends %s', async (_name, bytes, code) => {
    let honest = false;
    const broker = await scripted((packet, reply, socket) => {
      if (packet.type === 1 || honest) accept(packet, reply, socket);
      else reply(bytes);
    });
    const { send, up } = await open(broker.port);
    await up();
    expect(await send('a')).toMatchObject({ kind: 'retry', code });
    honest = true;
    await up(2);
    expect(await send('a')).toEqual({ kind: 'delivered' });
  });
});
