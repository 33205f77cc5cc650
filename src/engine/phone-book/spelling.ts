// Spelling: a number as phones and people write it → E.164 where the country's plan of numbers allows it. Pure and total.
import parsePhoneNumber, {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  Metadata,
  type PhoneNumber,
} from 'libphonenumber-js/min';
import type { NumberSpelling } from '../../core/number-trace.ts';

/** What reading a number depends on. `country` is one of `COUNTRIES`; anything else counts as none. */
export type Plan = { country?: string | undefined; internalDigitsMax?: number | undefined };

export const INTERNAL_DIGITS_MAX = 5;

/** More is no number: E.164 has 15 digits, a SIP user name that somebody must read is shorter as well. */
const UNITS_MAX = 64;

/** Countries whose plan of numbers is known, as two capital letters (ISO 3166-1 alpha-2). */
export const COUNTRIES: readonly string[] = getCountries();
const KNOWN: ReadonlySet<string> = new Set(COUNTRIES);

/** Blanks, brackets, dots, slashes, every kind of dash, and the invisible marks that come along when numbers are copied. */
const SEPARATORS = /[\s()./\p{Pd}\u2212\p{Cf}]/gu;
const DIALLED = /^\+?[0-9*#]+$/;
/** E.164 has 15 digits at most; codes for dialling abroad and for choosing a carrier come before them. */
const DIGITS = /^\+?\d{1,24}$/;
/** Codes that hide or show the own number of one call; the number that is called follows. Source: 3GPP TS 22.030, annex B. */
const OWN_NUMBER_CODE = /^(?:[*#]31#)+(?=\+?[0-9]{3})/;

/** What stands where a number was withheld. Source: RFC 3323, section 4.1.1 (`Anonymous`), and what makers of phones and
 * telephone systems put there. */
const WITHHELD: ReadonlySet<string> = new Set(
  'anonymous anonym unavailable restricted private unknown withheld blocked'.split(' '),
);
const WITHHELD_HOST = /@anonymous\.invalid\.?(?=$|[:;>?\s])/i;

/** Whether a SIP URI stands for a withheld number. Source: RFC 3323, section 4.1.1. */
export const isWithheldUri = (uri: string): boolean => WITHHELD_HOST.test(uri.slice(0, 512));

/**
 * The one spelling of a number: E.164 if the plan allows it, else what was said without its separators, and a SIP user name as it
 * is; null for a withheld one. At most 64 characters; applied to its own result it changes nothing.
 */
export function spell(said: string, plan: Plan): string | null {
  const text = said.slice(0, UNITS_MAX).toWellFormed().trim();
  if (text === '' || WITHHELD.has(text.toLowerCase()) || isWithheldUri(text)) return null;
  const dialled = text.replace(SEPARATORS, '').replace(OWN_NUMBER_CODE, '');
  if (!DIALLED.test(dialled)) return text;
  return e164(dialled, plan) ?? dialled;
}

/** E.164, or undefined where nobody can tell. `dialled` consists of digits, `*`, `#` and perhaps a `+` in front. */
function e164(dialled: string, { country, internalDigitsMax = INTERNAL_DIGITS_MAX }: Plan): string | undefined {
  if (dialled.length <= internalDigitsMax || !DIGITS.test(dialled)) return undefined;
  const found =
    international(dialled) ??
    (country !== undefined && KNOWN.has(country) ? national(dialled, country as CountryCode) : undefined) ??
    // 00 is how most countries begin a number abroad (the prefix that ITU-T E.164 recommends).
    (/^00[1-9]/.test(dialled) ? international(`+${dialled.slice(2)}`) : undefined);
  if (found === undefined) return undefined;
  // What the library would read differently a second time (a zero too many) is no number that anybody has.
  return found === dialled || international(found) === found ? found : undefined;
}

function international(text: string): string | undefined {
  if (!text.startsWith('+')) return undefined;
  const found = parsePhoneNumber(text, { extract: false });
  return found?.isPossible() ? found.number : undefined;
}

function national(digits: string, country: CountryCode): string | undefined {
  const found = parsePhoneNumber(digits, { defaultCountry: country, extract: false });
  // A code for dialling abroad, the country's own code or its trunk prefix was there: it is meant for the whole country.
  if (found?.isPossible() && found.nationalNumber !== digits) return found.number;
  if (found?.isValid() && isWhole(found, digits, country)) return found.number;
  return withoutPlus(digits, country);
}

/** A plan with a few lengths only: a number of such a length is no local one. */
const FIXED_LENGTHS_MAX = 3;

/** Whether a number without any prefix can be no local one, which would lack its area code: the plan writes it without a prefix
 * (and knows how), or it is as long as a whole one. */
function isWhole(found: PhoneNumber, digits: string, country: CountryCode): boolean {
  const written = found.formatNational();
  if (written !== digits && written.replace(/\D/g, '') === digits) return true;
  const metadata = new Metadata();
  metadata.selectNumberingPlan(country);
  return (metadata.numberingPlan?.possibleLengths().length ?? 0) <= FIXED_LENGTHS_MAX;
}

/** Longer than any local number is where numbers have many lengths. */
const LOCAL_DIGITS_MAX = 9;

/** `49301234567`: many SIP trunks send E.164 without its `+`. */
function withoutPlus(digits: string, country: CountryCode): string | undefined {
  if (digits.length <= LOCAL_DIGITS_MAX) return undefined;
  const found = parsePhoneNumber(`+${digits}`, { extract: false });
  if (!found?.isValid()) return undefined;
  return found.countryCallingCode === getCountryCallingCode(country) ? found.number : undefined;
}

/** Fewer digits would be found in numbers, times and names of others. */
const NATIONAL_DIGITS_MIN = 5;

/** A number in E.164 taken apart, for a search in every spelling; null if it is none, or too short to be told from other digits. */
export function spellingOf(number: string): NumberSpelling | null {
  const found = number.startsWith('+') ? parsePhoneNumber(number, { extract: false }) : undefined;
  if (found === undefined || found.nationalNumber.length < NATIONAL_DIGITS_MIN) return null;
  const written = found.formatNational().replace(/\D/g, '');
  const trunk = written.endsWith(found.nationalNumber) ? written.slice(0, -found.nationalNumber.length) : '';
  return {
    number: found.number,
    country: found.countryCallingCode,
    national: found.nationalNumber,
    trunk: trunk === '' ? '0' : trunk,
  };
}
