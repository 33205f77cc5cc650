// Identity: token, MAC or address → which phone spoke. The credential is the identity; what the URL says is a claim.
import { hash, timingSafeEqual } from 'node:crypto';
import { MAC_MISMATCH, UNKNOWN_PHONE } from '../core/events.ts';
import type { PhoneCard } from '../core/phone-card.ts';
import { allowedFrom } from './address.ts';

/** Whom a token stands for: one phone, or all phones of a site. `allowFrom`: addresses that may use it. */
export type TokenHolder = { site: string; phone?: PhoneCard; allowFrom?: readonly string[] };

/** What is known about phones; look-ups only, so that nothing slow stands between a phone and its answer. */
export type Directory = {
  /** By the SHA-256 of a token, 64 lower-case hex digits. During a rotation the old and the new one lead to the same. */
  find(tokenSha256: string): TokenHolder | undefined;
  /** `mac`: 12 lower-case hex digits. */
  byMac(site: string, mac: string): PhoneCard | undefined;
  byId(site: string, id: string): PhoneCard | undefined;
  /** The MAC that was pinned for a phone whose card has none. */
  pinOf(phoneId: string): string | undefined;
  /** Addresses that may speak for a phone, where the config limits them. */
  allowFromOf?(site: string, phoneId: string): readonly string[] | undefined;
  /** Whether a phone of that site that nobody made known is marked `unknown-phone`, which keeps it from the rules. */
  asksFor?(site: string): boolean;
};

/** What the identity is decided from; `peer` in its canonical spelling. */
export type Claims = { mac: string | undefined; peer: string };

export type Identified = { site: string; id: string; vendor: string; marks: string[] };

/** Without a profile a phone is taken for a Sangoma, whose events the slugs are. */
const VENDOR_DEFAULT = 'sangoma';

const sha256 = (text: string): string => hash('sha256', text);

/** Whether `Authorization: Basic` carries another token than the path: its password is the token, or it is refused. */
export function basicDisagrees(authorization: string | undefined, token: string): boolean {
  const basic = authorization === undefined ? null : /^basic +([A-Za-z0-9+/=_-]*) *$/i.exec(authorization);
  if (basic === null) return false;
  const pair = Buffer.from(basic[1] ?? '', 'base64').toString('latin1');
  const password = pair.slice(pair.indexOf(':') + 1);
  return !timingSafeEqual(Buffer.from(sha256(password)), Buffer.from(sha256(token)));
}

const named = (site: string, card: PhoneCard, marks: string[]): Identified => ({
  site,
  id: card.id,
  vendor: card.vendor ?? VENDOR_DEFAULT,
  marks,
});

/** The phone that a card names; its MAC, or else the pinned one, contradicts the claim: `mac-mismatch`. */
function byCard(directory: Directory, site: string, card: PhoneCard, claims: Claims): Identified {
  const expected = card.mac ?? directory.pinOf(card.id);
  const differs = claims.mac !== undefined && expected !== undefined && expected !== claims.mac;
  return named(site, card, differs ? [MAC_MISMATCH] : []);
}

/** The phone whose MAC is claimed, known or not; without a usable MAC the address stands for it. */
function byClaims(directory: Directory, site: string, claims: Claims): Identified {
  const noMac = claims.mac === undefined;
  const id = claims.mac ?? `ip-${claims.peer.replace(/[^0-9A-Za-z]/g, '-')}`;
  const marks = noMac ? ['no-mac'] : [];
  const card = noMac ? directory.byId(site, id) : directory.byMac(site, id);
  if (card !== undefined) return named(site, card, marks);
  if (directory.asksFor?.(site) === true) marks.push(UNKNOWN_PHONE);
  return { site, id, vendor: VENDOR_DEFAULT, marks };
}

const admitted = (directory: Directory, phone: Identified, peer: string): boolean => {
  const list = directory.allowFromOf?.(phone.site, phone.id);
  return list === undefined || allowedFrom(list, peer);
};

export type Unidentified = { refuse: 'token' | 'address' };

/** Who speaks with this token. Unknown tokens and addresses that may not use it get the same answer; only the count differs. */
export function identifyByToken(
  directory: Directory,
  token: string,
  claims: Claims,
  allowFrom?: readonly string[],
): Identified | Unidentified {
  const holder = directory.find(sha256(token));
  if (holder === undefined) return { refuse: 'token' };
  if (allowFrom !== undefined && !allowedFrom(allowFrom, claims.peer)) return { refuse: 'address' };
  if (holder.allowFrom !== undefined && !allowedFrom(holder.allowFrom, claims.peer)) return { refuse: 'address' };
  const phone = holder.phone
    ? byCard(directory, holder.site, holder.phone, claims)
    : byClaims(directory, holder.site, claims);
  return admitted(directory, phone, claims.peer) ? phone : { refuse: 'address' };
}

/** Who speaks through a `paths` entry without a token: the phone it names, else the MAC, else the address. */
export function identifyByEntry(
  directory: Directory,
  entry: { site: string; phone?: string | undefined; allowFrom?: readonly string[] | undefined },
  claims: Claims,
): Identified | Unidentified {
  if (entry.allowFrom !== undefined && !allowedFrom(entry.allowFrom, claims.peer)) return { refuse: 'address' };
  const phone =
    entry.phone === undefined
      ? byClaims(directory, entry.site, claims)
      : byCard(
          directory,
          entry.site,
          directory.byId(entry.site, entry.phone) ?? { id: entry.phone, site: entry.site, groups: [] },
          claims,
        );
  return admitted(directory, phone, claims.peer) ? phone : { refuse: 'address' };
}
