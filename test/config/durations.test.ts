// Spans and sizes: what people write, exactly.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseBytes, parseDurationMs } from '../../src/durations.ts';

test.each([
  ['0s', 0],
  ['250ms', 250],
  ['90s', 90_000],
  ['15m', 900_000],
  ['72h', 259_200_000],
  ['30d', 2_592_000_000],
  ['1w', 604_800_000],
  ['1h30m', 5_400_000],
  ['1w1d1h1m1s1ms', 694_861_001],
  ['36500d', 36_500 * 86_400_000],
])('%s', (text, ms) => expect(parseDurationMs(text)).toBe(ms));

test.each([
  '',
  ' ',
  '15',
  'm',
  '15 m',
  '1.5h',
  '-1s',
  '+1s',
  '1m1h',
  '1s1s',
  '15M',
  '15min',
  '1e3s',
  '36501d',
  '9999999999s',
  '１５m',
  '15m\n',
])('%j is no span', (text) => expect(parseDurationMs(text)).toBeUndefined());

test('what is shown is read back as the same span', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), (ms) => {
      expect(parseDurationMs(formatDuration(ms))).toBe(ms);
    }),
  );
});

test.each([
  ['1B', 1],
  ['512MB', 536_870_912],
  ['1GB', 1_073_741_824],
  ['2tb', 2_199_023_255_552],
])('%s', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

test.each(['', '1', 'GB', '1.5GB', '-1GB', '1 GB', '1GiB', '999999999TB'])('%j is no size', (text) =>
  expect(parseBytes(text)).toBeUndefined(),
);
