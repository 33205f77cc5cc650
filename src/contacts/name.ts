// The name of a contact, whoever wrote it: one clean line.
import { cleanLine } from '../core/caller-text.ts';

const GRAPHEMES_MAX = 200;
/** Runs of blanks, line breaks and other controls. */
const GAPS = /[\s\p{Cc}]+/gu;

/** The name in one line of at most 200 characters, with single blanks; empty if nothing of it is left. */
export const contactName = (text: string): string => cleanLine(text.replace(GAPS, ' ').trim(), GRAPHEMES_MAX).trim();
