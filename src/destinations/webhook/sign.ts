// The signature of a webhook, as Standard Webhooks 1.0.0 has it: what is signed is what is sent.
import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { Secret } from '../../core/secret.ts';

export type Sign = (id: string, wallMs: number, body: string) => Record<string, string>;

/**
 * A function that makes the three headers of one attempt: the id stays the same over retries, the time (in seconds) is the
 * attempt's. With two secrets both sign, the current one first, so that a receiver may hold either. Without any there is no signature.
 * Throws if a secret is not `whsec_` and 24 to 64 bytes in Base64.
 */
export function createSign(secrets: Record<string, Secret | undefined>): Sign {
  const signers = Object.entries(secrets).flatMap(([name, value]) =>
    value === undefined ? [] : [signerOf(name, value)],
  );
  return (id, wallMs, body) => {
    const webhookId = idOf(id);
    const seconds = Math.floor(wallMs / 1000);
    const headers: Record<string, string> = { 'webhook-id': webhookId, 'webhook-timestamp': String(seconds) };
    if (signers.length > 0)
      headers['webhook-signature'] = signers
        .map((one) => one.sign(webhookId, new Date(seconds * 1000), body))
        .join(' ');
    return headers;
  };
}

function signerOf(name: string, value: Secret): Webhook {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value.reveal()) ?? [];
  const bytes = Buffer.from(base64, 'base64').length;
  if (bytes < 24 || bytes > 64 || base64.length % 4 !== 0)
    throw new Error(`${name}: is no signing secret; it must be "whsec_" and 24 to 64 bytes in Base64`);
  return new Webhook(value.reveal());
}

/** The delivery id itself where it can stand in the signed text (no dot, which parts its pieces); else its hash. */
const idOf = (id: string): string =>
  /^[A-Za-z0-9/_:-]{1,256}$/.test(id) ? id : `msg_${createHash('sha256').update(id).digest('hex')}`;
