// Email: the DKIM signature of every mail, checked by the public key, and keys that cannot sign, told at load.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { email } from '../../src/destinations/email/index.ts';
import { readDkim } from '../support/dkim-reader.ts';
import { cardOf, connect, groupOf, post, settingsFor } from './email-desk.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const pem = (key: { export(options: object): unknown }): string => String(key.export({ type: 'pkcs8', format: 'pem' }));
const dkim = { domain: 'example.net', selector: 'phones', privateKey: new Secret(pem(pair.privateKey)) };

describe('DKIM', () => {
  it('signs every mail, thread and digest too, so that no header and no byte of it can be changed', async () => {
    const { server, connection } = await connect({}, { dkim, replyTo: 'desk@example.net' });
    await post(connection, { subject: 'Grüße  aus   Köln '.repeat(9), text: 'Zeile  eins \n\n.\n\nEnde\n\n\n' });
    await post(connection, { thread: cardOf('one'), digest: groupOf(['x', null]) });
    for (const { raw } of server.mails) {
      const tags = readDkim(raw, pair.publicKey);
      expect(tags).toMatchObject({ v: '1', a: 'rsa-sha256', c: 'relaxed/relaxed', d: 'example.net', s: 'phones' });
      expect(tags.h?.split(':')).toEqual(
        expect.arrayContaining(['from', 'to', 'subject', 'date', 'message-id', 'reply-to', 'content-type']),
      );
      for (const changed of [
        raw.replace('Telephone', 'Somebody'),
        raw.replace('\r\nTo: ', '\r\nTo: x@example.net, '),
        raw.replace('text/html', 'text/plain'),
      ]) {
        expect(changed).not.toBe(raw);
        expect(() => readDkim(changed, pair.publicKey)).toThrow();
      }
    }
    expect(readDkim(server.mails[1]?.raw ?? '', pair.publicKey).h?.split(':')).toEqual(
      expect.arrayContaining(['references', 'in-reply-to']),
    );
    expect(server.mails.length).toBe(2);
  });

  const problems = (more: Record<string, unknown>, from = 'telephone@example.net'): string[] =>
    (
      email.settings.safeParse(settingsFor(25, { from: { address: from }, dkim: { ...dkim, ...more } })).error
        ?.issues ?? []
    ).map(({ path, message }) => `${path.join('.')}: ${message}`);

  it.each([
    ['no key', 'marker-no-key', 'no private key that can be read'],
    ['a public key', String(pair.publicKey.export({ type: 'spki', format: 'pem' })), 'no private key that can be read'],
    [
      'a key behind a passphrase',
      String(pair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })),
      'without a passphrase',
    ],
    ['an Ed25519 key', pem(generateKeyPairSync('ed25519').privateKey), 'give an RSA key'],
    ['a short key', pem(generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey), 'has 512 bits'],
  ])('tells at load that %s cannot sign', (_name, key, expected) => {
    const found = problems({ privateKey: new Secret(key) });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`dkim.privateKey: `);
    expect(found[0]).toContain(expected);
    expect(found[0]).not.toContain('marker');
  });

  it('takes the domain of from or one above it, and no other', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ domain: 'Example.net' }, 'phones@desk.EXAMPLE.net')).toEqual([]);
    expect(problems({ domain: 'other.net' })[0]).toContain('dkim.domain: must be the domain of from');
    expect(problems({}, 'telephone@badexample.net')[0]).toContain('dkim.domain');
    expect(problems({ selector: 'a b' })[0]).toContain('dkim.selector');
  });
});
