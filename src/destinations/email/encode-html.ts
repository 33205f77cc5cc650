// What a caller's text, or any text, must look like in the HTML part of a mail.
import { encodeText } from './encode-text.ts';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text that is final, for a place between tags or inside a quoted attribute: nothing in it is markup any more. Total. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '');

/** One value for the HTML part, between tags or inside a quoted attribute; `misplacedValues` finds it elsewhere. Total. */
export const encodeHtml = (value: string): string => escapeHtml(encodeText(value));
