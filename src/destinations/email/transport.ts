// The options of the library: two connections to the mail server at most, kept while there is work, encrypted as the config says.
import { createTransport } from 'nodemailer';
import type { EmailSettings } from './settings.ts';
import type { Tokens } from './tokens.ts';

const CONNECT_MS = 10_000;
/** The library waits ten minutes otherwise. */
const SILENCE_MS = 20_000;
/** Shorter than the silence that ends a connection, so that an idle one ends by our QUIT. */
const IDLE_MS = 15_000;
const REPLY_BYTES_MAX = 64 * 1024;

const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

/** A transport; the server is not asked until there is a mail. `idleMs`: how long a connection without work is kept. */
export function createMailTransport(settings: EmailSettings, tokens: Tokens | undefined, idleMs = IDLE_MS) {
  const { host, port, tls, ca, name, dkim } = settings;
  return createTransport(
    {
      host,
      port: port ?? PORTS[tls],
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      tls: { minVersion: 'TLSv1.2' as const, ...(ca === undefined ? {} : { ca: ca.reveal() }) },
      ...(name === undefined ? {} : { name }),
      ...loginOf(settings, tokens),
      pool: true as const,
      maxConnections: 2,
      maxMessages: 100,
      maxRequeues: 0,
      idleTimeout: idleMs,
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
      ...(dkim === undefined
        ? {}
        : { dkim: { domainName: dkim.domain, keySelector: dkim.selector, privateKey: dkim.privateKey.reveal() } }),
    },
    {},
  );
}

/** Without forceAuth a server that offers no login gets the mail without one. */
function loginOf({ user, password }: EmailSettings, tokens: Tokens | undefined) {
  if (user === undefined) return {};
  if (tokens !== undefined)
    return { auth: { type: 'OAuth2' as const, user, provisionCallback: tokens.provision }, forceAuth: true };
  return { auth: { user, pass: password?.reveal() ?? '' }, forceAuth: true };
}
