// Addresses in conditions: one spelling for each, and whether one lies in a network.
import ipaddr from 'ipaddr.js';

/** The longest spelling of an IPv6 address has 45 characters, a zone apart. */
const CHARACTERS_MAX = 100;

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Four decimal parts, or IPv6; an IPv4 address inside IPv6 (`::ffff:10.0.0.7`) is that IPv4 address. `127.1` is none. */
function parse(text: string): Address | undefined {
  if (text.length > CHARACTERS_MAX) return undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return text.includes(':') && ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : undefined;
}

/** The one spelling of an address, without a zone; undefined if the text is none. */
export function canonicalAddress(text: string): string | undefined {
  const address = parse(text);
  if (address === undefined) return undefined;
  return address.kind() === 'ipv4' ? address.toString() : (address as ipaddr.IPv6).toRFC5952String().split('%')[0];
}

/** The first `bits` bits of an address as one number, by which addresses of the same network are equal. */
export type AddressBits = { version: 4 | 6; value: number | bigint };

const bitsOf = (address: Address): AddressBits =>
  address.kind() === 'ipv4'
    ? { version: 4, value: address.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0) }
    : { version: 6, value: address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) };

/** All bits of an address; undefined if the text is none. */
export function addressBits(text: string): AddressBits | undefined {
  const address = parse(text);
  return address === undefined ? undefined : bitsOf(address);
}

/** The first `bits` bits of a whole address. */
export function leadingBits({ value }: AddressBits, bits: number): number | bigint {
  if (typeof value === 'bigint') return value >> BigInt(128 - bits);
  // A shift by 32 would shift by nothing.
  return bits === 0 ? 0 : value >>> (32 - bits);
}

export type Network = { version: 4 | 6; bits: number; base: number | bigint; holds(text: string): boolean };

/** Reads a network such as `192.168.1.0/24`, which tells addresses inside; undefined if the text is none. */
export function readNetwork(network: string): Network | undefined {
  const slash = network.indexOf('/');
  const base = slash < 0 ? undefined : parse(network.slice(0, slash));
  if (base === undefined || !/^\d{1,3}$/.test(network.slice(slash + 1))) return undefined;
  // `::ffff:10.0.0.0/104` says the same as `10.0.0.0/8`.
  const shift = base.kind() === 'ipv4' && network.includes(':') ? 96 : 0;
  const bits = Number(network.slice(slash + 1)) - shift;
  if (bits < 0 || bits > (base.kind() === 'ipv4' ? 32 : 128)) return undefined;
  const whole = bitsOf(base);
  const holds = (text: string): boolean => {
    const address = parse(text);
    return address !== undefined && address.kind() === base.kind() && address.match(base, bits);
  };
  return { version: whole.version, bits, base: leadingBits(whole, bits), holds };
}
