// What an HTTP answer means for a delivery. The status alone decides; of the headers, only Retry-After is read.
import type { Outcome } from '../../core/delivery.ts';

const RETRY_AFTER_MS_MAX = 3_600_000;
const THROTTLE = new Set([429, 502, 503, 504]);
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * The outcome of a status. `afterMs`: what Retry-After said, where it said something.
 * 2xx delivered · 408, 425, 3xx, other 5xx retry · 429, 502, 503, 504 everybody waits if the peer says how long, else retry ·
 * 410 and other 4xx dead. Stricter than Standard Webhooks, which tries every 4xx again: a person can send it again.
 */
export function outcomeOfStatus(status: number, afterMs: number | undefined): Outcome {
  const code = String(status);
  if (status >= 200 && status < 300) return { kind: 'delivered', code };
  if (status >= 300 && status < 400)
    return {
      kind: 'retry',
      code,
      error: `the endpoint moved (${code}), which is not followed; set url to the new address`,
    };
  if (status === 410) return { kind: 'dead', code, error: 'the endpoint says that it is gone for good (410)' };
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
