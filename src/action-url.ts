// The URLs that phones call, in the dialect of their maker: what a caller controls comes last, and a mark ends it.
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import type { Slug } from './core/events.ts';
import type { Vendor } from './core/vendor.ts';

/** In the order of the URL, before what makers have of their own. */
const OWN_FIELDS = ['mac', 'ip', 'model', 'firmware', 'user', 'host', 'url', 'call_id', 'called_number'];
/** A caller can write into these. Source: corpus rule 3. */
const CALLER_FIELDS = ['local', 'display_local', 'remote', 'display_remote'];

/** What the URLs hold that are made without regard to rules. */
export const USUAL_FIELDS: readonly string[] = [
  'mac',
  'ip',
  'model',
  'firmware',
  'user',
  'host',
  'call_id',
  ...CALLER_FIELDS,
];
/** Shows on arrival that nothing was cut off. */
const END = '_=.';

/** Yealink's limit is 511 characters (administrator's guide); others do not say. */
export const URL_LENGTH_MAX = 400;

/** The URLs of one phone or site by event, for the events that the maker's phones know. `base` without a slash at its end. */
export function actionUrls(base: string, token: string, vendor: Vendor): Record<string, string> {
  const slugs = new Set(vendor.events.flatMap(({ event }) => (event === null ? [] : [event])));
  return Object.fromEntries(
    [...slugs].map((slug) => [slug, actionUrl(base, token, slug, { vendor, fields: USUAL_FIELDS })]),
  );
}

/** `mac`: written as it is where the maker's phones have no variable for it; 12 lower-case hex digits. */
export type UrlParts = { vendor: Vendor; fields: Iterable<string>; mac?: string | undefined };

/** The URL of one event with these fields, as far as the maker's phones have variables for them. `name`: a slug, or a profile's name. */
export function actionUrl(base: string, token: string, name: Slug | string, { vendor, fields, mac }: UrlParts): string {
  const pairs = inOrder(fields).flatMap((field) => {
    const variable = variableFor(vendor, field) ?? (field === 'mac' ? mac : undefined);
    return variable === undefined ? [] : [`${field}=${variable}`];
  });
  return `${base}/a/${token}/${name}?${[...pairs, END].join('&')}`;
}

/** The maker's variable for one of our fields. Names that do not begin with `$` are no URL variables (some are XML elements). */
export const variableFor = (vendor: Vendor, field: string): string | undefined =>
  Object.entries(vendor.variableMap).find(([name, means]) => means === field && /^\$[^<(]*$/.test(name))?.[0];

function inOrder(fields: Iterable<string>): string[] {
  const wanted = new Set(fields);
  const known = new Set([...OWN_FIELDS, ...CALLER_FIELDS]);
  const further = [...wanted].filter((field) => !known.has(field)).sort();
  return [...OWN_FIELDS, ...further, ...CALLER_FIELDS].filter((field) => wanted.has(field));
}
const ANYWHERE = new Set(['0.0.0.0', '::']);
const hostText = (host: string): string => (host.includes(':') ? `[${host}]` : host);

type Listening = { host: string; port: number; publicUrl?: string | undefined };

/** How phones reach the receiver: `publicUrl`, else its address; where it listens on all of them, the first of this machine. */
export function phoneBase(
  { host, port, publicUrl }: Listening,
  interfaces: Record<string, NetworkInterfaceInfo[] | undefined> = networkInterfaces(),
): string {
  if (publicUrl !== undefined) return publicUrl;
  if (!ANYWHERE.has(host)) return `http://${hostText(host)}:${port}`;
  const outer = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .find((address) => !address.internal && address.family === 'IPv4');
  return `http://${outer?.address ?? '127.0.0.1'}:${port}`;
}

/** How this machine reaches the receiver. */
export const localBase = ({ host, port }: Listening): string =>
  `http://${ANYWHERE.has(host) ? (host === '::' ? '[::1]' : '127.0.0.1') : hostText(host)}:${port}`;
