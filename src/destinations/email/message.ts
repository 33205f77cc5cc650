// The fields of a mail, as an author writes them in a rule, and the limits of a rendered one.
import { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { bodiesOf, SENT_BY_CHARACTERS_MAX } from './bodies.ts';
import { chosenList, VISIBLE_LINE } from './recipients.ts';

const MAIL_CHARACTERS_MAX = 256 * 1024;
/** Text and HTML together, before they are encoded for the way: far below what any server takes (25 MB are usual). */
const MAIL_BYTES_MAX = 1024 * 1024;
const SUBJECT_CHARACTERS_MAX = 2_000;

export const message = z.strictObject({
  subject: z.string().min(1).max(500).regex(VISIBLE_LINE, 'must be one line').describe('The subject.'),
  text: z
    .string()
    .min(1)
    .max(100_000)
    .describe(
      'The text; your own line breaks stay, and a blank line begins a paragraph. The HTML part is made from it.',
    ),
  html: z
    .string()
    .min(1)
    .max(100_000)
    .optional()
    .describe('An HTML part of your own instead. Values stand between tags or in quoted attributes.'),
  thread: z
    .boolean()
    .optional()
    .describe(
      'Keeps mails about one call together in mail programs. Because Gmail groups by subject too, a later mail keeps the subject of the first one ("Re: …"), and its own subject begins its text; with an html of your own it keeps its own subject.',
    ),
  digest: z
    .boolean()
    .optional()
    .describe(
      'A table of the events that came together stands below the text, up to 100 of them; not in an html of your own.',
    ),
  recipients: chosenList
    .optional()
    .describe('Which of the lists of the connection gets it, where it has lists by name.'),
});

export type EmailMessage = z.infer<typeof message>;

/** Why a rendered mail can never be sent; undefined if it can. */
export function checkMail(rendered: Record<string, Json>): string | undefined {
  const characters = ['subject', 'text', 'html'].reduce((sum, key) => sum + length(rendered[key]), 0);
  if (length(rendered.subject) > SUBJECT_CHARACTERS_MAX)
    return `subject: is longer than ${SUBJECT_CHARACTERS_MAX} characters`;
  if (characters > MAIL_CHARACTERS_MAX) return `the mail is longer than ${MAIL_CHARACTERS_MAX} characters`;
  if (rendered.recipients !== undefined && typeof rendered.recipients !== 'string')
    return 'recipients: is not the name of a list';
  const { text, html } = bodiesOf(rendered, 'UTC', 'x'.repeat(SENT_BY_CHARACTERS_MAX), undefined);
  if (Buffer.byteLength(text) + Buffer.byteLength(html) > MAIL_BYTES_MAX)
    return `the mail is larger than ${MAIL_BYTES_MAX / 1024} KiB`;
  return undefined;
}

const length = (value: Json | undefined): number => (typeof value === 'string' ? value.length : 0);
