// Which phones are provisioned: those that the person names, by id or by MAC, or all of the config.
import type { Config } from './config.ts';
import type { PhoneSettings } from './config-check.ts';
import { didYouMean } from './core/problems.ts';
import type { Provisioned } from './provision-plan.ts';

export type Wanted = {
  phones: readonly string[];
  /** 12 lower-case hex digits each. */
  macs: readonly string[];
  all: boolean;
  /** Of phones that the config does not know. */
  vendor: string;
  /** Whose phones `all` means, and to whom unknown phones belong; undefined: all sites, and the default one. */
  site: string | undefined;
};

/** A phone with its place in the config; `id` undefined: it is not in it. */
export type Chosen = Provisioned & { id?: string; site: string };

/** Each phone once, in the order of the config, unknown ones behind. Problems: what was named and is not there. */
export function choosePhones(
  config: Pick<Config, 'phones' | 'sites'>,
  wanted: Wanted,
): Chosen[] | { problems: string[] } {
  const { phones, sites } = config;
  const problems = wanted.phones
    .filter((id) => !phones.some((phone) => phone.id === id))
    .map((id) =>
      missing(
        'phone',
        id,
        phones.map((phone) => phone.id),
      ),
    );
  const site = wanted.site ?? 'default';
  if (!sites.has(site)) problems.push(missing('site', site, [...sites.keys()]));
  if (problems.length > 0) return { problems };
  const named = phones.filter(
    ({ id, mac, site: home }) =>
      (wanted.all && (wanted.site === undefined || home === wanted.site)) ||
      wanted.phones.includes(id) ||
      (mac !== undefined && wanted.macs.includes(mac)),
  );
  const strangers = wanted.macs.filter((mac) => !phones.some((phone) => phone.mac === mac));
  return [
    ...named.map(chosen),
    ...[...new Set(strangers)].map((mac) => ({ name: mac, mac, vendor: wanted.vendor, site })),
  ];
}

const chosen = ({ id, mac, vendor = 'sangoma', site }: PhoneSettings): Chosen => ({ name: id, id, mac, vendor, site });

function missing(what: string, id: string, known: readonly string[]): string {
  const hint = didYouMean(id, known);
  return `the config has no ${what} ${JSON.stringify(id)}${hint === undefined ? '' : `; ${hint}`}`;
}
