// What any contact file consists of, whatever its format: names with their numbers, and rows that are wrong.
import type { Path, Problem } from '../core/problems.ts';

/** Where something stands in a file: its line from 1, or the path in a JSON value. */
export type ContactPlace = { line?: number; column?: number; path?: Path };

/** As it was written: nothing is cleaned yet. Without numbers it says nothing, without a name it is a fault. */
export type ContactEntry = { name: string; numbers: readonly string[]; place: ContactPlace };

/** A row that cannot be used; the others can. */
export type ContactFault = { message: string; hint?: string; place: ContactPlace };

/** Some rows at a time, so that whoever reads a large file can let others work in between. */
export type ContactBatch = readonly (ContactEntry | ContactFault)[];

/** A file as a whole: its rows, or why it is no contact file at all. */
export type ContactSheet = { batches: Iterable<ContactBatch> } | { problems: Problem[] };

/** Rows in a batch. */
export const BATCH_ROWS = 200;

/** The parts of a name that are there, with a blank between them. */
export const joined = (...parts: readonly (string | undefined)[]): string =>
  parts.flatMap((part) => (part === undefined || part.trim() === '' ? [] : [part.trim()])).join(' ');

/** A JSON text with comments, read with the place of each value. */
export type ContactDocument = {
  value: unknown;
  problems: Problem[];
  /** True if the text is not JSON. */
  broken: boolean;
  locate(path: Path): ContactPlace;
};

/** Reads JSON of up to `bytesMax` bytes. */
export type ContactDocuments = { bytesMax: number; read(text: string, file: string): ContactDocument };
