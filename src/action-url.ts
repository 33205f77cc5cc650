// The URLs that phones call, in the dialect of their maker: what a caller controls comes last, and a mark ends it.
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import type { Vendor } from './core/vendor.ts';

/** In the order of the URL. A caller can write into the last four. Source: corpus rule 3. */
const FIELDS = [
  'mac',
  'ip',
  'model',
  'firmware',
  'user',
  'host',
  'call_id',
  'local',
  'display_local',
  'remote',
  'display_remote',
];
/** Shows on arrival that nothing was cut off. */
const END = '_=.';

/** Yealink's limit is 511 characters (administrator's guide); others do not say. */
export const URL_LENGTH_MAX = 400;

/** The URLs of one phone or site by event, for the events that the maker's phones know. `base` without a slash at its end. */
export function actionUrls(base: string, token: string, vendor: Vendor): Record<string, string> {
  const query = [...FIELDS.flatMap((field) => pairOf(field, vendor)), END].join('&');
  const slugs = new Set(vendor.events.flatMap(({ event }) => (event === null ? [] : [event])));
  return Object.fromEntries([...slugs].map((slug) => [slug, `${base}/a/${token}/${slug}?${query}`]));
}

/** Names that do not begin with `$` are no URL variables (Poly's are XML elements). */
function pairOf(field: string, vendor: Vendor): string[] {
  const variable = Object.entries(vendor.variableMap).find(
    ([name, means]) => means === field && name.startsWith('$'),
  )?.[0];
  return variable === undefined ? [] : [`${field}=${variable}`];
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
