// A server on loopback that speaks Slack's Web API (chat.postMessage) and takes incoming webhooks.
import { answer, type HttpRequest, type HttpScript, type HttpServer, startHttpServer } from './http-server.ts';

export type SlackMessage = {
  channel?: string;
  text?: string;
  mrkdwn?: string | boolean;
  parse?: string;
  link_names?: string | boolean;
  unfurl_links?: string | boolean;
  unfurl_media?: string | boolean;
};

export type SlackServer = HttpServer & {
  /** For `apiUrl` and `webhookUrl`. */
  apiUrl: string;
  webhookUrl: string;
  messages: SlackMessage[];
  /** What the next answers are, instead of a good one: an error word, or a script. */
  script(...next: (string | HttpScript)[]): void;
};

/** Slack limits by 429 with whole seconds. */
export const rateLimited = (seconds: string): HttpScript => answer(429, { 'retry-after': seconds }, 'ratelimited');

const json = (value: unknown): HttpScript =>
  answer(200, { 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(value));

function messageOf({ headers, body }: HttpRequest): SlackMessage {
  const text = body.toString();
  return headers['content-type']?.startsWith('application/json')
    ? (JSON.parse(text) as SlackMessage)
    : (Object.fromEntries(new URLSearchParams(text)) as SlackMessage);
}

/** Answers like Slack: `token` is the only one it knows; a webhook's errors are a bare word with a status of 4xx or 5xx. */
export async function startSlackServer(token: string): Promise<SlackServer> {
  const messages: SlackMessage[] = [];
  const next: (string | HttpScript)[] = [];
  const server = await startHttpServer((socket, request) => {
    const planned = next.shift();
    if (typeof planned === 'function') return planned(socket, request);
    const isWebhook = request.target.startsWith('/services/');
    const fail = (word: string) =>
      isWebhook ? answer(STATUS[word] ?? 400, {}, word) : json({ ok: false, error: word });
    if (planned !== undefined) return fail(planned)(socket, request);
    if (request.method !== 'POST') return answer(405)(socket, request);
    if (isWebhook) {
      messages.push(messageOf(request));
      return answer(200, { 'content-type': 'text/html' }, 'ok')(socket, request);
    }
    if (request.target !== '/api/chat.postMessage') return fail('unknown_method')(socket, request);
    if (request.headers.authorization !== `Bearer ${token}`) return fail('invalid_auth')(socket, request);
    const message = messageOf(request);
    if (!message.channel) return fail('channel_not_found')(socket, request);
    if (!message.text) return fail('no_text')(socket, request);
    messages.push(message);
    return json({ ok: true, channel: 'C0123456789', ts: '1700000000.000100' })(socket, request);
  });
  return Object.assign(server, {
    apiUrl: `${server.url}/api/`,
    webhookUrl: `${server.url}/services/T00000000/B00000000/${token}`,
    messages,
    script: (...scripts: (string | HttpScript)[]) => void next.push(...scripts),
  });
}

/** Source: docs.slack.dev, "Sending messages using incoming webhooks", handling errors. */
const STATUS: Record<string, number> = {
  action_prohibited: 403,
  channel_is_archived: 410,
  channel_not_found: 404,
  invalid_token: 403,
  no_service: 404,
  no_team: 404,
  rollup_error: 500,
};
