// Signing keys: whether a private key that a person gave can sign what is asked of it.
import { createPrivateKey, type KeyObject } from 'node:crypto';

/** RFC 8301, section 3.2: verifiers take no signature of a shorter key. */
const RSA_BITS_MIN = 1_024;

/** What is wrong with a PEM text as an RSA key for SHA-256 signatures; undefined if nothing is. Nothing of it is repeated. */
export function rsaKeyProblem(pem: string): string | undefined {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return 'is no private key that can be read; give one as PEM (-----BEGIN PRIVATE KEY-----), without a passphrase';
  }
  // nodemailer signs by RSA only, and sends a mail unsigned without a word where that fails.
  if (key.asymmetricKeyType !== 'rsa') return `is a key of type ${key.asymmetricKeyType}; give an RSA key`;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < RSA_BITS_MIN ? `has ${bits} bits only; give an RSA key of 2048` : undefined;
}
