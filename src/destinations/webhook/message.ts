// What a rule writes for a webhook, what can be told of it before and after its values are filled in, and the name of its record.
import { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { headersProblem, messageProblems } from './headers.ts';
import { METHODS, type WebhookSettings } from './settings.ts';
import { pathProblem, pathTemplateProblems, queryProblem } from './target.ts';

const BODY_BYTES_MAX = 256 * 1024;
/** What vendors take as an idempotency key: Zendesk names 255 characters. */
const KEY_CHARACTERS_MAX = 255;

export const message = z.strictObject({
  body: z
    .json()
    .optional()
    .describe('The body: JSON whose texts may hold values; "{{ path }}" alone keeps its type. Not with GET.'),
  path: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('Appended to the url, such as "calls/{{ phone.id }}": a value is a whole segment.'),
  query: z
    .record(z.string().min(1).max(100), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Appended to the query: names and values; an unknown value is left out.'),
  headers: z
    .record(z.string(), z.string().max(2_000))
    .optional()
    .describe(
      'Headers of this message: constant names, and texts that may hold values, whose blanks and other marks are percent-encoded. One that comes out empty is left out.',
    ),
  method: z.enum(METHODS).optional().describe("Instead of the connection's method."),
  key: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'Names the one record that this message is about, such as "{{ call.key }}". While the endpoint is down, only the newest message of a record waits. For endpoints that create or update by a key (PUT or PATCH with it in the path): this alone gives one record per call.',
    ),
  once: z
    .boolean()
    .optional()
    .describe(
      'true: for endpoints that create a record with every POST. The key goes out as "idempotency-key", and what has arrived for a key is never sent for it again, for 30 days, whatever other events or replays say. An endpoint that ignores the header still makes two records where its answer was lost.',
    ),
});

export type Message = z.infer<typeof message>;

/** What `lint` says. */
type Finding = { path: (string | number)[]; message: string; hint?: string };

/** Problems of a message as an author wrote it, beyond its schema. */
export function lintMessage(written: Message, connection: WebhookSettings): Finding[] {
  const method = written.method ?? connection.method;
  const found: Finding[] = pathTemplateProblems(written.path ?? 'x').map((text) => ({ path: ['path'], message: text }));
  if (method === 'GET' && written.body !== undefined)
    found.push({ path: ['body'], message: 'is never sent with GET', hint: 'use query, or another method' });
  if (method !== 'GET' && method !== 'DELETE' && written.body === undefined)
    found.push({ path: ['body'], message: `is missing, which ${method} needs`, hint: 'write a JSON value' });
  const taken = new Set(Object.keys(connection.headers ?? {}).map((name) => name.toLowerCase()));
  if (written.once === true) taken.add('idempotency-key');
  for (const { name, message: text } of messageProblems(written.headers ?? {}, taken))
    found.push({ path: ['headers', name], message: text });
  if (written.once === true && written.key === undefined)
    found.push({ path: ['key'], message: 'is missing beside once', hint: 'like "{{ call.key }}"' });
  if (written.key !== undefined && !/\{\{/.test(written.key))
    found.push({ path: ['key'], message: 'must hold a value: as it is, every event is about one record' });
  return found;
}

/** Why a rendered message can never be sent, or undefined. */
export function messageProblem(rendered: Record<string, Json>): string | undefined {
  const { body, path, query, headers, key } = rendered;
  if (body !== undefined && Buffer.byteLength(JSON.stringify(body)) > BODY_BYTES_MAX)
    return `body: is larger than ${BODY_BYTES_MAX / 1024} KiB`;
  if (path !== undefined && typeof path !== 'string') return 'path: is no text';
  return (
    (path === undefined ? undefined : pathProblem(path)) ??
    queryProblem(query) ??
    headersProblem(headers) ??
    (key === undefined ? undefined : keyProblem(key))
  );
}

function keyProblem(key: Json): string | undefined {
  if (typeof key !== 'string' || key.trim() === '') return 'key: is empty; nothing names the record';
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(key)) return 'key: must be visible ASCII characters';
  return key.length > KEY_CHARACTERS_MAX ? `key: is longer than ${KEY_CHARACTERS_MAX} characters` : undefined;
}

/**
 * The record that a rendered message is about, as one text; undefined if it names none. Method and path belong to it, so that a
 * rule which makes a task and one which makes a ticket of the same call do not take each other's place.
 */
export function recordOf({ key, method, path }: Record<string, Json>): string | undefined {
  return typeof key === 'string' ? JSON.stringify([method ?? null, path ?? null, key]) : undefined;
}
