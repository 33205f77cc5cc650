// Which addresses a webhook may reach: public ones, and private ones that the config lists.
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Network = readonly [Address, number];

/** `10.0.0.0/8`, `fd00::/8` or one address; undefined if the text is neither. IPv4 in four decimal numbers only. */
export function parseNetwork(text: string): Network | undefined {
  const [, host = '', bits] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (!ipaddr.IPv4.isValidFourPartDecimal(host) && !ipaddr.IPv6.isValid(host)) return undefined;
  const address = ipaddr.parse(host);
  const bitsMax = address.kind() === 'ipv4' ? 32 : 128;
  const prefix = bits === undefined ? bitsMax : Number(bits);
  return prefix > bitsMax ? undefined : [address, prefix];
}

/** The networks of a list; what is none is left out, the settings have refused it before. */
export const networksOf = (texts: readonly string[]): Network[] =>
  texts.map(parseNetwork).filter((network) => network !== undefined);

/** What an address is: whether the config lists it, and the class that makes it not public (undefined: it is public). */
export type Verdict = { listed: boolean; privateClass: string | undefined };

/**
 * Judges one address, as text without brackets. An IPv6 address that embeds an IPv4 one is judged by that one too: a packet to it
 * arrives there. What cannot be read is never public.
 */
export function judge(text: string, allowed: readonly Network[]): Verdict {
  const bare = text.replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return { listed: false, privateClass: 'unreadable' };
  const address = ipaddr.parse(bare);
  const inner = address.kind() === 'ipv6' ? embedded(address.toByteArray()) : undefined;
  const listed = allowed.some((network) => within(address, network) || (inner !== undefined && within(inner, network)));
  return { listed, privateClass: classOf(inner ?? address) };
}

function within(address: Address, [base, bits]: Network): boolean {
  return address.kind() === base.kind() && address.match([base, bits] as never);
}

/** The ranges are those of the registries of IANA; only global unicast is public (for IPv6 that is 2000::/3). */
function classOf(address: Address): string | undefined {
  const range = address.range();
  if (range !== 'unicast') return range;
  const first = address.toByteArray()[0] ?? 0;
  return address.kind() === 'ipv6' && first >> 5 !== 1 ? 'reserved' : undefined;
}

/**
 * The IPv4 address inside an IPv6 one: mapped (::ffff:0:0/96), compatible (::/96), translated (::ffff:0:0:0/96, RFC 2765),
 * NAT64 (64:ff9b::/96, RFC 6052) and 6to4 (2002::/16, RFC 3056).
 */
function embedded(bytes: readonly number[]): ipaddr.IPv4 | undefined {
  const starts = (...head: number[]): boolean => head.every((byte, n) => bytes[n] === byte);
  const last = bytes.slice(12);
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  if (starts(...zeros(10), 0xff, 0xff)) return new ipaddr.IPv4(last);
  if (starts(...zeros(8), 0xff, 0xff, 0, 0)) return new ipaddr.IPv4(last);
  if (starts(0, 0x64, 0xff, 0x9b, ...zeros(8))) return new ipaddr.IPv4(last);
  if (starts(0x20, 0x02)) return new ipaddr.IPv4(bytes.slice(2, 6));
  // `::` and `::1` are themselves.
  if (starts(...zeros(15)) && (bytes[15] ?? 0) <= 1) return undefined;
  return starts(...zeros(12)) ? new ipaddr.IPv4(last) : undefined;
}

/** Where Hookswitch listens; a host that is a name counts as this machine. */
export type Own = { host: string; port: number };

/** The one form of an address: what embeds IPv4 is that. */
function canonical(text: string): Address | undefined {
  const bare = text.replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return undefined;
  const address = ipaddr.parse(bare);
  return (address.kind() === 'ipv6' ? embedded(address.toByteArray()) : undefined) ?? address;
}

const isLocal = (address: Address): boolean => ['loopback', 'unspecified'].includes(address.range());

/** Whether a listener has every address of this machine; a name says as little. */
const isEverywhere = (listener: Address | undefined): boolean => listener?.range() === 'unspecified' || !listener;

/**
 * Whether an address and port are a listener of ours. A listener on every address (`0.0.0.0`, `::`) is known here by loopback only;
 * its other addresses are known once a connection has both its ends on the same one (`isSelf`).
 */
export function isOwn(text: string, port: number, own: readonly Own[]): boolean {
  const address = canonical(text);
  if (address === undefined) return false;
  return own.some((one) => {
    const listener = canonical(one.host);
    if (one.port !== port) return false;
    if (listener === undefined || isEverywhere(listener)) return isLocal(address);
    // The unspecified address leads to this machine's loopback.
    const toLoopback = address.range() === 'unspecified' && isLocal(listener);
    return toLoopback || listener.toString() === address.toString();
  });
}

/** Whether a listener of ours has every address of this machine at that port. */
export const ownsEvery = (port: number, own: readonly Own[]): boolean =>
  own.some((one) => one.port === port && isEverywhere(canonical(one.host)));

/** Whether a connection leads back to the address that it came from: the peer is this machine. */
export function isSelf(localAddress: string | undefined, remoteAddress: string | undefined): boolean {
  const [from, to] = [canonical(localAddress ?? ''), canonical(remoteAddress ?? '')];
  return from !== undefined && from.toString() === to?.toString();
}
