// The token request: one POST to the token service (RFC 6749), by one of three grants, and what its answer means.
import { createSign } from 'node:crypto';
import type { FetchResponse } from 'nodemailer/lib/fetch';
import request from 'nodemailer/lib/fetch';
import type { Outcome } from '../../core/delivery.ts';
import { GOOGLE_MAIL_SCOPE, type OAuth2Settings } from './oauth2-settings.ts';

const ANSWER_MS = 10_000;
const ANSWER_BYTES_MAX = 64 * 1024;
/** How long a login that a person must repair is left alone, in ms. */
const REPAIR_MS = 60_000;
/** A token whose life the service does not tell, in ms: RFC 6749, section 5.1, only recommends that it does. */
const LIFE_MS = 5 * 60_000;
const ASSERTION_SECONDS = 300;

/** `refreshToken`: the one to use from now on, where the service gives a new one each time. */
export type Token = { accessToken: string; lifeMs: number; refreshToken?: string };
export type TokenAnswer = { token: Token } | { outcome: Outcome };
/** `cancel` ends the request and its connection; the answer then says that it broke off. */
export type TokenRequest = { answer: Promise<TokenAnswer>; cancel(): void };

/** What to do, by the error of RFC 6749, section 5.2. Words of a service that are not in this list are not repeated. */
const REFUSALS: Record<string, string> = {
  invalid_grant:
    'the refresh token or the service account is no longer taken: sign in again, and put the new refresh token into the config',
  invalid_client: 'check clientId and clientSecret; a client secret may have run out',
  unauthorized_client: 'allow the app this way to get a token',
  invalid_scope: 'check scope',
  invalid_request: 'check accessUrl and scope',
  unsupported_grant_type: 'check accessUrl',
};

/** Asks for a token. Redirects are not followed: the address is the one a person wrote. */
export function requestToken(
  settings: OAuth2Settings,
  user: string,
  refresh: string | undefined,
  nowMs: number,
): TokenRequest {
  const stream = request(settings.accessUrl, {
    method: 'POST',
    body: formOf(settings, user, refresh, nowMs),
    allowErrorResponse: true,
    maxRedirects: 0,
    timeout: ANSWER_MS,
    maxTime: ANSWER_MS,
    maxBytes: ANSWER_BYTES_MAX,
  });
  return { answer: read(stream), cancel: () => stream.destroy() };
}

function read(stream: FetchResponse): Promise<TokenAnswer> {
  const chunks: Buffer[] = [];
  const unreachable =
    'the token service could not be reached; check accessUrl, and whether it can be reached from here';
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => resolve(meaningOf(stream.statusCode ?? 0, Buffer.concat(chunks).toString())));
    // Their texts may hold the address and what was sent: only that it failed is told.
    stream.once('error', () => resolve({ outcome: { kind: 'retry', error: unreachable, code: 'EFETCH' } }));
    stream.once('close', () => resolve({ outcome: { kind: 'retry', error: 'the token request broke off' } }));
  });
}

function formOf(
  settings: OAuth2Settings,
  user: string,
  refresh: string | undefined,
  nowMs: number,
): Record<string, string> {
  const { clientId = '', clientSecret, scope } = settings;
  if (settings.serviceClient !== undefined)
    return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertionOf(settings, user, nowMs) };
  return {
    grant_type: refresh === undefined ? 'client_credentials' : 'refresh_token',
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret.reveal() }),
    ...(refresh === undefined ? {} : { refresh_token: refresh }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/** A signed statement of the service account (RFC 7523, section 3), valid for five minutes. */
function assertionOf(
  { serviceClient, privateKey, scope, accessUrl }: OAuth2Settings,
  user: string,
  nowMs: number,
): string {
  const issuedAt = Math.floor(nowMs / 1_000);
  const claims = {
    iss: serviceClient,
    scope: scope ?? GOOGLE_MAIL_SCOPE,
    sub: user,
    aud: accessUrl,
    iat: issuedAt,
    exp: issuedAt + ASSERTION_SECONDS,
  };
  const signed = [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = createSign('RSA-SHA256')
    .update(signed)
    .sign(privateKey?.reveal() ?? '', 'base64url');
  return `${signed}.${signature}`;
}

/** Decided by status and error word alone: descriptions may say anything. */
function meaningOf(status: number, body: string): TokenAnswer {
  if (status === 408 || status === 429 || status >= 500)
    return {
      outcome: { kind: 'retry', error: `the token service cannot answer now (${status})`, code: String(status) },
    };
  const answer = jsonOf(body);
  if (status === 200 && isToken(answer.access_token)) {
    const seconds = Number(answer.expires_in);
    return {
      token: {
        accessToken: answer.access_token,
        lifeMs: seconds > 0 ? seconds * 1_000 : LIFE_MS,
        ...(isToken(answer.refresh_token) ? { refreshToken: answer.refresh_token } : {}),
      },
    };
  }
  const word = typeof answer.error === 'string' && Object.hasOwn(REFUSALS, answer.error) ? answer.error : undefined;
  const error =
    word === undefined
      ? `the token service gave no token (${status}); check accessUrl and the other keys of oauth2`
      : `the token service refused (${status} ${word}); ${REFUSALS[word]}`;
  return { outcome: { kind: 'unavailable', error, code: word ?? String(status), afterMs: REPAIR_MS } };
}

/** What a token may consist of (RFC 6750, section 2.1, and more): nothing in it can end the line that it is sent in. */
const isToken = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]{1,16384}$/.test(value);

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
