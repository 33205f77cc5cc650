// From the host of an endpoint to addresses that may be reached: resolved once, every one of them checked, then connected to.
import type { LookupFunction } from 'node:net';
import { isOwn, judge, type Network, type Own } from './address.ts';
import { bareHost, isLiteral } from './settings.ts';

/** All addresses of a name. Rejects with an error that has a code (`ENOTFOUND`). */
export type Resolve = (host: string) => Promise<string[]>;

export type Reach = {
  url: URL;
  networks: readonly Network[];
  allowHttp: boolean;
  resolve: Resolve;
  /** Where Hookswitch itself listens: refused even where a network lists it. */
  own?: readonly Own[];
};

/** Why an endpoint may not be reached: a short reason to count by, and a text that names the setting. */
export type Refusal = { reason: string; error: string };

/** The resolver of the operating system: the hosts file counts as well. */
export async function resolveBySystem(host: string): Promise<string[]> {
  const { lookup } = await import('node:dns/promises');
  return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);
}

/**
 * The addresses to connect to, or a refusal if one of them may not be reached: a name that leads to both kinds is an attack or
 * a mistake. An address in the URL is checked as it is. Rejects if the name cannot be resolved or `signal` is aborted first.
 */
export async function checkedAddresses(reach: Reach, signal: AbortSignal): Promise<string[] | Refusal> {
  const { url, networks, allowHttp, resolve, own = [] } = reach;
  const host = bareHost(url);
  const addresses = isLiteral(host) ? [host] : await unlessAborted(resolve(host), signal);
  for (const address of addresses) {
    if (isOwn(address, portOf(url), own)) return OWN_REFUSAL;
    const { listed, privateClass } = judge(address, networks);
    if (privateClass !== undefined && !listed)
      return {
        reason: privateClass,
        error: `the endpoint leads to an address that is not public (${privateClass}); list it in allowPrivate if it is meant`,
      };
    if (url.protocol === 'http:' && !allowHttp && !listed)
      return {
        reason: 'http',
        error: 'http:// goes only to networks of allowPrivate; use https://, or set allowHttp: true',
      };
  }
  return addresses;
}

/** Also said of a connection that turned out to lead to this machine's own listener. */
export const OWN_REFUSAL: Refusal = {
  reason: 'own',
  error:
    'the endpoint is Hookswitch itself, which would make a loop; allowPrivate does not open it: set url to another place',
};

export const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80));

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

/** A look-up that knows nothing but the addresses that were checked, so that no name is resolved a second time. */
export const lookupOf =
  (addresses: readonly string[]): LookupFunction =>
  (_host, options, callback) => {
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) callback(null, all);
    else callback(null, all[0]?.address ?? '', all[0]?.family ?? 4);
  };
