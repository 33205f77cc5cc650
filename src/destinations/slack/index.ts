// The Slack destination: one message into one channel, by a bot token or by an incoming webhook.
import { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { defineDestination } from '../../core/destination.ts';
import { type Secret, secret } from '../../core/secret.ts';
import { encodeSlackText } from './encode.ts';

/** Slack cuts a text off above this (docs.slack.dev, chat.postMessage, "Truncating content"). */
const TEXT_CHARACTERS_MAX = 40_000;

const channel = z
  .string()
  .regex(
    /^(?:#[^\s#@<>&,]{1,80}|[CDGU][A-Z0-9]{7,20})$/,
    'must be a channel such as "#sales" or its id such as "C0123456789"',
  );

const url = z.string().refine(travelsSafely, 'must be an https:// URL (http:// only on this machine)');

const settings = z
  .strictObject({
    token: secret().optional().describe('Bot token (xoxb-…) with the scope chat:write. Either this or webhookUrl.'),
    webhookUrl: secret().optional().describe('URL of an incoming webhook; its channel is fixed. Either this or token.'),
    channel: channel.optional().describe('Channel of messages that name none. Only with a token.'),
    apiUrl: url
      .optional()
      .describe('Where the Web API answers, for a proxy of your own. Default: https://slack.com/api/'),
  })
  .superRefine((value, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (value.token === undefined && value.webhookUrl === undefined)
      problem('token', 'is missing: a connection to Slack has either token or webhookUrl');
    if (value.token !== undefined && value.webhookUrl !== undefined)
      problem('webhookUrl', 'stands beside token; keep the one that is meant');
    if (value.token !== undefined && !/^[\x21-\x7e]+$/.test(value.token.reveal()))
      problem('token', 'must be one word of visible ASCII characters');
    if (value.webhookUrl === undefined) return;
    if (!travelsSafely(value.webhookUrl.reveal()))
      problem('webhookUrl', 'must be an https:// URL such as Slack shows it under Incoming Webhooks');
    for (const key of ['channel', 'apiUrl'] as const)
      if (value[key] !== undefined) problem(key, 'goes with token; an incoming webhook has its own');
  });

export type SlackSettings = {
  token?: Secret | undefined;
  webhookUrl?: Secret | undefined;
  channel?: string | undefined;
  apiUrl?: string | undefined;
};

const message = z.strictObject({
  text: z
    .string()
    .min(1)
    .max(TEXT_CHARACTERS_MAX)
    .describe("The text. Slack's tokens that the author writes (<!here>, <https://…|link>) work; a caller's never do."),
  channel: channel.optional().describe("Where it goes instead of the connection's channel. Only with a token."),
  mrkdwn: z
    .boolean()
    .optional()
    .describe(
      "Apply Slack's marks (*bold*, _italic_), those inside a caller's name too. Default: false, marks stay visible.",
    ),
});

export const slack = defineDestination<SlackSettings, z.infer<typeof message>>({
  type: 'slack',
  summary:
    'A message in a Slack channel. Slack takes no key that would let it drop a repeat, so a message may appear twice after a lost answer.',
  settings,
  message,
  templates: { text: { as: 'text', encode: encodeSlackText } },
  lint(written, connection) {
    if (connection.webhookUrl !== undefined)
      return written.channel === undefined
        ? []
        : [
            {
              path: ['channel'],
              message: 'does nothing: the connection is an incoming webhook, whose channel is fixed',
              hint: 'remove it, or give the connection a token instead of webhookUrl',
            },
          ];
    if (written.channel !== undefined || connection.channel !== undefined) return [];
    return [
      {
        path: ['channel'],
        message: 'is missing',
        hint: 'name one here such as "#sales", or set one for the connection',
      },
    ];
  },
  check: (rendered) => checkText(rendered.text),
  trial: (_settings, at) => ({
    text: `Test message of Hookswitch, ${at}: the connection works. Nothing happened, nobody called.`,
  }),
  // Slack takes about one message a second and channel; more at once would only be refused.
  concurrency: 2,
  timeoutMs: 15_000,
  example: {
    settings: { token: { env: 'SLACK_TOKEN' } as never, channel: '#reception' },
    message: { text: 'Missed call from {{ remote.name | default: remote.number }}', channel: '#sales' },
  },
  open: async (given, context) => (await import('./client.ts')).open(given, context),
});

function checkText(text: Json | undefined): string | undefined {
  if (typeof text !== 'string' || text.trim() === '') return 'text: is empty';
  if (text.length > TEXT_CHARACTERS_MAX) return `text: is longer than ${TEXT_CHARACTERS_MAX} characters`;
  return undefined;
}

/** Secrets and names of callers go over TLS, or not over a network at all. */
function travelsSafely(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && /^(?:127(?:\.\d+){3}|\[::1\]|localhost)$/.test(hostname));
}
