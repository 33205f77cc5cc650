// What the tests of the email destination share: its settings, a server with a connection to it, one message.
import { afterEach } from 'vitest';
import type { Json, Outcome } from '../../src/core/delivery.ts';
import type { Connection, SendMeta } from '../../src/core/destination.ts';
import { Secret } from '../../src/core/secret.ts';
import { email } from '../../src/destinations/email/index.ts';
import { type TestContext, testContext } from '../support/destination-contract.ts';
import { type SmtpOptions, startSmtpServer } from '../support/smtp-server.ts';

export const PASSWORD = 'marker-pass-4711';
export const RECIPIENTS = ['reception@example.net', 'erika@example.net'];

export const settingsFor = (port: number, more: Record<string, unknown> = {}) => ({
  host: '127.0.0.1',
  port,
  tls: 'none',
  from: { name: 'Telephone', address: 'telephone@example.net' },
  recipients: [RECIPIENTS[0], { name: 'Mustermann, Erika', address: RECIPIENTS[1] }],
  ...more,
});

export const withLogin = (port: number) => settingsFor(port, { user: 'hookswitch', password: new Secret(PASSWORD) });

/** What a browser shows for text between tags; throws if anything in it is markup. */
export function readHtml(html: string): string {
  if (/[<>"']/.test(html) || /&(?!amp;|lt;|gt;|quot;|#39;)/.test(html))
    throw new Error(`markup: ${JSON.stringify(html)}`);
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return html.replace(/&([a-z0-9#]+);/g, (_whole, name: string) => entities[name] ?? '');
}

export const between = (text: string, before: string, after: string): string => {
  if (!text.startsWith(before) || !text.endsWith(after)) throw new Error(`changed: ${JSON.stringify(text)}`);
  const inner = text.slice(before.length, text.length - after.length);
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(inner)) throw new Error('a control character');
  return inner;
};

export const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export async function connect(options: SmtpOptions = {}, more: Record<string, unknown> = {}) {
  const server = await startSmtpServer(options);
  cleanups.push(() => server.stop());
  const context = testContext();
  const connection = await openTo(server.port, more, context);
  return { server, connection, context };
}

export async function openTo(port: number, more: Record<string, unknown> = {}, context: TestContext = testContext()) {
  const connection = await email.open(email.settings.parse(settingsFor(port, more)), context);
  cleanups.push(() => connection.close());
  return connection;
}

export const post = (
  connection: Connection,
  message: Record<string, Json> = {},
  id = 'event-1/rule-1/0',
  more: Partial<SendMeta> = {},
): Promise<Outcome> =>
  connection.send(
    { subject: 'Missed call', text: 'Erika called.', ...message },
    { id, attempt: 1, signal: AbortSignal.timeout(15_000), ...more },
  );

/** What the engine makes of `"thread": true`: the card of a call. */
export const cardOf = (key: string, site = 'default'): Json => ({
  type: 'call.missed',
  at: '2026-11-24T09:00:00.000Z',
  site,
  key,
  remote: { number: '+493012345', name: null, contact: null, kind: 'external' },
});

/** What the engine makes of `"digest": true`. */
export const groupOf = (callers: (string | null)[], count = callers.length): Json => ({
  count,
  rows: callers.map((caller, n) => ({ at: new Date(Date.UTC(2026, 10, 24, 9, n)).toISOString(), caller })),
});

export const HEADER_NAMES = [
  'From',
  'To',
  'Subject',
  'Message-ID',
  'Auto-Submitted',
  'X-Auto-Response-Suppress',
  'X-Hookswitch-Delivery',
  'Date',
  'MIME-Version',
  'Content-Type',
].sort();
