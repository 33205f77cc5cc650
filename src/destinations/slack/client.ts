// The client of the Slack destination: one attempt a call, through Slack's own library or to an incoming webhook.
import { ErrorCode, type FetchFunction, type Logger, WebClient } from '@slack/web-api';
import { type Attempts, codeOf, createAttempts } from '../../core/attempts.ts';
import type { Delivery, Outcome } from '../../core/delivery.ts';
import type { Connection, OpenContext } from '../../core/destination.ts';
import { isErrorWord, outcomeOfStatus, outcomeOfWord } from './errors.ts';
import type { SlackSettings } from './index.ts';

const TIMEOUT_MS = 10_000;
/** An answer of Slack has a few hundred bytes. */
const ANSWER_BYTES_MAX = 64 * 1024;
/** A `Retry-After` beyond this is not believed. */
const RETRY_AFTER_MS_MAX = 3_600_000;

type Message = Delivery['message'];
/** What came back, beside what the library makes of it: it drops the status of a 429 without a usable `Retry-After`. */
type Answer = { status: number; afterMs: number | undefined };

/** Opens a connection; nothing is sent and nothing is held open between messages. */
export async function open(settings: SlackSettings, _context: OpenContext): Promise<Connection> {
  const attempts: Attempts = createAttempts();
  const { webhookUrl, token } = settings;
  const send = (message: Message, signal: AbortSignal): Promise<Outcome> =>
    webhookUrl === undefined
      ? postMessage(settings, token?.reveal() ?? '', message, signal)
      : postToWebhook(webhookUrl.reveal(), message, signal);
  return {
    send: (message, meta) => attempts.run(meta.signal, (signal) => send(message, signal)),
    close: () => attempts.close(),
  };
}

/** `chat.postMessage`. The client lives for one attempt, since the library knows no other way to abort a call. */
async function postMessage(
  settings: SlackSettings,
  token: string,
  message: Message,
  signal: AbortSignal,
): Promise<Outcome> {
  const answers: Answer[] = [];
  const client = new WebClient(token, {
    ...(settings.apiUrl === undefined ? {} : { slackApiUrl: settings.apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: TIMEOUT_MS,
    allowAbsoluteUrls: false,
    logger: SILENT,
    fetch: boundedFetch(signal, (answer) => answers.push(answer)),
  });
  try {
    await client.apiCall('chat.postMessage', {
      ...content(message),
      channel: message.channel ?? settings.channel,
      link_names: false,
      parse: 'none',
    });
    return { kind: 'delivered', code: 'ok' };
  } catch (error) {
    return outcomeOf(error, answers[0]);
  }
}

function outcomeOf(error: unknown, answer: Answer | undefined): Outcome {
  const { code, data, original } = error as { code?: unknown; data?: { error?: unknown }; original?: unknown };
  if (code === ErrorCode.PlatformError) {
    if (isErrorWord(data?.error)) return outcomeOfWord(data.error, answer?.afterMs);
    return { kind: 'retry', error: 'the answer is not from Slack; check apiUrl and the proxy' };
  }
  if (answer !== undefined && answer.status !== 200) return outcomeOfStatus(answer.status, answer.afterMs);
  return unreachable(original ?? error);
}

/** An incoming webhook answers `ok`, or a word with a status of 4xx or 5xx. */
async function postToWebhook(url: string, message: Message, signal: AbortSignal): Promise<Outcome> {
  const answers: Answer[] = [];
  const fetchOnce = boundedFetch(signal, (answer) => answers.push(answer));
  try {
    const response = await fetchOnce(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ ...content(message), link_names: false, parse: 'none' }),
      redirect: 'manual',
      signal,
    });
    if (response.status === 200) return { kind: 'delivered', code: 'ok' };
    const afterMs = answers[0]?.afterMs;
    // A body that breaks off says nothing more than its status.
    const word = await response.text().then(
      (text) => text.trim(),
      () => '',
    );
    return isErrorWord(word) && response.status >= 400 && response.status !== 429
      ? outcomeOfWord(word, afterMs)
      : outcomeOfStatus(response.status, afterMs);
  } catch (error) {
    return unreachable(error);
  }
}

const content = (message: Message) => ({
  text: message.text,
  mrkdwn: message.mrkdwn === true,
  unfurl_links: false,
  unfurl_media: false,
});

const unreachable = (error: unknown): Outcome => {
  const code = codeOf(error);
  return { kind: 'retry', error: `Slack could not be reached (${code ?? 'no answer'})`, ...(code ? { code } : {}) };
};

/** `fetch` for one attempt: ends with its signal, keeps no connection afterwards, and reads a bounded answer. */
function boundedFetch(signal: AbortSignal, onAnswer: (answer: Answer) => void): FetchFunction {
  return async (url, init = {}) => {
    const { signal: timeout, headers, ...rest } = init;
    const response = await globalThis.fetch(url, {
      ...rest,
      headers: { ...headers, connection: 'close' },
      signal: eitherOf(signal, timeout),
    });
    onAnswer({ status: response.status, afterMs: retryAfterMs(response.headers.get('retry-after')) });
    // Read here and now: the library leaves some answers unread, and an unread answer keeps its connection open.
    const body = await readBounded(response).catch((error: unknown) => ({ error }));
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
      headers: { get: (name) => (name === 'retry-after' ? response.headers.get(name) : null), entries: () => [] },
      arrayBuffer: async () => new TextEncoder().encode(await readText()).buffer,
      json: async () => JSON.parse(await readText()),
      text: readText,
    };
    return bounded;
  };
}

/** Not AbortSignal.any: Node 20 may collect its result, listeners and all, while the request still runs. */
function eitherOf(first: AbortSignal, second: AbortSignal | undefined): AbortSignal {
  const either = new AbortController();
  for (const signal of second === undefined ? [first] : [first, second]) {
    if (signal.aborted) either.abort(signal.reason);
    else signal.addEventListener('abort', () => either.abort(signal.reason), { once: true });
  }
  return either.signal;
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > ANSWER_BYTES_MAX) break;
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

/** Slack sends whole seconds (docs.slack.dev, "Rate limits"). */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null || !/^\d{1,9}$/.test(header.trim())) return undefined;
  return Math.min(Number(header) * 1000, RETRY_AFTER_MS_MAX);
}

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
