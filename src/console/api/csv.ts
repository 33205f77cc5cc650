// CSV that no spreadsheet takes for anything but text.

/** What begins a formula, in its usual and its full-width form (OWASP, "CSV Injection"; a leading tab or line end also does). */
const FORMULA = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;

/** One cell: always in quotes (RFC 4180), and with an apostrophe before what a spreadsheet would reckon; numbers of phones too. */
export function cellOf(value: string | number | null): string {
  const text = value === null ? '' : String(value).replace(/\0/g, '');
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** A whole file: one line of headings, then a line a row; lines end in CR LF. */
export const csvOf = (columns: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string =>
  [columns, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
