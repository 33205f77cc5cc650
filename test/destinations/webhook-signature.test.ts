// Webhooks: the signature, held against the official package of Standard Webhooks.
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/delivery.ts';
import { Secret } from '../../src/core/secret.ts';
import { createSign } from '../../src/destinations/webhook/sign.ts';
import { systemClock } from '../../src/ports.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { answer, startHttpServer } from '../support/http-server.ts';
import { LOOPBACK, openWebhook } from '../support/webhook-connection.ts';

const makeSecret = (bytes = 32): string => `whsec_${randomBytes(bytes).toString('base64')}`;
const CURRENT = makeSecret();
const PREVIOUS = makeSecret(24);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(secrets: Record<string, Secret>) {
  const server = await startHttpServer(answer(200));
  cleanups.push(() => server.stop());
  const hook = await openWebhook({ url: server.url, ...LOOPBACK, ...secrets });
  cleanups.push(() => hook.close());
  return { server, hook };
}

describe('a signature', () => {
  it('is accepted by the official package with the current and with the previous secret, over the bytes that were sent', async () => {
    const { server, hook } = await connect({ secret: new Secret(CURRENT), previousSecret: new Secret(PREVIOUS) });
    const bodies: Json[] = [...HOSTILE_STRINGS, null, [], { name: 'Müller', n: 1.5 }];
    for (const body of bodies) await hook.post({ body });
    expect(server.requests.length).toBe(bodies.length);
    for (const { body, headers } of server.requests) {
      expect(headers['webhook-signature']?.split(' ').length).toBe(2);
      for (const secret of [CURRENT, PREVIOUS])
        expect(new Webhook(secret).verify(body.toString(), headers)).toEqual(JSON.parse(body.toString()));
      expect(() => new Webhook(makeSecret()).verify(body.toString(), headers)).toThrow();
    }
  });

  it('keeps the id over attempts, takes the time of the attempt, and signs an empty body', async () => {
    const { server, hook } = await connect({ secret: new Secret(CURRENT) });
    await hook.post({ method: 'GET' }, 'event-1/rule-1/0');
    await hook.post({ method: 'GET' }, 'event-1/rule-1/0');
    await hook.post({ body: 1 }, 'with.dots and\r\nmore');
    const [first, second, odd] = server.requests;
    expect(first?.headers['webhook-id']).toBe('event-1/rule-1/0');
    expect(second?.headers['webhook-id']).toBe('event-1/rule-1/0');
    expect(odd?.headers['webhook-id']).toMatch(/^msg_[0-9a-f]{64}$/);
    for (const request of server.requests)
      expect(() => new Webhook(CURRENT).verify(request.body.toString(), request.headers)).not.toThrow();
  });

  it('is refused once anything was changed (2,000 changes)', () => {
    const sign = createSign({ secret: new Secret(CURRENT) });
    const body = JSON.stringify({ number: '+493023125100', name: 'Müller' });
    const verifier = new Webhook(CURRENT);
    const headers = sign('event-1/rule-1/0', systemClock.wallMs(), body);
    expect(verifier.verify(body, headers)).toEqual(JSON.parse(body));
    const change = (text: string, at: number, to: string): string => text.slice(0, at) + to + text.slice(at + 1);
    const places = fc.constantFrom('body', 'webhook-id', 'webhook-timestamp', 'webhook-signature');
    const tampering = fc.tuple(
      places,
      fc.nat({ max: 1_000 }),
      fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }),
    );
    fc.assert(
      fc.property(tampering, ([place, n, to]) => {
        const original = place === 'body' ? body : (headers[place] ?? '');
        const changed = change(original, n % original.length, to);
        fc.pre(changed !== original);
        const sent = place === 'body' ? headers : { ...headers, [place]: changed };
        expect(() => verifier.verify(place === 'body' ? changed : body, sent)).toThrow();
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a signing secret', () => {
  const badOnes = [
    '',
    'whsec_',
    'secret',
    makeSecret(23),
    makeSecret(65),
    `${makeSecret()}!`,
    makeSecret().slice(6),
    'whsec_AAAAA',
  ];
  it.each(badOnes)(
    'that can never work is refused when the connection is opened, without being shown (%#)',
    async (text) => {
      const given = { url: 'https://crm.example.net/', secret: new Secret(text) };
      const error = await openWebhook(given).then(
        () => new Error('was opened'),
        (refused: Error) => refused,
      );
      expect(error.message).toContain('secret: is no signing secret');
      if (text.length > 6) expect(error.message).not.toContain(text.slice(6));
    },
  );

  it.each([24, 32, 64])('of %d bytes is taken', async (bytes) => {
    const hook = await openWebhook({ url: 'https://crm.example.net/', secret: new Secret(makeSecret(bytes)) });
    await expect(hook.close()).resolves.toBeUndefined();
  });
});
