// The settings of a mail server and the fields of a message, as an author writes them.
import { z } from 'zod';
import { type Secret, secret } from '../../core/secret.ts';

/** ASCII only, no quoted local part: these have led mail astray (RFC 5321 calls them discouraged), and nobody misses them. */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const VISIBLE_LINE = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/;

const address = z.string().regex(ADDRESS, 'must be an address such as "team@example.net"');
const displayName = z.string().min(1).max(100).regex(VISIBLE_LINE, 'must be one line without control characters');
const person = z.strictObject({
  name: displayName.optional().describe('The name that a mail program shows.'),
  address: address.describe('The address.'),
});
const recipient = z.union([address, person], {
  error: 'must be an address such as "team@example.net", or { "name": …, "address": … }',
});

export const settings = z
  .strictObject({
    host: z
      .string()
      .regex(/^(?=.{1,253}$)[A-Za-z0-9:](?:[A-Za-z0-9.:_-]*[A-Za-z0-9:])?$/, 'must be a host name or an address')
      .describe('The mail server (the relay, not the recipient).'),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('Default: 587 with starttls, 465 with implicit, 25 with none.'),
    tls: z
      .enum(['starttls', 'implicit', 'none'])
      .default('starttls')
      .describe(
        'starttls: in plain text first, then encrypted, else nothing is sent. implicit: encrypted from the start.',
      ),
    ca: secret()
      .optional()
      .describe("PEM certificate of the server's own authority, where no public one has signed it."),
    user: z.string().min(1).max(200).regex(VISIBLE_LINE).optional().describe('User name, where the server wants one.'),
    password: secret().optional().describe('Password of the user.'),
    from: person.describe('The sender of every message.'),
    recipients: z.array(recipient).min(1).max(50).describe('Who gets every message: addresses, or { name, address }.'),
    replyTo: recipient.optional().describe('Where answers go.'),
    name: z
      .string()
      .regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f.:]+\])$/, 'must be a host name')
      .optional()
      .describe('How this machine greets the server (EHLO). Default: its host name.'),
  })
  .superRefine((value, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (value.user !== undefined && value.password === undefined) problem('password', 'is missing beside user');
    if (value.password !== undefined && value.user === undefined) problem('user', 'is missing beside password');
    if (value.password !== undefined && value.tls === 'none' && !isThisMachine(value.host))
      problem('tls', 'would send the password in plain text; use "starttls" or "implicit"');
    if (value.ca !== undefined && value.tls === 'none') problem('ca', 'does nothing with tls: "none"');
  });

export type EmailSettings = {
  host: string;
  port?: number | undefined;
  tls: 'starttls' | 'implicit' | 'none';
  ca?: Secret | undefined;
  user?: string | undefined;
  password?: Secret | undefined;
  from: Person;
  recipients: (string | Person)[];
  replyTo?: string | Person | undefined;
  name?: string | undefined;
};

export type Person = { name?: string | undefined; address: string };

export const message = z.strictObject({
  subject: z.string().min(1).max(500).regex(VISIBLE_LINE, 'must be one line').describe('The subject.'),
  text: z.string().min(1).max(100_000).describe('The text; your own line breaks stay.'),
  html: z
    .string()
    .min(1)
    .max(100_000)
    .optional()
    .describe('The HTML part. Values stand between tags or in quoted attributes. Default: made from the text.'),
});

const isThisMachine = (host: string): boolean => /^(?:localhost|127(?:\.\d+){3}|::1)$/.test(host);
