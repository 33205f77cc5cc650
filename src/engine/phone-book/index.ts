// The phone book: which number is meant, whether it is inside the house, and whose it is. Built once for each config.
import type { Party, RemoteKind } from '../../core/events.ts';
import type { PhoneBook } from '../../core/phone-book.ts';
import { isEmergency } from './emergency.ts';
import { createRecent, type Recent } from './recent.ts';
import { INTERNAL_DIGITS_MAX, isWithheldUri, type Plan, spell } from './spelling.ts';

export { COUNTRIES, INTERNAL_DIGITS_MAX, spellingOf } from './spelling.ts';

export type PhoneBookOptions = {
  /** `country`: two capital letters; `internalDigitsMax`: up to how many digits an extension has, 5 unless given. */
  sites: readonly { id: string; country?: string | undefined; internalDigitsMax?: number | undefined }[];
  /** Names by number, as `readNumber` spells it. */
  contacts: ReadonlyMap<string, string>;
  /** Phones of the house, with the numbers under which they can be reached. */
  phones?: readonly { site: string; number?: string | undefined }[] | undefined;
};

export type NumberedPhoneBook = PhoneBook & {
  /** A number as a person wrote it, in the spelling of `numberOf`; null if it is none. `country` instead of the default site's. */
  readNumber(text: string, country?: string): string | null;
};

/** Per site; about 4 MB each when it is full. */
const REMEMBERED_MAX = 20_000;
/** Longer keys are not remembered: a stranger chooses them. `spell` reads no more of them either. */
const KEY_UNITS_MAX = 64;
const DEFAULT_SITE = 'default';

type Site = Plan & { digitsMax: number; recent: Recent<string | null>; own: ReadonlySet<string> };

/** The phone book of one config. Every function of it is total; a site that is not known has no country. */
export function createPhoneBook({ sites, contacts, phones = [] }: PhoneBookOptions): NumberedPhoneBook {
  const plans = new Map<string, Plan>(sites.map((site) => [site.id, site]));
  const own = ownNumbers(phones, plans);
  const everywhere = own.get(ANYWHERE);
  const open = (id: string): Site => {
    const plan: Plan = plans.get(id) ?? {};
    const digitsMax = plan.internalDigitsMax ?? INTERNAL_DIGITS_MAX;
    return { ...plan, digitsMax, recent: createRecent(REMEMBERED_MAX), own: own.get(id) ?? new Set() };
  };
  const known = new Map([...plans.keys()].map((id) => [id, open(id)]));
  const stranger = open('');
  const siteOf = (id: string): Site => known.get(id) ?? stranger;

  return {
    numberOf(id, { number, uri }: Party) {
      if (number === undefined || (uri !== undefined && isWithheldUri(uri))) return null;
      const site = siteOf(id);
      const make = (said: string): string | null => spell(said, site);
      return number.length > KEY_UNITS_MAX ? make(number) : site.recent.of(number, make);
    },
    kindOf: (id, number) => kindOf(siteOf(id), everywhere, number),
    contactOf: (number) => contacts.get(number) ?? null,
    readNumber: (text, country) => readNumber(text, { ...plans.get(DEFAULT_SITE), ...(country ? { country } : {}) }),
  };
}

/** The key for numbers that are the same at every site. */
const ANYWHERE = '';

/** Own numbers by site; those in E.164 lead to their phone from everywhere. */
function ownNumbers(
  phones: NonNullable<PhoneBookOptions['phones']>,
  plans: ReadonlyMap<string, Plan>,
): Map<string, Set<string>> {
  const own = new Map<string, Set<string>>();
  for (const { site, number } of phones) {
    const spelt = number === undefined ? null : spell(number, plans.get(site) ?? {});
    if (spelt === null) continue;
    const key = spelt.startsWith('+') ? ANYWHERE : site;
    own.set(key, (own.get(key) ?? new Set()).add(spelt));
  }
  return own;
}

function kindOf(site: Site, everywhere: ReadonlySet<string> | undefined, number: string | null): RemoteKind {
  if (number === null) return 'withheld';
  if (site.own.has(number) || everywhere?.has(number)) return 'internal';
  // Codes of the telephone system (`*21#`) never reach anybody outside.
  if (/^[*#][0-9*#]*$/.test(number) || /^[0-9]+[*#]/.test(number)) return 'internal';
  const short = number.length <= site.digitsMax && /^\d+$/.test(number);
  return short && !isEmergency(number, site.country) ? 'internal' : 'external';
}

/**
 * A number as a person wrote it into a file: E.164 if the plan allows it, else its digits; null if it is no number at all, as a name,
 * a number with letters or with an extension (the one that a phone shows is without). At least 2 and at most 20 characters.
 */
export function readNumber(text: string, plan: Plan): string | null {
  const spelt = text.length > KEY_UNITS_MAX ? null : spell(text, plan);
  return spelt !== null && /^(?=.{2,20}$)[+*#]?\d[0-9*#]*$/.test(spelt) ? spelt : null;
}
