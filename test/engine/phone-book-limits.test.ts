// The phone book under load: what it remembers is bounded, quick when warm, and no stranger can make it slow.
import { expect, test } from 'vitest';
import { createPhoneBook } from '../../src/engine/phone-book/index.ts';
import { createRecent } from '../../src/engine/phone-book/recent.ts';

test('remembers what was needed lately, and forgets the rest', () => {
  const made: string[] = [];
  const recent = createRecent<string>(3);
  const ask = (key: string): string => recent.of(key, (text) => `${made.push(text)}`);
  for (const key of ['a', 'b', 'c', 'a', 'b', 'c']) ask(key);
  expect(made).toEqual(['a', 'b', 'c']);
  ask('d');
  // Asked for all the time, `a` outlives any number of others.
  for (let n = 0; n < 50; n++) {
    ask('a');
    ask(`x${n}`);
  }
  expect(made.filter((key) => key === 'a')).toEqual(['a']);
  ask('b');
  expect(made.filter((key) => key === 'b')).toEqual(['b', 'b']);
});

test('an answer of null is remembered as well', () => {
  let made = 0;
  const recent = createRecent<null>(10);
  for (let n = 0; n < 5; n++)
    recent.of('x', () => {
      made += 1;
      return null;
    });
  expect(made).toBe(1);
});

/** Microseconds for each call, best of five rounds: other work on the machine only makes rounds longer. */
function microseconds(calls: number, call: (n: number) => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    for (let n = 0; n < calls; n++) call(n);
    best = Math.min(best, ((performance.now() - began) * 1_000) / calls);
  }
  return best;
}

test('a million look-ups a second once it is warm', () => {
  const book = createPhoneBook({ sites: [{ id: 'default', country: 'DE' }], contacts: new Map() });
  const parties = Array.from({ length: 10_000 }, (_, n) => ({ number: `030${1_000_000 + n}`, uri: 'sip:x@pbx' }));
  const look = (n: number): unknown => {
    const party = parties[n % parties.length] ?? {};
    const number = book.numberOf('default', party);
    return number === null ? null : [book.kindOf('default', number), book.contactOf(number)];
  };
  expect(microseconds(100_000, look)).toBeLessThan(1);
});

test.each([
  ['pluses', '+'.repeat(64)],
  ['brackets', '('.repeat(64)],
  ['zeros', '0'.repeat(64)],
  ['nines', '9'.repeat(64)],
  ['a country and zeros', `+49${'0'.repeat(61)}`],
  ['codes', '*31#'.repeat(16)],
  ['hidden marks', '\u200f1'.repeat(32)],
  ['surrogates', '\ud83d'.repeat(64)],
  ['hosts', '@anonymous.invalid'.repeat(30)],
  // The longest request that the receiver takes.
  ['8 KiB', '1 '.repeat(4_000)],
])('no spelling is slow: %s', (_, said) => {
  for (const country of ['DE', 'US', 'AR', 'BR', 'RU']) {
    const book = createPhoneBook({ sites: [{ id: 's', country }], contacts: new Map() });
    // A number of its own each time, so that nothing is remembered.
    const cost = microseconds(200, (n) => book.numberOf('s', { number: `${n}${said}`, uri: said }));
    // Some 40 where nothing else runs.
    expect(cost).toBeLessThan(200);
  }
});
