// The country of a site: two letters, and what somebody means who wrote something else.
import { z } from 'zod';
import { COUNTRIES } from './engine/phone-book/index.ts';

/** Codes that people know and ISO 3166-1 alpha-2 does not, where the first two letters are not the right ones. */
const MEANT: Readonly<Record<string, string>> = {
  UK: 'GB',
  EN: 'GB',
  ENG: 'GB',
  AUT: 'AT',
  CHN: 'CN',
  DNK: 'DK',
  EST: 'EE',
  IRL: 'IE',
  ISR: 'IL',
  KOR: 'KR',
  MEX: 'MX',
  POL: 'PL',
  PRT: 'PT',
  SRB: 'RS',
  SVK: 'SK',
  SVN: 'SI',
  SWE: 'SE',
  TUR: 'TR',
  UKR: 'UA',
};

/** A setting that names a country whose plan of numbers is known. */
export const country = () =>
  z.string().superRefine((text, context) => {
    if (COUNTRIES.includes(text)) return;
    const near = meant(text);
    const hint = near === undefined ? 'write two capital letters (ISO 3166), like "DE"' : `did you mean "${near}"?`;
    context.addIssue(`there is no country ${JSON.stringify(text.slice(0, 40))}; ${hint}`);
  });

function meant(text: string): string | undefined {
  const code = text.trim().toUpperCase();
  if (MEANT[code] !== undefined) return MEANT[code];
  if (COUNTRIES.includes(code)) return code;
  if (/^[A-Z]{3}$/.test(code) && COUNTRIES.includes(code.slice(0, 2))) return code.slice(0, 2);
  return named(text.trim());
}

/** By its name: "Germany", "Deutschland", "Österreich". */
function named(text: string): string | undefined {
  for (const language of ['en', 'de']) {
    const names = new Intl.DisplayNames(language, { type: 'region' });
    const found = COUNTRIES.find((code) => names.of(code)?.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
  }
  return undefined;
}
