// The webhook destination: one HTTP request to one endpoint, signed, and never to an address that nobody allowed.
import { defineDestination } from '../../core/destination.ts';
import { encodeHeaderValue } from './headers.ts';
import { lintMessage, type Message, message, messageProblem, recordOf } from './message.ts';
import { previewOf } from './preview.ts';
import { settings, type WebhookSettings } from './settings.ts';
import { encodeUrlValue } from './target.ts';

export const webhook = defineDestination<WebhookSettings, Message>({
  type: 'webhook',
  summary:
    'An HTTP request to an endpoint of yours, signed as Standard Webhooks has it; its webhook-id stays the same over retries and replays.',
  settings,
  message,
  templates: {
    body: { as: 'json' },
    path: { as: 'text', encode: encodeUrlValue },
    query: { as: 'json' },
    headers: { as: 'texts', encode: encodeHeaderValue },
    key: { as: 'text', encode: encodeHeaderValue },
  },
  lint: lintMessage,
  check: messageProblem,
  slot: recordOf,
  trial: ({ method }, at) => {
    const mark = { type: 'hookswitch.test', at, test: true, text: 'A test of Hookswitch: nothing happened.' };
    if (method === 'GET') return { query: mark };
    // A DELETE could take away what the url names.
    return method === 'DELETE' ? { method: 'POST', body: mark } : { body: mark };
  },
  preview: previewOf,
  // A hundred a second of one rule, for one endpoint.
  budgetPerMinute: 6_000,
  concurrency: 8,
  // Above the largest timeoutMs of a connection, so that its own limit is the one that ends an attempt.
  timeoutMs: 35_000,
  example: {
    settings: {
      url: 'https://crm.example.net/hooks/calls',
      secret: { env: 'CRM_WEBHOOK_SECRET' } as never,
      headers: { 'x-api-key': { env: 'CRM_API_KEY' } as never },
    },
    message: { body: { type: 'call.missed', number: '{{ remote.number }}', name: '{{ remote.name }}' } },
  },
  probe: async (given, context) => (await import('./probe.ts')).probe(given, context),
  open: async (given, context) => (await import('./client.ts')).open(given, context),
});
