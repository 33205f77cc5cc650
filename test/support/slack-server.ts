// A server on loopback that speaks Slack's Web API (messages, history, channels, Socket Mode) and takes incoming webhooks.
import { answer, type HttpRequest, type HttpScript, type HttpServer, startHttpServer } from './http-server.ts';
import { acceptSocket, type SlackPeer } from './slack-socket.ts';

export type SlackMessage = {
  channel?: string;
  text?: string;
  mrkdwn?: string | boolean;
  parse?: string;
  link_names?: string | boolean;
  unfurl_links?: string | boolean;
  unfurl_media?: string | boolean;
  thread_ts?: string;
  reply_broadcast?: string;
  user?: string;
  blocks?: string;
  metadata?: string;
};

/** A message as it stands in a channel. */
export type Posted = SlackMessage & { ts: string; edits: number };

type Args = Record<string, string>;

export type SlackServer = HttpServer & {
  /** For `apiUrl` and `webhookUrl`. */
  apiUrl: string;
  webhookUrl: string;
  /** Every message that was posted, as it was sent. */
  messages: SlackMessage[];
  /** Every call with its arguments, refused or not. */
  calls: { method: string; args: Args }[];
  /** What stands in the channels now, by id of the channel, oldest first. */
  posted: Posted[];
  /** The id of a channel. */
  idOf(channel: string): string;
  /** What the next answers are, instead of a good one: an error word, or a script. */
  script(...next: (string | HttpScript)[]): void;
  /** The next calls of that method are done, and their answers get lost. */
  loseAnswers(method: string, count: number): void;
  /** Scopes that the token has; `undefined`: all. */
  scopes: Set<string> | undefined;
  /** Seconds of a 429 for a call in that channel; undefined: it may go on. */
  throttle: (channel: string, method: string) => number | undefined;
  /** Sockets that were opened, oldest first. They are greeted, unless `greeting` is off. */
  sockets: SlackPeer[];
  greeting: boolean;
  /** Sockets do not answer pings. */
  quiet: boolean;
};

/** Slack limits by 429 with whole seconds. */
export const rateLimited = (seconds: string): HttpScript => answer(429, { 'retry-after': seconds }, 'ratelimited');

const json = (value: unknown): HttpScript =>
  answer(200, { 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(value));

function argsOf({ headers, body }: HttpRequest): Args {
  const text = body.toString();
  return headers['content-type']?.startsWith('application/json')
    ? (JSON.parse(text) as Args)
    : Object.fromEntries(new URLSearchParams(text));
}

/** The scope of each method; Slack names it in `needed`. */
const SCOPES: Record<string, string> = {
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'conversations.history': 'channels:history',
  'conversations.list': 'channels:read',
  'apps.connections.open': 'connections:write',
};

type Result = Record<string, unknown>;

/** Channels and what stands in them. */
function createWorkspace() {
  const names: string[] = [];
  const posted: Posted[] = [];
  const idOf = (channel: string): string => {
    if (!channel.startsWith('#')) return channel;
    if (!names.includes(channel)) names.push(channel);
    return `C${String(names.indexOf(channel)).padStart(9, '0')}`;
  };
  const find = ({ channel, ts }: Args): Posted | undefined =>
    posted.find((one) => one.channel === channel && one.ts === ts);
  const methods: Record<string, (args: Args) => Result | string> = {
    'chat.postMessage'(args) {
      if (!args.channel) return 'channel_not_found';
      if (!args.text && !args.blocks) return 'no_text';
      const channel = idOf(args.channel);
      if (args.thread_ts && !find({ channel, ts: args.thread_ts })) return 'thread_not_found';
      const ts = `${1_900_000_000 + posted.length}.000100`;
      posted.push({ ...args, channel, ts, edits: 0 });
      return { channel, ts };
    },
    'chat.update'(args) {
      // Names and ids of people are not taken here, as docs.slack.dev says.
      if (!/^[CDG]/.test(args.channel ?? '')) return 'channel_not_found';
      const one = find(args);
      if (one === undefined) return 'message_not_found';
      Object.assign(one, args, { edits: one.edits + 1 });
      return { channel: one.channel, ts: one.ts };
    },
    'chat.postEphemeral': () => ({ message_ts: '1700000000.000200' }),
    'conversations.history'(args) {
      if (!/^[CDG]/.test(args.channel ?? '')) return 'channel_not_found';
      const all = posted.filter(({ channel, ts }) => channel === args.channel && Number(ts) > Number(args.oldest));
      const from = Number(args.cursor ?? 0);
      const size = Math.min(Number(args.limit ?? 100), 15);
      const page = all.reverse().slice(from, from + size);
      const messages = page.map(({ metadata, ...one }) => ({
        ...one,
        ...(metadata && args.include_all_metadata ? { metadata: JSON.parse(metadata) } : {}),
      }));
      return { messages, response_metadata: { next_cursor: all.length > from + size ? String(from + size) : '' } };
    },
    'conversations.list': () => ({ channels: names.map((name) => ({ id: idOf(name), name: name.slice(1) })) }),
  };
  return { idOf, posted, methods };
}

/** Answers like Slack: `token` is the only one it knows; a webhook's errors are a bare word with a status of 4xx or 5xx. */
export async function startSlackServer(token: string, appToken = 'xapp-marker-4711'): Promise<SlackServer> {
  const next: (string | HttpScript)[] = [];
  const lost: string[] = [];
  const { idOf, posted, methods } = createWorkspace();
  const server = await startHttpServer((socket, request) => {
    const isWebhook = request.target.startsWith('/services/');
    const method = request.target.slice('/api/'.length);
    if (request.target.startsWith('/link/')) {
      const peer = acceptSocket(socket, request, () => slack.quiet);
      slack.sockets.push(peer);
      if (slack.greeting) peer.say({ type: 'hello', num_connections: slack.sockets.length, connection_info: {} });
      return;
    }
    const args = request.method === 'POST' ? argsOf(request) : {};
    if (!isWebhook) slack.calls.push({ method, args });
    const planned = next.shift();
    if (typeof planned === 'function') return planned(socket, request);
    const fail = (word: string) =>
      isWebhook ? answer(STATUS[word] ?? 400, {}, word) : json({ ok: false, error: word });
    if (planned !== undefined) return fail(planned)(socket, request);
    if (request.method !== 'POST') return answer(405)(socket, request);
    if (isWebhook) {
      slack.messages.push(args);
      return answer(200, { 'content-type': 'text/html' }, 'ok')(socket, request);
    }
    const known = method === 'apps.connections.open' ? appToken : token;
    if (request.headers.authorization !== `Bearer ${known}`) return fail('invalid_auth')(socket, request);
    const needed = SCOPES[method];
    if (slack.scopes !== undefined && needed !== undefined && !slack.scopes.has(needed))
      return json({ ok: false, error: 'missing_scope', needed, provided: 'users:read' })(socket, request);
    if (method === 'apps.connections.open')
      return json({ ok: true, url: `ws://127.0.0.1:${slack.port}/link/?ticket=secret-ticket` })(socket, request);
    const seconds = slack.throttle(args.channel ?? '', method);
    if (seconds !== undefined) return rateLimited(String(seconds))(socket, request);
    const result = methods[method]?.(args) ?? 'unknown_method';
    if (typeof result === 'string') return fail(result)(socket, request);
    if (method === 'chat.postMessage') slack.messages.push(args);
    const at = lost.indexOf(method);
    if (at >= 0) lost.splice(at, 1);
    return (at >= 0 ? (one: typeof socket) => void one.destroy() : json({ ok: true, ...result }))(socket, request);
  });
  const slack: SlackServer = Object.assign(server, {
    apiUrl: `${server.url}/api/`,
    webhookUrl: `${server.url}/services/T00000000/B00000000/${token}`,
    messages: [],
    calls: [],
    posted,
    idOf,
    script: (...scripts: (string | HttpScript)[]) => void next.push(...scripts),
    loseAnswers: (method: string, count: number) => void lost.push(...Array<string>(count).fill(method)),
    scopes: undefined,
    throttle: () => undefined,
    sockets: [],
    greeting: true,
    quiet: false,
  });
  return slack;
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
