// The settings of a Slack connection.
import { z } from 'zod';
import { type Secret, secret } from '../../core/secret.ts';

/** A channel as a person writes it. */
export const channel = z
  .string()
  .regex(
    /^(?:#[^\s#@<>&,]{1,80}|[CDGU][A-Z0-9]{7,20})$/,
    'must be a channel such as "#sales" or its id such as "C0123456789"',
  );

const ZONES = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);

/** An IANA time zone. */
export const timezone = z.string().refine((name) => ZONES.has(name), 'must be a time zone such as "Europe/Berlin"');

const url = z.string().refine(isWebAddress, 'must be an https:// URL (http:// only on this machine)');

export const settings = z
  .strictObject({
    token: secret().optional().describe('Bot token (xoxb-…) with the scope chat:write. Either this or webhookUrl.'),
    webhookUrl: secret().optional().describe('URL of an incoming webhook; its channel is fixed. Either this or token.'),
    appToken: secret()
      .optional()
      .describe(
        'App-level token (xapp-…) with the scope connections:write, of an app with Socket Mode and Interactivity turned on. ' +
          'Cards then have a button "I\'ll take it". Only with a token.',
      ),
    channel: channel
      .optional()
      .describe(
        'Channel of messages that name none. Only with a token. By its id, a card whose post was not answered is found again with ' +
          'the scope channels:history (groups:history if it is private); by its name, channels:read is needed as well.',
      ),
    timezone: timezone.optional().describe('Time zone of the times in a digest, as IANA name. Default: UTC.'),
    apiUrl: url
      .optional()
      .describe('Where the Web API answers, for a proxy of your own. Default: https://slack.com/api/'),
  })
  .superRefine((value, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (value.token === undefined && value.webhookUrl === undefined)
      problem('token', 'is missing: a connection to Slack has either token or webhookUrl');
    if (value.token !== undefined && value.webhookUrl !== undefined)
      problem('webhookUrl', 'stands beside token; keep the one that is meant');
    for (const key of ['token', 'appToken'] as const)
      if (value[key] !== undefined && !/^[\x21-\x7e]+$/.test(value[key].reveal()))
        problem(key, 'must be one word of visible ASCII characters');
    if (value.token?.reveal().startsWith('xapp-'))
      problem('token', 'is an app-level token (xapp-…); set the bot token (xoxb-…) here and that one as appToken');
    if (value.appToken?.reveal().startsWith('xoxb-'))
      problem('appToken', 'is a bot token (xoxb-…); set an app-level token (xapp-…) with the scope connections:write');
    if (value.webhookUrl === undefined) return;
    if (!isWebAddress(value.webhookUrl.reveal()))
      problem('webhookUrl', 'must be an https:// URL such as Slack shows it under Incoming Webhooks');
    for (const key of ['channel', 'apiUrl', 'appToken'] as const)
      if (value[key] !== undefined) problem(key, 'goes with token; an incoming webhook has its own');
  });

export type SlackSettings = {
  token?: Secret | undefined;
  webhookUrl?: Secret | undefined;
  appToken?: Secret | undefined;
  channel?: string | undefined;
  timezone?: string | undefined;
  apiUrl?: string | undefined;
};

/** Secrets and names of callers go over TLS, or not over a network at all. */
export function travelsSafely(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  if (protocol === 'https:' || protocol === 'wss:') return true;
  return (protocol === 'http:' || protocol === 'ws:') && /^(?:127(?:\.\d+){3}|\[::1\]|localhost)$/.test(hostname);
}

function isWebAddress(text: string): boolean {
  return /^https?:/i.test(text) && travelsSafely(text);
}
