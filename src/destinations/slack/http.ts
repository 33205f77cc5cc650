// One HTTP request for one attempt: ends with its signal, keeps no connection afterwards, and reads a bounded answer.
import type { FetchFunction } from '@slack/web-api';

/** A `Retry-After` beyond this is not believed. */
const RETRY_AFTER_MS_MAX = 3_600_000;

const READ_HEADERS = new Set(['retry-after', 'x-oauth-scopes']);

/** What came back, beside what Slack's library makes of it: it drops the status of a 429 without a usable `Retry-After`. */
export type Head = { status: number; afterMs: number | undefined };

/** `fetch` for one attempt. `bytesMax`: what is beyond is not read. */
export function boundedFetch(signal: AbortSignal, bytesMax: number, onHead: (head: Head) => void): FetchFunction {
  return async (url, init = {}) => {
    const { signal: timeout, headers, ...rest } = init;
    const either = eitherOf(timeout ? [signal, timeout] : [signal]);
    const own = { ...rest, headers: { ...headers, connection: 'close' }, signal: either.signal };
    let response: Response;
    let body: string | { error: unknown };
    try {
      response = await globalThis.fetch(url, own);
      onHead({ status: response.status, afterMs: retryAfterMs(response.headers.get('retry-after')) });
      // Read here and now: the library leaves some answers unread, and an unread answer keeps its connection open.
      body = await readBounded(response, bytesMax).catch((error: unknown) => ({ error }));
    } finally {
      either.forget();
    }
    const readText = async (): Promise<string> => {
      if (typeof body === 'string') return body;
      throw body.error;
    };
    const bounded: Awaited<ReturnType<FetchFunction>> = {
      ok: response.ok,
      status: response.status,
      statusText: '',
      url: response.url,
      // Only what the library needs: its own unzipping of an answer must not be reachable from outside.
      headers: { get: (name) => (READ_HEADERS.has(name) ? response.headers.get(name) : null), entries: () => [] },
      arrayBuffer: async () => new TextEncoder().encode(await readText()).buffer,
      json: async () => JSON.parse(await readText()),
      text: readText,
    };
    return bounded;
  };
}

/**
 * Not AbortSignal.any: Node 20 may collect its result, listeners and all, while the request still runs. `forget` takes the
 * listeners away again, since one of the signals may live as long as the connection.
 */
function eitherOf(signals: AbortSignal[]): { signal: AbortSignal; forget(): void } {
  const either = new AbortController();
  const taken = signals.map((signal) => {
    const onAbort = (): void => either.abort(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  });
  return {
    signal: either.signal,
    forget() {
      for (const take of taken) take();
    },
  };
}

async function readBounded(response: Response, bytesMax: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) break;
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

/** Slack sends whole seconds (docs.slack.dev, "Rate limits"). */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null || !/^\d{1,9}$/.test(header.trim())) return undefined;
  return Math.min(Number(header) * 1000, RETRY_AFTER_MS_MAX);
}
