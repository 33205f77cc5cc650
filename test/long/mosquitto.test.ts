// A real broker that dies (E9): mosquitto is killed and started again under load; nothing is lost, nothing overtakes.
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { itWithMosquitto, startMosquitto } from '../support/mosquitto.ts';
import { logLines, type Received, receivedBy } from './broker-log.ts';
import { createDaemon, TOKEN } from './daemon.ts';
import { startClients } from './phones.ts';
import { seeded, setting, until } from './waiting.ts';

const KILLS = setting('HOOKSWITCH_BROKER_KILLS', 10);
const CATCH_UP_MS_MAX = 30_000;

/** `hook/<mac>/<phone>-<number>` → phone and number. */
function hitOf({ topic }: Received): { phone: number; number: number; name: string } {
  const name = topic.split('/').at(-1) ?? '';
  const [phone = '', number = ''] = name.split('-');
  return { phone: Number(phone), number: Number(number), name };
}

/** Numbers that came after a higher one of the same phone. */
function overtaken(received: readonly Received[]): string[] {
  const highest = new Map<number, number>();
  return received.flatMap((message) => {
    const { phone, number, name } = hitOf(message);
    const late = number < (highest.get(phone) ?? 0);
    highest.set(phone, Math.max(number, highest.get(phone) ?? 0));
    return late ? [name] : [];
  });
}

/** Names that one life of the broker received twice: no kill explains that. */
function unexplainedCopies(received: readonly Received[]): string[] {
  const seen = new Set<string>();
  return received.flatMap((message) => {
    const key = `${message.life} ${message.topic}`;
    if (seen.has(key)) return [key];
    seen.add(key);
    return [];
  });
}

itWithMosquitto(
  `${KILLS} kills: every acknowledged hit arrives, in order per phone, once`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hookswitch-broker-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const log = join(folder, 'log');
    const broker = await startMosquitto({ lines: logLines(log) });
    onTestFinished(() => broker.stop());
    const received = (): Received[] => receivedBy(readFileSync(log, 'latin1'));
    const seed = setting('HOOKSWITCH_SEED', randomInt(1, 2 ** 31));
    console.log(`HOOKSWITCH_SEED=${seed}`);
    const random = seeded(seed);
    const daemon = await createDaemon({
      connections: { house: { type: 'mqtt', broker: `mqtt://127.0.0.1:${broker.port}` } },
      rules: [
        {
          id: 'tell',
          on: 'phone.*',
          do: [{ mqtt: { to: 'house', topic: 'hook/{{ phone.id }}/{{ remote.name }}', payload: 'x', qos: 1 } }],
        },
      ],
    });
    onTestFinished(() => daemon.remove());
    await daemon.start();

    const clients = startClients({ port: daemon.port, token: TOKEN, clients: 8, phones: 5, pauseMs: 40 });
    const arrived = (): Set<string> => new Set(received().flatMap((m) => (m.acknowledged ? [hitOf(m).name] : [])));
    for (let n = 0; n < KILLS; n++) {
      await sleep(300 + random() * 700);
      await broker.kill();
      await sleep(random() * 1_000);
      const before = arrived().size;
      await broker.start();
      await until(() => arrived().size > before, CATCH_UP_MS_MAX, 'something arrives after the broker is back');
    }
    await sleep(1_000);
    await clients.stop();
    const missing = (): string[] => {
      const there = arrived();
      return clients.acknowledged.map(({ name }) => name).filter((name) => !there.has(name));
    };
    await until(
      () => missing().length === 0,
      CATCH_UP_MS_MAX,
      () => `${missing().length} more hits arrive`,
      250,
    );

    expect([...clients.statuses.keys()]).toEqual(['200']);
    expect(clients.acknowledged.length).toBeGreaterThan(KILLS * 20);
    const all = received();
    expect(overtaken(all)).toEqual([]);
    expect(unexplainedCopies(all)).toEqual([]);
    const copies = all.length - new Set(all.map(({ topic }) => topic)).size;
    console.log(`${clients.acknowledged.length} hits, ${KILLS} kills, ${copies} copies by kills in flight`);
  },
  600_000,
);

test('the checks notice what they are for', () => {
  const got = (life: number, name: string): Received => ({
    topic: `hook/x/${name}`,
    life,
    acknowledged: true,
  });
  expect(overtaken([got(1, '7-1'), got(1, '8-1'), got(1, '7-2')])).toEqual([]);
  expect(overtaken([got(1, '7-2'), got(2, '7-1')])).toEqual(['7-1']);
  expect(unexplainedCopies([got(1, '7-1'), got(2, '7-1')])).toEqual([]);
  expect(unexplainedCopies([got(1, '7-1'), got(1, '7-1')])).toHaveLength(1);
});

test('the log is read as mosquitto writes it', () => {
  const publish = (id: number, topic: string): string =>
    `1795506443: Received PUBLISH from auto-AA47 (d0, q1, r0, m${id}, '${topic}', ... (1 bytes))`;
  const starts = '1795506443: mosquitto version 2.0.11 starting';
  const acknowledges = '1795506443: Sending PUBACK to auto-AA47 (m1, rc16)';
  expect(receivedBy([starts, publish(1, 'a'), publish(2, 'b'), acknowledges, starts, acknowledges].join('\n'))).toEqual(
    [
      { topic: 'a', life: 1, acknowledged: true },
      { topic: 'b', life: 1, acknowledged: false },
    ],
  );
});
