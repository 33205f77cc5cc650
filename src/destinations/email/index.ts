// The email destination: one mail to the people of the connection, over one mail server.
import { defineDestination } from '../../core/destination.ts';
import { encodeHtml } from './encode-html.ts';
import { encodeSubject } from './encode-subject.ts';
import { encodeText } from './encode-text.ts';
import { misplacedValues } from './html-places.ts';
import { checkMail, type EmailMessage, message } from './message.ts';
import { previewOf } from './preview.ts';
import { choiceProblems, trialList } from './recipients.ts';
import { type EmailSettings, settings } from './settings.ts';

export const email = defineDestination<EmailSettings, EmailMessage>({
  type: 'email',
  summary:
    'A mail to fixed recipients over an SMTP server. Its Message-ID stays the same over retries, so that mail programs can drop a repeat.',
  settings,
  message,
  templates: {
    subject: { as: 'text', encode: encodeSubject },
    text: { as: 'text', encode: encodeText },
    html: { as: 'text', encode: encodeHtml },
    thread: { as: 'call' },
    digest: { as: 'group' },
    recipients: { as: 'choice' },
  },
  lint(written, { recipients }) {
    const hint = 'values may stand between tags, or in quotes as in href="tel:{{ remote.number }}"';
    const places = written.html === undefined ? [] : misplacedValues(written.html);
    return [
      ...places.map((text) => ({ path: ['html'], message: text, hint })),
      // Wrong settings are told where they stand.
      ...(recipients === undefined ? [] : choiceProblems(written.recipients, recipients)),
    ];
  },
  check: checkMail,
  trial: ({ recipients }, at) => ({
    subject: 'Test message of Hookswitch',
    text: `The connection works. Nothing happened, nobody called.\n\nSent: ${at}\n`,
    ...trialList(recipients),
  }),
  preview: previewOf,
  // A person reads them: more than one a second is a loop, and gets a sender onto blocklists.
  budgetPerMinute: 60,
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
  probe: async (given, context) => (await import('./probe.ts')).probe(given, context),
  open: async (given, context) => (await import('./client.ts')).open(given, context),
});
