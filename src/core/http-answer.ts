// What an HTTP answer means for a delivery, for every destination that speaks HTTP. The status alone decides; of the headers, only
// Retry-After is read, and of the body nothing.
import type { Outcome } from './delivery.ts';
import type { Clock } from './ports.ts';

const RETRY_AFTER_MS_MAX = 3_600_000;
const THROTTLE = new Set([429, 502, 503, 504]);
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const BODY_BYTES_MAX = 64 * 1024;
const BODY_MS_MAX = 10_000;

/**
 * The outcome of a status. `afterMs`: what Retry-After said, where it said something.
 * 2xx delivered · 408, 425, 3xx, other 5xx retry · 429, 502, 503, 504 everybody waits if the peer says how long, else retry ·
 * 410 gone, and with it the endpoint · other 4xx dead. Stricter than Standard Webhooks, which tries every 4xx again: a person can
 * send it again.
 */
export function outcomeOfStatus(status: number, afterMs: number | undefined): Outcome {
  const code = String(status);
  if (status >= 200 && status < 300) return { kind: 'delivered', code };
  if (status >= 300 && status < 400)
    return {
      kind: 'retry',
      code,
      error: `the endpoint moved (${code}), which is not followed; set the address in the config to the new one`,
    };
  if (status === 410) return { kind: 'gone', code, error: 'the endpoint says that it is gone for good (410)' };
  if (THROTTLE.has(status) && afterMs !== undefined)
    return { kind: 'unavailable', code, error: `the endpoint asks to wait (${code})`, afterMs };
  const temporary = status < 400 || status >= 500 || status === 408 || status === 425 || status === 429;
  if (temporary) return { kind: 'retry', code, error: `the endpoint answered ${code}` };
  return { kind: 'dead', code, error: `the endpoint refused the message (${code})` };
}

/**
 * `Retry-After` in ms from `wallMs` on, at most an hour: whole seconds or an HTTP date (RFC 9110, section 10.2.3).
 * Undefined if it is missing or neither.
 */
export function retryAfterMs(header: string | string[] | undefined, wallMs: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(text)
    ? Number(text) * 1000
    : HTTP_DATE.test(text)
      ? Date.parse(text) - wallMs
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), RETRY_AFTER_MS_MAX);
}

/** The body of an answer, as an HTTP client hands it out. */
type Body = AsyncIterable<{ length: number }> & {
  on(event: 'error', listener: () => void): unknown;
  destroy(): unknown;
};

/** Reads a body that decides nothing, so that the peer may finish in peace: at most 64 KiB and 10 s of it. Never rejects. */
export async function readAway(body: Body, clock: Pick<Clock, 'after'>): Promise<void> {
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
