// kill -9 (D1): the daemon dies without warning under load, again and again; what it had acknowledged arrives all the same.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { answer, type HttpRequest, startHttpServer } from '../support/http-server.ts';
import { startTestBroker } from '../support/mqtt-broker.ts';
import { createDaemon, type Daemon, TOKEN } from './daemon.ts';
import { type Acknowledged, startClients } from './phones.ts';
import { seeded, setting, until } from './waiting.ts';

const CYCLES = setting('HOOKSWITCH_KILLS', 30);
const BOOT_MS_MAX = 2_000;
const CLIENTS = 8;
const PHONES = 50;
const WARM = 40;

/** One life of the daemon: it starts, serves for a moment, dies. Returns what it acknowledged, and how long its start took. */
async function liveAndDie(daemon: Daemon, cycle: number, lifeMs: number) {
  const bootMs = await daemon.start();
  // Phones of their own in each life, so that no rate limit takes part and every name is new.
  const firstPhone = cycle * CLIENTS * PHONES;
  const clients = startClients({ port: daemon.port, token: TOKEN, clients: CLIENTS, phones: PHONES, firstPhone });
  // Every other life dies while it is still cold; for the others the moment counts from when hits come thick and fast.
  if (cycle % 2 === 1) await until(() => clients.acknowledged.length >= WARM, 10_000, 'the daemon is warm', 1);
  await sleep(lifeMs);
  await daemon.kill();
  await clients.stop();
  const refused = [...clients.statuses.keys()].filter((status) => status !== '200' && status !== 'undefined');
  return { bootMs, acknowledged: clients.acknowledged, refused };
}

/** Ids that went out for each hit: a repeat carries the id of the first. */
function idsByName(requests: readonly HttpRequest[]): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const { headers, body } of requests) {
    const { name } = JSON.parse(body.toString()) as { name: string };
    ids.set(name, (ids.get(name) ?? new Set()).add(headers['webhook-id'] ?? ''));
  }
  return ids;
}

/** Names of the hits in the journal, by the program's own word. */
async function journal(daemon: Daemon): Promise<Set<string>> {
  const text = await daemon.command('events', '--json', '--limit', '1000000');
  return new Set([...text.matchAll(/"display_remote":\s*"([^"]*)"/g)].map(([, name]) => name ?? ''));
}

test(`${CYCLES} kills under load: every acknowledged hit is in the journal and arrives everywhere`, async () => {
  const seed = setting('HOOKSWITCH_SEED', randomInt(1, 2 ** 31));
  console.log(`HOOKSWITCH_SEED=${seed}`);
  const random = seeded(seed);
  const [web, broker] = await Promise.all([startHttpServer(answer(204)), startTestBroker()]);
  onTestFinished(() => web.stop());
  onTestFinished(() => broker.stop());
  const daemon = await createDaemon({
    connections: {
      crm: { type: 'webhook', url: `${web.url}/hook`, allowPrivate: ['127.0.0.0/8'] },
      house: { type: 'mqtt', broker: `mqtt://127.0.0.1:${broker.port}` },
    },
    rules: [
      {
        id: 'tell',
        on: 'phone.*',
        do: [
          { webhook: { to: 'crm', body: { name: '{{ remote.name }}' } } },
          { mqtt: { to: 'house', topic: 'hook/{{ phone.id }}', payload: '{{ remote.name }}', qos: 1 } },
        ],
      },
    ],
  });
  onTestFinished(() => daemon.remove());

  const acknowledged: Acknowledged[] = [];
  const bootsMs: number[] = [];
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const life = await liveAndDie(daemon, cycle, random() * 60);
    expect(life.refused).toEqual([]);
    bootsMs.push(life.bootMs);
    acknowledged.push(...life.acknowledged);
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(Math.floor(CYCLES / 2) * WARM);
  expect(daemon.integrity()).toBe('ok');

  bootsMs.push(await daemon.start());
  const missing = (): string[] => {
    const [byWeb, byBroker] = [idsByName(web.requests), new Set(broker.received.map(({ payload }) => payload))];
    return acknowledged.flatMap(({ name }) => (byWeb.has(name) && byBroker.has(name) ? [] : [name]));
  };
  await until(
    () => missing().length === 0,
    120_000,
    () => `${missing().length} of ${acknowledged.length} arrive`,
    500,
  );
  const inJournal = await journal(daemon);
  expect(acknowledged.flatMap(({ name }) => (inJournal.has(name) ? [] : [name])).slice(0, 10)).toEqual([]);
  expect(await daemon.stop()).toBe(0);
  expect(daemon.integrity()).toBe('ok');

  const ids = idsByName(web.requests);
  expect([...ids].filter(([, own]) => own.size !== 1 || own.has(''))).toEqual([]);
  const copies = web.requests.length - ids.size;
  console.log(
    `${acknowledged.length} acknowledged in ${CYCLES} lives, ${copies} copies, slowest start ${Math.max(...bootsMs)} ms`,
  );
  expect(Math.max(...bootsMs)).toBeLessThan(BOOT_MS_MAX);
});
