// The settings of a mail server, as an author writes them in the config.
import { z } from 'zod';
import { didYouMean } from '../../core/problems.ts';
import { type Secret, secret } from '../../core/secret.ts';
import { isThisMachine, type OAuth2Settings, oauth2 } from './oauth2-settings.ts';
import {
  type Person,
  person,
  type Recipient,
  type Recipients,
  recipient,
  recipients,
  VISIBLE_LINE,
} from './recipients.ts';
import { rsaKeyProblem } from './signing-key.ts';

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

const dkim = z.strictObject({
  domain: z
    .string()
    .regex(HOST_NAME, 'must be a domain')
    .describe('The domain that signs: that of from, or one above it.'),
  selector: z
    .string()
    .regex(HOST_NAME, 'must be a name such as "phones"')
    .describe('Under which name the public key stands in the DNS: <selector>._domainkey.<domain>'),
  privateKey: secret().describe('RSA private key as PEM, 2048 bits.'),
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
    password: secret()
      .optional()
      .describe('Password of the user. Google and Microsoft 365 want an app password here, or oauth2 instead.'),
    oauth2: oauth2.optional().describe('Login of the user by token instead of by password.'),
    from: person.describe('The sender of every message.'),
    recipients: recipients.describe(
      'Who gets the messages: addresses, or { name, address }. Or lists by name ("day", "night"), of which a message chooses one; "default" is for those that choose none.',
    ),
    replyTo: recipient.optional().describe('Where answers go.'),
    timezone: z
      .string()
      .superRefine((name, context) => {
        if (!isTimezone(name)) context.addIssue({ code: 'custom', message: noTimezone(name) });
      })
      .default('UTC')
      .describe('The time zone of the times in a digest.'),
    dkim: dkim
      .optional()
      .describe('Signs every mail, where the mail server does not do it: receivers can tell that it is yours.'),
    name: z
      .string()
      .regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f.:]+\])$/, 'must be a host name')
      .optional()
      .describe('How this machine greets the server (EHLO). Default: its host name.'),
  })
  .superRefine((value, context) => {
    const problem = (path: string | string[], message: string) =>
      context.addIssue({ code: 'custom', path: [path].flat(), message });
    const login = [value.password, value.oauth2].some((one) => one !== undefined);
    if (value.user !== undefined && !login) problem('password', 'is missing beside user');
    if (value.user === undefined && login)
      problem('user', `is missing beside ${value.password ? 'password' : 'oauth2'}`);
    if (value.password !== undefined && value.oauth2 !== undefined)
      problem('oauth2', 'cannot stand beside password; remove one of them');
    if (login && value.tls === 'none' && !isThisMachine(value.host))
      problem('tls', 'would send the password in plain text; use "starttls" or "implicit"');
    if (value.ca !== undefined && value.tls === 'none') problem('ca', 'does nothing with tls: "none"');
    if (value.dkim === undefined) return;
    const wrong = rsaKeyProblem(value.dkim.privateKey.reveal());
    if (wrong !== undefined) problem(['dkim', 'privateKey'], wrong);
    // RFC 7489, section 3.1.1: another domain's signature says nothing about this sender.
    if (!`.${domainOf(value.from.address)}`.endsWith(`.${value.dkim.domain.toLowerCase()}`))
      problem(['dkim', 'domain'], 'must be the domain of from, or one above it; receivers count no other signature');
  });

export type EmailSettings = {
  host: string;
  port?: number | undefined;
  tls: 'starttls' | 'implicit' | 'none';
  ca?: Secret | undefined;
  user?: string | undefined;
  password?: Secret | undefined;
  oauth2?: OAuth2Settings | undefined;
  from: Person;
  recipients: Recipients;
  replyTo?: Recipient | undefined;
  timezone: string;
  dkim?: { domain: string; selector: string; privateKey: Secret } | undefined;
  name?: string | undefined;
};

/** `telephone@Example.net` → `example.net`. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

function noTimezone(name: string): string {
  const near = didYouMean(name, Intl.supportedValuesOf('timeZone'));
  return `must be a time zone such as "Europe/Berlin"${near === undefined ? '' : `; ${near}`}`;
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}
