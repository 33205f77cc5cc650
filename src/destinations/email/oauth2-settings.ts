// OAuth2: the settings of a login by token, and which of the three ways to get one they mean.
import { z } from 'zod';
import { type Secret, secret } from '../../core/secret.ts';
import { rsaKeyProblem } from './signing-key.ts';

/** Google's own; RFC 6749 leaves the address to the service. */
const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';
export const GOOGLE_MAIL_SCOPE = 'https://mail.google.com/';

const word = (charactersMax: number) =>
  z
    .string()
    .min(1)
    .max(charactersMax)
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII without blanks');

export const oauth2 = z
  .strictObject({
    clientId: word(300).optional().describe('Client id of the app that is registered with the provider.'),
    clientSecret: secret().optional().describe('Client secret of that app.'),
    refreshToken: secret()
      .optional()
      .describe(
        'Refresh token of the user. Without it the app asks in its own name (client credentials), as Microsoft 365 has it.',
      ),
    serviceClient: word(300).optional().describe('Client id of a Google service account, instead of clientId.'),
    privateKey: secret().optional().describe('PEM private key of that service account.'),
    accessUrl: z
      .string()
      .max(2_000)
      .refine(isTokenUrl, 'must be an address such as "https://login.example.net/token"; http only on this machine')
      .default(GOOGLE_TOKEN_URL)
      .describe('Where tokens are given. Microsoft 365: https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token'),
    scope: z
      .string()
      .min(1)
      .max(1_000)
      .regex(/^[\x20-\x7e]+$/, 'must be visible ASCII')
      .optional()
      .describe(
        'What the token is for, where the provider asks. Microsoft 365 by client credentials: https://outlook.office365.com/.default',
      ),
  })
  .superRefine((value, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (value.serviceClient !== undefined || value.privateKey !== undefined) {
      if (value.serviceClient === undefined) problem('serviceClient', 'is missing beside privateKey');
      if (value.privateKey === undefined) problem('privateKey', 'is missing beside serviceClient');
      for (const key of ['clientId', 'clientSecret', 'refreshToken'] as const)
        if (value[key] !== undefined) problem(key, 'cannot stand beside serviceClient; remove one of them');
      const wrong = value.privateKey === undefined ? undefined : rsaKeyProblem(value.privateKey.reveal());
      if (wrong !== undefined) problem('privateKey', wrong);
      return;
    }
    if (value.clientId === undefined) problem('clientId', 'is missing; or give serviceClient and privateKey');
    if (value.clientSecret === undefined && value.refreshToken === undefined)
      problem('clientSecret', 'is missing; or give a refreshToken');
  });

export type OAuth2Settings = {
  clientId?: string | undefined;
  clientSecret?: Secret | undefined;
  refreshToken?: Secret | undefined;
  serviceClient?: string | undefined;
  privateKey?: Secret | undefined;
  accessUrl: string;
  scope?: string | undefined;
};

export const isThisMachine = (host: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/.test(host);

/** Tokens are passwords: they come over https, or from this machine. No name and password in the address, which is shown. */
function isTokenUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  if (username !== '' || password !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isThisMachine(hostname));
}

/** Every secret of these settings, in plain: what no error may show. */
export const secretsOf = ({ clientSecret, refreshToken, privateKey }: OAuth2Settings): string[] =>
  [clientSecret, refreshToken, privateKey].flatMap((one) => (one === undefined ? [] : [one.reveal()]));
