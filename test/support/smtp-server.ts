// A real mail server on loopback that keeps what it took and refuses what a test tells it to.
import { SMTPServer, type SMTPServerAuthentication } from 'smtp-server';
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
  /** Login by token alone (XOAUTH2). */
  tokens?: { user: string; takes(token: string): boolean };
};

/** A reply such as 450 or 550 and its text. */
export type SmtpReply = [number, string];

/** `AUTH`, `MAIL`, `RCPT` (by address) and `DATA` (the end of a message). */
export type SmtpRefusals = {
  auth?: SmtpReply;
  mail?: SmtpReply;
  rcpt?: Record<string, SmtpReply>;
  data?: SmtpReply;
};

export type SmtpServerHandle = {
  port: number;
  mails: ReceivedMail[];
  connections(): number;
  /** Connections that are open now. */
  open(): number;
  /** Every address that RCPT named, taken or not. */
  asked: string[];
  /** What is refused from now on. */
  refuse(refusals: SmtpRefusals): void;
  /** Cuts the connections that are open, as a server does that ends idle ones. */
  dropConnections(): void;
  stop(): Promise<void>;
};

const refusal = ([code, text]: SmtpReply): Error => Object.assign(new Error(text), { responseCode: code });

function loginProblem({ login, tokens }: SmtpOptions, given: SMTPServerAuthentication): string | undefined {
  if (tokens !== undefined)
    return given.username === tokens.user && tokens.takes(given.accessToken ?? '')
      ? undefined
      : `wrong: ${given.accessToken}`;
  // Some servers repeat what they were given.
  return given.username === login?.user && given.password === login?.password
    ? undefined
    : `wrong: ${given.username} ${given.password}`;
}

/** Starts a server on 127.0.0.1: with `tls` it offers STARTTLS (or wants TLS at once), without it neither. */
export async function startSmtpServer(options: SmtpOptions = {}): Promise<SmtpServerHandle> {
  const mails: ReceivedMail[] = [];
  const asked: string[] = [];
  let refusals: SmtpRefusals = {};
  let connections = 0;
  const { tls, implicit = false, login, tokens } = options;
  const authenticates = login !== undefined || tokens !== undefined;
  const server = new SMTPServer({
    secure: implicit,
    ...(tls ?? {}),
    disabledCommands: [...(tls === undefined ? ['STARTTLS'] : []), ...(authenticates ? [] : ['AUTH'])],
    ...(tokens === undefined ? {} : { authMethods: ['XOAUTH2'] }),
    authOptional: !authenticates,
    disableReverseLookup: true,
    closeTimeout: 100,
    logger: false,
    onAuth(auth, _session, callback) {
      if (refusals.auth !== undefined) return callback(refusal(refusals.auth));
      const problem = loginProblem(options, auth);
      if (problem === undefined) return callback(null, { user: auth.username });
      // By token the refusal is told as JSON first, and answered by an empty line.
      if (tokens !== undefined) return callback(null, { data: { status: '401', schemes: 'bearer', scope: problem } });
      return callback(new Error(problem));
    },
    onConnect(_session, callback) {
      connections += 1;
      callback();
    },
    onMailFrom: (_address, _session, callback) => callback(refusals.mail && refusal(refusals.mail)),
    onRcptTo({ address }, _session, callback) {
      asked.push(address);
      const refused = refusals.rcpt?.[address];
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
    asked,
    connections: () => connections,
    open: () => server.connections.size,
    refuse: (next) => {
      refusals = next;
    },
    dropConnections: () => {
      for (const connection of server.connections) connection.close();
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
