// Keys: which events belong together, as one text of bounded length.
import { createHash } from 'node:crypto';
import type { FieldValue } from '../../core/fields.ts';
import type { Read } from '../rules/catalogue.ts';
import type { KeyOf } from '../rules/compiled.ts';

/** What phones say is part of keys, and they may say much. */
const CHARACTERS_MAX = 200;
const CHARACTERS_KEPT = 60;

/** Equal for equal values; a long one is cut and tells the rest by its hash. */
export function keyOfValues(values: readonly FieldValue[]): string {
  const text = JSON.stringify(values);
  if (text.length <= CHARACTERS_MAX) return text;
  const hash = createHash('sha256').update(text).digest('base64url');
  // A short key ends with a bracket, this one never does.
  return `${text.slice(0, CHARACTERS_KEPT)}…${hash}`;
}

/** The key of some fields. */
export const keyOf =
  (reads: readonly Read[]): KeyOf =>
  (event, known) =>
    keyOfValues(reads.map((read) => read(event, known)));

/** Where all events belong together. */
export const ALL_TOGETHER: KeyOf = () => '[]';
