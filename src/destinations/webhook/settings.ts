// The settings of an endpoint and the fields of a message, as an author writes them.
import { z } from 'zod';
import { Secret, secret } from '../../core/secret.ts';
import { judge, networksOf, parseNetwork } from './address.ts';

const METHODS = ['POST', 'PUT', 'PATCH', 'GET', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]{0,4000}[\x21-\x7e])?$/;
/** They frame the request, or say who it is from: nobody sets them but the client. */
const OWN_HEADER =
  /^(?:host|connection|keep-alive|content-length|content-type|transfer-encoding|accept-encoding|te|trailer|upgrade|expect|webhook-.*|proxy-.*)$/i;

const visible = 'must be visible ASCII characters, blanks only between them';
const headerValue = z.union([z.string(), secret()], { error: visible });

export type WebhookSettings = {
  url: string | Secret;
  method: Method;
  headers?: Record<string, string | Secret> | undefined;
  bearer?: Secret | undefined;
  secret?: Secret | undefined;
  previousSecret?: Secret | undefined;
  allowPrivate: string[];
  allowHttp: boolean;
  ca?: Secret | undefined;
  timeoutMs: number;
};

/** A setting as text, whether it is a secret or not. */
export const plain = (value: string | Secret): string => (value instanceof Secret ? value.reveal() : value);

export const settings = z
  .strictObject({
    url: z
      .union([z.string(), secret()], { error: 'must be a URL, or { "env": … } or { "file": … } that holds one' })
      .describe('The endpoint: https://…; a secret where the URL itself lets anybody post.'),
    method: z.enum(METHODS).default('POST').describe('Method of messages that name none.'),
    headers: z
      .record(z.string(), headerValue)
      .optional()
      .describe('Constant headers. A value may be a secret; values of events never get into one.'),
    bearer: secret().optional().describe('Token that is sent as "authorization: Bearer …".'),
    secret: secret()
      .optional()
      .describe('Signs every request as Standard Webhooks has it: "whsec_" and 24 to 64 bytes in Base64.'),
    previousSecret: secret()
      .optional()
      .describe('While the secret is being changed: signs too, so that the endpoint may hold either.'),
    allowPrivate: z
      .array(
        z.string().refine((text) => parseNetwork(text) !== undefined, 'must be a network such as "192.168.1.0/24"'),
      )
      .max(100)
      .default([])
      .describe('Networks that are not public and yet may be reached, such as "192.168.1.0/24". None by default.'),
    allowHttp: z
      .boolean()
      .default(false)
      .describe('Allow http:// to any address. Without it, http:// goes only to networks of allowPrivate.'),
    ca: secret()
      .optional()
      .describe("PEM certificate of the endpoint's own authority, where no public one has signed it."),
    timeoutMs: z
      .int()
      .min(1_000)
      .max(30_000)
      .default(15_000)
      .describe('How long the endpoint may take to answer, in milliseconds.'),
  })
  .superRefine((value, context) => {
    const problem = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const wrong = urlProblem(plain(value.url), value);
    if (wrong !== undefined) problem(['url'], wrong);
    if (value.previousSecret !== undefined && value.secret === undefined)
      problem(['secret'], 'is missing beside previousSecret');
    if (value.bearer !== undefined && !HEADER_VALUE.test(value.bearer.reveal())) problem(['bearer'], visible);
    const names = new Set<string>();
    for (const [name, given] of Object.entries(value.headers ?? {})) {
      const lower = name.toLowerCase();
      if (!HEADER_NAME.test(name)) problem(['headers', name], 'is no header name');
      else if (OWN_HEADER.test(name)) problem(['headers', name], 'is set by Hookswitch itself');
      else if (names.has(lower)) problem(['headers', name], 'stands twice');
      else if (lower === 'authorization' && value.bearer !== undefined)
        problem(['headers', name], 'stands beside bearer; keep the one that is meant');
      if (!HEADER_VALUE.test(plain(given))) problem(['headers', name], visible);
      names.add(lower);
    }
  });

function urlProblem(text: string, { allowPrivate, allowHttp }: Pick<WebhookSettings, 'allowPrivate' | 'allowHttp'>) {
  if (text.includes('{{') || text.includes('{%'))
    return 'must be constant: values go into path, query and body of a message';
  if (/[\s\\]/.test(text) || !/^https?:\/\/[^/?#]/i.test(text) || !URL.canParse(text))
    return 'must be a URL such as "https://crm.example.net/hooks/calls"';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or password; use headers or bearer with a secret';
  if (url.hash !== '') return 'must not hold a fragment (#…), which is never sent';
  const host = bareHost(url);
  const networks = networksOf(allowPrivate);
  const { listed, privateClass } = isLiteral(host) ? judge(host, networks) : { listed: true, privateClass: undefined };
  if (privateClass !== undefined && !listed)
    return `leads to an address that is not public (${privateClass}); list it in allowPrivate if it is meant`;
  if (url.protocol === 'http:' && !allowHttp && (networks.length === 0 || !listed))
    return 'must be https://; http:// needs the host in allowPrivate, or allowHttp: true';
  return undefined;
}

/** The canonical host without the brackets of IPv6. */
export const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** Whether a canonical host is an address: the URL parser has turned every spelling of one into four numbers or IPv6. */
export const isLiteral = (host: string): boolean => host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host);

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
  method: z.enum(METHODS).optional().describe("Instead of the connection's method."),
});
