// Dialect: a simulated hit as the bytes that phones of one maker put on the wire, with all their habits.
import { spelledMac, withMac } from '../core/mac-spelling.ts';
import type { SimulatedHit } from '../core/simulation.ts';
import type { Habits, Vendor } from '../core/vendor.ts';
import { toWindows1252 } from '../core/windows-1252.ts';
import { escapeXml } from '../core/xml-text.ts';

/** The phone that speaks: what it says of itself. `mac`: 12 lower-case hex digits. */
export type Sender = { mac: string; ip: string; model: string; firmware: string };

/** `url`: the setting that the phone has for this event, variables and all. */
export type Dialect = { vendor: Vendor; url: string };

const UNRESERVED = /[A-Za-z0-9\-._~]/;

/** The request, one per connection. Undefined: phones of this maker do not say this. */
export function requestOf(hit: SimulatedHit, sender: Sender, { vendor, url }: Dialect): Buffer | undefined {
  const { habits, post } = vendor;
  const values = valuesOf(hit, sender, habits);
  const [, host = '', target = '/'] = /^https?:\/\/(?:[^/?#]*@)?([^/?#]+)(.*)$/.exec(url) ?? [];
  const agent = habits.userAgent === null ? '' : `User-Agent: ${withMac(habits.userAgent, sender.mac)}\r\n`;
  const rest = ` HTTP/1.1\r\nHost: ${host}\r\n${agent}`;
  if (post === undefined) {
    const filled = filledIn(target, values, vendor);
    return Buffer.concat([Buffer.from('GET '), filled, Buffer.from(`${rest}Connection: close\r\n\r\n`)]);
  }
  const body = bodyOf(hit, values, vendor, post);
  if (body === undefined) return undefined;
  const length = `Content-Type: application/xml\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(`POST ${target}${rest}${length}`), body]);
}

/** By our field names, spelled as the maker's phones do. */
function valuesOf({ vars }: SimulatedHit, sender: Sender, habits: Habits): Map<string, string> {
  const values = new Map<string, string>(Object.entries({ ...sender, ...vars }));
  values.set('mac', spelledMac(vars.mac ?? sender.mac, habits.mac));
  for (const side of ['local', 'remote']) {
    const address = values.get(side);
    if (address !== undefined) values.set(side, spelledAddress(address, habits));
  }
  return values;
}

function spelledAddress(address: string, { address: spelling }: Habits): string {
  if (spelling === 'uri') return address;
  const bare = address.replace(/^sips?:/, '');
  return spelling === 'number' ? (bare.split('@')[0] ?? bare) : bare;
}

/** The target with each variable replaced, longest names first, as no name may end inside another. Line ends never go out. */
function filledIn(target: string, values: ReadonlyMap<string, string>, { variableMap, habits }: Vendor): Buffer {
  const names = Object.keys(variableMap).filter((name) => name.startsWith('$'));
  const pattern = names.sort((a, b) => b.length - a.length).map((name) => name.replace(/[^\w]/g, '\\$&'));
  if (pattern.length === 0) return Buffer.from(target);
  const pieces: Buffer[] = [];
  let at = 0;
  for (const match of target.matchAll(new RegExp(pattern.join('|'), 'g'))) {
    pieces.push(Buffer.from(target.slice(at, match.index)));
    const value = values.get(variableMap[match[0]] ?? '');
    pieces.push(
      value === undefined ? Buffer.from(habits.unfilled === 'empty' ? '' : match[0]) : encoded(value, habits),
    );
    at = match.index + match[0].length;
  }
  return Buffer.concat([...pieces, Buffer.from(target.slice(at))]);
}

function encoded(value: string, { charset, encode }: Habits): Buffer {
  const line = value.replace(/[\r\n\0]/g, ' ');
  const bytes = charset === 'utf-8' ? Buffer.from(line) : toWindows1252(line);
  if (encode === 'nothing') return bytes;
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    const stays = encode === 'spaces' ? character !== ' ' : UNRESERVED.test(character);
    text += stays ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return Buffer.from(text, 'latin1');
}

function bodyOf(
  { slug }: SimulatedHit,
  values: ReadonlyMap<string, string>,
  { events, variableMap }: Vendor,
  post: NonNullable<Vendor['post']>,
): Buffer | undefined {
  const elements = events.flatMap(({ byElement }) => Object.entries(byElement ?? {}));
  const name = elements.find(([, means]) => means === slug)?.[0];
  if (name === undefined) return undefined;
  const { caller, called } = post;
  const role = post.remoteIs[slug];
  const [other, own] = role === 'called' ? [called, caller] : [caller, called];
  const parts = Object.entries(variableMap).flatMap(([part, field]): [string, string | undefined][] =>
    ['mac', 'ip', 'line'].includes(field ?? '') ? [[part, values.get(field ?? '')]] : [],
  );
  if (role !== undefined)
    parts.push(
      [other.name, values.get('display_remote')],
      [other.number, values.get('remote')],
      [own.name, values.get('display_local')],
      [own.number, values.get('local')],
    );
  const inner = parts.flatMap(([part, text]) => (text === undefined ? [] : [`<${part}>${escapeXml(text)}</${part}>`]));
  return Buffer.from(`<${post.root}><${name}>${inner.join('')}</${name}></${post.root}>`);
}
