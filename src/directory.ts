// Who is who: the phones and tokens of the config, and phones and tokens made known by command, ready for look-ups by the receiver.
import type { Config } from './config.ts';
import type { PhoneSettings } from './config-check.ts';
import type { Directory, TokenHolder } from './receiver/identity.ts';
import type { TokenBook } from './tokens.ts';

/**
 * The receiver's view of a config. `pinOf`: the MAC that was pinned for a phone whose card has none. A token of the book
 * counts only while its site or phone is in the config: who takes a phone out of it, takes its token away.
 */
export function createDirectory(config: Config, book: Pick<TokenBook, 'find'>, pinOf: Directory['pinOf']): Directory {
  const key = (site: string, name: string): string => `${site}/${name}`;
  const byId = new Map(config.phones.map((phone) => [key(phone.site, phone.id), phone]));
  const byMac = new Map(config.phones.flatMap((p) => (p.mac === undefined ? [] : [[key(p.site, p.mac), p] as const])));
  const holders = new Map<string, TokenHolder>();
  const ofSite = (id: string): TokenHolder | undefined => {
    const site = config.sites.get(id);
    return site && { site: id, ...(site.allowFrom && { allowFrom: site.allowFrom }) };
  };
  const ofPhone = (phone: PhoneSettings): TokenHolder => ({
    site: phone.site,
    phone,
    ...(phone.allowFrom && { allowFrom: phone.allowFrom }),
  });
  for (const site of config.sites.values()) {
    const holder = ofSite(site.id);
    if (site.tokenHash !== undefined && holder !== undefined) holders.set(site.tokenHash, holder);
  }
  for (const phone of config.phones) if (phone.tokenHash !== undefined) holders.set(phone.tokenHash, ofPhone(phone));
  return {
    find(tokenSha256) {
      const known = holders.get(tokenSha256);
      if (known !== undefined) return known;
      const owner = book.find(tokenSha256);
      if (owner === undefined) return undefined;
      if (owner.phone === undefined) return ofSite(owner.site);
      const phone = byId.get(key(owner.site, owner.phone));
      return phone && ofPhone(phone);
    },
    byId: (site, id) => byId.get(key(site, id)),
    byMac: (site, mac) => byMac.get(key(site, mac)),
    pinOf,
    asksFor: (site) => config.asks.has(site),
    allowFromOf: (site, id) => byId.get(key(site, id))?.allowFrom,
  };
}
