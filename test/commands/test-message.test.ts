// `test`: one message over a connection, and in words what became of it.
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import { command, startDaemon, TOKEN_SHA256 } from '../running-daemon.ts';
import { freePort } from '../support/free-port.ts';
import { answer, type HttpScript, startHttpServer } from '../support/http-server.ts';
import { delivery, phoneEvent, record } from '../support/journal.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { commandWorld, testDaemon } from './world.ts';

/** A daemon that makes such a delivery of every test. */
async function deciding(made: Partial<Delivery>) {
  const world = commandWorld();
  world.folder.write('data/keep', '');
  const daemon = await testDaemon(world);
  daemon.test = async (to) => {
    const one = delivery(phoneEvent(1), { id: 'note/(test)/0', rule: '(test)', to, ...made });
    await record(daemon.store, [phoneEvent(1)], [one]);
    return one.id;
  };
  return world;
}

describe('what became of it', () => {
  test.each<[string, string, Partial<Delivery>, number, string]>([
    [
      'it arrived',
      'team',
      { state: 'delivered', attempts: 1, lastCode: '200' },
      0,
      'team (slack): the test message arrived (200)\n',
    ],
    [
      'a dry run',
      'quiet',
      { state: 'delivered', attempts: 1, lastCode: 'dry-run' },
      0,
      'quiet (mqtt): nothing was sent, because dryRun is on for this connection\n',
    ],
    [
      'it is dead',
      'team',
      { state: 'dead', attempts: 1, lastCode: 'channel_not_found', lastError: 'there is no such channel' },
      1,
      'team (slack): it cannot be sent; channel_not_found there is no such channel\nput right what is wrong, in the config or on the other side, then test again\n',
    ],
    [
      'it expired',
      'team',
      { state: 'expired', attempts: 3, lastError: 'no answer' },
      1,
      'team (slack): it could not be sent in time; no answer\n',
    ],
  ])('%s', async (_what, to, made, code, text) => {
    const ran = await (await deciding(made)).run('test', to);
    expect([ran.code, code === 0 ? ran.out : ran.err]).toEqual([code, text]);
    expect(code === 0 ? ran.err : ran.out).toBe('');
  });

  test('it still waits when the person has had enough: its last error, and what happens next', async () => {
    const world = await deciding({ expiresAtMs: Date.UTC(2026, 10, 27, 9) });
    world.stop.abort();
    const { code, err } = await world.run('test', 'team');
    expect(code).toBe(1);
    expect(err).toBe(
      'team (slack): not sent yet; no attempt has ended so far\nit is tried again by itself until 2026-11-27T09:00:00.000Z; look again: hookswitch deliveries --id note/(test)/0\n',
    );
  });

  test('the daemon has not even made it', async () => {
    const world = commandWorld();
    world.folder.write('data/keep', '');
    await testDaemon(world);
    world.stop.abort();
    const { code, err } = await world.run('test', 'team');
    expect([code, err]).toEqual([
      1,
      'team (slack): the daemon has not come to it yet; look again: hookswitch deliveries --id nothing\n',
    ]);
  });

  test('--json: what was asked, and the delivery', async () => {
    const { code, out } = await (await deciding({ state: 'delivered', attempts: 1 })).run('test', 'team', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      to: 'team',
      type: 'slack',
      dryRun: false,
      delivery: 'note/(test)/0',
      outcome: { state: 'delivered' },
    });
  });

  test('a name that no connection has', async () => {
    const { code, err } = await (await deciding({})).run('test', 'taem');
    expect([code, err]).toEqual([1, 'the config has no connection "taem"; did you mean "team"?\n']);
  });

  test('without a daemon there is nobody to send it', async () => {
    const world = commandWorld();
    world.folder.write('data/keep', '');
    const { code, err } = await world.run('test', 'team');
    expect(code).toBe(69);
    expect(err).toMatch(/^no daemon is running for .*; start one: hookswitch serve\n$/);
  });
});

describe('with a daemon and an endpoint', () => {
  async function place(script: HttpScript) {
    const folder = tempFolder();
    const crm = await startHttpServer(script);
    const webhook = { type: 'webhook', url: `${crm.url}/calls`, allowPrivate: ['127.0.0.0/8'] };
    folder.write('config.json', {
      receiver: { host: '127.0.0.1', port: await freePort() },
      sites: { default: { token: { sha256: TOKEN_SHA256 } } },
      connections: { crm: webhook, dry: { ...webhook, dryRun: true } },
    });
    folder.write('rules/rules.json', { rules: [{ id: 'all', on: '*', do: [{ webhook: { to: 'crm', body: {} } }] }] });
    const daemon = await startDaemon(folder);
    onTestFinished(async () => {
      await daemon.stop();
      await crm.stop();
    });
    return { folder, crm };
  }

  test('it goes out once, marked as a test; no rule meets it, and a dry run sends nothing', async () => {
    const { folder, crm } = await place(answer(204));
    expect(await command(folder, 'test', 'crm')).toMatchObject({
      code: 0,
      out: 'crm (webhook): the test message arrived (204)\n',
    });
    expect((await command(folder, 'test', 'dry')).out).toMatch(/nothing was sent, because dryRun is on/);
    expect(crm.requests.map(({ body }) => JSON.parse(body.toString()))).toMatchObject([
      { type: 'hookswitch.test', test: true },
    ]);
    const rows = (await command(folder, 'deliveries', '--json')).out
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row) as Delivery);
    expect(rows.map(({ to, rule, order, state }) => [to, rule, order, state]).sort()).toEqual([
      ['crm', '(test)', 'crm|test', 'delivered'],
      ['dry', '(test)', 'dry|test', 'delivered'],
    ]);
  });

  test('an endpoint that refuses it for good: said with its status', async () => {
    const { folder } = await place(answer(400));
    const { code, err } = await command(folder, 'test', 'crm');
    expect(code).toBe(1);
    expect(err).toMatch(/^crm \(webhook\): it cannot be sent; 400/);
  });
});
