// Email: what a caller's text can do to a mail, read back from a real mail server by the grammar of mail: nothing.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/delivery.ts';
import { encodeHtml } from '../../src/destinations/email/encode-html.ts';
import { encodeSubject } from '../../src/destinations/email/encode-subject.ts';
import { encodeCell, encodeText } from '../../src/destinations/email/encode-text.ts';
import { readCleanLine } from '../support/clean-line.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { startHttpServer } from '../support/http-server.ts';
import { readMail } from '../support/mail-reader.ts';
import { readPage } from '../support/page-reader.ts';
import { between, cardOf, cleanups, connect, groupOf, HEADER_NAMES, post, RECIPIENTS, readHtml } from './email-desk.ts';

const PIECES = [
  '\r\n',
  '\nBcc: victim@example.net',
  '\r\n.\r\n',
  '\r\nRCPT TO:<victim@example.net>\r\n',
  '<victim@example.net>',
  '=?utf-8?q?=0D=0ABcc:_x?=',
  'group: victim@example.net;',
  '"',
  ',',
  ':;',
  '\0',
  '\u0085\u2028\u2029\v\f',
  'é'.repeat(80),
  '</p></div><script>alert(1)</script>',
  '<img src="http://127.0.0.1/x">',
  '--',
  '.',
  ' ',
];

const piece = fc.oneof(
  fc.constantFrom(...PIECES, ...HOSTILE_STRINGS),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('e\u0301', '👩‍👩‍👧', 'ü', '한', 'ﷺ', '🇩🇪', '\u200d', '\ufeff', 'a', ' ') }),
);
const hostile = fc.array(piece, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));

/** Folding joins blanks, and a reader drops those at the end: only that may differ. */
const blanks = (line: string): string => line.replace(/\s+/g, ' ').trim();

describe("a caller's text", () => {
  it('adds no recipient, no header, no line and no tag, whatever it is (2,000 mails)', {
    timeout: 60_000,
  }, async () => {
    const { server, connection } = await connect();
    const values = [...HOSTILE_STRINGS, ...PIECES];
    values.push(...fc.sample(hostile, 2_000 - 1 - values.length), 'x'.repeat(100_000));
    for (const [n, text] of values.entries()) {
      server.mails.length = 0;
      server.asked.length = 0;
      const subject = `Call from ${encodeSubject(text)}!`;
      const body = `From: ${encodeText(text)}.\nBye`;
      // Every second mail has an HTML part of the author's, the others the shipped one with a table, in the thread of a call.
      const own = n % 2 === 0;
      const form: Record<string, Json> = own
        ? { html: `<p>${encodeHtml(text)}</p>` }
        : { digest: groupOf([text, null]), thread: cardOf(text) };
      expect(await post(connection, { subject, text: body, ...form })).toMatchObject({
        kind: 'delivered',
        code: '250',
      });
      const [mail] = server.mails;
      expect([mail?.to, server.asked]).toEqual([RECIPIENTS, RECIPIENTS]);
      const read = readMail(mail?.raw ?? '');
      expect([...read.names].sort()).toEqual(
        own ? HEADER_NAMES : [...HEADER_NAMES, 'In-Reply-To', 'References'].sort(),
      );
      expect(blanks(read.headers.subject ?? '')).toBe(blanks(subject));
      const cell = encodeCell(text) || 'number withheld';
      const table = `Time (UTC)        Caller\n2026-11-24 09:00  ${cell}\n2026-11-24 09:01  number withheld`;
      expect(read.text.trimEnd().replaceAll('\r\n', '\n')).toBe(own ? body : `${body}\n\n${table}`);
      if (own) expect(readHtml(between(read.html.trimEnd(), '<p>', '</p>'))).toBe(readCleanLine(text, 1_000));
      else {
        const page = readPage(read.html.replaceAll('\r\n', '\n'));
        expect(page.title).toBe(subject);
        expect(page.heading).toBe(subject);
        expect(page.paragraphs).toEqual([body.trim()]);
        expect(page.rows).toEqual([
          ['Time (UTC)', 'Caller'],
          ['2026-11-24 09:00', cell],
          ['2026-11-24 09:01', 'number withheld'],
        ]);
      }
    }
    expect(server.mails.length).toBe(1);
    // One after the other they go over one connection, which is renewed after a hundred mails.
    expect(server.connections()).toBe(20);
  });

  it('is one cell of a table: one line, no two blanks in a row, cut to 80 characters', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 300 })), (text) => {
        const cell = encodeCell(text);
        expect(cell).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]| {2}|^ | $/);
        expect([...new Intl.Segmenter().segment(cell)].length).toBeLessThanOrEqual(80);
      }),
      { numRuns: 500 },
    );
  });

  it('reads no file and no address, whatever stands in a part', async () => {
    const { server, connection } = await connect();
    const canary = await startHttpServer(() => undefined);
    cleanups.push(() => canary.stop());
    const path = { path: '/etc/passwd' } as unknown as Json;
    await post(connection, { text: path, html: { href: canary.url } as unknown as Json });
    expect(canary.connections()).toBe(0);
    for (const { raw } of server.mails) expect(raw).not.toContain('root:');
  });
});
