// The client of the email destination: one attempt is one mail handed to the mail server, or the reason why not.
import { createAttempts } from '../../core/attempts.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { Connection, OpenContext, SendMeta } from '../../core/destination.ts';
import { type Composed, compose } from './compose.ts';
import { secretsOf } from './oauth2-settings.ts';
import { type LoginWay, outcomeOf, type SmtpFailure } from './outcomes.ts';
import type { EmailSettings } from './settings.ts';
import { createTaken } from './taken.ts';
import { createTokens } from './tokens.ts';
import { createMailTransport } from './transport.ts';

type Refused = SmtpFailure & { recipient?: unknown };
type Sent = { accepted?: unknown[]; rejectedErrors?: Refused[] | undefined; response?: string };

/** Opens a connection; the server is not asked until there is a message. `idleMs`: see transport.ts. */
export async function open(settings: EmailSettings, context: OpenContext, idleMs?: number): Promise<Connection> {
  const { user, password, oauth2 } = settings;
  const attempts = createAttempts();
  const tokens = oauth2 === undefined || user === undefined ? undefined : createTokens(oauth2, user, context.clock);
  const transport = createMailTransport(settings, tokens, idleMs);
  const settled = settle(context);
  const way: LoginWay = tokens !== undefined ? 'oauth2' : user === undefined ? 'none' : 'password';
  const secrets = (): string[] => [
    ...(password === undefined ? [] : [password.reveal()]),
    ...(oauth2 === undefined ? [] : secretsOf(oauth2)),
    ...(tokens?.secrets() ?? []),
  ];

  async function send(message: Delivery['message'], meta: SendMeta, signal: AbortSignal): Promise<Outcome> {
    const delivery = { id: meta.id, nowMs: context.clock.wallMs(), kept: meta.kept };
    const composed = compose(settings, message, delivery);
    if (composed === undefined) return { kind: 'dead', error: noSuchList(message) };
    const withoutToken = await tokens?.ready(signal);
    if (withoutToken !== undefined) return withoutToken;
    // The header names everybody; the envelope only those who are not done with it yet.
    const to = settled.open(meta.id, composed).map((address) => ({ name: '', address }));
    const envelope = { from: composed.mail.from, to };
    try {
      const sent: Sent = await transport.sendMail({ ...composed.mail, envelope, signal });
      return settled.taken(meta.id, composed, sent);
    } catch (error) {
      const known = (error as { outcome?: Outcome }).outcome;
      return settled.failed(meta.id, composed, known ?? outcomeOf(error as SmtpFailure, secrets(), way), to.length);
    }
  }

  return {
    send: (message, meta) => attempts.run(meta.signal, (signal) => send(message, meta, signal)),
    async close() {
      const ended = attempts.close();
      tokens?.close();
      await ended;
      transport.close({ force: true });
    },
  };
}

/**
 * What an attempt means for the delivery, recipient by recipient. Who was put off (4yz) gets another attempt, alone; who was refused
 * for good (5yz) is counted and logged, and the delivery's code says so: `250, 1 of 3 refused`. One who has it makes it delivered.
 */
function settle({ count, log, name }: OpenContext) {
  const progress = createTaken();

  const refuse = (refused: number, people: number, codes: string[]): void => {
    if (refused === 0) return;
    count('email_recipients_refused', { connection: name }, refused);
    log.warn('email_recipients_refused', {
      connection: name,
      refused,
      recipients: people,
      codes: [...new Set(codes)].join(' '),
    });
  };

  function delivered(id: string, { people, thread }: Composed, code: string, refused: number): Outcome {
    const all = refused + progress.of(id).refused;
    progress.forget(id);
    const keep = thread?.keep === undefined ? {} : { keep: thread.keep };
    return { kind: 'delivered', code: all === 0 ? code : `${code}, ${all} of ${people.length} refused`, ...keep };
  }

  return {
    /** Those who are not done with the mail yet. */
    open: (id: string, { people }: Composed): string[] => people.filter((one) => !progress.of(id).done.has(one)),

    taken(id: string, composed: Composed, { accepted = [], rejectedErrors = [], response = '' }: Sent): Outcome {
      const later = rejectedErrors.filter(({ responseCode }) => Number(responseCode) < 500);
      const gone = rejectedErrors.filter((one) => !later.includes(one));
      const all = composed.people.length;
      refuse(
        gone.length,
        all,
        gone.map(({ responseCode }) => String(responseCode)),
      );
      if (later.length === 0) return delivered(id, composed, /^\d{3}/.exec(response)?.[0] ?? '250', gone.length);
      progress.add(id, [...accepted, ...gone.map(({ recipient }) => recipient)].map(String), gone.length);
      const error = `the mail server put off ${later.length} of ${all} recipients; the others are done`;
      return { kind: 'retry', error, code: String(later[0]?.responseCode) };
    },

    failed(id: string, composed: Composed, outcome: Outcome, open: number): Outcome {
      const { done, refused } = progress.of(id);
      // Somebody has it: what is refused to the rest of them now does not make the mail undelivered.
      if (outcome.kind !== 'dead' || done.size <= refused) return outcome;
      refuse(open, composed.people.length, [outcome.code ?? '']);
      return delivered(id, composed, '250', open);
    },
  };
}

const noSuchList = ({ recipients }: Delivery['message']): string =>
  typeof recipients === 'string'
    ? `the connection has no list of recipients ${JSON.stringify(recipients.slice(0, 64))} any more; name one that it has, and send this again`
    : 'the connection has several lists of recipients, and the message names none; name one in the rule';
