// Caller text: what is left of a stranger's string, and that no string makes it long or slow.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanLine, wellFormed } from '../../src/core/caller-text.ts';
import { systemClock } from '../../src/ports.ts';
import { readCleanLine } from '../support/clean-line.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';

const graphemesOf = (text: string): number => [...new Intl.Segmenter().segment(text)].length;

describe('a clean line', () => {
  it.each([
    ['Erika Mustermann', 'Erika Mustermann'],
    ['a\r\nb\tc\u0000d\u0085e\u2028f', 'a  b c d e f'],
    ['\u202Eevil\u202C\u2066x\u2069\u200E', 'evilx'],
    ['\uD800x\uDC00', '\uFFFDx\uFFFD'],
    ['👩‍👩‍👧 می‌خواهم', '👩‍👩‍👧 می‌خواهم'],
  ])('%j → %j', (value, expected) => expect(cleanLine(value, 100)).toBe(expected));

  it('is cut between graphemes, and only where it is too long', () => {
    expect(cleanLine('abcde', 5)).toBe('abcde');
    expect(cleanLine('abcdef', 5)).toBe('abcd…');
    expect(cleanLine('👩‍👩‍👧'.repeat(3), 3)).toBe('👩‍👩‍👧'.repeat(3));
    expect(cleanLine('👩‍👩‍👧'.repeat(4), 3)).toBe(`${'👩‍👩‍👧'.repeat(2)}…`);
    expect(cleanLine('e\u0301'.repeat(6), 5)).toBe(`${'e\u0301'.repeat(4)}…`);
  });

  it('agrees with a reading code point by code point', () => {
    const units = fc.constantFrom('grapheme', 'binary') as fc.Arbitrary<'grapheme' | 'binary'>;
    const text = units.chain((unit) => fc.string({ unit, maxLength: 30 }));
    fc.assert(
      fc.property(
        fc.oneof(text, fc.constantFrom(...HOSTILE_STRINGS)),
        fc.integer({ min: 10, max: 40 }),
        (value, limit) => {
          const line = cleanLine(value, limit);
          expect(line).toBe(readCleanLine(value, limit));
          expect(cleanLine(line, limit)).toBe(line);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('stays short and quick, however many marks a letter carries and however long the string is', () => {
    const startedMs = systemClock.monotonicMs();
    for (const value of [
      `a${'\u0301'.repeat(1_000_000)}`,
      'x'.repeat(5_000_000),
      '👩‍'.repeat(1_000_000),
      '\u0301\uD800'.repeat(500_000),
    ]) {
      const line = cleanLine(value, 100);
      expect(line.length).toBeLessThanOrEqual(801);
      expect(graphemesOf(line)).toBeLessThanOrEqual(100);
      expect(wellFormed(line)).toBe(line);
    }
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(1_000);
  });
});
