// Outages under load: whatever is cut or killed, order holds, nothing is lost, and a message in flight makes one extra copy at most.
// HOOKSWITCH_MQTT_OUTAGES says how many outages (3).
import { afterEach, expect } from 'vitest';
import { eventually } from '../support/destination-contract.ts';
import { itWithMosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type Arrival, observe } from '../support/mqtt-broker.ts';
import { type OpenMqtt, openMqtt } from '../support/mqtt-connection.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const OUTAGES = Number(process.env.HOOKSWITCH_MQTT_OUTAGES ?? 3);
const LANES = 40;
const PER_LANE = 100 * OUTAGES;
const TIMEOUT_MS = 20_000 + OUTAGES * 10_000;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Load = {
  delivered: number;
  /** By topic/number: attempts that were written and whose end nobody knows. */
  unsure: Map<string, number>;
  unavailable: number;
  done: Promise<unknown>;
};

/** Sends as the outbox does: one message in flight per lane, the same one again until it is delivered. */
function startLoad({ send }: OpenMqtt): Load {
  const load: Load = { delivered: 0, unsure: new Map(), unavailable: 0, done: Promise.resolve() };
  const lane = async (name: number): Promise<void> => {
    for (let number = 0; number < PER_LANE; ) {
      const { kind } = await send(`lane/${name}`, { payload: String(number) });
      if (kind === 'delivered') {
        number += 1;
        load.delivered += 1;
        await new Promise((resolve) => setTimeout(resolve, 2));
        continue;
      }
      expect(['retry', 'unavailable']).toContain(kind);
      const key = `lane/${name} ${number}`;
      if (kind === 'retry') load.unsure.set(key, (load.unsure.get(key) ?? 0) + 1);
      else load.unavailable += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  load.done = Promise.all(Array.from({ length: LANES }, (_, name) => lane(name)));
  return load;
}

/** Copies per message; throws where one came too often or after a later one of its lane. */
function examine(arrivals: Arrival[], load: Load): { distinct: number; extra: number } {
  const copies = new Map<string, number>();
  const last = new Map<string, number>();
  for (const { topic, payload } of arrivals) {
    const number = Number(payload);
    expect(number, `${topic} goes on in order`).toBeGreaterThanOrEqual(last.get(topic) ?? 0);
    last.set(topic, number);
    const key = `${topic} ${payload}`;
    copies.set(key, (copies.get(key) ?? 0) + 1);
  }
  for (const [key, count] of copies)
    expect(count, `copies of ${key}`).toBeLessThanOrEqual(1 + (load.unsure.get(key) ?? 0));
  return { distinct: copies.size, extra: arrivals.length - copies.size };
}

/** Runs `outage` at even shares of the load, then waits for its end. */
async function withOutages(load: Load, outage: () => Promise<void> | void): Promise<void> {
  for (let count = 1; count <= OUTAGES; count++) {
    const share = (count / (OUTAGES + 1)) * LANES * PER_LANE;
    await eventually(() => load.delivered >= share, `${share} delivered`, TIMEOUT_MS);
    await outage();
  }
  await load.done;
}

itWithMosquitto(
  'a network that is cut under load loses nothing, changes no order, and copies only what was in flight',
  async () => {
    const broker = await startMosquitto({ lines: ['max_queued_messages 0'] });
    cleanups.push(broker.stop);
    const proxy = await startTcpProxy(broker.port);
    cleanups.push(proxy.stop);
    const observer = await observe(broker.port);
    cleanups.push(observer.stop);
    const opened = await openMqtt(proxy.port);
    cleanups.push(() => opened.connection.close());
    await opened.up();
    const load = startLoad(opened);
    await withOutages(load, proxy.cut);
    const all = LANES * PER_LANE;
    await eventually(
      () => new Set(observer.arrivals.map(({ topic, payload }) => `${topic} ${payload}`)).size === all,
      'all',
    );
    const { distinct, extra } = examine(observer.arrivals, load);
    expect(distinct).toBe(all);
    const inFlight = [...load.unsure.values()].reduce((sum, count) => sum + count, 0);
    expect(extra).toBeLessThanOrEqual(inFlight);
    expect(inFlight).toBeLessThanOrEqual(OUTAGES * LANES);
    expect(inFlight, 'the cuts met messages in flight').toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

itWithMosquitto(
  'a broker that is killed and started again under load gets every message, in order, and no copy without a cause',
  async () => {
    const broker = await startMosquitto({ lines: ['max_queued_messages 0'] });
    cleanups.push(broker.stop);
    const observer = await observe(broker.port);
    cleanups.push(observer.stop);
    const opened = await openMqtt(broker.port);
    cleanups.push(() => opened.connection.close());
    await opened.up();
    const load = startLoad(opened);
    await withOutages(load, async () => {
      load.unavailable = 0;
      await broker.kill();
      await eventually(() => load.unavailable > 0, 'the outage is noticed');
      expect(await opened.send('lane/during', { payload: '0' })).toMatchObject({ kind: 'unavailable' });
      await broker.start();
      await eventually(() => observer.connected(), 'the observer is back');
    });
    expect(load.delivered).toBe(LANES * PER_LANE);
    // What the broker had taken and not yet passed on died with it, so the observer cannot have seen everything.
    const { distinct } = examine(observer.arrivals, load);
    expect(distinct).toBeGreaterThan((LANES * PER_LANE) / 2);
    expect(observer.arrivals.some(({ topic }) => topic === 'lane/during')).toBe(false);
  },
  TIMEOUT_MS,
);
