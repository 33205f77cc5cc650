// What the answer of a mail server, or its silence, means for a delivery.
import { codeOf } from '../../core/attempts.ts';
import { cleanLine } from '../../core/caller-text.ts';
import type { Outcome } from '../../core/delivery.ts';

/** How long a connection that a person must repair is left alone, in ms: a server may lock an account that tries too often. */
const REPAIR_MS = 60_000;
const REPLY_CHARACTERS_MAX = 200;

/** The parts of nodemailer's errors that are decided by. `code` is its own (`EAUTH`, …), `responseCode` the server's. */
export type SmtpFailure = { code?: unknown; responseCode?: unknown; response?: unknown; command?: unknown };

/** How the connection logs in: what a person can do about a refused login depends on it. */
export type LoginWay = 'none' | 'password' | 'oauth2';

/** Log in first; the way to log in is too weak; wrong name or password; encryption required (RFC 4954, section 6). */
const LOGIN_CODES = new Set([530, 534, 535, 538]);

const PROVIDERS = 'Google and Microsoft 365 take no plain passwords: use an app password or oauth2';

function loginHint(status: number | undefined, way: LoginWay): string {
  if (way === 'none') return 'set user and password, or user and oauth2';
  if (status === 538) return 'set tls to "starttls" or "implicit"';
  if (way === 'oauth2') return 'check that user is the mailbox the token is for, and that the app may send for it';
  return status === 534 || status === 535 ? `check user and password; ${PROVIDERS}` : 'check user, password and tls';
}

/** What to look at when a command was refused for good. Decided by the command, never by the server's words. */
function mailHint(command: unknown, status: number | undefined): string {
  if (status === 552 || status === 523) return '; the mail is too large for the server, or a mailbox is full';
  if (command === 'MAIL FROM') return '; check from: the server may want an address of its own user';
  if (command === 'RCPT TO') return '; check recipients, and whether the server takes mail for other domains from here';
  return '';
}

/**
 * The outcome of a failed attempt (RFC 5321, section 4.2.1: 4yz is transient, 5yz permanent).
 * - A refused login waits instead of dying: it is no fault of the message, and a person has to set another password. A server
 *   that cannot check it now (454) is tried again.
 * - Only a 5yz about the message itself ends it: to MAIL, RCPT, DATA or the content. A 5yz to the greeting, to EHLO or to
 *   STARTTLS speaks about the server, and 503 about the order of commands on this connection: both are tried again.
 * - No connection, no answer, TLS trouble: tried again, so that the breaker opens.
 */
export function outcomeOf(error: SmtpFailure, secrets: readonly string[], way: LoginWay): Outcome {
  const status = typeof error.responseCode === 'number' ? error.responseCode : undefined;
  const code = status === undefined ? codeOf(error) : String(status);
  const coded = code === undefined ? {} : { code };
  if (error.code === 'EAUTH' || (status !== undefined && LOGIN_CODES.has(status))) {
    // The reply to a login is never shown: some servers repeat what they were sent.
    if (status !== undefined && status >= 400 && status < 500)
      return { kind: 'retry', error: `the mail server cannot check the login now (${status})`, ...coded };
    const text = `the mail server refused the login${status === undefined ? '' : ` (${status})`}; ${loginHint(status, way)}`;
    return { kind: 'unavailable', error: text, afterMs: REPAIR_MS, ...coded };
  }
  const reply = replyOf(error, secrets);
  if (error.code === 'EENVELOPE' || error.code === 'EMESSAGE') {
    const permanent = status === undefined || (status >= 500 && status !== 503);
    const hint = permanent ? mailHint(error.command, status) : '';
    return { kind: permanent ? 'dead' : 'retry', error: `the mail server refused the mail${reply}${hint}`, ...coded };
  }
  if (error.code === 'EFILEACCESS' || error.code === 'EURLACCESS')
    return { kind: 'dead', error: 'the mail asks for a file or an address to be read, which is never done', ...coded };
  if (error.code === 'ETLS')
    return { kind: 'retry', error: `no encrypted connection to the mail server${reply}; check tls and ca`, ...coded };
  return { kind: 'retry', error: `the mail server could not be used (${code ?? 'no answer'})${reply}`, ...coded };
}

/** `: 550 5.7.1 relaying denied`, cut and cleaned, without our secrets in plain or in Base64. */
function replyOf({ response }: SmtpFailure, secrets: readonly string[]): string {
  if (typeof response !== 'string' || response === '') return '';
  let text = response;
  for (const value of secrets.flatMap((plain) => [plain, Buffer.from(plain).toString('base64').replace(/=+$/, '')]))
    if (value !== '') text = text.replaceAll(value, '***');
  return `: ${cleanLine(text.replaceAll(/\r?\n/g, ' '), REPLY_CHARACTERS_MAX)}`;
}
