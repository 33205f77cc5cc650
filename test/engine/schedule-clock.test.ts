// The next moment at which a clock shows a time: on plain days, where it does not exist, and where it comes twice.
import { describe, expect, test } from 'vitest';
import { clockMinutes, nextClockTime } from '../../src/engine/schedule/index.ts';
import { at } from './schedule-fixture.ts';

describe('nextClockTime', () => {
  test.each<[from: string, time: string, zone: string, next: string, why: string]>([
    ['2026-11-24T07:00:00+01:00', '08:00', 'Europe/Berlin', '2026-11-24T08:00:00+01:00', 'later today'],
    ['2026-11-24T09:00:00+01:00', '08:00', 'Europe/Berlin', '2026-11-25T08:00:00+01:00', 'tomorrow'],
    ['2026-11-24T08:00:00+01:00', '08:00', 'Europe/Berlin', '2026-11-25T08:00:00+01:00', 'now is not next'],
    ['2026-11-24T07:59:59.999+01:00', '08:00', 'Europe/Berlin', '2026-11-24T08:00:00+01:00', 'a moment before it is'],
    ['2026-03-28T09:00:00+01:00', '08:00', 'Europe/Berlin', '2026-03-29T08:00:00+02:00', '23 hours, over the change'],
    ['2026-10-24T09:00:00+02:00', '08:00', 'Europe/Berlin', '2026-10-25T08:00:00+01:00', '24 hours, over the other'],
    [
      '2026-03-29T00:00:00+01:00',
      '02:30',
      'Europe/Berlin',
      '2026-03-29T03:00:00+02:00',
      'it does not exist: after the jump',
    ],
    ['2026-03-29T03:00:00+02:00', '02:30', 'Europe/Berlin', '2026-03-30T02:30:00+02:00', 'and that counts as once'],
    ['2026-10-25T00:00:00+02:00', '02:30', 'Europe/Berlin', '2026-10-25T02:30:00+02:00', 'it comes twice: the first'],
    ['2026-10-25T02:30:00+02:00', '02:30', 'Europe/Berlin', '2026-10-26T02:30:00+01:00', 'the second does not count'],
    ['2026-11-01T00:00:00-04:00', '01:30', 'America/New_York', '2026-11-01T01:30:00-04:00', 'the first of two'],
    ['2027-03-14T00:00:00-05:00', '02:00', 'America/New_York', '2027-03-14T03:00:00-04:00', 'the jump itself'],
    ['2026-10-04T00:00:00+10:30', '02:15', 'Australia/Lord_Howe', '2026-10-04T02:30:00+11:00', 'half an hour missing'],
    ['2026-04-05T00:00:00+11:00', '01:45', 'Australia/Lord_Howe', '2026-04-05T01:45:00+11:00', 'half an hour twice'],
    ['2011-12-29T10:00:00-10:00', '08:00', 'Pacific/Apia', '2011-12-31T08:00:00+14:00', 'the 30th never came'],
    ['2026-04-23T12:00:00+02:00', '00:00', 'Africa/Cairo', '2026-04-24T01:00:00+03:00', 'midnight does not exist'],
    [
      '2010-11-07T00:00:30-02:30',
      '23:30',
      'America/St_Johns',
      '2010-11-07T23:30:00-03:30',
      'back over midnight: the 6th had it',
    ],
    ['2026-06-15T12:00:00Z', '05:45', 'Asia/Kathmandu', '2026-06-16T00:00:00Z', 'a zone of quarter hours'],
    ['1969-07-20T20:17:00Z', '21:00', 'UTC', '1969-07-20T21:00:00Z', 'before 1970'],
  ])('from %s, %s in %s is %s: %s', (from, time, zone, next) => {
    expect(new Date(nextClockTime(at(from), time, zone)).toISOString()).toBe(new Date(at(next)).toISOString());
  });

  test('refuses what is no time, zone or moment', () => {
    expect(() => nextClockTime(0, '24:00', 'UTC')).toThrow(RangeError);
    expect(() => nextClockTime(0, '08:00', 'Europe/Berln')).toThrow(RangeError);
    expect(() => nextClockTime(Number.NaN, '08:00', 'UTC')).toThrow(RangeError);
  });
});

test.each<[string, number | undefined]>([
  ['00:00', 0],
  ['08:30', 510],
  ['23:59', 1_439],
  ['24:00', undefined],
  ['8:00', undefined],
  ['08:60', undefined],
  ['', undefined],
])('clockMinutes(%j) is %s', (text, minutes) => expect(clockMinutes(text)).toBe(minutes));
