// Probe: a look whether a place can be reached as the config says, for people who set it up; and what a failure means in words.
import type { OpenContext } from './destination.ts';

/** `signal`: aborted when the time is up. */
export type ProbeContext = Pick<OpenContext, 'name' | 'clock' | 'random' | 'embeddedBroker'> & { signal: AbortSignal };

/** `works`: who answered, in words. `error`: what is wrong and what would be right, in words. Neither holds a secret. */
export type Probed = { works: string } | { error: string };

const CERTIFICATE = "its certificate is signed by nobody that is known here; give that authority's certificate as ca";

/** Codes of Node, OpenSSL and undici that a person can do something about (nodejs.org/api/errors, /api/tls "X509 certificate error codes"). */
const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; check host and port, and whether the server runs',
  ECONNRESET: 'the other side hung up; check the port, and whether it wants TLS',
  ENOTFOUND: 'there is no host of that name; check the spelling',
  EAI_AGAIN: 'the name cannot be looked up now; check the DNS of this machine',
  ETIMEDOUT: 'nothing answers there; check the address, and firewalls on the way',
  UND_ERR_CONNECT_TIMEOUT: 'nothing answers there; check the address, and firewalls on the way',
  EHOSTUNREACH: 'no way leads there; check the address and the network of this machine',
  ENETUNREACH: 'no way leads there; check the address and the network of this machine',
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  CERT_HAS_EXPIRED: 'its certificate has expired; renew it there',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check the clock of this machine',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name; use the name that stands in it',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers there does not speak TLS; check port and scheme',
  EPROTO: 'what answers there does not speak TLS as it should; check port and scheme',
};

/** What a person can do about a code; undefined where the code says nothing more. */
export const hintOf = (code: string | undefined): string | undefined =>
  code !== undefined && Object.hasOwn(HINTS, code) ? HINTS[code] : undefined;

/** `text` with the hint of its code, if there is one. */
export function withHint(text: string, code: string | undefined): string {
  const hint = hintOf(code);
  return hint === undefined ? text : `${text}: ${hint}`;
}

/** Ends with the signal: what does not end by itself is left to its own limits. */
export function probedWithin(signal: AbortSignal, probe: Promise<Probed>): Promise<Probed> {
  return new Promise((resolve) => {
    const late = (): void => resolve({ error: withHint('no answer in time', 'ETIMEDOUT') });
    if (signal.aborted) return late();
    signal.addEventListener('abort', late, { once: true });
    void probe.then((probed) => {
      signal.removeEventListener('abort', late);
      resolve(probed);
    });
  });
}
