// Post: what phones say that send it as the body of a POST, one address for all events: which requests those are, and what they say.
import type { Slug } from '../core/events.ts';
import { normaliseMac } from '../core/phone-card.ts';
import { type Head, headerValue } from './head.ts';
import { partyOf } from './party.ts';
import { type Reading, splitTarget, type TargetParts } from './target.ts';
import { cleanCharacters, cleanText, withoutBidi } from './text.ts';
import { readXmlEvent } from './xml-body.ts';

/** How one maker's bodies are read; `events` by element, `fields` from the maker's names to ours. */
export type PostDialect = {
  name: string;
  root: string;
  events: ReadonlyMap<string, Slug>;
  fields: ReadonlyMap<string, string>;
  caller: { number: string; name: string };
  called: { number: string; name: string };
  /** Which of the two is the other side; where nothing is said, nobody is. */
  remoteIs: { readonly [slug in Slug]?: 'caller' | 'called' | undefined };
};

/** By the name that stands in the URL. */
export type Posts = ReadonlyMap<string, PostDialect>;

/** Public examples have less than 1 KiB. */
export const BODY_BYTES_MAX = 16 * 1024;

/** The dialect of `/a/<token>/<name>`; undefined for every other address. */
export function postAddress({ segments }: TargetParts, posts: Posts): PostDialect | undefined {
  return segments.length === 3 && segments[0] === 'a' ? posts.get(segments[2] ?? '') : undefined;
}

/** How long the body of this request may be, in bytes; 0: none is read. */
export function takesBody(head: Head, posts: Posts): number {
  if (head.method !== 'POST' || head.cut) return 0;
  return postAddress(splitTarget(head.target), posts) === undefined ? 0 : BODY_BYTES_MAX;
}

/** What `Content-Length` says, in bytes. Undefined where it is missing, no number, or a coding says otherwise. */
export function bodyLength(headers: string): number | undefined {
  if (headerValue(headers, 'transfer-encoding') !== undefined) return undefined;
  const lengths = new Set([...headers.matchAll(/^content-length:[ \t]*(.*?)[ \t\r]*$/gim)].map(([, value]) => value));
  const [only = ''] = lengths;
  return lengths.size === 1 && /^\d{1,15}$/.test(only) ? Number(only) : undefined;
}

/** `broken`: it is not what phones send. `slug` undefined: an event that has no meaning here. */
export type Said = { reading: Reading; slug: Slug | undefined; broken: boolean };

/** What a body says, together with what stood in the URL; where both say a thing, the URL counts, as it was written by us. */
export function readPost(body: Buffer, dialect: PostDialect, reading: Reading): Said {
  const event = readXmlEvent(cleanText(body), dialect.root);
  if (event === undefined) return { reading, slug: undefined, broken: true };
  const slug = dialect.events.get(event.name);
  const said = new Map<string, string>();
  for (const [part, written] of event.parts) {
    // Clean once more: a reference may stand for a control character.
    const text = withoutBidi(cleanCharacters(written));
    if (said.has(part)) reading.suspect.add(`repeated:${part.slice(0, 64)}`);
    else if (text !== '') said.set(part, text);
  }
  const { vars } = reading;
  for (const [part, text] of said) {
    const field = dialect.fields.get(part);
    if (field !== undefined && !Object.hasOwn(vars, field)) vars[field] = text;
  }
  if (slug !== undefined) addSides(reading, slug, said, dialect);
  const claimed = reading.mac ?? (vars.mac === undefined ? undefined : normaliseMac(vars.mac));
  if (vars.mac !== undefined && claimed === undefined) reading.suspect.add('bad-mac');
  return { reading: { ...reading, mac: claimed }, slug, broken: false };
}

function addSides(reading: Reading, slug: Slug, said: ReadonlyMap<string, string>, dialect: PostDialect): void {
  const role = dialect.remoteIs[slug];
  if (role === undefined) return;
  const { vars } = reading;
  const sides = role === 'caller' ? [dialect.caller, dialect.called] : [dialect.called, dialect.caller];
  for (const [index, side] of ['remote', 'local'].entries()) {
    const number = said.get(sides[index]?.number ?? '');
    const name = said.get(sides[index]?.name ?? '');
    if (number !== undefined) vars[side] = number;
    if (name !== undefined) vars[`display_${side}`] = name;
  }
  reading.remote = partyOf(vars.remote, vars.display_remote);
  reading.local = partyOf(vars.local, vars.display_local);
}
