// Email: mails about one call stay together, a retry is the same mail, and a digest is a table.
import { describe, expect, it } from 'vitest';
import type { Json, Kept, Outcome } from '../../src/core/delivery.ts';
import { email } from '../../src/destinations/email/index.ts';
import { type ReadMail, readMail } from '../support/mail-reader.ts';
import { readPage } from '../support/page-reader.ts';
import { cardOf, connect, groupOf, post } from './email-desk.ts';

/** Remembers what a connection wants remembered, as the store does it: only with a delivered mail. */
function memory() {
  const kept = new Map<string, Kept>();
  return {
    kept: (key: string): Json | undefined => kept.get(key)?.value,
    all: () => [...kept.values()],
    async settle(outcome: Promise<Outcome>): Promise<Outcome> {
      const settled = await outcome;
      if (settled.kind === 'delivered' && settled.keep !== undefined) kept.set(settled.keep.key, settled.keep);
      return settled;
    },
  };
}

const ID = /^<[0-9a-f]{40}@example\.net>$/;
const idsOf = (text: string | undefined): string[] => (text ?? '').split(/\s+/);
const lines = (text: string): string => text.replaceAll('\r\n', '\n');

async function desk(more: Record<string, unknown> = {}) {
  const { server, connection } = await connect({}, more);
  const store = memory();
  return {
    server,
    store,
    mail: (n: number): ReadMail => readMail(server.mails[n]?.raw ?? ''),
    say: (message: Record<string, Json>, id: string) =>
      store.settle(post(connection, message, id, { kept: store.kept })),
  };
}

describe('mails about one call', () => {
  it('refer to one id that is the call, and have the subject of the first one', async () => {
    const { mail, say, store } = await desk();
    const card = cardOf('+493012345/1764000000000');
    await say({ subject: 'Missed call from 30', text: 'Nobody answered.\n', thread: card }, 'c1-missed/missed/0');
    await say({ subject: 'Nobody called 30 back', text: 'Since 9:00.\n', thread: card }, 'c1-missed/reminder/0');
    await say({ subject: 'Missed call from 31', text: 'x', thread: cardOf('other') }, 'c2-missed/missed/0');
    await say({ subject: 'Unthreaded', text: 'x' }, 'c1-missed/else/0');
    const [first, second, other, none] = [0, 1, 2, 3].map((n) => mail(n).headers);
    expect(first?.subject).toBe('Missed call from 30');
    expect(second?.subject).toBe('Re: Missed call from 30');
    const [root = ''] = idsOf(first?.references);
    expect(root).toMatch(ID);
    expect([first?.references, first?.['in-reply-to']]).toEqual([root, root]);
    expect(idsOf(second?.references)).toEqual([root, first?.['message-id']]);
    expect(second?.['in-reply-to']).toBe(first?.['message-id']);
    expect(new Set([root, first?.['message-id'], second?.['message-id'], other?.references]).size).toBe(4);
    expect([other?.subject, none?.references, none?.['in-reply-to']]).toEqual([
      'Missed call from 31',
      undefined,
      undefined,
    ]);
    // What the later one says for itself stands first, in both parts.
    expect(lines(mail(1).text)).toBe('Nobody called 30 back\n\nSince 9:00.\n');
    expect(readPage(lines(mail(1).html))).toMatchObject({
      heading: 'Nobody called 30 back',
      paragraphs: ['Since 9:00.'],
    });
    expect(store.all().length).toBe(2);
  });

  it('stay together even if nothing is remembered, each under its own subject', async () => {
    const { connection, server } = await connect();
    const card = cardOf('one');
    await post(connection, { subject: 'A', thread: card }, 'e/a/0');
    await post(connection, { subject: 'B', thread: card }, 'e/b/0');
    const [a, b] = server.mails.map(({ raw }) => readMail(raw).headers);
    expect([a?.references, b?.subject]).toEqual([b?.references, 'B']);
  });

  it('are the same mail again when the first one is sent again, and belong to a call of their site', async () => {
    const { mail, say } = await desk();
    for (const site of ['default', 'default', 'berlin'])
      await say({ subject: 'Missed', thread: cardOf('one', site) }, `e-${site}/missed/0`);
    const [first, again, berlin] = [0, 1, 2].map((n) => mail(n).headers);
    expect([again?.subject, again?.['message-id'], again?.references]).toEqual([
      'Missed',
      first?.['message-id'],
      first?.references,
    ]);
    expect(berlin?.references).not.toBe(first?.references);
    expect(readPage(lines(mail(2).html)).sentBy).toBe('Sent by Hookswitch, rule missed, site berlin');
  });

  it('begin anew for each list of people, and keep their own subject where the HTML is the author’s', async () => {
    const recipients = { day: ['day@example.net'], night: ['night@example.net'] };
    const { mail, say, server } = await desk({ recipients });
    const thread = cardOf('one');
    await say({ subject: 'Missed', thread, recipients: 'day' }, 'e/missed/0');
    await say({ subject: 'Not called back', thread, recipients: 'night' }, 'e/back/0');
    await say({ subject: 'Own', thread, recipients: 'day', html: '<p>Own</p>' }, 'e/own/0');
    expect(server.mails.map(({ to }) => to)).toEqual([['day@example.net'], ['night@example.net'], ['day@example.net']]);
    expect([0, 1, 2].map((n) => mail(n).headers.subject)).toEqual(['Missed', 'Not called back', 'Own']);
    expect(idsOf(mail(2).headers.references)).toContain(mail(0).headers['message-id']);
    expect([lines(mail(2).text), mail(2).html.trim()]).toEqual(['Erika called.', '<p>Own</p>']);
  });

  it('remembers nothing of a mail that was not delivered', async () => {
    const { server, say, store, mail } = await desk();
    server.refuse({ data: [451, 'later'] });
    expect(await say({ subject: 'First', thread: cardOf('one') }, 'e/a/0')).toMatchObject({ kind: 'retry' });
    expect(store.all()).toEqual([]);
    server.refuse({});
    await say({ subject: 'Second', thread: cardOf('one') }, 'e/b/0');
    expect(mail(0).headers.subject).toBe('Second');
  });
});

describe('the HTML part', () => {
  it('says what the text says, paragraph by paragraph and line by line, and who sent it', async () => {
    const { say, mail } = await desk();
    const text = '\n\nErika <b> & "Max" called.\n  Call back: +49 30 12345\r\n\r\n\n\nhttps://example.net\n';
    await say({ subject: 'A & B', text }, '0198-missed/missed-call_1/0');
    const page = readPage(lines(mail(0).html));
    expect(page).toMatchObject({
      title: 'A & B',
      heading: 'A & B',
      paragraphs: ['Erika <b> & "Max" called.\n  Call back: +49 30 12345', 'https://example.net'],
      rows: [],
      sentBy: 'Sent by Hookswitch, rule missed-call_1',
    });
    // The reader knows no tag that makes a link, loads something or runs; the style loads nothing either, and knows the dark.
    expect(page.style).not.toMatch(/url\(|@import|@font-face|expression/i);
    expect(page.style).toContain('prefers-color-scheme: dark');
  });

  it('names no rule where the id is none of ours', async () => {
    const { say, mail } = await desk();
    await say({}, 'a/<script>/0');
    expect(readPage(lines(mail(0).html)).sentBy).toBe('Sent by Hookswitch');
  });
});

describe('a digest', () => {
  it('is a table below the text, in both parts, with times of the connection’s time zone', async () => {
    const { say, mail } = await desk({ timezone: 'Europe/Berlin' });
    const digest = groupOf(['+493012345', 'Erika  Mustermann\u202E', null, '', '<b>x</b>'], 7);
    await say({ text: 'Today:\n', digest }, 'e/evening/0');
    expect(lines(mail(0).text)).toBe(
      [
        'Today:',
        '',
        'Time (Europe/Berlin)  Caller',
        '2026-11-24 10:00      +493012345',
        '2026-11-24 10:01      Erika Mustermann',
        '2026-11-24 10:02      number withheld',
        '2026-11-24 10:03      number withheld',
        '2026-11-24 10:04      <b>x</b>',
        'and 2 more',
        '',
      ].join('\n'),
    );
    const page = readPage(lines(mail(0).html));
    expect(page.rows[0]).toEqual(['Time (Europe/Berlin)', 'Caller']);
    expect(page.rows[5]).toEqual(['2026-11-24 10:04', '<b>x</b>']);
    expect([page.headerCells[0], page.headerCells[1]]).toEqual([
      [true, true],
      [false, false],
    ]);
    expect(page.paragraphs).toEqual(['Today:', 'and 2 more']);
  });

  it('shows a hundred events at most, and stays below the limit of a mail with the longest names', async () => {
    const { say, mail } = await desk();
    const digest = groupOf(Array(120).fill(`"${'e\u0301'.repeat(5_000)}`), 4_711);
    expect(email.check?.({ subject: 's', text: 't', digest })).toBeUndefined();
    await say({ digest }, 'e/evening/0');
    const page = readPage(lines(mail(0).html));
    expect(page.rows.length).toBe(101);
    expect(page.paragraphs.at(-1)).toBe('and 4611 more');
  });

  it('counts the summer time of the day itself', async () => {
    const { say, mail } = await desk({ timezone: 'Europe/Berlin' });
    const at = ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z', '2026-10-25T23:15:00.000Z'];
    await say({ digest: { count: 3, rows: at.map((one) => ({ at: one, caller: 'x' })) } }, 'e/evening/0');
    const times = readPage(lines(mail(0).html))
      .rows.slice(1)
      .map(([time]) => time);
    expect(times).toEqual(['2026-10-25 02:30', '2026-10-25 02:30', '2026-10-26 00:15']);
  });
});
