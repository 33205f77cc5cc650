// The email destination: one mail to the people of the connection, over one mail server.
import type { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { defineDestination } from '../../core/destination.ts';
import { encodeHtml, encodeSubject, encodeText } from './encode.ts';
import { misplacedValues } from './html-places.ts';
import { type EmailSettings, message, settings } from './settings.ts';

const MAIL_CHARACTERS_MAX = 256 * 1024;
const SUBJECT_CHARACTERS_MAX = 2_000;

export const email = defineDestination<EmailSettings, z.infer<typeof message>>({
  type: 'email',
  summary:
    'A mail to fixed recipients over an SMTP server. Its Message-ID stays the same over retries, so that mail programs can drop a repeat.',
  settings,
  message,
  templates: {
    subject: { as: 'text', encode: encodeSubject },
    text: { as: 'text', encode: encodeText },
    html: { as: 'text', encode: encodeHtml },
  },
  lint(written) {
    if (written.html === undefined) return [];
    const hint = 'values may stand between tags, or in quotes as in href="tel:{{ remote.number }}"';
    return misplacedValues(written.html).map((text) => ({ path: ['html'], message: text, hint }));
  },
  check(rendered) {
    const characters = ['subject', 'text', 'html'].reduce((sum, key) => sum + length(rendered[key]), 0);
    if (length(rendered.subject) > SUBJECT_CHARACTERS_MAX)
      return `subject: is longer than ${SUBJECT_CHARACTERS_MAX} characters`;
    if (characters > MAIL_CHARACTERS_MAX) return `the mail is longer than ${MAIL_CHARACTERS_MAX} characters`;
    return undefined;
  },
  trial: (_settings, at) => ({
    subject: 'Test message of Hookswitch',
    text: `The connection works. Nothing happened, nobody called.\n\nSent: ${at}\n`,
  }),
  // As many as there are connections to the server: nothing waits inside the library.
  concurrency: 2,
  timeoutMs: 45_000,
  example: {
    settings: {
      host: 'smtp.example.net',
      tls: 'starttls',
      user: 'hookswitch',
      password: { env: 'SMTP_PASSWORD' } as never,
      from: { name: 'Telephone', address: 'telephone@example.net' },
      recipients: ['reception@example.net', { name: 'Erika Mustermann', address: 'erika@example.net' }],
    },
    message: {
      subject: 'Missed call from {{ remote.number }}',
      text: '{{ remote.name | default: remote.number }} called {{ phone.name }}.\nNobody answered.',
    },
  },
  open: async (given, context) => (await import('./client.ts')).open(given, context),
});

const length = (value: Json | undefined): number => (typeof value === 'string' ? value.length : 0);
