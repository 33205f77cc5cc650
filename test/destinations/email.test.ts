// Email: it keeps the destination contract; who gets a mail, and over which connection.
import { describe, expect, it } from 'vitest';
import { email } from '../../src/destinations/email/index.ts';
import { readCleanLine } from '../support/clean-line.ts';
import { destinationContract } from '../support/destination-contract.ts';
import { closedPort, startSilentServer } from '../support/http-server.ts';
import { readMail } from '../support/mail-reader.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { between, connect, post, RECIPIENTS, readHtml, settingsFor, withLogin } from './email-desk.ts';

const JOINER = '\u2060';

destinationContract('email', {
  declaration: email,
  cases: {
    async live() {
      const server = await startSmtpServer();
      return { settings: settingsFor(server.port), received: () => server.mails.length, stop: server.stop };
    },
    gone: async () => ({ settings: withLogin(await closedPort()), stop: async () => undefined }),
    async silent() {
      const server = await startSilentServer();
      return { settings: withLogin(server.port), stop: server.stop };
    },
    grammar: {
      subject: {
        parse(encoded) {
          const value = between(`Call from ${encoded}!`, 'Call from ', '!');
          if (`${value}?`.includes('=?')) throw new Error('the start of an encoded word');
          return value.replaceAll(JOINER, '');
        },
        expected: (value) => readCleanLine(value, 150).replaceAll(JOINER, ''),
      },
      text: {
        parse: (encoded) => between(`From ${encoded}.\nBye`, 'From ', '.\nBye'),
        expected: (value) => readCleanLine(value, 1_000),
      },
      html: {
        parse: (encoded) => readHtml(between(`<p title="${encoded}">`, '<p title="', '">')),
        expected: (value) => readCleanLine(value, 1_000),
      },
    },
  },
});

describe('what arrives', () => {
  it('goes to the recipients of the config, with both parts and a Message-ID that a retry repeats', async () => {
    const { server, connection } = await connect({}, { replyTo: 'desk@example.net' });
    await post(connection, { text: 'Erika & Max called.\nCall back <soon>.' });
    await post(connection, { html: '<p>Erika <b>called</b></p>' });
    await post(connection, {}, 'event-2/rule-1/0');
    const mails = server.mails.map(({ raw }) => readMail(raw));
    expect(server.mails.map(({ from, to }) => [from, ...to])).toEqual(
      Array(3).fill(['telephone@example.net', ...RECIPIENTS]),
    );
    expect(mails[0]?.headers).toMatchObject({
      from: 'Telephone <telephone@example.net>',
      to: 'reception@example.net, "Mustermann, Erika" <erika@example.net>',
      'reply-to': 'desk@example.net',
      subject: 'Missed call',
      'auto-submitted': 'auto-generated',
      'x-hookswitch-delivery': 'event-1/rule-1/0',
    });
    expect(mails[0]?.text.trimEnd().replaceAll('\r\n', '\n')).toBe('Erika & Max called.\nCall back <soon>.');
    expect(mails[0]?.html).toContain('Erika &amp; Max called.<br>');
    expect(mails[1]?.html.trim()).toBe('<p>Erika <b>called</b></p>');
    const [first, again, other] = mails.map(({ headers }) => headers['message-id']);
    expect(first).toMatch(/^<[0-9a-f]{40}@example\.net>$/);
    expect([again === first, other === first]).toEqual([true, false]);
  });

  it('uses one connection for mails that follow one another', async () => {
    const { server, connection } = await connect();
    for (let n = 0; n < 10; n++) expect(await post(connection)).toEqual({ kind: 'delivered', code: '250' });
    expect(server.connections()).toBe(1);
  });

  it('goes on over a new connection after the server ended the idle one', async () => {
    const { server, connection } = await connect();
    await post(connection);
    server.dropConnections();
    const outcomes = [await post(connection), await post(connection)];
    expect(outcomes.at(-1)).toMatchObject({ kind: 'delivered' });
    expect(server.mails.length).toBe(1 + outcomes.filter(({ kind }) => kind === 'delivered').length);
  });
});
