// Addresses: one spelling for each, and the ranges (CIDR) that they are compared with.
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const DOTTED = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const MAPPED = '::ffff:';

/**
 * The one spelling of an address: `::ffff:10.0.0.7` is `10.0.0.7`, IPv6 in its short form, zone and brackets gone, a port
 * behind it cut off. Anything else, also `127.1` or `0x7f000001`: undefined.
 */
export function canonicalAddress(text: string): string | undefined {
  let bare = text.trim();
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(bare);
  if (bracketed) bare = bracketed[1] ?? '';
  else if (/^[\d.]+:\d+$/.test(bare)) bare = bare.slice(0, bare.indexOf(':'));
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare).toString();
  if (!bare.includes(':') || !ipaddr.IPv6.isValid(bare)) return undefined;
  const address = ipaddr.IPv6.parse(bare);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  return address.toRFC5952String().split('%')[0];
}

/** The peer of a socket in its one spelling. `''` for a socket that is gone. The system spells it, so the usual forms need no parser. */
export function peerAddress(remote: string | undefined): string {
  if (remote === undefined) return '';
  if (DOTTED.test(remote)) return remote;
  if (remote.startsWith(MAPPED) && DOTTED.test(remote.slice(MAPPED.length))) return remote.slice(MAPPED.length);
  return canonicalAddress(remote) ?? '';
}

export type Ranges = readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  const slash = text.indexOf('/');
  const address = canonicalAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined || /\s/.test(text)) return undefined;
  const parsed = ipaddr.parse(address);
  const bitsMax = parsed.kind() === 'ipv4' ? 32 : 128;
  if (slash < 0) return [parsed, bitsMax];
  if (!/^\d{1,3}$/.test(text.slice(slash + 1))) return undefined;
  // `::ffff:10.0.0.0/104` says the same as `10.0.0.0/8`.
  const shift = parsed.kind() === 'ipv4' && text.includes(':') ? 96 : 0;
  const bits = Number(text.slice(slash + 1)) - shift;
  return bits >= 0 && bits <= bitsMax ? [parsed, bits] : undefined;
}

/** The ranges of a list of addresses and CIDRs, ready to compare with. What is neither matches nothing. */
export function compileRanges(texts: readonly string[]): Ranges {
  return texts.map(parseRange).filter((range) => range !== undefined);
}

/** Whether a canonical address lies in one of the ranges. An unknown address (`''`) lies in none. */
export function inRanges(ranges: Ranges, address: string): boolean {
  if (ranges.length === 0 || address === '') return false;
  const parsed = ipaddr.parse(address);
  return ranges.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
}

const compiled = new WeakMap<readonly string[], Ranges>();

/** `inRanges` for a list as it stands in the config; each list is compiled once. */
export function allowedFrom(list: readonly string[], address: string): boolean {
  let ranges = compiled.get(list);
  if (ranges === undefined) {
    ranges = compileRanges(list);
    compiled.set(list, ranges);
  }
  return inRanges(ranges, address);
}

/** An address or a range of addresses, as people write it in the config. */
export const cidr = z
  .string()
  .refine(
    (text) => parseRange(text) !== undefined,
    'must be an address or a range, like "192.168.1.0/24" or "10.0.0.7"',
  );
