// Slack's Web API and its incoming webhooks: one call, and what its answer means.
import { ErrorCode, type Logger, WebClient } from '@slack/web-api';
import { codeOf } from '../../core/attempts.ts';
import type { Outcome } from '../../core/delivery.ts';
import type { Secret } from '../../core/secret.ts';
import { isErrorWord, outcomeOfStatus, outcomeOfWord } from './errors.ts';
import { boundedFetch, type Head } from './http.ts';

const TIMEOUT_MS = 10_000;
/** An answer has a few hundred bytes; a page of a channel's history or of the list of channels has more. */
const ANSWER_BYTES_MAX = 64 * 1024;
const PAGE_BYTES_MAX = 4 * 1024 * 1024;

export type Answer =
  | { ok: true; data: Record<string, unknown> }
  /** `word`: Slack's error word. `sure`: the call certainly had no effect; otherwise it may have had all of it. */
  | { ok: false; outcome: Exclude<Outcome, { kind: 'delivered' }>; word?: string; sure: boolean };

export type Call = (method: string, args: Record<string, unknown>, signal: AbortSignal) => Promise<Answer>;

/** Failures before anything was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Calls methods with a token. The client lives for one call, since the library knows no other way to abort it. */
export function createCall(token: Secret, apiUrl: string | undefined): Call {
  return async (method, args, signal) => {
    const heads: Head[] = [];
    const bytesMax = method.startsWith('conversations.') ? PAGE_BYTES_MAX : ANSWER_BYTES_MAX;
    const client = new WebClient(token.reveal(), {
      ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: TIMEOUT_MS,
      allowAbsoluteUrls: false,
      logger: SILENT,
      fetch: boundedFetch(signal, bytesMax, (head) => heads.push(head)),
    });
    try {
      return { ok: true, data: { ...(await client.apiCall(method, args)) } };
    } catch (error) {
      return failureOf(error, heads[0], method);
    }
  };
}

function failureOf(error: unknown, head: Head | undefined, method: string): Answer {
  type Thrown = { code?: unknown; data?: { error?: unknown; needed?: unknown }; original?: unknown };
  const { code, data, original } = error as Thrown;
  if (code === ErrorCode.PlatformError) {
    if (isErrorWord(data?.error))
      return failed(outcomeOfWord(data.error, { afterMs: head?.afterMs, method, needed: data.needed }), data.error);
    return failed({ kind: 'retry', error: 'the answer is not from Slack; check apiUrl and the proxy' });
  }
  if (head !== undefined && head.status !== 200) return failed(outcomeOfStatus(head.status, head.afterMs));
  return failed(unreachable(original ?? error));
}

/** Posts to an incoming webhook, which answers `ok`, or a word with a status of 4xx or 5xx. */
export async function callWebhook(url: Secret, message: Record<string, unknown>, signal: AbortSignal): Promise<Answer> {
  const heads: Head[] = [];
  const fetchOnce = boundedFetch(signal, ANSWER_BYTES_MAX, (head) => heads.push(head));
  try {
    const response = await fetchOnce(url.reveal(), {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(message),
      redirect: 'manual',
      signal,
    });
    if (response.status === 200) return { ok: true, data: {} };
    const afterMs = heads[0]?.afterMs;
    // A body that breaks off says nothing more than its status.
    const word = await response.text().then(
      (text) => text.trim(),
      () => '',
    );
    return isErrorWord(word) && response.status >= 400 && response.status !== 429
      ? failed(outcomeOfWord(word, { afterMs }), word)
      : failed(outcomeOfStatus(response.status, afterMs));
  } catch (error) {
    return failed(unreachable(error));
  }
}

/** Only a refusal is sure: after its own trouble, or without an answer, Slack may have done all of it (docs.slack.dev, `fatal_error`). */
function failed(outcome: Outcome, word?: string): Answer {
  if (outcome.kind === 'delivered') throw new Error('a delivered message did not fail');
  const sure = outcome.kind !== 'retry' || NOT_SENT.has(outcome.code ?? '');
  return { ok: false, outcome, sure, ...(word === undefined ? {} : { word }) };
}

const unreachable = (error: unknown): Outcome => {
  const code = codeOf(error);
  return { kind: 'retry', error: `Slack could not be reached (${code ?? 'no answer'})`, ...(code ? { code } : {}) };
};

/** The library writes to the console otherwise, request bodies included. */
const SILENT: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => 'error' as ReturnType<Logger['getLevel']>,
  setName() {},
};
