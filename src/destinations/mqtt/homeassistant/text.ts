// Text for Home Assistant: what a phone or its caller said, as one clean line of bounded length.
import { cleanLine } from '../../../core/caller-text.ts';

/** Home Assistant refuses states of more than 255 characters. */
export const DISPLAY_CHARACTERS_MAX = 200;
export const LABEL_CHARACTERS_MAX = 64;

/** One line of at most `charactersMax` code points, without control characters; nothing is escaped. Total. */
export function line(value: string, charactersMax: number): string {
  const clean = cleanLine(value, charactersMax).trim();
  const characters = clean.length <= charactersMax ? [] : [...clean];
  return characters.length <= charactersMax ? clean : `${characters.slice(0, charactersMax - 1).join('')}…`;
}

/** For what a registry shows: names, models, versions. */
export const label = (value: string): string => line(value, LABEL_CHARACTERS_MAX);

/** The same for a value that may be unknown; what is empty is unknown. */
export const labelOrNull = (value: string | null): string | null => (value === null ? null : label(value) || null);
