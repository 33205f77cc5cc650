// kill -9 in the middle of waits: every wait ends once, told or reported as dropped, however often the daemon dies meanwhile.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { answer, type HttpRequest, startHttpServer } from '../support/http-server.ts';
import { createDaemon, TOKEN } from './daemon.ts';
import { type Acknowledged, startClients } from './phones.ts';
import { seeded, setting, until } from './waiting.ts';

const CYCLES = setting('HOOKSWITCH_KILLS', 12);
const CLIENTS = 4;
const PHONES = 40;

const nameIn = ({ body }: HttpRequest): string => (JSON.parse(body.toString()) as { name: string }).name;

test(`${CYCLES} kills while events wait: each wait is told once`, async () => {
  const seed = setting('HOOKSWITCH_SEED', randomInt(1, 2 ** 31));
  console.log(`HOOKSWITCH_SEED=${seed}`);
  const random = seeded(seed);
  const web = await startHttpServer(answer(204));
  onTestFinished(() => web.stop());
  const daemon = await createDaemon({
    connections: { crm: { type: 'webhook', url: `${web.url}/hook`, allowPrivate: ['127.0.0.0/8'] } },
    rules: [
      {
        id: 'later',
        on: 'phone.*',
        wait: { for: '1s', by: ['remote.name'] },
        do: [{ webhook: { to: 'crm', body: { name: '{{ remote.name }}', late: '{{ late }}' } } }],
      },
    ],
  });
  onTestFinished(() => daemon.remove());
  const acknowledged: Acknowledged[] = [];
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    await daemon.start();
    const clients = startClients({
      port: daemon.port,
      token: TOKEN,
      clients: CLIENTS,
      phones: PHONES,
      firstPhone: cycle * CLIENTS * PHONES,
      // So that fewer than ten thousand wait at once: beyond that the oldest makes room, and says so.
      pauseMs: 5,
    });
    await until(() => clients.acknowledged.length > 0, 10_000, 'the first hit', 1);
    // Some waits end in this life, some in a later one.
    await sleep(random() * 1_500);
    await daemon.kill();
    await clients.stop();
    acknowledged.push(...clients.acknowledged);
  }
  await daemon.start();
  const names = acknowledged.map(({ name }) => name);
  const told = (): Set<string> => new Set(web.requests.map(nameIn));
  await until(
    () => names.every((name) => told().has(name)),
    120_000,
    () => `${names.length} waits, of which ${told().size} are told`,
    500,
  );
  expect(await daemon.stop()).toBe(0);
  const ids = new Map<string, Set<string>>();
  for (const request of web.requests) {
    const name = nameIn(request);
    ids.set(name, (ids.get(name) ?? new Set()).add(request.headers['webhook-id'] ?? ''));
  }
  const twice = [...ids].filter(([, of]) => of.size !== 1);
  console.log(`${names.length} waits, ${CYCLES} kills, ${web.requests.length - ids.size} copies with the same id`);
  expect(names.length).toBeGreaterThan(CYCLES);
  expect(twice).toEqual([]);
});
