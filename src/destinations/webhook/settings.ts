// The settings of an endpoint, as they stand in the config.
import { z } from 'zod';
import { Secret, secret } from '../../core/secret.ts';
import { judge, networksOf, parseNetwork } from './address.ts';
import { HEADER_VALUE, settingProblems, VISIBLE } from './headers.ts';
import { type SigningSecrets, signingProblems, signingSecrets } from './sign.ts';

export const METHODS = ['POST', 'PUT', 'PATCH', 'GET', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

export type WebhookSettings = {
  url: string | Secret;
  method: Method;
  headers?: Record<string, string | Secret> | undefined;
  basic?: { user: string; password: Secret } | undefined;
  bearer?: Secret | undefined;
  secret?: SigningSecrets | undefined;
  allowPrivate: string[];
  allowHttp: boolean;
  ca?: Secret | undefined;
  timeoutMs: number;
};

/** A setting as text, whether it is a secret or not. */
export const plain = (value: string | Secret): string => (value instanceof Secret ? value.reveal() : value);

/** What an earlier version had under this name stands in the list of `secret` now. */
const MOVED = 'write "secret" as a list: the current one, then { "value": the one before, "until": "2026-12-31" }';

const shape = z.strictObject(
  {
    url: z
      .union([z.string(), secret()], { error: 'must be a URL, or { "env": … } or { "file": … } that holds one' })
      .describe('The endpoint: https://…; a secret where the URL itself lets anybody post.'),
    method: z.enum(METHODS).default('POST').describe('Method of messages that name none.'),
    headers: z
      .record(z.string(), z.union([z.string(), secret()], { error: VISIBLE }))
      .optional()
      .describe('Constant headers. One whose name says that it opens something (key, token, cookie) must be a secret.'),
    basic: z
      .strictObject({
        user: z.string().min(1).max(200).describe('The user name; no colon.'),
        password: secret().describe('The password, or the token in its place.'),
      })
      .optional()
      .describe('User and password that are sent as "authorization: Basic …".'),
    bearer: secret()
      .optional()
      .describe('Token that is sent as "authorization: Bearer …". From a file it is read again when the file changes.'),
    secret: signingSecrets
      .optional()
      .describe(
        'Signs every request as Standard Webhooks has it: "whsec_" and 24 to 64 bytes in Base64. While it is being changed, a list: the new secret, and { "value": the one before, "until": its last day }; both sign until then.',
      ),
    allowPrivate: z
      .array(
        z.string().refine((text) => parseNetwork(text) !== undefined, 'must be a network such as "192.168.1.0/24"'),
      )
      .max(100)
      .default([])
      .describe(
        'Networks that are not public and yet may be reached, such as "192.168.1.0/24". None by default, and never Hookswitch itself.',
      ),
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
  },
  {
    error: (issue) => (issue.code === 'unrecognized_keys' && issue.keys.includes('previousSecret') ? MOVED : undefined),
  },
);

export const settings = shape.superRefine((value, context) => {
  const problem = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  const wrong = urlProblem(plain(value.url), value);
  if (wrong !== undefined) problem(['url'], wrong);
  if (value.bearer !== undefined && !HEADER_VALUE.test(value.bearer.reveal())) problem(['bearer'], VISIBLE);
  if (value.basic !== undefined && /[:\p{Cc}]/u.test(value.basic.user))
    problem(['basic', 'user'], 'must have no colon and no control characters');
  if (value.basic !== undefined && /\p{Cc}/u.test(value.basic.password.reveal()))
    problem(['basic', 'password'], 'must have no control characters');
  if (value.secret !== undefined)
    for (const { path, message } of signingProblems(value.secret)) problem(['secret', ...path], message);
  for (const { name, message } of settingProblems(value.headers ?? {})) problem(['headers', name], message);
  const own = Object.keys(value.headers ?? {}).find((name) => name.toLowerCase() === 'authorization');
  const logins = [
    ...(value.basic === undefined ? [] : [['basic']]),
    ...(value.bearer === undefined ? [] : [['bearer']]),
    ...(own === undefined ? [] : [['headers', own]]),
  ];
  for (const path of logins.slice(1))
    problem(path, `stands beside ${(logins[0] ?? []).join('.')}; keep the one that is meant`);
});

function urlProblem(text: string, { allowPrivate, allowHttp }: Pick<WebhookSettings, 'allowPrivate' | 'allowHttp'>) {
  if (text.includes('{{') || text.includes('{%'))
    return 'must be constant: values go into path, query, headers and body of a message';
  if (/[\s\\]/.test(text) || !/^https?:\/\/[^/?#]/i.test(text) || !URL.canParse(text))
    return 'must be a URL such as "https://crm.example.net/hooks/calls"';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or password; use basic, bearer or headers with a secret';
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
