// What a caller's text must look like in the text part of a mail.
import { cleanLine } from '../../core/caller-text.ts';

const VALUE_GRAPHEMES_MAX = 1_000;
/** A cell of a table: as long as a name may be before it pushes everything else aside. */
const CELL_GRAPHEMES_MAX = 80;

/** One value for the text part: one line; only the author makes new lines. Total. */
export const encodeText = (value: string): string => cleanLine(value, VALUE_GRAPHEMES_MAX);

/** One value for a cell of a table, in text: shorter, and without the runs of blanks that part columns. Total. */
export const encodeCell = (value: string): string =>
  cleanLine(value.replace(/\s+/g, ' '), CELL_GRAPHEMES_MAX).replace(/ {2,}/g, ' ').trim();
