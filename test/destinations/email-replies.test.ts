// Email: what each reply of a mail server means, login and encryption, and what an author is told.
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { email } from '../../src/destinations/email/index.ts';
import { makeCertificates } from '../support/certificates.ts';
import { itWithOpenssl } from '../support/mosquitto.ts';
import { cleanups, connect, openTo, PASSWORD, post, RECIPIENTS, settingsFor } from './email-desk.ts';

describe('what a reply means', () => {
  const mail = (code: number): [number, string] => [code, 'because'];
  it.each([
    ['450 to MAIL', { mail: mail(450) }, { kind: 'retry', code: '450' }],
    ['550 to MAIL', { mail: mail(550) }, { kind: 'dead', code: '550' }],
    [
      '451 to every RCPT',
      { rcpt: Object.fromEntries(RECIPIENTS.map((to) => [to, mail(451)])) },
      { kind: 'retry', code: '451' },
    ],
    [
      '550 to every RCPT',
      { rcpt: Object.fromEntries(RECIPIENTS.map((to) => [to, mail(550)])) },
      { kind: 'dead', code: '550' },
    ],
    ['452 to the content', { data: mail(452) }, { kind: 'retry', code: '452' }],
    ['554 to the content', { data: mail(554) }, { kind: 'dead', code: '554' }],
    ['503 to the content', { data: mail(503) }, { kind: 'retry', code: '503' }],
    ['530 to MAIL', { mail: mail(530) }, { kind: 'unavailable', code: '530' }],
    ['421 to MAIL', { mail: mail(421) }, { kind: 'retry', code: '421' }],
  ] as const)('%s', async (_name, refusals, expected) => {
    const { server, connection } = await connect();
    server.refuse(refusals as never);
    expect(await post(connection)).toMatchObject(expected);
    expect(server.mails).toEqual([]);
    server.refuse({});
    expect(await post(connection)).toMatchObject({ kind: 'delivered' });
    expect(server.mails.length).toBe(1);
  });

  it.each(['mail', 'rcpt', 'data'] as const)(
    'goes by its class, for each code from 400 to 599 (%s)',
    async (command) => {
      const { server, connection } = await connect();
      const found: Record<string, string> = {};
      for (let code = 400; code < 600; code++) {
        const every = Object.fromEntries(RECIPIENTS.map((to) => [to, mail(code)]));
        server.refuse({ [command]: command === 'rcpt' ? every : mail(code) });
        found[code] = (await post(connection)).kind;
      }
      const kindOf = (code: number): string => {
        if ([530, 534, 535, 538].includes(code)) return 'unavailable';
        return code < 500 || code === 503 ? 'retry' : 'dead';
      };
      const expected = Array.from({ length: 200 }, (_, n) => [String(n + 400), kindOf(n + 400)]);
      expect(found).toEqual(Object.fromEntries(expected));
      expect(server.mails).toEqual([]);
    },
  );

  it('shows the reply, cleaned', async () => {
    const { server, connection } = await connect();
    server.refuse({ data: [554, 'spam \u001b[31m\u202E found'] });
    const outcome = await post(connection);
    expect(outcome).toMatchObject({ kind: 'dead', error: expect.stringContaining('554 spam') });
    expect(JSON.stringify(outcome)).not.toMatch(/\\u001b|\u202E/);
  });

  it('counts a mail as delivered when at least one recipient was taken, and says who was not', async () => {
    const { server, connection, context } = await connect();
    server.refuse({ rcpt: { [RECIPIENTS[1] ?? '']: [550, 'unknown'] } });
    expect(await post(connection)).toEqual({ kind: 'delivered', code: '250, 1 of 2 refused' });
    expect(server.mails.map(({ to }) => to)).toEqual([[RECIPIENTS[0]]]);
    expect(context.counts.get('email_recipients_refused{connection=under-test}')).toBe(1);
    expect(context.lines).toMatchObject([
      { level: 'warn', event: 'email_recipients_refused', fields: { codes: '550' } },
    ]);
  });

  it.each([
    ['a greeting of 554', '554 go away\r\n', { kind: 'retry', code: '554' }],
    ['a greeting of 421', '421 too busy\r\n', { kind: 'retry', code: '421' }],
    ['no SMTP at all', 'HTTP/1.1 400 Bad Request\r\n\r\n', { kind: 'retry' }],
    ['a close without a word', '', { kind: 'retry' }],
    ['a greeting that does not end', `220-${'x'.repeat(200_000)}`, { kind: 'retry', code: 'EPROTOCOL' }],
  ] as const)('%s, over one connection', async (_name, text, expected) => {
    const greeter = await startGreeter(text);
    expect(await post(await openTo(greeter.port))).toMatchObject(expected);
    expect(greeter.connections()).toBe(1);
  });
});

/** A server that speaks first, and last. */
async function startGreeter(text: string): Promise<{ port: number; connections(): number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    socket.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { port: (server.address() as { port: number }).port, connections: () => connections };
}

describe('login and encryption', () => {
  const login = { user: 'hookswitch', password: PASSWORD };
  const credentials = { user: 'hookswitch', password: new Secret(PASSWORD) };
  const wrong = { user: 'hookswitch', password: new Secret('marker-wrong-1') };

  it('waits with a wrong password and never shows one, although the server repeats it', async () => {
    const { connection, context, server } = await connect({ login }, wrong);
    const outcome = await post(connection);
    expect(outcome).toMatchObject({ kind: 'unavailable', code: '535', afterMs: 60_000 });
    expect(JSON.stringify([outcome, context.lines])).not.toContain('marker-wrong');
    expect(server.mails).toEqual([]);
  });

  it('hides the password in the reply to a mail, too', async () => {
    const { connection, server } = await connect({ login }, credentials);
    server.refuse({ data: [554, `no: ${PASSWORD} ${Buffer.from(PASSWORD).toString('base64')}`] });
    const outcome = await post(connection);
    expect(outcome).toMatchObject({ kind: 'dead', error: expect.stringContaining('***') });
    expect(JSON.stringify(outcome)).not.toMatch(/marker-pass|bWFya2Vy/);
  });

  it('does not send a mail without the login that the config has', async () => {
    const { connection, server } = await connect({}, credentials);
    expect(await post(connection)).toMatchObject({ kind: 'unavailable' });
    expect(server.mails).toEqual([]);
  });

  it('sends nothing in plain text where STARTTLS is required and not offered', async () => {
    const { connection, server } = await connect({}, { tls: 'starttls' });
    expect(await post(connection)).toMatchObject({ kind: 'retry', error: expect.stringContaining('tls') });
    expect(server.mails).toEqual([]);
  });

  itWithOpenssl('encrypts by STARTTLS and from the start, for a server of an authority it knows', async () => {
    const { ca, server: tls } = makeCertificates();
    for (const implicit of [false, true]) {
      const mode = implicit ? 'implicit' : 'starttls';
      const { connection, server } = await connect(
        { tls, implicit, login },
        { ...credentials, tls: mode, ca: new Secret(ca.cert) },
      );
      expect(await post(connection)).toEqual({ kind: 'delivered', code: '250' });
      expect(server.mails).toMatchObject([{ user: 'hookswitch', encrypted: true }]);
      const stranger = await openTo(server.port, { ...credentials, tls: mode });
      expect(await post(stranger)).toMatchObject({ kind: 'retry' });
      expect(server.mails.length).toBe(1);
    }
  });
});

describe('what an author is told', () => {
  const problems = (more: Record<string, unknown>) =>
    email.settings
      .safeParse(settingsFor(25, more))
      .error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);

  it('takes addresses only as addresses, and passwords only over encrypted ways', () => {
    const password = new Secret(PASSWORD);
    expect(problems({ recipients: ['Erika <erika@example.net>'] })?.[0]).toContain('recipients.0: must be an address');
    expect(problems({ recipients: ['a@example.net, b@example.net'] })?.[0]).toContain('recipients.0');
    expect(problems({ recipients: [] })).toHaveLength(1);
    expect(problems({ from: { name: 'x\r\nBcc: y', address: 'a@example.net' } })?.[0]).toContain('from.name');
    expect(problems({ from: { address: '"a b"@example.net' } })?.[0]).toContain('from.address');
    expect(problems({ name: 'a\r\nMAIL FROM:<x>' })?.[0]).toContain('name:');
    expect(problems({ user: 'x' })).toEqual(['password: is missing beside user']);
    expect(problems({ password })).toEqual(['user: is missing beside password']);
    expect(problems({ host: 'relay.example.net', user: 'x', password })?.[0]).toContain(
      'tls: would send the password in plain text',
    );
    expect(problems({ host: 'relay.example.net', tls: undefined, user: 'x', password })).toBeUndefined();
    expect(problems({ recipients: ['root@localhost'] })).toBeUndefined();
    expect(problems({ timezone: 'Europe/Brelin' })).toEqual([
      'timezone: must be a time zone such as "Europe/Berlin"; did you mean "Europe/Berlin"?',
    ]);
  });

  const html = (text: string): string[] =>
    (email.lint?.({ subject: 's', text: 't', html: text } as never, {}) ?? []).map(({ message }) => message);

  it.each([
    '<p>{{ remote.name }}</p>',
    '<a href="tel:{{ remote.number }}">call</a>',
    '<a href="https://crm.example.net/?q={{ remote.number }}" title=\'{{ remote.name | default: "a>b" }}\'>x</a>',
    '{% if remote.name %}<b>{{ remote.name }}</b>{% endif %}',
    '<!-- {{ remote.name }} --> a < b {{ remote.name }}',
    '<style>p { color: red }</style><p>{{ remote.name }}</p>',
  ])('lets values stand where they are safe: %s', (text) => expect(html(text)).toEqual([]));

  it.each([
    '<a href="{{ remote.uri }}">x</a>',
    '<a href=" {{ remote.uri }}">x</a>',
    '<a href="https://{{ remote.name }}/">x</a>',
    '<a href="java{{ remote.name }}">x</a>',
    '<p title={{ remote.name }}>x</p>',
    '<p {{ remote.name }}>x</p>',
    '<{{ remote.name }}>x',
    '<p onclick="x({{ remote.number }})">x</p>',
    '<p style="color:{{ remote.name }}">x</p>',
    '<script>let x = "{{ remote.name }}"</script>',
    '<STYLE>{{ remote.name }}</STYLE>',
    '<p title="{{ remote.name }}',
    "<img src='{{ remote.name }}'>",
  ])('refuses a value elsewhere: %s', (text) => expect(html(text)).not.toEqual([]));

  it('refuses a rendered mail that is too large', () => {
    expect(email.check?.({ subject: 's', text: 'x'.repeat(262_145) })).toContain('longer');
    expect(email.check?.({ subject: 'x'.repeat(2_001), text: 't' })).toContain('subject');
    // Each mark is six characters of HTML: the mail that would leave is measured, not the text alone.
    expect(email.check?.({ subject: 's', text: '"'.repeat(200_000) })).toContain('larger than 1024 KiB');
    expect(email.check?.({ subject: 's', text: '"'.repeat(100_000) })).toBeUndefined();
    expect(email.check?.({ subject: 's', text: 't', recipients: ['day'] })).toContain('recipients');
    expect(email.check?.({ subject: 's', text: 't' })).toBeUndefined();
  });
});
