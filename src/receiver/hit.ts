// Hit: one request as the front hands it on, and the journal entry that comes of it.
import type { PhoneEvent, Slug } from '../core/events.ts';
import type { JournalEntry } from '../core/store.ts';
import type { Head } from './head.ts';
import type { Identified } from './identity.ts';
import type { Reading } from './target.ts';

/** A request and the canonical address it came from (`''`: the socket was gone already). */
export type Hit = { head: Head; peer: string /** Of a request that may have one. */; body?: Buffer };

/** The moment of an arrival in ms since 1970: now, but later than the one before it at the same site. */
export type Arrivals = { next(site: string, nowMs: number): number };

/** Goes on from `lastAtMs`, the newest stored arrival of each site, so that a clock set back cannot turn the order round. */
export function createArrivals(lastAtMs: ReadonlyMap<string, number>): Arrivals {
  const last = new Map(lastAtMs);
  return {
    next(site, nowMs) {
      const atMs = Math.max(Math.floor(nowMs), (last.get(site) ?? 0) + 1);
      last.set(site, atMs);
      return atMs;
    },
  };
}

/** Where the token stands in the line: none for a URL without one. */
export type TokenPlace = { at: number; length: number } | undefined;

const RAW_BYTES_MAX = 8192;

/** Between the line and a body; the headers are left out. */
const HEAD_END = Buffer.from('\r\n\r\n');

/** The first line as bytes, and the body behind an empty line where there is one, with the token and what stands before the host's `@` taken out. */
export function rawOf(hit: Hit, token: TokenPlace): Uint8Array {
  let { line } = hit.head;
  if (token) line = `${line.slice(0, token.at)}***${line.slice(token.at + token.length)}`;
  if (hit.head.target.charCodeAt(0) !== 0x2f) line = line.replace(/^(\S+ https?:\/\/)[^/?@]*@/i, '$1***@');
  const bytes = Buffer.from(line.length > RAW_BYTES_MAX ? line.slice(0, RAW_BYTES_MAX) : line, 'latin1');
  return hit.body === undefined ? bytes : Buffer.concat([bytes, HEAD_END, hit.body]);
}

export type Accepted = {
  slug: Slug;
  phone: Identified;
  reading: Reading;
  token: TokenPlace;
  /** ms since 1970 */
  atMs: number;
  id: string;
};

/** Assembles the event of an accepted hit. */
export function entryOf(hit: Hit, { slug, phone, reading, token, atMs, id }: Accepted): JournalEntry {
  const { vars, suspect } = reading;
  for (const mark of phone.marks) suspect.add(mark);
  if (hit.head.cut) suspect.add('truncated');
  const event: PhoneEvent = {
    id,
    type: `phone.${slug}`,
    at: new Date(atMs).toISOString(),
    site: phone.site,
    phone: { id: phone.id, vendor: phone.vendor },
    line: {},
    local: reading.local,
    remote: reading.remote,
    vars,
    suspect: suspect.size === 0 ? [] : [...suspect].sort(),
  };
  if (reading.mac !== undefined) event.phone.mac = reading.mac;
  if (vars.ip !== undefined) event.phone.ip = vars.ip;
  if (vars.model !== undefined) event.phone.model = vars.model;
  if (vars.firmware !== undefined) event.phone.firmware = vars.firmware;
  if (vars.user !== undefined) event.line.user = vars.user;
  if (vars.host !== undefined) event.line.host = vars.host;
  if (vars.url !== undefined) event.line.uri = vars.url;
  if (vars.call_id !== undefined) event.callId = vars.call_id;
  return { event, raw: rawOf(hit, token) };
}
