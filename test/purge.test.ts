// The purge of a number, whole: hits in every spelling, rules that remember, messages that wait; then no file holds a trace of it.
import { existsSync, readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { askControl } from '../src/control-socket.ts';
import { command, startDaemon, TOKEN, TOKEN_SHA256 } from './running-daemon.ts';
import { eventually } from './support/destination-contract.ts';
import { freePort } from './support/free-port.ts';
import { answer, startHttpServer } from './support/http-server.ts';
import { sendRaw } from './support/raw-http.ts';
import { type TempFolder, tempFolder } from './support/temp-folder.ts';

const NUMBERS = 100;
const BY = { by: ['remote.number'] };

/** Everything that remembers: waits, counts, limits, what came before, and messages that cannot be sent yet. */
const RULES = {
  rules: [
    {
      id: 'wait',
      on: 'call.missed',
      wait: { for: '1h', ...BY },
      do: [{ webhook: { to: 'crm', body: { who: '{{ remote.number }}' } } }],
    },
    { id: 'count', on: 'phone.missed_call', count: { min: 9, within: '1h', ...BY }, do: [{ log: { text: 'often' } }] },
    {
      id: 'limit',
      on: 'phone.missed_call',
      limit: { per: '1h', ...BY },
      do: [{ webhook: { to: 'crm', body: { called: '{{ remote.name }} {{ remote.number }} {{ vars.remote }}' } } }],
    },
    { id: 'emit', on: 'phone.incoming_call', do: [{ emit: { event: 'custom.rings' } }] },
    {
      id: 'custom',
      on: 'custom.rings',
      do: [{ webhook: { to: 'down', body: { text: 'Call of {{ remote.number }}' } } }],
    },
  ],
};

type Number = { e164: string; national: string };
const numberOf = (n: number): Number => {
  const national = `30${23_000_000 + n * 7_919}`;
  return { e164: `+49${national}`, national: `0${national}` };
};

/** As phones and telephone systems write it. */
function spellings({ e164, national }: Number): string[] {
  const digits = e164.slice(1);
  return [
    e164,
    national,
    `00${digits}`,
    encodeURIComponent(`sip:${e164}@pbx.example`),
    `+49 (0)${national.slice(1, 3)} ${national.slice(3, 6)}-${national.slice(6)}`,
    `%2B${digits}`,
  ];
}

/** Looked for without the search that removes them. */
function tracesIn(folder: TempFolder, { e164, national }: Number): string[] {
  const significant = national.slice(1);
  const looked: [string, Buffer][] = [['digits', Buffer.from(significant)]];
  for (const text of [e164, national, encodeURIComponent(e164)])
    for (const shift of ['', ' ', '  ']) {
      const whole = Buffer.from(shift + text).toString('base64');
      looked.push([`base64 of ${shift}${text}`, Buffer.from(whole.slice(4, -4))]);
    }
  const spaced = new RegExp(`${significant.slice(0, 2)} ${significant.slice(2, 5)}-${significant.slice(5)}`);
  const found: string[] = [];
  for (const name of ['hookswitch.db', 'hookswitch.db-wal', 'hookswitch.db-shm']) {
    const path = folder.at(`data/${name}`);
    if (!existsSync(path)) continue;
    const bytes = readFileSync(path);
    for (const [what, piece] of looked) if (bytes.includes(piece)) found.push(`${name}: ${what}`);
    if (spaced.test(bytes.toString('latin1'))) found.push(`${name}: with separators`);
  }
  return found;
}

async function world() {
  const folder = tempFolder();
  const [port, consolePort] = [await freePort(), await freePort()];
  // One endpoint that never takes anything, so that messages wait, and one that takes all.
  const crm = await startHttpServer(answer(204));
  const down = await startHttpServer(answer(503));
  folder.write('config.json', {
    receiver: { host: '127.0.0.1', port, limits: { hitsPerSecondMax: 1_000 } },
    console: { port: consolePort },
    sites: { default: { country: 'DE', token: { sha256: TOKEN_SHA256 } } },
    connections: {
      crm: { type: 'webhook', url: `${crm.url}/`, allowPrivate: ['127.0.0.0/8'] },
      down: { type: 'webhook', url: `${down.url}/`, allowPrivate: ['127.0.0.0/8'] },
    },
    phones: [0, 1, 2].map((n) => ({ id: `desk-${n}`, mac: `00505800000${n}` })),
  });
  folder.write('rules/rules.json', RULES);
  const call = async (slug: string, phone: number, remote: string, name: string): Promise<void> => {
    const { status } = await sendRaw(
      port,
      `GET /a/${TOKEN}/${slug}?mac=00505800000${phone}&call_id=7&remote=${remote}&display_remote=${name}&_=. HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    expect(status).toBe(200);
  };
  return { folder, port, call };
}

test('nothing is left of 100 numbers in any encoding, and everything of the others', { timeout: 240_000 }, async () => {
  const { folder, call } = await world();
  const daemon = await startDaemon(folder);
  onTestFinished(async () => void (await daemon.stop()));
  const others = Array.from({ length: 20 }, (_, n) => numberOf(NUMBERS + n));
  const wanted = Array.from({ length: NUMBERS }, (_, n) => numberOf(n));
  for (const [n, number] of [...wanted, ...others].entries()) {
    const spelt = spellings(number);
    for (const [i, remote] of spelt.entries())
      await call(i % 2 === 0 ? 'incoming_call' : 'missed_call', n % 3, remote, `Caller ${n}`);
    await call('missed_call', n % 3, spelt[n % spelt.length] as string, `Caller ${number.e164}`);
  }
  await eventually(
    async () => (await command(folder, 'events', '--json')).out.includes('call.missed'),
    'calls to end',
    30_000,
  );
  for (const number of [...wanted, ...others]) expect([number, tracesIn(folder, number)]).not.toEqual([number, []]);

  const [first] = wanted as [Number];
  const shown = await command(folder, 'export', '--number', first.national);
  expect(shown.code).toBe(0);
  const found = JSON.parse(shown.out);
  expect(found).toMatchObject({ number: first.e164 });
  expect(found.events.length).toBeGreaterThanOrEqual(8);
  expect(found.calls.length).toBeGreaterThanOrEqual(1);
  expect(found.deliveries.map(({ to }: { to: string }) => to)).toContain('down');
  expect(found.state.map(({ kind }: { kind: string }) => kind)).toEqual(
    expect.arrayContaining(['rule-limit', 'rule-count']),
  );

  const told = await command(folder, 'purge', '--number', first.national);
  expect([told.code, told.err]).toEqual([0, '']);
  expect(told.out).toContain('cannot be recalled');
  let rewritten = 0;
  for (const number of wanted.slice(1)) {
    const done = await askControl(folder.at('data'), 'POST', '/purge', { number: number.e164 });
    expect(done).toMatchObject({ status: 200, body: { remains: false } });
    if ((done as { body: { rewritten: boolean } }).body.rewritten) rewritten += 1;
  }
  const traces = wanted.flatMap((number) => tracesIn(folder, number));
  console.log(
    `purge: ${NUMBERS} numbers, ${traces.length} traces left; the database was written anew ${rewritten} times`,
  );
  expect(traces).toEqual([]);
  for (const number of others) expect([number, tracesIn(folder, number)]).not.toEqual([number, []]);

  // Memory forgot as well: what the daemon writes from now on holds nothing of them.
  for (const phone of [0, 1, 2]) await call('busy_to_idle', phone, '', '');
  await eventually(
    async () => (await command(folder, 'events', '--json', '--type', 'phone.busy_to_idle')).out.split('\n').length > 3,
    'the last hits',
    10_000,
  );
  expect(await daemon.stop()).toBe(0);
  expect(wanted.flatMap((number) => tracesIn(folder, number))).toEqual([]);
  for (const number of wanted) expect(daemon.out() + daemon.err()).not.toContain(number.national.slice(1));
});

test('without a daemon the same is done to the store, and phones keep what else is known of them', {
  timeout: 60_000,
}, async () => {
  const { folder, call } = await world();
  const daemon = await startDaemon(folder);
  await call('dnd_on', 1, '', '');
  const [number, other] = [numberOf(1), numberOf(2)];
  await call('missed_call', 1, number.national, 'Erika');
  await call('missed_call', 2, other.national, 'Fritz');
  await eventually(
    async () => (await command(folder, 'events', '--json')).out.includes('call.missed'),
    'calls to end',
    30_000,
  );
  expect(await daemon.stop()).toBe(0);
  const done = await command(folder, 'purge', '--number', number.e164);
  expect([done.code, done.err]).toEqual([0, '']);
  expect(done.out).toContain('cannot be recalled');
  expect(tracesIn(folder, number)).toEqual([]);
  expect(tracesIn(folder, other)).not.toEqual([]);
  const database = readFileSync(folder.at('data/hookswitch.db')).toString('latin1');
  expect(database).toContain('"dnd":true');
  expect(database).not.toContain('Erika');
});

test('what is no number is refused, and nothing happens', async () => {
  const { folder } = await world();
  const refused = await command(folder, 'purge', '--number', '201');
  expect(refused.code).not.toBe(0);
  const again = await startDaemon(folder);
  onTestFinished(async () => void (await again.stop()));
  const answered = await command(folder, 'purge', '--number', 'Erika');
  expect(answered.err).toContain('with its country');
});
