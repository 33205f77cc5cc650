// The columns of a table of contacts, told by their headings: English and German, as the usual programs write them.

import type { Problem } from '../core/problems.ts';
import { joined } from './entry.ts';

/** Places from 0. A table has `name`, or `first` and `last`, or `company`, or several of them; and one number at least. */
export type Columns = {
  name: number | undefined;
  first: number | undefined;
  last: number | undefined;
  company: number | undefined;
  numbers: readonly number[];
};

const NAME = words('name fullname displayname contactname contact fileas anzeigename vollername kontaktname kontakt');
const FIRST = words('firstname givenname forename vorname rufname');
const LAST = words('lastname surname familyname nachname familienname zuname');
const COMPANY = words(
  'company companyname organisation organization organisationname organizationname organization1name firma firmenname unternehmen',
);
const NUMBER = words('number nummer nr durchwahl extension did');
/** Parts of headings such as "Telefon geschäftlich", "Home Phone", "Phone 1 - Value", "Mobiltelefon", "E-Mail". */
const ABOUT_NUMBERS = /phone|telefon|mobil|handy|cell|fax|rufnummer|^tel(?!egram|ex)/;
/** "Phone 1 - Type", "Telefonart", "Phone Email": what stands there is no number. */
const ABOUT_ELSE = /(?:type|typ|label|art|mail|provider|anbieter|notiz|note|notes)\d*$/;

/** Which columns hold what; problems (about the file as a whole) if names or numbers are missing. */
export function columnsOf(header: readonly string[]): Columns | { problems: Problem[] } {
  const headings = header.map(plain);
  const find = (known: ReadonlySet<string>): number | undefined => {
    const at = headings.findIndex((heading) => known.has(heading));
    return at < 0 ? undefined : at;
  };
  const columns: Columns = {
    name: find(NAME),
    first: find(FIRST),
    last: find(LAST),
    company: find(COMPANY),
    numbers: headings.flatMap((heading, at) => (holdsNumbers(heading) ? [at] : [])),
  };
  const problems: Problem[] = [];
  const { name, first, last, company, numbers } = columns;
  if (name === undefined && first === undefined && last === undefined && company === undefined)
    problems.push({
      path: [],
      message: 'no column of its first line holds names',
      hint: 'name one "name", or two "first name" and "last name", or one "company"',
    });
  if (numbers.length === 0)
    problems.push({
      path: [],
      message: 'no column of its first line holds numbers',
      hint: 'name one "number", "phone" or "mobile"',
    });
  return problems.length > 0 ? { problems } : columns;
}

/** The name that a row gives: the whole one, else first and last, else the company. */
export function nameIn(cells: readonly string[], { name, first, last, company }: Columns): string {
  const cell = (column: number | undefined): string => (column === undefined ? '' : (cells[column] ?? ''));
  return joined(cell(name)) || joined(cell(first), cell(last)) || joined(cell(company));
}

const holdsNumbers = (heading: string): boolean =>
  NUMBER.has(heading) || (ABOUT_NUMBERS.test(heading) && !ABOUT_ELSE.test(heading));

/** "Telefon (geschäftl.)" → "telefongeschaftl": letters and digits, small, without marks. */
const plain = (heading: string): string =>
  heading
    .slice(0, 200)
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}
