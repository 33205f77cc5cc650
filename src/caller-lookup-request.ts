// One question to the service that knows names: where it may go, how long it may take, how much of the answer is read.
import { Client, type Dispatcher } from 'undici';
import { filledIn, type LookupSettings } from './caller-lookup-settings.ts';
import { contactName } from './contacts/index.ts';
import { codeOf } from './core/attempts.ts';
import type { Clock } from './core/ports.ts';
import { networksOf } from './destinations/webhook/address.ts';
import { checkedAddresses, lookupOf, type Resolve } from './destinations/webhook/reach.ts';
import { plain } from './destinations/webhook/settings.ts';
import { encodeUrlValue } from './destinations/webhook/target.ts';

/** `unknown`: the service answered, and knows no name. `code` says why there was no answer: a constant, fit for logs. */
export type Answer = { kind: 'name'; name: string } | { kind: 'unknown' } | { kind: 'failed'; code: string };

const HEADER_BYTES_MAX = 16 * 1024;
const BODY_BYTES_MAX = 64 * 1024;
/** Answers that say that there is nothing to say. */
const NOTHING = new Set([204, 404, 410]);

/** Asks for one number. Never rejects; over when it resolves, at the latest after the time limit or once `signal` is aborted. */
export async function askService(
  settings: LookupSettings,
  number: string,
  { clock, resolve, signal }: { clock: Pick<Clock, 'after'>; resolve: Resolve; signal: AbortSignal },
): Promise<Answer> {
  const own = new AbortController();
  const end = (): void => own.abort();
  signal.addEventListener('abort', end, { once: true });
  const cancel = clock.after(settings.timeoutMs, end);
  try {
    if (signal.aborted) return failed('closed');
    const url = new URL(filledIn(settings.url, encodeUrlValue(number)));
    const { allowHttp, allowPrivate } = settings;
    const addresses = await checkedAddresses(
      { url, allowHttp, networks: networksOf(allowPrivate), resolve },
      own.signal,
    );
    if (!Array.isArray(addresses)) return failed(`refused_${addresses.reason}`);
    return addresses.length === 0 ? failed('ENOTFOUND') : await get(settings, url, addresses, own.signal);
  } catch (error) {
    if (own.signal.aborted) return failed(signal.aborted ? 'closed' : 'timeout');
    return failed(codeOf(error) ?? 'no_answer');
  } finally {
    cancel();
    signal.removeEventListener('abort', end);
  }
}

const failed = (code: string): Answer => ({ kind: 'failed', code });

/** A connection of its own, to an address that was checked; a redirect is not followed. */
async function get(settings: LookupSettings, url: URL, addresses: string[], signal: AbortSignal): Promise<Answer> {
  const { timeoutMs, ca } = settings;
  const client = new Client(url.origin, {
    pipelining: 0,
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: {
      lookup: lookupOf(addresses),
      autoSelectFamily: true,
      timeout: timeoutMs,
      maxCachedSessions: 0,
      ...(ca === undefined ? {} : { ca: ca.reveal() }),
    },
  });
  try {
    const headers: Record<string, string> = { 'user-agent': 'Hookswitch', accept: 'application/json' };
    for (const [name, value] of Object.entries(settings.headers)) headers[name.toLowerCase()] = plain(value);
    headers['accept-encoding'] = 'identity';
    const path = `${url.pathname}${url.search}`;
    const { statusCode, body } = await client.request({ method: 'GET', path, headers, signal });
    body.on('error', () => undefined);
    if (NOTHING.has(statusCode)) return { kind: 'unknown' };
    if (statusCode !== 200) return failed(`status_${statusCode}`);
    const text = await bounded(body);
    return text === undefined ? failed('too_large') : nameIn(text, settings.name);
  } finally {
    await client.destroy();
  }
}

async function bounded(body: Dispatcher.ResponseData['body']): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function nameIn(text: string, pointer: string): Answer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return failed('not_json');
  }
  const found = at(value, pointer);
  if (found === undefined || found === null) return { kind: 'unknown' };
  if (typeof found !== 'string') return failed('name_is_no_text');
  const name = contactName(found);
  return name === '' ? { kind: 'unknown' } : { kind: 'name', name };
}

/** What a JSON pointer leads to; undefined if there is nothing (RFC 6901, section 4). */
function at(value: unknown, pointer: string): unknown {
  let here = value;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}
