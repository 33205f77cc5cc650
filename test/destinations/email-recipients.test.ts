// Email: who gets a mail: lists by name, several recipients with several answers, greylisting, and connections that are kept.
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/core/delivery.ts';
import { Secret } from '../../src/core/secret.ts';
import { open } from '../../src/destinations/email/client.ts';
import { email } from '../../src/destinations/email/index.ts';
import type { EmailSettings } from '../../src/destinations/email/settings.ts';
import { eventually, testContext } from '../support/destination-contract.ts';
import { readMail } from '../support/mail-reader.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { cleanups, connect, openTo, post, RECIPIENTS, settingsFor } from './email-desk.ts';

const [ONE = '', TWO = ''] = RECIPIENTS;
const LISTS = { day: ['day@example.net', ONE], night: [{ name: 'Night', address: 'night@example.net' }] };
const told = (found: { path: (string | number)[]; message: string; hint?: string }[] | undefined): string[] =>
  (found ?? []).map(({ path, message, hint }) => `${path.join('.')}: ${message}; ${hint}`);

describe('lists of recipients', () => {
  const lint = (recipients: unknown, setting: unknown = LISTS): string[] =>
    told(
      email.lint?.(
        { subject: 's', text: 't', ...(recipients === undefined ? {} : { recipients }) } as never,
        settingsFor(25, { recipients: setting }),
      ),
    );

  it('get the mails that name them, in header and envelope', async () => {
    const { server, connection } = await connect({}, { recipients: LISTS });
    for (const recipients of ['day', 'night'])
      expect(await post(connection, { recipients })).toMatchObject({ kind: 'delivered' });
    expect(server.mails.map(({ to }) => to)).toEqual([['day@example.net', ONE], ['night@example.net']]);
    expect(server.mails.map(({ raw }) => readMail(raw).headers.to)).toEqual([
      `day@example.net, ${ONE}`,
      'Night <night@example.net>',
    ]);
  });

  it('named "default" get what names none', async () => {
    const { server, connection } = await connect({}, { recipients: { ...LISTS, default: [TWO] } });
    await post(connection);
    expect(server.mails.map(({ to }) => to)).toEqual([[TWO]]);
  });

  it.each(['gone', 'constructor', '__proto__', undefined, 7])('that are not there get nothing: %s', async (name) => {
    const { server, connection } = await connect({}, { recipients: LISTS });
    const outcome = await post(connection, name === undefined ? {} : { recipients: name });
    expect(outcome).toMatchObject({ kind: 'dead', error: expect.stringContaining('list') });
    expect(server.connections()).toBe(0);
  });

  it('are named right, or the author is told which there are', () => {
    expect(lint('day')).toEqual([]);
    expect(lint('dya')).toEqual(['recipients: the connection has no list "dya"; did you mean "day"?']);
    expect(lint(undefined)).toEqual([
      'recipients: is missing: the connection has several lists; name one of: day, night; or call one of them "default"',
    ]);
    expect(lint(undefined, { ...LISTS, default: [ONE] })).toEqual([]);
    expect(lint(undefined, [ONE])).toEqual([]);
    expect(lint('day', [ONE])[0]).toContain('names a list, but the connection has one without a name');
    expect(lint('toString')[0]).toContain('no list "toString"');
  });

  it('are what the schemas take, and nothing else is', () => {
    const taken = (recipients: unknown) => email.settings.safeParse(settingsFor(25, { recipients })).success;
    const chosen = (recipients: unknown) => email.message.safeParse({ subject: 's', text: 't', recipients }).success;
    expect([LISTS, { night: [ONE] }].map(taken)).toEqual([true, true]);
    expect([{}, { day: [] }, { 'a b': [ONE] }, { day: ['x'] }, Array(51).fill(ONE)].map(taken)).toEqual(
      Array(5).fill(false),
    );
    expect(['day', 'night_2'].map(chosen)).toEqual([true, true]);
    expect(['', [], 'a@example.net', { use: 'day' }, [ONE]].map(chosen)).toEqual(Array(5).fill(false));
  });

  it('have a test message: to the default list, or to the first', () => {
    const trial = (recipients: unknown) =>
      email.trial(email.settings.parse(settingsFor(25, { recipients })), '2026-11-24T09:00:00.000Z');
    expect(trial([ONE])).toMatchObject({ subject: 'Test message of Hookswitch' });
    expect(
      [trial([ONE]), trial(LISTS), trial({ ...LISTS, default: [ONE] })].map(({ recipients }) => recipients),
    ).toEqual([undefined, 'day', undefined]);
    for (const one of [trial([ONE]), trial(LISTS)]) expect(email.check?.(one)).toBeUndefined();
  });
});

describe('a server that says "later"', () => {
  const put = (code: number): [number, string] => [code, 'greylisted'];

  it('at first, for a minute: the mail is delivered once (greylisting)', async () => {
    const { server, connection } = await connect();
    server.refuse({ rcpt: { [ONE]: put(451), [TWO]: put(450) } });
    const outcomes: Outcome[] = [await post(connection)];
    server.refuse({});
    outcomes.push(await post(connection));
    expect(outcomes).toMatchObject([
      { kind: 'retry', code: '451' },
      { kind: 'delivered', code: '250' },
    ]);
    expect(server.mails.map(({ to }) => to)).toEqual([RECIPIENTS]);
  });

  it('for one of them: the next attempt is for that one alone, and everybody has the mail once', async () => {
    const { server, connection } = await connect(
      {},
      { recipients: [ONE, 'Anna@Example.NET', 'anna@example.net', TWO] },
    );
    server.refuse({ rcpt: { [TWO]: put(451) } });
    expect(await post(connection)).toMatchObject({
      kind: 'retry',
      code: '451',
      error: expect.stringContaining('1 of 3'),
    });
    server.refuse({});
    expect(await post(connection, {}, 'another/mail/0')).toMatchObject({ kind: 'delivered' });
    expect(await post(connection)).toEqual({ kind: 'delivered', code: '250' });
    expect(server.mails.map(({ to }) => to)).toEqual([
      [ONE, 'Anna@example.net'],
      [ONE, 'Anna@example.net', TWO],
      [TWO],
    ]);
    const [first, , last] = server.mails.map(({ raw }) => readMail(raw).headers);
    expect(first?.to).toContain('anna@example.net');
    expect([last?.to, last?.['message-id']]).toEqual([first?.to, first?.['message-id']]);
  });

  it('and then "never" for the rest: delivered, counted and told', async () => {
    const { server, connection, context } = await connect({}, { recipients: [ONE, TWO, 'three@example.net'] });
    server.refuse({ rcpt: { [TWO]: put(451), 'three@example.net': put(550) } });
    expect(await post(connection)).toMatchObject({ kind: 'retry' });
    server.refuse({ rcpt: { [TWO]: put(550) } });
    expect(await post(connection)).toEqual({ kind: 'delivered', code: '250, 2 of 3 refused' });
    expect(context.counts.get('email_recipients_refused{connection=under-test}')).toBe(2);
    expect(server.mails.map(({ to }) => to)).toEqual([[ONE]]);
  });

  it('to some and "never" to the others, and takes it for nobody: tried again, for all', async () => {
    const { server, connection } = await connect();
    server.refuse({ rcpt: { [ONE]: put(451), [TWO]: put(550) } });
    expect(await post(connection)).toMatchObject({ kind: 'retry', code: '451' });
    server.refuse({ rcpt: { [ONE]: put(550), [TWO]: put(550) } });
    expect(await post(connection)).toMatchObject({
      kind: 'dead',
      code: '550',
      error: expect.stringContaining('check recipients'),
    });
  });
});

describe('connections', () => {
  it('are two at most for many mails, and end by our QUIT when there is nothing to do', async () => {
    const server = await startSmtpServer();
    cleanups.push(() => server.stop());
    const settings = email.settings.parse(settingsFor(server.port)) as unknown as EmailSettings;
    const connection = await open(settings, testContext(), 50);
    cleanups.push(() => connection.close());
    const outcomes = await Promise.all(Array.from({ length: 40 }, (_, n) => post(connection, {}, `e/r/${n}`)));
    expect(outcomes.every(({ kind }) => kind === 'delivered')).toBe(true);
    expect(new Set(server.mails.map(({ raw }) => readMail(raw).headers['message-id'])).size).toBe(40);
    expect(server.connections()).toBeLessThanOrEqual(2);
    await eventually(() => server.open() === 0, 'the idle connections are closed');
    expect(await post(connection)).toMatchObject({ kind: 'delivered' });
  });
});

describe('a login that is refused', () => {
  const login = { user: 'hookswitch', password: 'x' };
  const way = async (code: number, more: Record<string, unknown>) => {
    const { server, connection } = await connect({ login }, more);
    server.refuse({ auth: [code, 'no'] });
    return post(connection);
  };
  const password = { user: 'hookswitch', password: new Secret('y') };

  it.each([
    [535, 'app password or oauth2'],
    [534, 'app password or oauth2'],
    [538, 'set tls'],
    [530, 'check user, password and tls'],
  ])('%i says what to do', async (code, hint) => {
    const outcome = await way(code, password);
    expect(outcome).toMatchObject({ kind: 'unavailable', code: String(code), error: expect.stringContaining(hint) });
  });

  it('for now (454) is tried again', async () => {
    expect(await way(454, password)).toMatchObject({ kind: 'retry', code: '454' });
  });

  it('says that a login is missing where the config has none', async () => {
    const server = await startSmtpServer({ login });
    cleanups.push(() => server.stop());
    const outcome = await post(await openTo(server.port));
    expect(outcome).toMatchObject({
      kind: 'unavailable',
      code: '530',
      error: expect.stringContaining('set user and password'),
    });
  });
});
