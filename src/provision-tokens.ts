// Which token the URLs of a phone carry: a new one of its own, a new one that all share, or one that the person has.
import { createHash } from 'node:crypto';
import type { Config } from './config.ts';
import type { Chosen } from './provision-phones.ts';
import type { TokenBook } from './tokens.ts';

/** Makes a token for one phone or for all phones of a site, and shows it this once. */
export type MakeToken = (holder: { phone: string } | { site: string }) => Promise<string>;

export type TokenOf = (phone: Chosen) => Promise<string>;

/** A token each; phones that the config does not know share that of their site, since nothing else could name them. */
export function tokensPerPhone(make: MakeToken): TokenOf {
  const ofSite = sharedTokens(make);
  return (phone) => (phone.id === undefined ? ofSite(phone) : make({ phone: phone.id }));
}

/** One token for all phones of a site. */
export function sharedTokens(make: MakeToken): TokenOf {
  const made = new Map<string, Promise<string>>();
  return ({ site }) => {
    const token = made.get(site) ?? make({ site });
    made.set(site, token);
    return token;
  };
}

/** Whom a token that exists already speaks for; undefined: Hookswitch does not know it. */
export function holderOf(
  token: string,
  { phones, sites }: Pick<Config, 'phones' | 'sites'>,
  book: Pick<TokenBook, 'find'>,
): { site: string; phone?: string } | undefined {
  const sha256 = createHash('sha256').update(token).digest('hex');
  const phone = phones.find(({ tokenHash }) => tokenHash === sha256);
  if (phone !== undefined) return { site: phone.site, phone: phone.id };
  const site = [...sites.values()].find(({ tokenHash }) => tokenHash === sha256);
  return site === undefined ? book.find(sha256) : { site: site.id };
}

/** Why that token cannot be written into these phones; undefined: it can. */
export function tokenProblem(
  holder: { site: string; phone?: string } | undefined,
  phones: readonly Chosen[],
): string | undefined {
  if (holder === undefined)
    return 'Hookswitch does not know this token, so phones would be refused; make one: hookswitch token';
  const others = phones.filter(({ id, site }) =>
    holder.phone === undefined ? site !== holder.site : id !== holder.phone,
  );
  if (others.length === 0) return undefined;
  const whom = holder.phone === undefined ? `the phones of site "${holder.site}"` : `phone "${holder.phone}"`;
  return `this token is that of ${whom}, and not of ${others.map(({ name }) => name).join(', ')}`;
}
