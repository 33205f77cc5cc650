// The client of the ntfy destination: one POST of JSON to the server's root for each notification, on a connection of its own.
import { Client } from 'undici';
import { codeOf, createAttempts } from '../../core/attempts.ts';
import type { Delivery, Json, Outcome } from '../../core/delivery.ts';
import type { Connection, OpenContext } from '../../core/destination.ts';
import { outcomeOfStatus, readAway, retryAfterMs } from '../../core/http-answer.ts';
import type { NtfySettings } from './settings.ts';

const CONNECT_MS = 10_000;
const HEADER_BYTES_MAX = 16 * 1024;

/** docs.ntfy.sh/publish, "Message priority": 1 is min, 5 is max. */
const PRIORITIES: Readonly<Record<string, number>> = { min: 1, low: 2, default: 3, high: 4, max: 5 };

/** Opens a connection; nothing is sent and no socket is kept between notifications. */
export async function open(settings: NtfySettings, context: OpenContext): Promise<Connection> {
  const attempts = createAttempts();
  const topic = typeof settings.topic === 'string' ? settings.topic : settings.topic.reveal();
  return {
    send: (message, { signal }) =>
      attempts.run(signal, (ends) => publish(settings, bodyOf(topic, message), context, ends)),
    close: () => attempts.close(),
  };
}

/**
 * The fields of docs.ntfy.sh/publish, "Publish as JSON". In JSON, because headers would have to be encoded for names in other scripts,
 * and because the topic stands in the body, not in a URL that logs on the way would show.
 */
function bodyOf(topic: string, { text, title, priority, tags, click, actions }: Delivery['message']): string {
  const buttons = Array.isArray(actions) ? actions.map((each) => ({ action: 'view', ...(each as object) })) : undefined;
  const fields: Record<string, Json | undefined> = {
    topic,
    message: text,
    title: title === '' ? undefined : title,
    priority: typeof priority === 'string' ? PRIORITIES[priority] : undefined,
    tags,
    click,
    actions: buttons as Json | undefined,
  };
  return JSON.stringify(fields);
}

async function publish(
  settings: NtfySettings,
  body: string,
  { clock }: OpenContext,
  signal: AbortSignal,
): Promise<Outcome> {
  const client = new Client(new URL(settings.server).origin, {
    pipelining: 0,
    maxHeaderSize: HEADER_BYTES_MAX,
    connect: { timeout: CONNECT_MS, maxCachedSessions: 0 },
  });
  try {
    const answer = await client.request({
      method: 'POST',
      path: '/',
      headers: {
        'user-agent': 'Hookswitch',
        'content-type': 'application/json',
        'accept-encoding': 'identity',
        ...(settings.token === undefined ? {} : { authorization: `Bearer ${settings.token.reveal()}` }),
      },
      body: Buffer.from(body),
      signal,
    });
    const afterMs = retryAfterMs(answer.headers['retry-after'], clock.wallMs());
    await readAway(answer.body, clock);
    return outcomeOfStatus(answer.statusCode, afterMs);
  } catch (error) {
    if (signal.aborted) return { kind: 'retry', code: 'timeout', error: 'the server did not answer in time' };
    const code = codeOf(error);
    return {
      kind: 'retry',
      error: `the server could not be reached (${code ?? 'no answer'})`,
      ...(code ? { code } : {}),
    };
  } finally {
    await client.destroy();
  }
}
