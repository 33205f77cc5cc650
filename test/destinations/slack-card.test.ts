// Slack: the card of a call says in words how the call stands, and what a caller chose is text in it and nothing else.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallCard } from '../../src/core/call-card.ts';
import { drawCard } from '../../src/destinations/slack/card.ts';
import { encodeSlackText, plainText } from '../../src/destinations/slack/encode.ts';
import { readCleanLine } from '../support/clean-line.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { readBlocks } from './slack-blocks.ts';
import { cardWith, LINKABLE, readSlack, withoutJoiners } from './slack-desk.ts';

const phones = (count: number, outcome: CallCard['phones'][number]['outcome'] = 'missed'): CallCard['phones'] =>
  Array.from({ length: count }, (_, n) => ({ id: `p${n}`, name: `Phone ${n}`, outcome }));
const front = { id: 'front-desk', name: 'Front desk' };
const answered = { answeredBy: front, ringSeconds: 6, outcome: 'answered' } as const;

describe('how a call stands, in words', () => {
  const rows: [string, Partial<CallCard>][] = [
    ['🔔 Ringing at 3 phones', {}],
    ['🔔 Ringing at Front desk', { phones: [{ ...front, outcome: 'ringing' }] }],
    [
      '☎️ Dialing from Front desk',
      { type: 'call.dialing', direction: 'out', phones: [{ ...front, outcome: 'ringing' }] },
    ],
    ['📞 Answered at Front desk after 6 s', { type: 'call.answered', ...answered }],
    ['📞 Got through from Front desk after 6 s', { type: 'call.answered', direction: 'out', ...answered }],
    ['☑️ Ended after 3 min', { type: 'call.ended', ...answered, talkSeconds: 180 }],
    ['☑️ Ended after 1 h 5 min', { type: 'call.ended', ...answered, talkSeconds: 3_900 }],
    ['☑️ Ended', { type: 'call.ended' }],
    ['📵 Missed by all 10 phones', { type: 'call.missed', outcome: 'missed', phones: phones(10) }],
    ['📵 Missed at Phone 0', { type: 'call.missed', outcome: 'missed', phones: phones(1) }],
    ['📵 Missed', { type: 'call.missed', outcome: 'missed', phones: [] }],
    ['🚫 Rejected at Phone 0', { type: 'call.ended', outcome: 'rejected', phones: phones(1, 'rejected') }],
    ['➡️ Forwarded from Phone 0', { type: 'call.ended', outcome: 'forwarded', phones: phones(1, 'forwarded') }],
    [
      '✏️ Corrected: answered at Front desk after 6 s, not missed',
      { type: 'call.corrected', ...answered, correctedFrom: 'missed' },
    ],
    [
      '↩️ Called back from Front desk after 7 min',
      { type: 'call.returned', outcome: 'missed', returnedBy: front, returnedAt: '2026-11-24T09:07:01.000Z' },
    ],
    ['🙋 Taken: missed by all 3 phones', { type: 'call.claimed', outcome: 'missed', claimedBy: 'Bob' }],
    ['🙋 Taken: ringing at 3 phones', { type: 'call.claimed', claimedBy: 'Bob' }],
  ];

  it.each(rows)('%s', (words, given) => {
    const { texts } = readBlocks(drawCard(cardWith(given), true).blocks);
    expect(texts[0]).toBe(words);
  });

  it('names the caller, the number, the phones, who takes it, and when', () => {
    const card = cardWith({
      type: 'call.claimed',
      outcome: 'missed',
      claimedBy: 'Bob',
      claimedAt: '2026-11-24T09:02:00Z',
    });
    const { blocks, text } = drawCard(card, true);
    const shown = readBlocks(blocks).texts.join('');
    expect(shown).toContain('From Anna Schmidt  +493012345');
    expect(shown).toContain('Phones: Front desk, Sales 1, workshop');
    expect(shown).toContain('🙋 Taken by Bob');
    expect(JSON.stringify(blocks)).toContain(`"timestamp":${Date.parse(card.startedAt) / 1000}`);
    expect(text).toBe('🙋 Taken: missed by all 3 phones: Anna Schmidt (+493012345), taken by Bob');
  });

  it('says so where there is no name or number, and counts phones that do not fit', () => {
    const withheld = { number: null, name: null, contact: null, kind: 'withheld' } as const;
    const shown = readBlocks(drawCard(cardWith({ remote: withheld, phones: phones(64) }), false).blocks).texts.join('');
    expect(shown).toContain('An unknown caller, number withheld');
    expect(shown).toContain('Phone 9 and 54 more');
  });

  it.each<[boolean, Partial<CallCard>]>([
    [true, {}],
    [true, { type: 'call.missed', outcome: 'missed' }],
    [false, { type: 'call.answered', ...answered }],
    [false, { type: 'call.claimed', outcome: 'missed', claimedBy: 'Bob' }],
    [false, { type: 'call.returned', outcome: 'missed', returnedBy: front }],
    [false, { type: 'call.dialing', direction: 'out' }],
    [false, { type: 'call.ended', outcome: 'rejected' }],
  ])('offers to take the call: %s (row %#)', (offered, given) => {
    expect(readBlocks(drawCard(cardWith(given), true).blocks).buttons).toHaveLength(offered ? 1 : 0);
    expect(readBlocks(drawCard(cardWith(given), false).blocks).buttons).toEqual([]);
  });
});

const marks = fc.constantFrom(
  '<!channel>',
  '<@U1>',
  '<https://evil.example|x>',
  '&lt;!here&gt;',
  '*b*',
  '`',
  ':boom:',
  '"}]',
  '\n',
  '@here',
);
const codeUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 });
const hostile = fc
  .array(
    fc.oneof(
      marks,
      fc.constantFrom(...HOSTILE_STRINGS),
      fc.string({ unit: 'grapheme' }),
      codeUnits.map((list) => String.fromCharCode(...list)),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join(''));

describe("a caller's text in a card", () => {
  const draw = (text: string) => {
    const remote = { number: text, name: text, contact: null, kind: 'external' } as const;
    const card = cardWith({ type: 'call.missed', outcome: 'missed', remote, claimedBy: null });
    return drawCard(card, true);
  };
  const plain = readBlocks(draw('Anna').blocks);

  it('changes nothing but words, whatever it is', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { blocks, text: fallback } = draw(text);
        const read = readBlocks(JSON.parse(JSON.stringify(blocks)));
        expect(read.active).toEqual([]);
        expect(read.buttons).toEqual(plain.buttons);
        const visible = readCleanLine(text, 60).trim() !== '';
        if (visible) expect(read.shape).toBe(plain.shape);
        expect(readSlack(fallback).tokens).toEqual([]);
        expect(readSlack(fallback).text).not.toMatch(LINKABLE);
      }),
      { numRuns: 3_000 },
    );
  });

  it('and neither does the name of somebody who takes the call', () => {
    fc.assert(
      fc.property(hostile, (by) => {
        const draws = (claimedBy: string) => drawCard(cardWith({ type: 'call.claimed', claimedBy }), true);
        const { blocks, text } = draws(by);
        const read = readBlocks(blocks);
        expect(read.shape).toBe(readBlocks(draws('Bob').blocks).shape);
        expect(read.active).toEqual([]);
        expect(readSlack(text).tokens).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is cut between graphemes at every length from 1 to 300, and holds no half of anything', () => {
    const grapheme = fc.constantFrom('x', '<', '&', '👩‍👩‍👧', 'é', '🇩🇪', '株', '\ud83d', '"', '@', 'a.b', '://');
    const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.array(grapheme, { maxLength: 320 }), (most, parts) => {
        const whole = parts.join('');
        const cut = plainText(whole, most);
        expect(cut.length).toBeLessThanOrEqual(most);
        expect(cut).not.toMatch(/\p{Surrogate}/u);
        const clean = readCleanLine(whole, 100_000).trim();
        if (cut !== clean) {
          expect(cut.endsWith('…')).toBe(true);
          const kept = cut.slice(0, -1);
          expect(clean.startsWith(kept)).toBe(true);
          const ends = [...segmenter.segment(clean)].map(({ index }) => index);
          expect(ends).toContain(kept.length);
        }
        const read = readSlack(encodeSlackText(`${'y'.repeat(300 - most)}${whole}`));
        expect(read.tokens).toEqual([]);
        expect([...segmenter.segment(withoutJoiners(read.text))].length).toBeLessThanOrEqual(300);
      }),
      { numRuns: 5_000 },
    );
  }, 60_000);
});
