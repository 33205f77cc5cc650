// The client of the email destination: two connections to the mail server at most, kept while there is work.
import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { createAttempts } from '../../core/attempts.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { Connection, OpenContext, SendMeta } from '../../core/destination.ts';
import { htmlOf } from './encode.ts';
import { outcomeOf, type SmtpFailure } from './outcomes.ts';
import type { EmailSettings, Person } from './settings.ts';

const CONNECT_MS = 10_000;
/** The library waits ten minutes otherwise. */
const SILENCE_MS = 20_000;
/** Shorter than the silence that ends a connection, so that an idle one ends by our QUIT. */
const IDLE_MS = 15_000;
const REPLY_BYTES_MAX = 64 * 1024;

const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

type Sent = { accepted?: unknown[]; rejectedErrors?: SmtpFailure[] | undefined; response?: string };

/** Opens a connection; the server is not asked until there is a message. */
export async function open(settings: EmailSettings, context: OpenContext): Promise<Connection> {
  const attempts = createAttempts();
  const transport = createTransport(transportOptions(settings), {});
  const secrets = settings.password === undefined ? [] : [settings.password.reveal()];

  async function send(message: Delivery['message'], meta: SendMeta, signal: AbortSignal): Promise<Outcome> {
    try {
      const mail = { ...compose(settings, message, meta.id), date: new Date(context.clock.wallMs()), signal };
      const sent: Sent = await transport.sendMail(mail);
      return delivered(sent, context);
    } catch (error) {
      return outcomeOf(error as SmtpFailure, secrets);
    }
  }

  return {
    send: (message, meta) => attempts.run(meta.signal, (signal) => send(message, meta, signal)),
    async close() {
      await attempts.close();
      transport.close({ force: true });
    },
  };
}

function transportOptions({ host, port, tls, ca, user, password, name }: EmailSettings) {
  return {
    host,
    port: port ?? PORTS[tls],
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2' as const, ...(ca === undefined ? {} : { ca: ca.reveal() }) },
    ...(name === undefined ? {} : { name }),
    // Without forceAuth a server that offers no login gets the mail without one.
    ...(user === undefined ? {} : { auth: { user, pass: password?.reveal() ?? '' }, forceAuth: true }),
    pool: true as const,
    maxConnections: 2,
    maxMessages: 100,
    maxRequeues: 0,
    idleTimeout: IDLE_MS,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    // An ended attempt must not linger: whatever is still under way is cut off.
    socketCloseTimeout: 0,
    maxResponseSize: REPLY_BYTES_MAX,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  };
}

/** Addresses are objects and come from the config; header names are constants. */
function compose(settings: EmailSettings, message: Delivery['message'], id: string) {
  const { from, recipients, replyTo } = settings;
  const text = String(message.text ?? '');
  const label = createHash('sha256').update(id).digest('hex').slice(0, 40);
  return {
    from: addressOf(from),
    to: recipients.map(addressOf),
    ...(replyTo === undefined ? {} : { replyTo: addressOf(replyTo) }),
    subject: String(message.subject ?? ''),
    text,
    html: typeof message.html === 'string' ? message.html : htmlOf(text),
    messageId: `<${label}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
    headers: {
      // RFC 3834: keeps holiday replies from coming back.
      'Auto-Submitted': 'auto-generated',
      'X-Hookswitch-Delivery': /^[\x21-\x7e]{1,200}$/.test(id) ? id : label,
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

const addressOf = (person: string | Person) =>
  typeof person === 'string' ? { name: '', address: person } : { name: person.name ?? '', address: person.address };

/**
 * Taken for at least one recipient is delivered: another attempt would send those a second copy. Who was refused is counted
 * and logged by position, and the code says so: `250, 1 of 3 refused`.
 */
function delivered(sent: Sent, context: OpenContext): Outcome {
  const status = /^\d{3}/.exec(sent.response ?? '')?.[0] ?? '250';
  const refused = sent.rejectedErrors ?? [];
  if (refused.length === 0) return { kind: 'delivered', code: status };
  const all = refused.length + (sent.accepted?.length ?? 0);
  context.count('email_recipients_refused', { connection: context.name }, refused.length);
  context.log.warn('email_recipients_refused', {
    connection: context.name,
    refused: refused.length,
    recipients: all,
    codes: [...new Set(refused.map(({ responseCode }) => String(responseCode)))].join(' '),
  });
  return { kind: 'delivered', code: `${status}, ${refused.length} of ${all} refused` };
}
