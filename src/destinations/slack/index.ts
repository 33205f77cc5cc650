// The Slack destination: messages, cards and digests in channels, by a bot token or by an incoming webhook.
import { defineDestination } from '../../core/destination.ts';
import { encodeSlackText } from './encode.ts';
import { check, lint, message, type SlackMessage, slot } from './message.ts';
import { previewOf } from './preview.ts';
import { type SlackSettings, settings } from './settings.ts';

export const slack = defineDestination<SlackSettings, SlackMessage>({
  type: 'slack',
  summary:
    'A message in a Slack channel. A card is one message for each call, edited as the call goes on. Slack takes no key that would let ' +
    'it drop a repeat, so a message may appear twice after a lost answer; a card does not, where the token may read the channel.',
  settings,
  message,
  templates: {
    text: { as: 'text', encode: encodeSlackText },
    card: { as: 'call' },
    thread: { as: 'call' },
    digest: { as: 'group' },
    channel: { as: 'choice' },
  },
  lint,
  check,
  slot,
  trial: ({ channel, webhookUrl }, at) => ({
    text:
      `Test message of Hookswitch, ${at}: the connection works and posts to ` +
      `${webhookUrl === undefined ? (channel ?? 'this channel') : 'the channel of its webhook'}. Nothing happened, nobody called.`,
  }),
  preview: previewOf,
  // People read them: more than two a second is a loop.
  budgetPerMinute: 120,
  // Each channel takes about one message a second; more than one at once, so that a slow answer holds up nobody else.
  concurrency: 4,
  timeoutMs: 15_000,
  example: {
    settings: { token: { env: 'SLACK_TOKEN' } as never, channel: '#reception' },
    message: { text: 'Missed call from {{ remote.name | default: remote.number }}', channel: '#sales' },
  },
  probe: async (given, context) => (await import('./probe.ts')).probe(given, context),
  open: async (given, context) => (await import('./client.ts')).open(given, context),
});
