// Reading a target: the single rules at their edges, and what holds for any bytes at all.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partyOf } from '../../src/receiver/party.ts';
import { slugOf } from '../../src/receiver/paths.ts';
import { HIT_NAMES, split } from '../../src/receiver/query.ts';
import { readQuery, splitTarget } from '../../src/receiver/target.ts';
import { decodeValue } from '../../src/receiver/text.ts';
import { vendorVariables } from '../../src/vendors/index.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
/** Any bytes, one a character. */
const anyBytes = (maxLength = 200) =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const read = (query: string) => readQuery(query, vendorVariables);

describe('text', () => {
  test.each([
    ['%4', '%4'],
    ['%', '%'],
    ['%%41', '%A'],
    ['%2541', '%41'],
    ['a+b', 'a+b'],
    ['%C3%A9', 'é'],
    ['%E9', 'é'],
    ['\xc3', 'Ã'],
    ['%C0%AF', 'À¯'],
    ['%ED%A0%80', 'í\u00a0€'],
    ['%F4%90%80%80', 'ô\ufffd€€'],
    ['%EF%BB%BFx', '\ufeffx'],
    ['%00\t%7f', '\ufffd \ufffd'],
  ])('%j is %j', (bytes, text) => {
    expect(decodeValue(bytes)).toBe(text);
  });

  test('any text comes back, sent raw or percent-encoded', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((t) => !/[\x00-\x1f\x7f-\x9f\u2028\u2029%]/.test(t));
    fc.assert(
      fc.property(text, (original) => {
        expect(decodeValue(latin1(original))).toBe(original);
        expect(decodeValue(encodeURIComponent(original))).toBe(original);
      }),
    );
  });

  test('no bytes throw, and none leaves a control character or half a surrogate', () => {
    fc.assert(
      fc.property(anyBytes(), (bytes) => {
        const text = decodeValue(bytes);
        expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/);
        expect(text.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('variables', () => {
  test('any bytes: nothing throws, nothing inherits, nothing is unfilled', () => {
    const pieces = fc.array(
      fc.oneof(
        anyBytes(20),
        fc.tuple(fc.constantFrom(...HIT_NAMES.keys(), 'x', '__proto__'), anyBytes(12)).map(([n, v]) => `${n}=${v}`),
      ),
    );
    fc.assert(
      fc.property(pieces, (list) => {
        const reading = read(list.join('&'));
        expect(Object.getPrototypeOf(reading.vars)).toBeNull();
        expect(reading.vars._).toBeUndefined();
        for (const value of Object.values(reading.vars)) expect(vendorVariables.has(value) || value === '').toBe(false);
      }),
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('every byte behind the first name is in exactly one value', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            anyBytes(8),
            fc.constantFrom(...HIT_NAMES.keys()).map((n) => `${n}=1`),
          ),
        ),
        (list) => {
          const text = `mac=${list.join('&')}`;
          const { values } = split(text, HIT_NAMES);
          expect([...values].map(([name, value]) => `${name}=${value}`).join('&')).toBe(text);
        },
      ),
    );
  });

  test("a caller's name changes no variable but the name, whatever it is", () => {
    const own = 'mac=005058a1b2c3&ip=10.0.0.7&call_id=7&local=201&display_local=Desk&remote=214';
    const injected = fc
      .array(
        fc.oneof(
          anyBytes(12),
          fc.constantFrom(...HIT_NAMES.keys()).map((n) => `&${n}=665544332211`),
        ),
      )
      .map((parts) => parts.join(''))
      .filter((name) => !name.includes('&_='));
    fc.assert(
      fc.property(fc.oneof(injected, fc.constantFrom(...HOSTILE_STRINGS).map(latin1)), (name) => {
        const reading = read(`${own}&display_remote=${name}&_=.`);
        const { display_remote: _name, ...others } = reading.vars;
        expect(others).toEqual({
          mac: '005058a1b2c3',
          ip: '10.0.0.7',
          call_id: '7',
          local: '201',
          display_local: 'Desk',
          remote: '214',
        });
        expect(reading.mac).toBe('005058a1b2c3');
        expect(reading.suspect.has('truncated')).toBe(false);
        const marked = [...HIT_NAMES.keys()].some((known) => name.includes(`&${known}=`));
        expect(reading.suspect.size > 0).toBe(marked);
      }),
    );
  });

  test.each([...HIT_NAMES].filter(([, role]) => role === 'own').map(([name]) => name))(
    'a caller cannot supply "%s" that the URL does not carry',
    (name) => {
      const reading = read(`remote=214&display_remote=x&${name}=665544332211&_=.`);
      expect({ ...reading.vars }).toEqual({ remote: '214', display_remote: `x&${name}=665544332211` });
      expect([reading.mac, [...reading.suspect]]).toEqual([undefined, [`late:${name}`]]);
    },
  );

  test('an early sentinel shows, and what follows it is in no variable', () => {
    const reading = read('mac=005058a1b2c3&display_remote=Bob&_=.&x&_=.');
    expect(reading.vars.display_remote).toBe('Bob');
    expect([...reading.suspect].sort()).toEqual(['repeated:_', 'truncated']);
  });

  test('8,000 pieces are read at once', () => {
    const before = performance.now();
    for (const piece of ['&', 'a=&', '=&', 'mac=&', '_=.&']) read(`remote=${piece.repeat(8000)}`);
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe('target', () => {
  test.each([
    ['/a/b/c?d?e#f', ['a', 'b', 'c'], 'd?e#f'],
    ['/a#b?c', ['a#b'], 'c'],
    ['HTTP://Host:80/a?b', ['a'], 'b'],
    ['https://h?b', [], 'b'],
    ['http:/a', [], undefined],
    ['/', [''], undefined],
    ['', [], undefined],
    ['a/b', [], undefined],
    ['//a', ['', 'a'], undefined],
  ])('%j', (target, segments, query) => {
    expect(splitTarget(target)).toMatchObject({ segments, query });
  });

  test.each([
    ['Missed-Call', 'missed_call'],
    ['%6dissed%5Fcall', 'missed_call'],
    ['missed%255Fcall', undefined],
    ['constructor', undefined],
    ['', undefined],
    [`${'x'.repeat(200)}`, undefined],
  ])('event %j', (raw, slug) => {
    expect(slugOf(raw)).toBe(slug);
  });
});

describe('parties', () => {
  test.each([
    ['<>', undefined, {}],
    ['"A <b" <sip:201@x>', undefined, { uri: 'sip:201@x', number: '201' }],
    ['sip:@host', undefined, { uri: 'sip:@host' }],
    ['TEL:+49(30)1.2 3-4;x=1', undefined, { uri: 'TEL:+49(30)1.2 3-4;x=1', number: '+49301234' }],
    ['Private', undefined, {}],
    ['++49', undefined, { number: '++49' }],
    ['+', undefined, { number: '+' }],
    ['()', undefined, { number: '()' }],
    [undefined, '"" <sip:x@y>', {}],
    [undefined, '"A "B" C" <tel:1>', { name: 'A "B" C' }],
    [undefined, '"A" <mailto:x@y>', { name: '"A" <mailto:x@y>' }],
  ])('%j, %j', (address, display, party) => {
    expect(partyOf(address, display)).toEqual(party);
  });

  test('any text: nothing throws, and no digit is added or replaced', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (address, display) => {
        const { number = '' } = partyOf(address, display);
        const digits = (text: string): string => text.replace(/\D/g, '');
        expect(digits(address)).toContain(digits(number));
      }),
    );
  });
});
