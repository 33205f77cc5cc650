// Schedules at the moments that matter: edges, midnight, closed dates, and the nights in which clocks change.
import { describe, expect, test } from 'vitest';
import { at, readAll, scheduleOf } from './schedule-fixture.ts';

const HOUR_MS = 3_600_000;
const OFFICE = {
  timezone: 'Europe/Berlin',
  open: [{ days: 'mon-fri', from: '09:00', to: '17:30' }],
  closed: ['2026-12-24/2026-12-26', '2026-05-01'],
};

describe('an office', () => {
  const office = scheduleOf(OFFICE);
  test.each<[moment: string, open: boolean, why: string]>([
    ['2026-11-24T08:59:59.999+01:00', false, 'a moment before nine on a Tuesday'],
    ['2026-11-24T09:00:00+01:00', true, 'the first moment belongs to it'],
    ['2026-11-24T17:29:59.999+01:00', true, 'until the last moment'],
    ['2026-11-24T17:30:00+01:00', false, 'the end does not belong to it'],
    ['2026-11-28T12:00:00+01:00', false, 'Saturday'],
    ['2026-07-21T07:00:00Z', true, 'nine in summer is seven in UTC'],
    ['2026-07-21T06:59:59Z', false, 'and not earlier'],
    ['2026-05-01T12:00:00+02:00', false, 'a closed date, a Friday'],
    ['2026-12-23T12:00:00+01:00', true, 'the date before the closed ones'],
    ['2026-12-24T12:00:00+01:00', false, 'the first of them'],
    ['2026-12-26T12:00:00+01:00', false, 'the last of them'],
    ['2026-12-28T12:00:00+01:00', true, 'the Monday after'],
  ])('%s: %s, %s', (moment, open) => expect(office.isOpen(at(moment))).toBe(open));

  test('knows its name', () => expect(office.name).toBe('it'));

  test.each<[from: string, open: string, moment: string, why: string]>([
    ['2026-11-24T10:00:00+01:00', '15m', '2026-11-24T10:15:00+01:00', 'all of it open'],
    ['2026-11-24T17:20:00+01:00', '15m', '2026-11-25T09:05:00+01:00', 'ten minutes today, five tomorrow'],
    ['2026-11-24T17:15:00+01:00', '15m', '2026-11-24T17:30:00+01:00', 'at closing time they have passed: not tomorrow'],
    ['2026-11-27T17:30:00+01:00', '15m', '2026-11-30T09:15:00+01:00', 'over the weekend'],
    ['2026-11-28T03:00:00+01:00', '0m', '2026-11-28T03:00:00+01:00', 'nothing has passed at once, open or not'],
    ['2026-12-23T17:00:00+01:00', '1h', '2026-12-28T09:30:00+01:00', 'over the closed dates and a Sunday'],
    ['2026-03-27T17:00:00+01:00', '1h', '2026-03-30T09:30:00+02:00', 'over the change to summer time'],
    ['2026-11-24T09:00:00+01:00', '85h', '2026-12-07T17:30:00+01:00', 'ten office days: the tenth evening'],
  ])('from %s after %s it is %s: %s', (from, open, moment) => {
    const openMs = Number.parseInt(open, 10) * (open.endsWith('h') ? HOUR_MS : 60_000);
    expect(office.afterOpen(at(from), openMs)).toBe(at(moment));
  });

  test('counts the hours of a week, of a day, and none backwards', () => {
    expect(office.openBetween(at('2026-11-23T00:00:00+01:00'), at('2026-11-30T00:00:00+01:00'))).toBe(42.5 * HOUR_MS);
    expect(office.openBetween(at('2026-11-24T16:30:00+01:00'), at('2026-11-24T20:00:00+01:00'))).toBe(HOUR_MS);
    expect(office.openBetween(at('2026-11-24T16:30:00+01:00'), at('2026-11-24T10:00:00+01:00'))).toBe(0);
    expect(office.openBetween(at('2026-12-24T00:00:00+01:00'), at('2026-12-27T00:00:00+01:00'))).toBe(0);
  });

  test('says when it opens and closes next', () => {
    expect(office.nextChange(at('2026-11-24T08:00:00+01:00'))).toBe(at('2026-11-24T09:00:00+01:00'));
    expect(office.nextChange(at('2026-11-24T09:00:00+01:00'))).toBe(at('2026-11-24T17:30:00+01:00'));
    expect(office.nextChange(at('2026-11-27T17:30:00+01:00'))).toBe(at('2026-11-30T09:00:00+01:00'));
  });
});

describe('windows over midnight', () => {
  const night = { timezone: 'Europe/Berlin', open: [{ days: 'fri', from: '22:00', to: '06:00' }] };
  test.each<[moment: string, open: boolean, why: string]>([
    ['2026-11-27T21:59:00+01:00', false, 'before it begins on Friday'],
    ['2026-11-27T22:00:00+01:00', true, 'as it begins'],
    ['2026-11-28T05:59:00+01:00', true, 'Saturday morning belongs to Friday'],
    ['2026-11-28T06:00:00+01:00', false, 'its end'],
    ['2026-11-28T22:30:00+01:00', false, 'Saturday evening is not Friday'],
    ['2026-11-27T05:00:00+01:00', false, 'Friday morning belongs to Thursday'],
  ])('%s: %s, %s', (moment, open) => expect(scheduleOf(night).isOpen(at(moment))).toBe(open));

  test('a closed date closes what begins on it, whole', () => {
    const closed = scheduleOf({ ...night, closed: ['2026-11-27'] });
    expect(closed.openBetween(at('2026-11-26T00:00:00+01:00'), at('2026-11-30T00:00:00+01:00'))).toBe(0);
  });
  test('and leaves alone what came over from the evening before', () => {
    const closed = scheduleOf({ ...night, closed: ['2026-11-28'] });
    expect(closed.openBetween(at('2026-11-27T00:00:00+01:00'), at('2026-11-30T00:00:00+01:00'))).toBe(8 * HOUR_MS);
  });
  test('"00:00" as an end is midnight, and so is "24:00"', () => {
    for (const to of ['00:00', '24:00']) {
      const late = scheduleOf({ open: [{ days: 'sun', from: '18:00', to }] });
      expect(late.afterOpen(at('2026-11-29T18:00:00Z'), 6 * HOUR_MS)).toBe(at('2026-11-30T00:00:00Z'));
      expect(late.isOpen(at('2026-11-30T00:00:00Z'))).toBe(false);
    }
  });
  test('over the change to summer time a night is an hour shorter, over the other an hour longer', () => {
    const saturday = scheduleOf({ timezone: 'Europe/Berlin', open: [{ days: 'sat', from: '22:00', to: '06:00' }] });
    expect(saturday.openBetween(at('2026-03-28T12:00:00Z'), at('2026-03-29T12:00:00Z'))).toBe(7 * HOUR_MS);
    expect(saturday.openBetween(at('2026-10-24T12:00:00Z'), at('2026-10-25T12:00:00Z'))).toBe(9 * HOUR_MS);
  });
});

describe('days and windows', () => {
  /** The weekdays of the week from Monday 2026-11-23 on which it is open at noon. */
  const openDays = (days: unknown): string => {
    const schedule = scheduleOf({ open: [{ days, from: '11:00', to: '13:00' }] });
    return ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
      .filter((_, n) => schedule.isOpen(at('2026-11-23T12:00:00Z') + n * 24 * HOUR_MS))
      .join(' ');
  };
  test.each<[unknown, string]>([
    ['mon-fri', 'mon tue wed thu fri'],
    ['sat', 'sat'],
    ['mon,wed,fri', 'mon wed fri'],
    ['mon - wed, sat', 'mon tue wed sat'],
    ['fri-mon', 'mon fri sat sun'],
    ['sun-sat', 'mon tue wed thu fri sat sun'],
    ['daily', 'mon tue wed thu fri sat sun'],
    [['tue', 'sat-sun'], 'tue sat sun'],
  ])('%j is %s', (days, expected) => expect(openDays(days)).toBe(expected));

  test('windows that overlap or touch are one', () => {
    const schedule = scheduleOf({
      open: [
        { days: 'daily', from: '09:00', to: '12:00' },
        { days: 'mon', from: '10:00', to: '13:00' },
        { days: 'mon', from: '13:00', to: '14:00' },
        { days: 'sun', from: '23:00', to: '01:00' },
        { days: 'mon', from: '00:30', to: '02:00' },
      ],
    });
    const monday = at('2026-11-23T00:00:00Z');
    expect(schedule.nextChange(monday - 30 * 60_000)).toBe(monday + 2 * HOUR_MS);
    expect(schedule.nextChange(monday + 9 * HOUR_MS)).toBe(monday + 14 * HOUR_MS);
    expect(schedule.openBetween(monday, monday + 24 * HOUR_MS)).toBe(7 * HOUR_MS);
  });
  test('a schedule that is open day and night never changes', () => {
    const always = scheduleOf({ timezone: 'Europe/Berlin', open: [{ days: 'daily', from: '00:00', to: '24:00' }] });
    expect(always.nextChange(at('2026-01-01T00:00:00Z'))).toBeUndefined();
    expect(always.openBetween(at('2026-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z'))).toBe(365 * 24 * HOUR_MS);
    expect(always.afterOpen(at('2026-03-28T12:00:00Z'), 24 * HOUR_MS)).toBe(at('2026-03-29T12:00:00Z'));
  });
  test('one that is closed for ever never opens again, and one that opens in three years not soon enough', () => {
    const closed = scheduleOf({
      open: [{ days: 'daily', from: '00:00', to: '24:00' }],
      closed: ['2026-01-01/2028-12-31'],
    });
    const from = at('2026-01-01T00:00:00Z');
    expect(closed.afterOpen(from, 1)).toBeUndefined();
    expect(closed.nextChange(from)).toBeUndefined();
    expect(closed.afterOpen(at('2027-01-02T00:00:00Z'), 1)).toBe(at('2029-01-01T00:00:00.001Z'));
    expect(closed.nextChange(at('2027-01-02T00:00:00Z'))).toBe(at('2029-01-01T00:00:00Z'));
  });
  test('a zone of its own is not needed: then it is the one that was given', () => {
    const { schedules } = readAll({ it: { open: [{ days: 'daily', from: '09:00', to: '10:00' }] } }, {}, 'Asia/Tokyo');
    expect(schedules.get('it')?.isOpen(at('2026-11-24T09:30:00+09:00'))).toBe(true);
  });
  test('moments that are none are never open', () => {
    const office = scheduleOf(OFFICE);
    for (const moment of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 9e15, -9e15]) {
      expect(office.isOpen(moment)).toBe(false);
      expect(office.afterOpen(moment, 1)).toBeUndefined();
      expect(office.nextChange(moment)).toBeUndefined();
      expect(office.openBetween(moment, moment)).toBe(0);
    }
    expect(office.afterOpen(at('2026-11-24T12:00:00Z'), Number.POSITIVE_INFINITY)).toBeUndefined();
  });
});

describe('when clocks change', () => {
  /** Every change of a schedule in a span, in UTC. */
  const changes = (timezone: string, days: string, from: string, to: string, start: string, end: string): string[] => {
    const schedule = scheduleOf({ timezone, open: [{ days, from, to }] });
    const found: string[] = [];
    for (let ms = schedule.nextChange(at(start)); ms !== undefined && ms < at(end); ms = schedule.nextChange(ms))
      found.push(new Date(ms).toISOString().slice(0, 16));
    return found;
  };
  test('a window in the hour that does not exist does not open', () => {
    expect(changes('Europe/Berlin', 'sun', '02:00', '03:00', '2026-03-28T00:00:00Z', '2026-03-30T00:00:00Z')).toEqual(
      [],
    );
  });
  test('one that begins in it opens after the jump', () => {
    expect(
      changes('America/New_York', 'sun', '02:30', '04:00', '2027-03-13T12:00:00Z', '2027-03-15T00:00:00Z'),
    ).toEqual(['2027-03-14T07:00', '2027-03-14T08:00']);
  });
  test('the hour that comes twice is open twice, with nothing between', () => {
    expect(
      changes('America/New_York', 'sun', '01:00', '02:00', '2026-10-31T12:00:00Z', '2026-11-02T00:00:00Z'),
    ).toEqual(['2026-11-01T05:00', '2026-11-01T07:00']);
  });
  test('half of that hour is open twice, and closed between', () => {
    expect(changes('Europe/Berlin', 'sun', '02:00', '02:30', '2027-10-30T12:00:00Z', '2027-11-01T00:00:00Z')).toEqual([
      '2027-10-31T00:00',
      '2027-10-31T00:30',
      '2027-10-31T01:00',
      '2027-10-31T01:30',
    ]);
  });
  test('Lord Howe changes by half an hour: a day of 24.5 and one of 23.5 hours', () => {
    const schedule = scheduleOf({
      timezone: 'Australia/Lord_Howe',
      open: [{ days: 'sun', from: '00:00', to: '24:00' }],
    });
    const hoursAround = (date: string): number =>
      schedule.openBetween(at(`${date}T12:00:00Z`) - 60 * HOUR_MS, at(`${date}T12:00:00Z`) + 60 * HOUR_MS) / HOUR_MS;
    expect(hoursAround('2026-04-05')).toBe(24.5);
    expect(hoursAround('2026-10-04')).toBe(23.5);
    expect(hoursAround('2027-04-04')).toBe(24.5);
  });
  test('a zone without summer time has none', () => {
    expect(changes('Asia/Kolkata', 'sun', '02:00', '03:00', '2026-03-28T00:00:00Z', '2026-03-30T00:00:00Z')).toEqual([
      '2026-03-28T20:30',
      '2026-03-28T21:30',
    ]);
  });
  test('Apia had no Friday 2011-12-30: nothing opens on it, and the night of Thursday ends on Saturday', () => {
    expect(changes('Pacific/Apia', 'fri', '09:00', '17:00', '2011-12-28T00:00:00Z', '2012-01-04T00:00:00Z')).toEqual(
      [],
    );
    expect(changes('Pacific/Apia', 'thu', '22:00', '06:00', '2011-12-28T00:00:00Z', '2012-01-04T00:00:00Z')).toEqual([
      '2011-12-30T08:00',
      '2011-12-30T16:00',
    ]);
    expect(changes('Pacific/Apia', 'fri', '22:00', '06:00', '2011-12-28T00:00:00Z', '2012-01-04T00:00:00Z')).toEqual(
      [],
    );
  });
  test('Cairo jumps over midnight: the date begins at one', () => {
    expect(changes('Africa/Cairo', 'fri', '00:00', '08:00', '2026-04-23T12:00:00Z', '2026-04-25T00:00:00Z')).toEqual([
      '2026-04-23T22:00',
      '2026-04-24T05:00',
    ]);
  });
});
