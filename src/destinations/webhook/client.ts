// The client of the webhook destination: one request, one connection, to an address that was checked before.
import { buildConnector, Client, type Dispatcher } from 'undici';
import { codeOf, createAttempts } from '../../core/attempts.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { Connection, OpenContext, SendMeta } from '../../core/destination.ts';
import { outcomeOfStatus, readAway, retryAfterMs } from '../../core/http-answer.ts';
import { isSelf, networksOf, ownsEvery } from './address.ts';
import { renderedHeaders } from './headers.ts';
import { messageProblem, recordOf } from './message.ts';
import {
  checkedAddresses,
  lookupOf,
  OWN_REFUSAL,
  portOf,
  type Reach,
  type Refusal,
  type Resolve,
  resolveBySystem,
} from './reach.ts';
import { plain, type WebhookSettings } from './settings.ts';
import { createSign, type Sign } from './sign.ts';
import { requestTarget } from './target.ts';

const CONNECT_MS = 10_000;
const ADDRESS_MS = 2_500;
const HEADER_BYTES_MAX = 16 * 1024;
const BODY_MS_MAX = 10_000;
/** How long a connection that a person must allow is left alone, in ms. */
const REFUSED_MS = 60_000;
/** How long it is remembered that a record was made, in ms: a replay may reach as far back as the journal does. */
const MADE_MS = 30 * 86_400_000;

type Endpoint = Reach & { settings: WebhookSettings; sign: Sign; context: OpenContext };
type Request = { method: string; target: string; body: string | undefined; headers: Record<string, string> };

/** Opens a connection; nothing is sent and no socket is kept between messages. Rejects if a signing secret can never work. */
export async function open(
  settings: WebhookSettings,
  context: OpenContext,
  resolve: Resolve = resolveBySystem,
): Promise<Connection> {
  const attempts = createAttempts();
  const endpoint = endpointOf(settings, context, resolve);
  return {
    send: (message, meta) => attempts.run(meta.signal, (ends) => sendOnce(endpoint, message, meta, ends)),
    close: () => attempts.close(),
  };
}

/** Throws if a signing secret can never work. */
export const endpointOf = (settings: WebhookSettings, context: OpenContext, resolve: Resolve): Endpoint => ({
  url: new URL(plain(settings.url)),
  settings,
  allowHttp: settings.allowHttp,
  networks: networksOf(settings.allowPrivate),
  sign: createSign(settings.secret),
  resolve,
  context,
});

/** One attempt; of a record that is to be made once, none where it has been made. */
async function sendOnce(
  endpoint: Endpoint,
  message: Delivery['message'],
  { id, kept }: SendMeta,
  ends: AbortSignal,
): Promise<Outcome> {
  const record = message.once === true ? recordOf(message) : undefined;
  const { count, clock, name } = endpoint.context;
  if (record !== undefined && kept?.(record) !== undefined) {
    count('webhook_made_before', { connection: name });
    return { kind: 'delivered', code: 'made-before' };
  }
  const request = requestOf(endpoint, message, id);
  if (typeof request === 'string') return { kind: 'dead', error: request };
  const outcome = await withinTime(endpoint, request, ends);
  if (record === undefined || outcome.kind !== 'delivered') return outcome;
  return { ...outcome, keep: { key: record, value: id, untilMs: clock.wallMs() + MADE_MS } };
}

/** The request of a message, or why it can never be sent. */
function requestOf(
  { url, settings, sign, context }: Endpoint,
  message: Delivery['message'],
  id: string,
): Request | string {
  const wrong = messageProblem(message);
  if (wrong !== undefined) return wrong;
  const { path, query } = message;
  const method = typeof message.method === 'string' ? message.method : settings.method;
  const body = method === 'GET' || message.body === undefined ? undefined : JSON.stringify(message.body);
  if (body === undefined && method !== 'GET' && method !== 'DELETE') return `body: is missing, which ${method} needs`;
  const headers: Record<string, string> = { 'user-agent': 'Hookswitch', ...renderedHeaders(message.headers) };
  // What the connection sets stands behind what the message sets: no message changes who we are.
  for (const [name, value] of Object.entries(settings.headers ?? {})) headers[name.toLowerCase()] = plain(value);
  Object.assign(headers, authorizationOf(settings));
  if (message.once === true && typeof message.key === 'string') headers['idempotency-key'] = message.key;
  if (body !== undefined) headers['content-type'] = 'application/json';
  Object.assign(headers, { 'accept-encoding': 'identity' }, sign(id, context.clock.wallMs(), body ?? ''));
  return { method, target: requestTarget(url, path, query), body, headers };
}

function authorizationOf({ basic, bearer }: WebhookSettings): Record<string, string> {
  if (bearer !== undefined) return { authorization: `Bearer ${bearer.reveal()}` };
  if (basic === undefined) return {};
  const pair = Buffer.from(`${basic.user}:${basic.password.reveal()}`, 'utf8').toString('base64');
  return { authorization: `Basic ${pair}` };
}

/** Ends the attempt after the connection's own limit, too. */
async function withinTime(endpoint: Endpoint, request: Request, signal: AbortSignal): Promise<Outcome> {
  const own = new AbortController();
  const onAbort = (): void => own.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  const cancel = endpoint.context.clock.after(endpoint.settings.timeoutMs, onAbort);
  try {
    const listeners = endpoint.context.ownAddresses?.() ?? [];
    const addresses = await checkedAddresses({ ...endpoint, own: listeners }, own.signal);
    if (!Array.isArray(addresses)) return refused(endpoint, addresses);
    if (addresses.length === 0)
      return { kind: 'retry', code: 'ENOTFOUND', error: 'the name of the endpoint has no address' };
    return await sendTo(endpoint, addresses, request, own.signal);
  } catch (error) {
    if (codeOf(error) === OWN_CODE) return refused(endpoint, OWN_REFUSAL);
    if (own.signal.aborted)
      return { kind: 'retry', code: 'timeout', error: `no answer within ${endpoint.settings.timeoutMs} ms` };
    const code = codeOf(error);
    return {
      kind: 'retry',
      error: `the endpoint could not be reached (${code ?? 'no answer'})`,
      ...(code ? { code } : {}),
    };
  } finally {
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

function refused({ context }: Endpoint, { reason, error }: Refusal): Outcome {
  context.count('webhook_refused', { connection: context.name, reason });
  return { kind: 'unavailable', code: 'refused', error, afterMs: REFUSED_MS };
}

/** One request over a connection of its own: nothing that one answer leaves behind can reach the next request. */
async function sendTo(
  endpoint: Endpoint,
  addresses: string[],
  request: Request,
  signal: AbortSignal,
): Promise<Outcome> {
  const { url, settings, context } = endpoint;
  const client = new Client(url.origin, {
    pipelining: 0,
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: settings.timeoutMs,
    bodyTimeout: BODY_MS_MAX,
    connect: connectorTo(endpoint, addresses),
  });
  try {
    const answer = await client.request({
      method: request.method as Dispatcher.HttpMethod,
      path: request.target,
      headers: request.headers,
      body: request.body === undefined ? null : Buffer.from(request.body),
      signal,
    });
    const afterMs = retryAfterMs(answer.headers['retry-after'], context.clock.wallMs());
    await readAway(answer.body, context.clock);
    return outcomeOfStatus(answer.statusCode, afterMs);
  } finally {
    await client.destroy();
  }
}

/** Our own name for what `connectorTo` found; it has the form of Node's codes. */
const OWN_CODE = 'HOOKSWITCH_OWN_LISTENER';

/** Connects to the checked addresses, and lets go at once, nothing sent, where the peer is a listener of ours after all. */
export function connectorTo({ url, settings, context }: Endpoint, addresses: string[]): buildConnector.connector {
  const connect = buildConnector({
    lookup: lookupOf(addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_MS,
    timeout: CONNECT_MS,
    maxCachedSessions: 0,
    ...(settings.ca === undefined ? {} : { ca: settings.ca.reveal() }),
  });
  const ours = ownsEvery(portOf(url), context.ownAddresses?.() ?? []);
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      if (!ours || !isSelf(socket.localAddress, socket.remoteAddress)) return callback(null, socket);
      socket.destroy();
      callback(Object.assign(new Error('a listener of our own'), { code: OWN_CODE }), null);
    });
}
