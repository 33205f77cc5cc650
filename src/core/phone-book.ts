// PhoneBook: what a number means here: its one spelling, inside or outside the house, and whose it is.
import type { Party, RemoteKind } from './events.ts';

/** Built from the config and its contact files; replaced as a whole, never changed. Every function is total and quick. */
export type PhoneBook = {
  /** E.164 where the site's country allows it, else the number as it was said; null for a withheld one. */
  numberOf(site: string, party: Party): string | null;
  /** `number` as `numberOf` gives it. */
  kindOf(site: string, number: string | null): RemoteKind;
  /** The name under which a number (as `numberOf` gives it) stands in the contact files, or null. */
  contactOf(number: string): string | null;
};

/** Knows nothing: numbers stay as they were said. */
export const EMPTY_PHONE_BOOK: PhoneBook = {
  numberOf: (_site, { number }) => number ?? null,
  kindOf: (_site, number) => (number === null ? 'withheld' : /^\d{1,5}$/.test(number) ? 'internal' : 'external'),
  contactOf: () => null,
};
