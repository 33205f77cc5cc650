// Slack: a digest is one table, in which callers are text; what its author wrote above it works, and nothing a caller wrote does.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawDigest } from '../../src/destinations/slack/digest.ts';
import { encodeSlackText } from '../../src/destinations/slack/encode.ts';
import { slack } from '../../src/destinations/slack/index.ts';
import { readRichText } from '../../src/destinations/slack/rich-text.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { readBlocks } from './slack-blocks.ts';
import { asJson, connect, post, withoutJoiners } from './slack-desk.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 9, minute)).toISOString();
const group = (callers: (string | null)[], count = callers.length) => ({
  count,
  rows: callers.map((caller, n) => ({ at: at(n), caller })),
});
const tableOf = (given: ReturnType<typeof group>, zone = 'UTC') =>
  readBlocks(drawDigest(given, undefined, zone, false).blocks)
    .texts.at(-1)
    ?.split('\n') ?? [];

describe('a digest', () => {
  it('says when and who, in the time zone that is asked for', () => {
    expect(tableOf(group(['Anna', null]), 'Europe/Berlin')).toEqual([
      'Time (Europe/Berlin)',
      '10:00  Anna',
      '10:01  number withheld',
    ]);
  });

  it('has dates where it spans more than a day', () => {
    const rows = [
      { at: '2026-11-24T22:30:00Z', caller: 'Anna' },
      { at: '2026-11-24T23:30:00Z', caller: 'Bob' },
    ];
    expect(tableOf({ count: 2, rows })).toEqual(['Time (UTC)', '22:30  Anna', '23:30  Bob']);
    expect(tableOf({ count: 2, rows }, 'Europe/Berlin').slice(1)).toEqual([
      '2026-11-24 23:30  Anna',
      '2026-11-25 00:30  Bob',
    ]);
  });

  it('shows as many as fit and counts the rest', () => {
    const many = tableOf(group(Array.from({ length: 37 }, (_, n) => `Caller ${n}`)));
    expect(many).toHaveLength(27);
    expect(many.at(-1)).toBe('and 12 more');
    const long = tableOf(group(Array<string>(100).fill('x'.repeat(500)), 250));
    expect(long.join('\n').length).toBeLessThanOrEqual(3_000);
    expect(long.at(-1)).toBe(`and ${250 - (long.length - 2)} more`);
  });

  it('holds any caller in one line each, as text', () => {
    const unit = fc.constantFrom<'grapheme' | 'binary'>('grapheme', 'binary');
    const text = fc.oneof(
      fc.constantFrom(...HOSTILE_STRINGS),
      unit.chain((one) => fc.string({ unit: one })),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (callers) => {
        const { blocks } = drawDigest(group(callers), 'x', 'UTC', false);
        const read = readBlocks(blocks);
        expect(read.active).toEqual([]);
        expect(read.texts.at(-1)?.split('\n')).toHaveLength(1 + callers.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it('arrives by token and by webhook, with the text above it', async () => {
    const digest = asJson(group(['Anna', 'Bob']));
    for (const mode of ['token', 'webhook'] as const) {
      const { server, connection } = await connect(mode);
      await post(connection, { text: '<!here> two calls', digest, timezone: 'Europe/Berlin' });
      const [sent] = server.messages;
      const blocks = typeof sent?.blocks === 'string' ? JSON.parse(sent.blocks) : sent?.blocks;
      const read = readBlocks(blocks);
      expect(read.active).toEqual([{ type: 'broadcast', range: 'here' }]);
      expect(read.texts).toEqual([' two calls', 'Time (Europe/Berlin)\n10:00  Anna\n10:01  Bob']);
      expect(sent?.text).toBe('<!here> two calls');
    }
  });

  it('applies marks only where its author asks for them, and never in the table', async () => {
    const { server, connection } = await connect();
    await post(connection, { text: '*two* calls', mrkdwn: true, digest: asJson(group(['*Anna*'])) });
    const read = readBlocks(JSON.parse(server.messages[0]?.blocks ?? ''));
    expect(read.active).toEqual([{ type: 'mrkdwn', text: '*two* calls', verbatim: true }]);
    expect(read.texts.at(-1)).toContain('*Anna*');
  });
});

describe('a text as rich text', () => {
  it('keeps what its author made', () => {
    expect(
      readRichText(
        '<!here> <@U0123456789> <#C0123456789|sales> <!subteam^S012345> <https://x.example/?a=1&amp;b|see &lt;this&gt;> <what> 1 &lt; 2',
      ),
    ).toEqual([
      { type: 'broadcast', range: 'here' },
      { type: 'text', text: ' ' },
      { type: 'user', user_id: 'U0123456789' },
      { type: 'text', text: ' ' },
      { type: 'channel', channel_id: 'C0123456789' },
      { type: 'text', text: ' ' },
      { type: 'usergroup', usergroup_id: 'S012345' },
      { type: 'text', text: ' ' },
      { type: 'link', url: 'https://x.example/?a=1&b', text: 'see <this>' },
      { type: 'text', text: ' ' },
      { type: 'text', text: '<what>' },
      { type: 'text', text: ' 1 < 2' },
    ]);
  });

  it('makes nothing of what a caller wrote', () => {
    const tokens = fc.constantFrom(
      '<!channel>',
      '<@U0123456789>',
      '<https://evil.example|x>',
      '&lt;!here&gt;',
      '<',
      '>',
      '&amp;',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(tokens, fc.string()), { maxLength: 8 }), (parts) => {
        const caller = parts.join('');
        const pieces = readRichText(`from ${encodeSlackText(caller)}, <!here>`);
        expect(pieces.filter(({ type }) => type !== 'text')).toEqual([{ type: 'broadcast', range: 'here' }]);
        const shown = pieces.map((piece) => (piece.type === 'text' ? piece.text : '')).join('');
        if (/^[\x20-\x7e]{0,250}$/.test(caller)) expect(withoutJoiners(shown)).toBe(`from ${caller}, `);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('what an author is told about cards, answers and digests', () => {
  const told = (message: object, settings: object = { channel: '#a' }) =>
    slack.lint?.(message as never, settings).map(({ path, message: text }) => `${path}: ${text}`);
  const problems = (message: object) =>
    slack.message.safeParse(message).error?.issues.map(({ path }) => path.join('.'));

  it('needs something to say', () => {
    expect(problems({})).toEqual(['text']);
    expect(problems({ thread: true })).toEqual(['text']);
    for (const message of [{ text: 'x' }, { card: true }, { digest: true }]) expect(problems(message)).toBeUndefined();
    expect(problems({ digest: true, timezone: 'Mars/Base' })).toEqual(['timezone']);
    expect(slack.check?.({ card: asJson({}) })).toContain('empty');
  });

  it('contradicts itself in no message', () => {
    expect(told({ card: true, thread: true })).toEqual(['thread: stands beside card']);
    expect(told({ card: true, digest: true })).toEqual(['digest: stands beside card']);
    expect(told({ text: 'x', broadcast: true })).toEqual(['broadcast: does nothing without thread']);
    expect(told({ text: 'x', timezone: 'UTC' })).toEqual(['timezone: does nothing without digest']);
    expect(told({ text: 'x', thread: true, broadcast: true })).toEqual([]);
  });

  it('cannot edit or answer over a webhook', () => {
    expect(told({ card: true }, { webhookUrl: 'x' })?.[0]).toContain('card: does not work over an incoming webhook');
    expect(told({ text: 'x', thread: true }, { webhookUrl: 'x' })?.[0]).toContain('thread: does not work');
    expect(told({ digest: true }, { webhookUrl: 'x' })).toEqual([]);
  });
});
