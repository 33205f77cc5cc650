// The client of the webhook destination: one request, one connection, to an address that was checked before.
import { Client, type Dispatcher } from 'undici';
import { codeOf, createAttempts } from '../../core/attempts.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { Connection, OpenContext } from '../../core/destination.ts';
import type { Clock } from '../../core/ports.ts';
import { networksOf } from './address.ts';
import { outcomeOfStatus, retryAfterMs } from './answers.ts';
import { checkedAddresses, lookupOf, type Reach, type Resolve, resolveBySystem } from './reach.ts';
import { plain, type WebhookSettings } from './settings.ts';
import { createSign, type Sign } from './sign.ts';
import { pathProblem, queryProblem, requestTarget } from './target.ts';

const CONNECT_MS = 10_000;
const ADDRESS_MS = 2_500;
const HEADER_BYTES_MAX = 16 * 1024;
/** Of an answer's body: it decides nothing and is read only to let the endpoint finish in peace. */
const BODY_BYTES_MAX = 64 * 1024;
const BODY_MS_MAX = 10_000;
/** How long a connection that a person must allow is left alone, in ms. */
const REFUSED_MS = 60_000;

type Endpoint = Reach & { settings: WebhookSettings; sign: Sign; context: OpenContext };
type Request = { method: string; target: string; body: string | undefined; headers: Record<string, string> };

/** Opens a connection; nothing is sent and no socket is kept between messages. Rejects if a signing secret can never work. */
export async function open(
  settings: WebhookSettings,
  context: OpenContext,
  resolve: Resolve = resolveBySystem,
): Promise<Connection> {
  const attempts = createAttempts();
  const endpoint: Endpoint = {
    url: new URL(plain(settings.url)),
    settings,
    allowHttp: settings.allowHttp,
    networks: networksOf(settings.allowPrivate),
    sign: createSign({ secret: settings.secret, previousSecret: settings.previousSecret }),
    resolve,
    context,
  };
  return {
    send: (message, { id, signal }) =>
      attempts.run(signal, async (ends) => {
        const request = requestOf(endpoint, message, id);
        return typeof request === 'string' ? { kind: 'dead', error: request } : withinTime(endpoint, request, ends);
      }),
    close: () => attempts.close(),
  };
}

/** The request of a message, or why it can never be sent. */
function requestOf(
  { url, settings, sign, context }: Endpoint,
  message: Delivery['message'],
  id: string,
): Request | string {
  const { path, query } = message;
  const wrong = (typeof path === 'string' ? pathProblem(path) : undefined) ?? queryProblem(query);
  if (wrong !== undefined) return wrong;
  const method = typeof message.method === 'string' ? message.method : settings.method;
  const body = method === 'GET' || message.body === undefined ? undefined : JSON.stringify(message.body);
  if (body === undefined && method !== 'GET' && method !== 'DELETE') return `body: is missing, which ${method} needs`;
  const headers: Record<string, string> = { 'user-agent': 'Hookswitch' };
  for (const [name, value] of Object.entries(settings.headers ?? {})) headers[name.toLowerCase()] = plain(value);
  if (settings.bearer !== undefined) headers.authorization = `Bearer ${settings.bearer.reveal()}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  Object.assign(headers, { 'accept-encoding': 'identity' }, sign(id, context.clock.wallMs(), body ?? ''));
  return { method, target: requestTarget(url, path, query), body, headers };
}

/** Ends the attempt after the connection's own limit, too. */
async function withinTime(endpoint: Endpoint, request: Request, signal: AbortSignal): Promise<Outcome> {
  const own = new AbortController();
  const onAbort = (): void => own.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  const cancel = endpoint.context.clock.after(endpoint.settings.timeoutMs, onAbort);
  try {
    const addresses = await checkedAddresses(endpoint, own.signal);
    if (!Array.isArray(addresses)) {
      const { reason, error } = addresses;
      endpoint.context.count('webhook_refused', { connection: endpoint.context.name, reason });
      return { kind: 'unavailable', code: 'refused', error, afterMs: REFUSED_MS };
    }
    if (addresses.length === 0)
      return { kind: 'retry', code: 'ENOTFOUND', error: 'the name of the endpoint has no address' };
    return await sendTo(endpoint, addresses, request, own.signal);
  } catch (error) {
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
    connect: {
      lookup: lookupOf(addresses),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_MS,
      timeout: CONNECT_MS,
      maxCachedSessions: 0,
      ...(settings.ca === undefined ? {} : { ca: settings.ca.reveal() }),
    },
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
    await drain(answer.body, context.clock);
    if (answer.statusCode === 410) context.log.warn('webhook_gone', { connection: context.name });
    return outcomeOfStatus(answer.statusCode, afterMs);
  } finally {
    await client.destroy();
  }
}

async function drain(body: Dispatcher.ResponseData['body'], clock: Clock): Promise<void> {
  let bytes = 0;
  body.on('error', () => undefined);
  const cancel = clock.after(BODY_MS_MAX, () => void body.destroy());
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) break;
    }
  } catch {
    // The status has been read: how the body ends changes nothing.
  } finally {
    cancel();
  }
}
