// The signature of a webhook, as Standard Webhooks 1.0.0 has it: what is signed is what is sent. A secret that is being replaced
// signs beside the new one until its day.
import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { Secret, secret } from '../../core/secret.ts';

export type Sign = (id: string, wallMs: number, body: string) => Record<string, string>;

/** The one secret; or the current one and, behind it, those of before with the day or moment at which they end. */
export type SigningSecrets = Secret | (Secret | { value: Secret; until: string })[];

const until = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'must be a day such as "2026-12-31" or a moment such as "2026-12-31T18:00:00Z"',
  })
  .describe('The last day (UTC) or the moment until which it signs.');

/** The setting `secret`. What a union cannot say by itself is told by `signingProblems`. */
export const signingSecrets = z.union([
  secret(),
  z
    .array(z.union([secret(), z.strictObject({ value: secret().describe('The secret of before.'), until })]))
    .min(1)
    .max(4),
]);

/** What is wrong with their order, with the place below the setting. Whether each is a key is told by `createSign`. */
export function signingProblems(given: SigningSecrets): { path: number[]; message: string }[] {
  if (given instanceof Secret) return [];
  return given.flatMap((entry, n) => {
    const bare = entry instanceof Secret;
    if (n === 0 && !bare)
      return [{ path: [n], message: 'must be the current secret alone; one with "until" comes behind it' }];
    if (n > 0 && bare)
      return [{ path: [n], message: 'must be { "value": …, "until": "2026-12-31" }: a secret of before has an end' }];
    return [];
  });
}

/** A day counts whole: its secret signs until the day after begins in UTC. */
const endMs = (text: string): number => (text.includes('T') ? Date.parse(text) : Date.parse(text) + 86_400_000);

/**
 * A function that makes the three headers of one attempt: the id stays the same over retries, the time (in seconds) is the
 * attempt's. Every secret signs that is not over at that moment, the current one first, so that a receiver may hold any of them.
 * Without a secret there is no signature. Throws if one is not `whsec_` and 24 to 64 bytes in Base64.
 */
export function createSign(given: SigningSecrets | undefined): Sign {
  const entries = given === undefined ? [] : given instanceof Secret ? [given] : given;
  const signers = entries.map((entry) =>
    entry instanceof Secret
      ? { webhook: signerOf(entry), untilMs: Number.POSITIVE_INFINITY }
      : { webhook: signerOf(entry.value), untilMs: endMs(entry.until) },
  );
  return (id, wallMs, body) => {
    const webhookId = idOf(id);
    const seconds = Math.floor(wallMs / 1000);
    const headers: Record<string, string> = { 'webhook-id': webhookId, 'webhook-timestamp': String(seconds) };
    const active = signers.filter(({ untilMs }) => wallMs < untilMs);
    if (active.length > 0)
      headers['webhook-signature'] = active
        .map(({ webhook }) => webhook.sign(webhookId, new Date(seconds * 1000), body))
        .join(' ');
    return headers;
  };
}

function signerOf(value: Secret): Webhook {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value.reveal()) ?? [];
  const bytes = Buffer.from(base64, 'base64').length;
  if (bytes < 24 || bytes > 64 || base64.length % 4 !== 0)
    throw new Error('secret: is no signing secret; it must be "whsec_" and 24 to 64 bytes in Base64');
  return new Webhook(value.reveal());
}

/** The delivery id itself where it can stand in the signed text (no dot, which parts its pieces); else its hash. */
const idOf = (id: string): string =>
  /^[A-Za-z0-9/_:-]{1,256}$/.test(id) ? id : `msg_${createHash('sha256').update(id).digest('hex')}`;
