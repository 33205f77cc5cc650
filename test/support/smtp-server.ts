// A real mail server on loopback that keeps what it took and refuses what a test tells it to.
import { SMTPServer } from 'smtp-server';
import type { KeyPair } from './certificates.ts';

export type ReceivedMail = {
  from: string;
  /** The envelope's recipients that were accepted, in order. */
  to: string[];
  /** As sent, headers and body. */
  raw: string;
  user: string | undefined;
  /** The TLS version, or false. */
  encrypted: boolean;
};

export type SmtpOptions = {
  tls?: KeyPair;
  /** TLS from the first byte instead of STARTTLS. */
  implicit?: boolean;
  login?: { user: string; password: string };
};

/** `MAIL`, `RCPT` (by address) and `DATA` (the end of a message): a code such as 450 or 550 and its text. */
export type SmtpRefusals = {
  mail?: [number, string];
  rcpt?: Record<string, [number, string]>;
  data?: [number, string];
};

export type SmtpServerHandle = {
  port: number;
  mails: ReceivedMail[];
  connections(): number;
  /** What is refused from now on. */
  refuse(refusals: SmtpRefusals): void;
  /** Cuts the connections that are open, as a server does that ends idle ones. */
  dropConnections(): void;
  stop(): Promise<void>;
};

const refusal = ([code, text]: [number, string]): Error => Object.assign(new Error(text), { responseCode: code });

/** Starts a server on 127.0.0.1: with `tls` it offers STARTTLS (or wants TLS at once), without it neither. */
export async function startSmtpServer(options: SmtpOptions = {}): Promise<SmtpServerHandle> {
  const mails: ReceivedMail[] = [];
  let refusals: SmtpRefusals = {};
  let connections = 0;
  const { tls, implicit = false, login } = options;
  const server = new SMTPServer({
    secure: implicit,
    ...(tls ?? {}),
    disabledCommands: [...(tls === undefined ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])],
    authOptional: login === undefined,
    disableReverseLookup: true,
    closeTimeout: 100,
    logger: false,
    onAuth(auth, _session, callback) {
      if (auth.username === login?.user && auth.password === login?.password)
        return callback(null, { user: auth.username });
      // Some servers repeat what they were given.
      return callback(new Error(`wrong: ${auth.username} ${auth.password}`));
    },
    onConnect(_session, callback) {
      connections += 1;
      callback();
    },
    onMailFrom: (_address, _session, callback) => callback(refusals.mail && refusal(refusals.mail)),
    onRcptTo(address, _session, callback) {
      const refused = refusals.rcpt?.[address.address];
      callback(refused && refusal(refused));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (refusals.data !== undefined) return callback(refusal(refusals.data));
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('latin1'),
          user: typeof session.user === 'string' ? session.user : undefined,
          encrypted: session.secure === true,
        });
        return callback();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as { port: number }).port,
    mails,
    connections: () => connections,
    refuse: (next) => {
      refusals = next;
    },
    dropConnections: () => {
      for (const connection of server.connections) connection.close();
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
