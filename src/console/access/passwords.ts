// Passwords: kept as scrypt only (RFC 7914), compared in constant time.
import { scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP Password Storage Cheat Sheet: N = 2^15, r = 8, p = 3 costs 32 MiB; one try takes about a tenth of a second. */
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 };
const KEY_BYTES = 32;
export const SALT_BYTES = 16;
/** Longer ones would only cost time to hash. */
export const PASSWORD_LENGTH_MAX = 256;
export const PASSWORD_LENGTH_MIN = 12;

const WRITTEN = /^scrypt\$32768\$8\$3\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

/** `scrypt$32768$8$3$<salt>$<key>`. `salt`: SALT_BYTES random bytes. Rejects only if the machine has no memory left. */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  const key = await derive(password, salt);
  const [a, b] = [Buffer.from(salt).toString('base64url'), key.toString('base64url')];
  return `scrypt$${COST.N}$${COST.r}$${COST.p}$${a}$${b}`;
}

/** Whether a password is the one that was hashed; false for a hash that cannot be read. Takes as long for a wrong one. */
export async function isPassword(password: string, written: string): Promise<boolean> {
  const [, salt, key] = WRITTEN.exec(written) ?? [];
  if (password.length > PASSWORD_LENGTH_MAX) return false;
  const made = await derive(password, Buffer.from(salt ?? 'AAAAAAAAAAAAAAAAAAAAAA', 'base64url'));
  return key !== undefined && timingSafeEqual(made, Buffer.from(key, 'base64url'));
}

/** A hash that no password has: what a try with an unknown name is compared with, so that it takes as long. */
export const NO_PASSWORD = `scrypt$32768$8$3$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Whether a text is a hash as it is kept. */
export const isPasswordHash = (text: string): boolean => WRITTEN.test(text);

const derive = (password: string, salt: Uint8Array): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, COST, (error, key) => (error ? reject(error) : resolve(key)));
  });
