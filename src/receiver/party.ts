// Party: an address and a display name as a phone gives them → uri, number, name. No digit is added or replaced.
import type { Party } from '../core/events.ts';
import { withoutBidi } from './text.ts';

const SCHEME = /^(?:sips?|tel):/i;
const PLAIN_NUMBER = /^\+?[0-9*#]+$/;
const SEPARATORS = /[()\-. ]/g;
const NAME_ADDR = /^"(.*)" *<(?:sips?|tel):[^<>]*>$/is;

/** What phones send in place of a number that was withheld. Source: yeahlink2telegram and RFC 3323 (`anonymous`). */
const WITHHELD = new Set(['anonymous', 'unavailable', 'restricted', 'private', 'unknown']);

function numberOf(address: string): string | undefined {
  if (PLAIN_NUMBER.test(address)) return address;
  let text = address.replace(SCHEME, '');
  const at = text.indexOf('@');
  if (at >= 0) text = text.slice(0, at);
  const semicolon = text.indexOf(';');
  if (semicolon >= 0) text = text.slice(0, semicolon);
  text = withoutBidi(text);
  const bare = text.replace(SEPARATORS, '');
  const number = PLAIN_NUMBER.test(bare) ? bare : text;
  return number === '' || WITHHELD.has(number.toLowerCase()) ? undefined : number;
}

function nameOf(display: string): string | undefined {
  const quoted = display.startsWith('"') ? NAME_ADDR.exec(display) : null;
  const name = quoted ? (quoted[1] ?? '') : display;
  return name === '' ? undefined : name;
}

/**
 * `address` is `sip:user@host;params`, `"Name" <sip:…>`, `user@host`, `+4930…` or `201`; `display` a name or `"Name" <sip:…>`.
 * A key that is not known is missing: no number for `anonymous` and the like. The name never comes from the address.
 */
export function partyOf(address: string | undefined, display: string | undefined): Party {
  const party: Party = {};
  if (address !== undefined) {
    const inside = address.includes('<') ? /<([^<>]*)>/.exec(address) : null;
    const bare = inside ? (inside[1] ?? '') : address;
    if (SCHEME.test(bare) || bare.includes('@')) party.uri = bare;
    const number = numberOf(bare);
    if (number !== undefined) party.number = number;
  }
  const name = display === undefined ? undefined : nameOf(display);
  if (name !== undefined) party.name = name;
  return party;
}
