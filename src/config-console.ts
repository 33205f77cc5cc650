// The console's settings: where it listens, under which names, and with which certificate.
import { z } from 'zod';
import { checkWith } from './core/schema-problems.ts';
import { type Secret, secret } from './core/secret.ts';
import { readSecrets, type SecretFindings, type SecretSource } from './secrets.ts';

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/;
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?$/;

export const consoleSettings = z
  .strictObject({
    enabled: z.boolean().default(true).describe('false: there is no web page and no admin API.'),
    host: z
      .string()
      .regex(/^[A-Za-z0-9:.-]{1,253}$/, 'must be an address of this machine such as "127.0.0.1"')
      .default('127.0.0.1')
      .describe('Address that it listens on; anything but this machine itself needs tls, or a proxy that has it.'),
    port: z.int().min(0).max(65_535).default(8485).describe('Port that it listens on; 0: any that is free.'),
    hosts: z
      .array(z.string().regex(HOST_NAME, 'must be a name such as "phones.example.net" or "phones.example.net:8443"'))
      .max(50)
      .default([])
      .describe('Names under which it is reached besides its address, as a browser shows them. Others are refused.'),
    tls: z
      .strictObject({
        cert: secret().describe('Certificate and its chain (PEM), as { "file": "console.pem" }.'),
        key: secret().describe('Private key of the certificate (PEM).'),
      })
      .optional()
      .describe('Serve HTTPS with this certificate.'),
    behindProxy: z
      .boolean()
      .default(false)
      .describe('true: a reverse proxy in front of it has TLS; cookies are made for HTTPS only.'),
  })
  .superRefine((value, context) => {
    if (LOOPBACK.test(value.host) || value.tls !== undefined || value.behindProxy) return;
    context.addIssue({
      code: 'custom',
      path: ['host'],
      message: 'would send passwords in plain text over the network; set tls, or behindProxy, or host "127.0.0.1"',
    });
  });

export type ConsoleSettings = {
  enabled: boolean;
  host: string;
  port: number;
  hosts: string[];
  tls?: { cert: Secret; key: Secret };
  behindProxy: boolean;
};

/** The settings, or undefined (with problems in `findings`) if they are wrong. */
export async function checkConsole(
  raw: unknown,
  source: SecretSource,
  findings: SecretFindings,
): Promise<ConsoleSettings | undefined> {
  const read = await readSecrets(raw ?? {}, ['console'], source, false, findings);
  const checked = checkWith(consoleSettings, read, ['console']);
  if ('problems' in checked) {
    findings.problems.push(...checked.problems);
    return undefined;
  }
  const { tls, ...rest } = checked.value;
  return tls === undefined ? rest : { ...rest, tls };
}
