// The service that is asked who calls: what an author writes, and what it is once it is checked.
import { z } from 'zod';
import type { Secret } from './core/secret.ts';
import { settings as webhookSettings } from './destinations/webhook/settings.ts';
import { duration } from './durations.ts';

/** Spans in ms. `url` holds `{{ number }}` once; `name` is the path of the name in the answer. */
export type LookupSettings = {
  url: string;
  headers: Record<string, string | Secret>;
  /** JSON pointer (RFC 6901). */
  name: string;
  timeoutMs: number;
  cacheMs: number;
  allowPrivate: string[];
  allowHttp: boolean;
  ca?: Secret;
};

const PLACE = /\{\{ ?number ?\}\}/g;
/** Stands for the number while the rest is checked: digits, so that it can be in no host by mistake. */
const SAMPLE = '4930123456789';
const { headers, allowPrivate, allowHttp, ca } = webhookSettings.shape;

/** The address for one number, which must be encoded already. */
export const filledIn = (url: string, encoded: string): string => url.replace(PLACE, () => encoded);

/** `contacts.lookup` of the config, once its secrets are read. */
export const lookupSettings = z
  .strictObject({
    url: z.string().describe('Asked with GET; {{ number }} is a whole segment of the path or a value of the query.'),
    headers: headers.describe('Constant headers; a value may be a secret.'),
    name: z
      .string()
      .max(200)
      .regex(/^(?:\/(?:[^/~]|~[01])*)*$/, 'must be a JSON pointer like "/name" or "/contact/fullName"')
      .default('/name')
      .describe('Where the name stands in the answer, as a JSON pointer.'),
    timeout: duration('2s', { minMs: 100, maxMs: 30_000 }).default(2_000).describe('How long an answer may take.'),
    cache: duration('24h', { minMs: 60_000, maxMs: 30 * 86_400_000 })
      .default(86_400_000)
      .describe('How long a name is used before the service is asked again.'),
    allowPrivate: allowPrivate.describe('Networks that are not public and yet may be asked, such as "192.168.1.0/24".'),
    allowHttp: allowHttp.describe('Allow http:// to any address. Without it, only to networks of allowPrivate.'),
    ca: ca.describe("PEM certificate of the service's own authority, where no public one has signed it."),
  })
  .superRefine((value, context) => {
    const wrong = templateProblem(value.url);
    if (wrong !== undefined) context.addIssue({ code: 'custom', path: ['url'], message: wrong });
    // Everything else about addresses and headers is as it is for webhooks, in the same words.
    const { headers, allowPrivate, allowHttp } = value;
    const checked = webhookSettings.safeParse({ url: filledIn(value.url, SAMPLE), headers, allowPrivate, allowHttp });
    const issues = wrong !== undefined || checked.success ? [] : checked.error.issues;
    for (const { path, message } of issues)
      if (path[0] === 'url' || path[0] === 'headers') context.addIssue({ code: 'custom', path: [...path], message });
  })
  .transform(
    ({ timeout, cache, headers, ca, ...rest }): LookupSettings => ({
      ...rest,
      headers: headers ?? {},
      timeoutMs: timeout,
      cacheMs: cache,
      ...(ca === undefined ? {} : { ca }),
    }),
  );

/** What is wrong with the place of the number, or undefined. */
function templateProblem(url: string): string | undefined {
  const places = url.match(PLACE) ?? [];
  if (places.length !== 1 || /\{[{%]/.test(url.replace(PLACE, '')))
    return 'must hold {{ number }} once, and no other template, like "https://crm.example.net/callers/{{ number }}"';
  const [before = '', after = ''] = url.split(places[0] ?? '');
  const segment = /^https?:\/\/[^/?#]+\/(?:[^?#]*\/)?$/i.test(before) && /^(?:[/?#]|$)/.test(after);
  const query = /\?(?:[^#]*&)?[^#&=]+=$/.test(before) && /^(?:[&#]|$)/.test(after);
  return segment || query
    ? undefined
    : '{{ number }} must be a whole segment of the path, or a whole value of the query';
}
