// Webhooks: the signature, held against the official package of Standard Webhooks.
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/delivery.ts';
import { Secret } from '../../src/core/secret.ts';
import { createSign } from '../../src/destinations/webhook/sign.ts';
import { systemClock } from '../../src/ports.ts';
import { seededDraw } from '../../src/simulator/index.ts';
import { setting } from '../long/waiting.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { answer, startHttpServer } from '../support/http-server.ts';
import { LOOPBACK, openWebhook } from '../support/webhook-connection.ts';

/** HOOKSWITCH_TAMPERED asks for more, as CI does: 100,000. */
const TAMPERED = setting('HOOKSWITCH_TAMPERED', 10_000);

const makeSecret = (bytes = 32): string => `whsec_${randomBytes(bytes).toString('base64')}`;
const CURRENT = makeSecret();
const PREVIOUS = makeSecret(24);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(secrets: Record<string, unknown>) {
  const server = await startHttpServer(answer(200));
  cleanups.push(() => server.stop());
  const hook = await openWebhook({ url: server.url, ...LOOPBACK, ...secrets });
  cleanups.push(() => hook.close());
  return { server, hook };
}

function isAccepted(verifier: Webhook, body: string, headers: Record<string, string>): boolean {
  try {
    verifier.verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

/** Ids as they may come: of deliveries, with dots, in any script. */
const ids = fc.oneof(
  fc.constantFrom('event-1/rule-1/0', 'a.b', '.', 'msg.1.2', 'with.dots and\r\nmore', 'ü/ß/0', ''),
  fc.string({ unit: 'grapheme-ascii', maxLength: 60 }).map((text) => `${text}.${text}`),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);

describe('a signature', () => {
  it('is that of the vector which the official libraries share', () => {
    const sign = createSign(new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'));
    expect(sign('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_000, '{"test": 2432232314}')).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is accepted by the official package with the current and with the previous secret, over the bytes that were sent', async () => {
    const { server, hook } = await connect({
      secret: [new Secret(CURRENT), { value: new Secret(PREVIOUS), until: '2999-12-31' }],
    });
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

  it('is accepted for any id and any body, by each of two secrets (1,000 messages)', () => {
    const sign = createSign([new Secret(CURRENT), { value: new Secret(PREVIOUS), until: '2999-12-31T00:00:00+02:00' }]);
    const verifiers = [CURRENT, PREVIOUS].map((secret) => new Webhook(secret));
    fc.assert(
      fc.property(ids, fc.json({ stringUnit: 'grapheme' }), (id, body) => {
        const headers = sign(id, systemClock.wallMs(), body);
        // The dot parts what is signed: an id never holds one.
        expect(headers['webhook-id']).toMatch(/^[A-Za-z0-9/_:-]{1,256}$/);
        for (const verifier of verifiers) expect(verifier.verify(body, headers)).toEqual(JSON.parse(body));
        expect(sign(id, systemClock.wallMs(), body)['webhook-id']).toBe(headers['webhook-id']);
      }),
      { numRuns: 1_000 },
    );
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

  it('is of the moment of the attempt: five minutes off, either way, is the most that a receiver takes', () => {
    const sign = createSign(new Secret(CURRENT));
    const verdict = (offMs: number): boolean =>
      isAccepted(new Webhook(CURRENT), '1', sign('a', systemClock.wallMs() + offMs, '1'));
    expect([-299_000, -60_000, 0, 60_000, 299_000].map(verdict)).toEqual([true, true, true, true, true]);
    expect([-7_200_000, -302_000, 302_000, 7_200_000].map(verdict)).toEqual([false, false, false, false]);
  });

  it(`is refused once anything was changed (${TAMPERED} changes)`, () => {
    const sign = createSign(new Secret(CURRENT));
    const verifier = new Webhook(CURRENT);
    const draw = seededDraw(20_261_124);
    const pick = (max: number): number => Math.floor(draw() * max);
    const change = (text: string): string => {
      const at = pick(text.length + 1);
      const letter = String.fromCharCode(0x20 + pick(0x5f));
      const kind = pick(3);
      return kind === 0
        ? text.slice(0, at) + text.slice(at + 1)
        : text.slice(0, at) + letter + text.slice(at + kind - 1);
    };
    /** Moves the border between two signed parts, or cuts the signature into pieces. */
    const split = (sent: Record<string, string>, body: string): [Record<string, string>, string] => {
      const { 'webhook-id': id = '', 'webhook-timestamp': time = '', 'webhook-signature': signature = '' } = sent;
      const at = pick(signature.length);
      const cut = signature.slice(3);
      const ways: [Record<string, string>, string][] = [
        [{ 'webhook-id': `${id}.${time}` }, body],
        [{ 'webhook-id': id.slice(0, -1), 'webhook-timestamp': `${id.slice(-1)}${time}` }, body],
        [{ 'webhook-timestamp': `${time}.${body.slice(0, 3)}` }, body.slice(3)],
        [{ 'webhook-signature': `${signature.slice(0, at)} ${signature.slice(at)}` }, `${body} `],
        [{ 'webhook-signature': `v1,${cut.slice(0, pick(cut.length))}` }, body],
        [{ 'webhook-signature': `v2,${cut} v1a,${cut} ${cut}` }, body],
        [{ 'webhook-signature': '' }, body],
      ];
      const [headers, changed] = ways[pick(ways.length)] ?? [{}, ''];
      return [{ ...sent, ...headers }, changed];
    };
    const accepted: string[] = [];
    const places = ['body', 'webhook-id', 'webhook-timestamp', 'webhook-signature', 'split'];
    let tried = 0;
    for (let n = 0; tried < TAMPERED; n++) {
      const name = HOSTILE_STRINGS[n % HOSTILE_STRINGS.length]?.slice(0, 40);
      const body = JSON.stringify({ number: `+4930${n}`, name });
      const headers = sign(`event-${n}/rule-1/0`, systemClock.wallMs(), body);
      const place = places[n % places.length] ?? 'body';
      const [sent, text] =
        place === 'split'
          ? split(headers, body)
          : [{ ...headers, ...(place === 'body' ? {} : { [place]: change(headers[place] ?? '') }) }, body];
      const given = place === 'body' ? change(text) : text;
      // The package reads the time as a number and the signatures as a list: "1614265330x" is the same time, and a blank beside
      // a member is no change either.
      const meant = (of: Record<string, string>) => ({
        ...of,
        'webhook-timestamp': Number.parseInt(of['webhook-timestamp'] ?? '', 10),
        'webhook-signature': of['webhook-signature']?.trim(),
      });
      if (JSON.stringify([meant(sent), given]) === JSON.stringify([meant(headers), body])) continue;
      tried += 1;
      if (isAccepted(verifier, given, sent)) accepted.push(JSON.stringify([place, sent, given]));
    }
    expect(tried).toBe(TAMPERED);
    expect(accepted).toEqual([]);
  }, 120_000);
});

describe('a secret that is being changed', () => {
  const DAY = Date.parse('2026-12-31T00:00:00Z');
  const signersAt = async (until: string, wallMs: number): Promise<string[]> => {
    const server = await startHttpServer(answer(200));
    cleanups.push(() => server.stop());
    const secret = [new Secret(CURRENT), { value: new Secret(PREVIOUS), until }];
    const clock = { ...systemClock, wallMs: () => wallMs };
    const hook = await openWebhook({ url: server.url, ...LOOPBACK, secret }, { clock });
    cleanups.push(() => hook.close());
    await hook.post({ body: { n: 1 } });
    const { headers, body } = server.requests[0] ?? { headers: {} as Record<string, string>, body: Buffer.alloc(0) };
    const id = headers['webhook-id'] ?? '';
    return (headers['webhook-signature'] ?? '').split(' ').map((each) => {
      const by = (secretText: string) => new Webhook(secretText).sign(id, new Date(wallMs), body.toString());
      return each === by(CURRENT) ? 'current' : each === by(PREVIOUS) ? 'previous' : 'nobody';
    });
  };

  it.each([
    ['2026-12-31', DAY - 86_400_000, ['current', 'previous']],
    ['2026-12-31', DAY + 86_399_000, ['current', 'previous']],
    ['2026-12-31', DAY + 86_400_000, ['current']],
    ['2026-12-31T18:00:00Z', DAY + 18 * 3_600_000 - 1_000, ['current', 'previous']],
    ['2026-12-31T18:00:00Z', DAY + 18 * 3_600_000, ['current']],
    ['2026-12-31T18:00:00+02:00', DAY + 16 * 3_600_000, ['current']],
    ['2020-01-01', DAY, ['current']],
  ])('signs beside the new one until %s, by the clock of the attempt (%d)', async (until, wallMs, expected) => {
    expect(await signersAt(until, wallMs)).toEqual(expected);
  });

  it('may be one of four; the list of one is the secret alone', () => {
    const before = [1, 2, 3].map((n) => ({ value: new Secret(makeSecret(24 + n)), until: '2999-01-01' }));
    expect(createSign([new Secret(CURRENT), ...before])('a', 0, '')['webhook-signature']?.split(' ').length).toBe(4);
    expect(createSign([new Secret(CURRENT)])('a', 0, '1')).toEqual(createSign(new Secret(CURRENT))('a', 0, '1'));
    expect(createSign(undefined)('a', 0, '')).not.toHaveProperty('webhook-signature');
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
