// The webhook destination: one HTTP request to one endpoint, signed, and never to an address that nobody allowed.
import type { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { defineDestination } from '../../core/destination.ts';
import { message, settings, type WebhookSettings } from './settings.ts';
import { encodeUrlValue, pathProblem, pathTemplateProblems, queryProblem } from './target.ts';

const BODY_BYTES_MAX = 256 * 1024;

type Message = z.infer<typeof message>;

export const webhook = defineDestination<WebhookSettings, Message>({
  type: 'webhook',
  summary:
    'An HTTP request to an endpoint of yours, signed as Standard Webhooks has it; its webhook-id stays the same over retries.',
  settings,
  message,
  templates: {
    body: { as: 'json' },
    path: { as: 'text', encode: encodeUrlValue },
    query: { as: 'json' },
  },
  lint(written, connection) {
    const method = written.method ?? connection.method;
    const problems = pathTemplateProblems(written.path ?? 'x').map((text) => ({ path: ['path'], message: text }));
    if (method === 'GET' && written.body !== undefined)
      return [...problems, { path: ['body'], message: 'is never sent with GET', hint: 'use query, or another method' }];
    if (method !== 'GET' && method !== 'DELETE' && written.body === undefined)
      return [
        ...problems,
        { path: ['body'], message: `is missing, which ${method} needs`, hint: 'write a JSON value' },
      ];
    return problems;
  },
  check({ body, path, query }) {
    if (body !== undefined && Buffer.byteLength(JSON.stringify(body)) > BODY_BYTES_MAX)
      return `body: is larger than ${BODY_BYTES_MAX / 1024} KiB`;
    return (path === undefined ? undefined : pathOf(path)) ?? queryProblem(query);
  },
  trial: ({ method }, at) =>
    method === 'GET'
      ? { query: { type: 'hookswitch.test', at } }
      : { body: { type: 'hookswitch.test', at, test: true } },
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
  open: async (given, context) => (await import('./client.ts')).open(given, context),
});

const pathOf = (path: Json): string | undefined => (typeof path === 'string' ? pathProblem(path) : 'path: is no text');
