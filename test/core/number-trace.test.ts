// Traces of a number: every spelling is found, and a number that only looks alike is not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { traceOf } from '../../src/core/number-trace.ts';
import { spellingOf } from '../../src/engine/index.ts';

const berlin = spellingOf('+493023125100');
if (berlin === null) throw new Error('no number');
const holds = traceOf(berlin);

describe('a number', () => {
  test.each([
    ['E.164', '{"number":"+493023125100"}'],
    ['without its plus', 'user=493023125100&x'],
    ['with 00', '004930 23125100'],
    ['from North America', '011493023125100'],
    ['behind a digit for an outside line', '0004930 23125100'],
    ['national', '"03023125100"'],
    ['national behind an outside line', 'sip:003023125100@pbx'],
    ['without its trunk digit', 'tel 30/23125100.'],
    ['with separators', '+49 (0)30 231-25-100'],
    ['with a dash of typographers', '+49 30 231\u201325100'],
    ['in an address', 'remote=sip:%2B493023125100%40pbx'],
    ['in an address, behind a blank', 'x=%2003023125100'],
    ['encoded twice', 'x=%252B49%252030%252023125100'],
    ['digits themselves encoded', `%2b${[...'493023125100'].map((digit) => `%3${digit}`).join('')}`],
    ['in base64', Buffer.from('Anruf von +493023125100 um 9').toString('base64')],
    ['in base64 for addresses', Buffer.from('ab 03023125100').toString('base64url')],
  ])('%s', (_, text) => expect(holds(text)).toBe(true));

  test.each([
    ['a longer one', '+4930231251001'],
    ['one that ends alike', '+497730230231251007'],
    ['of another country', '+433023125100'],
    ['another one', '+493023125101'],
    ['nothing', ''],
    ['a broken escape', '%%%zz%2'],
  ])('is not %s', (_, text) => expect(holds(text)).toBe(false));

  test('is found in base64 at whatever place it stands', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (before, after) => {
        const text = `${before} +493023125100 ${after}`;
        expect(holds(Buffer.from(text).toString('base64'))).toBe(true);
      }),
    );
  });
});

test('what is no whole number, or has few digits, is not looked for', () => {
  for (const text of ['201', '+49', '+4930', 'Erika', '', '03023125100'])
    expect([text, spellingOf(text)]).toEqual([text, null]);
  expect(spellingOf('+74951234567')).toMatchObject({ country: '7', national: '4951234567', trunk: '8' });
  expect(spellingOf('+390612345678')).toMatchObject({ country: '39', national: '0612345678' });
});
