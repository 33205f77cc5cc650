// The phone book: every spelling of a number is one number, inside and outside are told apart, and nobody's nonsense breaks it.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COUNTRIES, createPhoneBook, readNumber } from '../../src/engine/phone-book/index.ts';

const sites = ['DE', 'AT', 'CH', 'US', 'GB', 'IT', 'RU', 'BR', 'NO'].map((country) => ({ id: country, country }));
const book = createPhoneBook({ sites: [...sites, { id: 'nowhere' }], contacts: new Map() });
const of = (site: string, number: string | undefined, uri?: string): string | null =>
  book.numberOf(site, { ...(number === undefined ? {} : { number }), ...(uri === undefined ? {} : { uri }) });

describe('one number in its many spellings', () => {
  test.each([
    '030 1234567',
    '0301234567',
    '(030) 12345-67',
    '030/1234567',
    '030–123 45 67',
    ' 030.1234567 ',
    '+49301234567',
    '+49 (0)30 1234567',
    '+49 (30) 1234567',
    '0049 30 1234567',
    '0049 (0) 30 1234567',
    '49301234567',
    '\u202a+49 30 1234567\u202c',
    '030\u00a01234567',
    '*31#0301234567',
    '#31#+49301234567',
  ])('%j in Germany', (said) => expect(of('DE', said)).toBe('+49301234567'));

  test.each([
    ['AT', '0664 1234567', '+436641234567'],
    ['CH', '044 668 18 00', '+41446681800'],
    ['US', '(213) 373-4253', '+12133734253'],
    ['US', '1 213 373 4253', '+12133734253'],
    ['US', '011 49 30 1234567', '+49301234567'],
    ['US', '0049 30 1234567', '+49301234567'],
    ['GB', '020 7946 0958', '+442079460958'],
    ['GB', '+44 (0)20 7946 0958', '+442079460958'],
    ['IT', '06 1234 5678', '+390612345678'],
    ['IT', '333 123 4567', '+393331234567'],
    ['RU', '8 (495) 123-45-67', '+74951234567'],
    ['RU', '4951234567', '+74951234567'],
    ['DE', '00800 12345678', '+80012345678'],
    // As SIP trunks send it; not the national number that it could be mistaken for.
    ['DE', '4917012345678', '+4917012345678'],
    ['AT', '436641234567', '+436641234567'],
  ])('%s: %j is %s', (site, said, number) => expect(of(site, said)).toBe(number));

  test.each(['nowhere', 'unknown-site'])('without a country (%s), + and 00 lead everywhere', (site) => {
    expect(of(site, '+49 (0)30 1234567')).toBe('+49301234567');
    expect(of(site, '0049 30 1234567')).toBe('+49301234567');
    expect(of(site, '030 1234567')).toBe('0301234567');
  });
});

test.each([
  ['an extension', 'DE', '201', '201'],
  ['an emergency number', 'DE', '112', '112'],
  ['a local number, whose area nobody knows', 'DE', '123 45 67', '1234567'],
  ['a local number with seven digits', 'US', '555-1234', '5551234'],
  ['a number that is too short', 'DE', '+49 12', '+4912'],
  ['a number that is too long', 'DE', '+49 30 12345678901234567', '+493012345678901234567'],
  ['a country that there is not', 'DE', '+999 1234567', '+9991234567'],
  ['a zero too many', 'DE', '0001234567', '0001234567'],
  ['a service code', 'DE', '*21*030 1234567#', '*21*0301234567#'],
  ['a SIP user name', 'DE', ' Erika.Mustermann ', 'Erika.Mustermann'],
  ['a vanity number', 'US', '1-800-FLOWERS', '1-800-FLOWERS'],
  ['a number with an extension', 'DE', '030 1234567 ext 5', '030 1234567 ext 5'],
])('%s stays as it was said', (_, site, said, number) => expect(of(site, said)).toBe(number));

describe('withheld', () => {
  const words = ['Anonymous', 'anonym', 'UNAVAILABLE', 'restricted', 'Private', 'unknown', 'withheld', 'blocked'];
  test.each([...words, ' anonymous ', 'anonymous@anonymous.invalid', ''])('%j', (said) => {
    expect(of('DE', said)).toBeNull();
    expect(book.kindOf('DE', of('DE', said))).toBe('withheld');
  });
  test('no number at all', () => expect(of('DE', undefined, 'sip:pbx.example.net')).toBeNull());
  test.each([
    'sip:anonymous@anonymous.invalid',
    'sip:thisisanonymous@Anonymous.Invalid;user=phone',
    '"Anonymous" <sip:c8oqz84zk7z@anonymous.invalid>;tag=1',
    'sip:201@anonymous.invalid:5060',
  ])('a URI that RFC 3323 made anonymous: %s', (uri) => expect(of('DE', '201', uri)).toBeNull());
  test('a host that only begins like it', () => {
    expect(of('DE', '201', 'sip:201@anonymous.invalid.example.net')).toBe('201');
  });
});

describe('inside or outside', () => {
  const house = createPhoneBook({
    sites: [
      { id: 'default', country: 'DE' },
      { id: 'small', country: 'AT', internalDigitsMax: 3 },
      { id: 'large', country: 'DE', internalDigitsMax: 7 },
    ],
    contacts: new Map(),
    phones: [
      { site: 'default', number: '030 4711-12' },
      { site: 'small', number: '122' },
      { site: 'default', number: '1234567' },
      { site: 'default' },
    ],
  });
  const kind = (site: string, said: string) => house.kindOf(site, house.numberOf(site, { number: said }));

  test.each([
    ['default', '201', 'internal'],
    ['default', '20115', 'internal'],
    ['default', '201157', 'external'],
    ['small', '201', 'internal'],
    ['small', '2011', 'external'],
    ['large', '2011571', 'internal'],
    ['large', '20115712', 'external'],
    ['default', '0301234567', 'external'],
    ['default', '112', 'external'],
    ['default', '911', 'external'],
    ['default', '110', 'external'],
    ['default', '133', 'internal'],
    ['small', '133', 'external'],
    ['small', '110', 'internal'],
    ['default', '*21#', 'internal'],
    ['default', '##002#', 'internal'],
    ['default', '*97', 'internal'],
    ['default', 'erika', 'external'],
    ['elsewhere', '201', 'internal'],
  ])('at %s, %s is %s', (site, said, expected) => expect(kind(site, said)).toBe(expected));

  test("a phone's own number is inside, at every site if it has a country code", () => {
    expect(kind('default', '+49 30 471112')).toBe('internal');
    expect(kind('small', '0049 30 471112')).toBe('internal');
    expect(kind('default', '1234567')).toBe('internal');
    expect(kind('elsewhere', '1234567')).toBe('external');
    expect(kind('small', '122')).toBe('internal');
  });
  test('digits that a site uses for extensions are no number of the country', () => {
    expect(house.numberOf('large', { number: '0201234' })).toBe('0201234');
    expect(house.numberOf('default', { number: '0201234' })).toBe('+49201234');
  });
});

describe('names and files', () => {
  const contacts = new Map([['+49301234567', 'Mustermann GmbH']]);
  const own = createPhoneBook({ sites: [{ id: 'default', country: 'DE' }], contacts });
  test('whose a number is', () => {
    expect(own.contactOf(own.numberOf('default', { number: '030 1234567' }) ?? '')).toBe('Mustermann GmbH');
    expect(own.contactOf('+49301234568')).toBeNull();
    expect(own.contactOf('__proto__')).toBeNull();
  });
  test.each([
    ['030 1234567', undefined, '+49301234567'],
    ['044 668 18 00', 'CH', '+41446681800'],
    ['201', undefined, '201'],
    ['*97', undefined, '*97'],
    ['1234567', undefined, '1234567'],
    ['Erika', undefined, null],
    ['030 1234567 ext 5', undefined, null],
    ['anonymous', undefined, null],
    ['7', undefined, null],
    ['', undefined, null],
    [`030${' '.repeat(70)}1234567`, undefined, null],
  ])('%j, as somebody wrote it (%s), is %s', (text, country, number) => {
    expect(own.readNumber(text, country)).toBe(number);
  });
  test('what is read from a file is what a call is compared with', () => {
    fc.assert(
      fc.property(number(), fc.constantFrom('DE', 'US', 'IT', 'XX', undefined), (text, country) => {
        const read = readNumber(text, { country });
        expect(read === null ? null : readNumber(read, { country })).toBe(read);
      }),
    );
  });
});

/** Digits, separators and words in any order: what a number can look like when nobody means well. */
function number(): fc.Arbitrary<string> {
  const pieces = [
    '+',
    '00',
    '0',
    '49',
    '1',
    '(0)',
    '*31#',
    '#',
    '*',
    '-',
    ' ',
    '/',
    'ext',
    ';',
    '@',
    '\u200f',
    '٣',
    '\ud83d',
  ];
  const digits = fc.integer({ min: 0, max: 99_999_999 }).map(String);
  const mixed = fc.array(fc.oneof(fc.constantFrom(...pieces), digits), { maxLength: 14 }).map((list) => list.join(''));
  return fc.oneof(
    mixed,
    digits,
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc.constantFrom('__proto__', 'unknown'),
  );
}

describe('for everything that anybody can say', () => {
  const country = fc.constantFrom(...COUNTRIES);
  test('nothing throws, and the spelling of a spelling is the same', () => {
    fc.assert(
      fc.property(number(), country, fc.integer({ min: 2, max: 9 }), (said, country, internalDigitsMax) => {
        const site = createPhoneBook({ sites: [{ id: 's', country, internalDigitsMax }], contacts: new Map() });
        const once = site.numberOf('s', { number: said, uri: said });
        const kind = site.kindOf('s', once);
        expect(kind === 'withheld').toBe(once === null);
        if (once === null) return;
        expect(once.length).toBeLessThanOrEqual(64);
        expect(once.isWellFormed()).toBe(true);
        expect(site.numberOf('s', { number: once })).toBe(once);
        expect(site.kindOf('s', once)).toBe(kind);
      }),
      { numRuns: 3_000 },
    );
  });
  test('an answer does not depend on what was asked before', () => {
    fc.assert(
      fc.property(fc.array(number(), { maxLength: 30 }), (said) => {
        const fresh = (number: string) => createPhoneBook({ sites, contacts: new Map() }).numberOf('DE', { number });
        for (const each of [...said, ...said]) expect(of('DE', each)).toBe(fresh(each));
      }),
      { numRuns: 50 },
    );
  });
});
