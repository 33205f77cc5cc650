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

/** Tells addresses inside a network such as `192.168.1.0/24`; undefined if that text is no network. */
export function networkTest(network: string): ((text: string) => boolean) | undefined {
  const slash = network.indexOf('/');
  const base = slash < 0 ? undefined : parse(network.slice(0, slash));
  if (base === undefined || !/^\d{1,3}$/.test(network.slice(slash + 1))) return undefined;
  // `::ffff:10.0.0.0/104` says the same as `10.0.0.0/8`.
  const shift = base.kind() === 'ipv4' && network.includes(':') ? 96 : 0;
  const bits = Number(network.slice(slash + 1)) - shift;
  if (bits < 0 || bits > (base.kind() === 'ipv4' ? 32 : 128)) return undefined;
  return (text) => {
    const address = parse(text);
    return address !== undefined && address.kind() === base.kind() && address.match(base, bits);
  };
}
