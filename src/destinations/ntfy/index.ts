// The ntfy destination: a notification on people's phones, by ntfy.sh or a server of your own.
import { cleanLine } from '../../core/caller-text.ts';
import { defineDestination } from '../../core/destination.ts';
import { MESSAGE_BYTES_MAX, type Message, message, type NtfySettings, settings } from './settings.ts';

/** So much of one value is shown; a notification has room for a name, not for a page. */
const VALUE_GRAPHEMES_MAX = 200;

/** ntfy shows plain text as it is (it has Markdown only where it is asked for): a value is one line of it. */
const encodeText = (value: string): string => cleanLine(value, VALUE_GRAPHEMES_MAX);

export const ntfy = defineDestination<NtfySettings, Message>({
  type: 'ntfy',
  summary:
    'A notification on phones and desktops by ntfy. ntfy takes no key that would let it drop a repeat, so one may appear twice after a lost answer.',
  settings,
  message,
  templates: {
    text: { as: 'text', encode: encodeText },
    title: { as: 'text', encode: encodeText },
  },
  check({ text }) {
    if (typeof text !== 'string' || text.trim() === '') return 'text: is empty';
    return Buffer.byteLength(text) > MESSAGE_BYTES_MAX ? `text: is larger than ${MESSAGE_BYTES_MAX} bytes` : undefined;
  },
  trial: (_settings, at) => ({
    title: 'Test of Hookswitch',
    text: `This is a test; nothing happened. ${at}`,
    priority: 'low',
  }),
  preview: ({ title, text }) => ({ heading: String(title ?? 'Notification'), text: String(text ?? '') }),
  budgetPerMinute: 60,
  concurrency: 2,
  timeoutMs: 15_000,
  example: {
    settings: { topic: { env: 'NTFY_TOPIC' } as never, token: { env: 'NTFY_TOKEN' } as never },
    message: {
      title: 'Missed call',
      text: '{{ remote.contact | default: remote.name | default: "Unknown" }} ({{ remote.number | default: "withheld" }})',
      priority: 'high',
      tags: ['telephone_receiver'],
      actions: [{ label: 'Open the CRM', url: 'https://crm.example.net/calls' }],
    },
  },
  probe: async (given, context) => (await import('./probe.ts')).probe(given, context),
  open: async (given, context) => (await import('./client.ts')).open(given, context),
});
