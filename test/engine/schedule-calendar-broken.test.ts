// Calendar files with mistakes: each event that cannot be used is named with its line; nothing throws, hangs or closes wrong days.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALWAYS, icsOf, readAll } from './schedule-fixture.ts';

const office = { open: ALWAYS, closed: [{ calendar: 'a.ics' }] };
const PLACE = 'schedules.it.closed[0].calendar: "a.ics", ';

/** What is wrong with a calendar, without the place. */
function wrongIn(text: string): string[] {
  const { schedules, problems } = readAll({ it: office }, { 'a.ics': text });
  expect(schedules.has('it')).toBe(problems.length === 0);
  return problems.map((problem) => problem.replace(PLACE, ''));
}

describe('an event that cannot be used', () => {
  const REPEATS = 'FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, with BYMONTH, BYMONTHDAY, BYYEARDAY, BYDAY and BYSETPOS';
  const DAY = 'DTSTART;VALUE=DATE:20260101';
  test.each<[lines: string[], problem: string]>([
    [[], 'line 4: DTSTART is missing (event "e")'],
    [['DTSTART:'], 'line 6: DTSTART is no date or time (event "e")'],
    [['DTSTART;VALUE=DATE:20260230'], 'line 6: DTSTART is a date that does not exist (event "e")'],
    [['DTSTART:20260101T250000'], 'line 6: DTSTART is a time that does not exist (event "e")'],
    [
      ['DTSTART;VALUE=DATE:17760704'],
      'line 6: DTSTART is in the year 1776 (event "e"); years from 1900 to 2200 can be used',
    ],
    [['DTSTART;VALUE=TEXT:tomorrow'], 'line 6: DTSTART is neither a date nor a time (event "e")'],
    [['DTSTART;TZID:x'], 'line 6: DTSTART cannot be read (event "e")'],
    [
      ['DTSTART;TZID=Mars/Base:20260101T090000'],
      'line 6: DTSTART names the time zone "Mars/Base", which nobody knows (event "e"); use an IANA name such as "Europe/Berlin", or export the VTIMEZONE with it',
    ],
    [[DAY, 'DTEND;VALUE=DATE:20251231'], 'line 7: DTEND comes before DTSTART (event "e")'],
    [[DAY, 'DTEND:20260102T090000Z'], 'line 7: DTEND must be a date or a time, as DTSTART is (event "e")'],
    [[DAY, 'DURATION:PT1H'], 'line 7: DURATION must be whole days, as DTSTART is a date (event "e")'],
    [[DAY, 'DURATION:-P1D'], 'line 7: DURATION is no length of time (event "e"); like "P1D" or "PT90M"'],
    [[DAY, 'RRULE:FREQ=SOMETIMES'], 'line 7: RRULE cannot be read (event "e")'],
    [
      [DAY, 'RRULE:FREQ=HOURLY'],
      `line 7: RRULE does not repeat by the day, week, month or year (event "e"); ${REPEATS}`,
    ],
    [
      [DAY, 'RRULE:FREQ=YEARLY;BYWEEKNO=20'],
      `line 7: RRULE repeats by BYWEEKNO, which cannot be used here (event "e"); ${REPEATS}`,
    ],
    [
      [DAY, 'RRULE:FREQ=DAILY;BYHOUR=9'],
      `line 7: RRULE repeats by BYHOUR, which cannot be used here (event "e"); ${REPEATS}`,
    ],
    [
      [DAY, 'RRULE:FREQ=WEEKLY;BYDAY=1MO'],
      'line 7: RRULE has a BYDAY with a number, which goes with FREQ=MONTHLY and FREQ=YEARLY only (event "e")',
    ],
    [
      [DAY, 'RRULE:FREQ=WEEKLY;BYMONTHDAY=1'],
      'line 7: RRULE has BYMONTHDAY, which does not go with FREQ=WEEKLY (event "e")',
    ],
    [
      [DAY, 'RRULE:FREQ=MONTHLY;BYYEARDAY=1'],
      'line 7: RRULE has BYYEARDAY, which goes with FREQ=YEARLY only (event "e")',
    ],
    [
      [DAY, 'RRULE:FREQ=MONTHLY;BYSETPOS=1'],
      'line 7: RRULE has BYSETPOS, which goes with another BY… only (event "e")',
    ],
    [[DAY, 'RRULE:FREQ=MONTHLY;BYMONTHDAY=0'], 'line 7: RRULE names a day 0 (event "e")'],
    [[DAY, 'RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101'], 'line 7: RRULE has both COUNT and UNTIL (event "e")'],
    [[DAY, 'RRULE:FREQ=DAILY;COUNT=0'], 'line 7: RRULE has a COUNT below 1 (event "e")'],
    [[DAY, 'RRULE:FREQ=DAILY;INTERVAL=100000'], 'line 7: RRULE has an INTERVAL of more than 1000 (event "e")'],
    [[DAY, 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'], 'line 7: RRULE never falls on a day (event "e")'],
    [[DAY, 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'], 'line 7: RRULE never falls on a day (event "e")'],
    [[DAY, 'EXRULE:FREQ=DAILY'], 'line 7: EXRULE cannot be used here (event "e"); use EXDATE'],
    [[DAY, 'RDATE;VALUE=PERIOD:20260101T000000Z/PT1H'], 'line 7: RDATE is neither a date nor a time (event "e")'],
    [
      ['RECURRENCE-ID;RANGE=THISANDFUTURE:20260101T090000Z', DAY],
      'line 6: RECURRENCE-ID changes all later dates (RANGE), which cannot be used here (event "e"); export them as an event of their own',
    ],
    [
      [DAY, 'DTEND;VALUE=DATE:20280101', 'RRULE:FREQ=YEARLY'],
      'line 6: DTSTART begins an event that repeats and lasts over a year (event "e")',
    ],
  ])('%j', (lines, problem) => expect(wrongIn(icsOf(['UID:e', ...lines]))).toEqual([problem]));

  test('is named by its line alone where it has no UID', () => {
    expect(wrongIn(icsOf(['SUMMARY:x']))).toEqual(['line 4: DTSTART is missing']);
  });

  test('does not hide the next one, and both stand in the report', () => {
    const good = ['UID:good', 'DTSTART;VALUE=DATE:20260101'];
    expect(wrongIn(icsOf(['UID:a', 'DTSTART:x'], good, ['UID:b']))).toEqual([
      'line 6: DTSTART is no date or time (event "a")',
      'line 12: DTSTART is missing (event "b")',
    ]);
  });

  test('stops the reading after twenty', () => {
    const problems = wrongIn(icsOf(...Array.from({ length: 50 }, () => ['DTSTART:x'])));
    expect(problems).toHaveLength(21);
    expect(problems[20]).toBe('line 62: and what follows in this file was not looked at');
  });
});

describe('a file that is no calendar', () => {
  test.each<[text: string, problem: string]>([
    ['', 'line 1: is not an iCalendar file; it begins with BEGIN:VCALENDAR'],
    ['<!doctype html><title>Sign in</title>', 'line 1: is not an iCalendar file; it begins with BEGIN:VCALENDAR'],
    ['BEGIN:VCARD\nEND:VCARD\n', 'line 1: is not an iCalendar file; it begins with BEGIN:VCALENDAR'],
    ['BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n', 'line 1: BEGIN:VCALENDAR has no end; is the file whole?'],
    ['BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n', 'line 3: END:VCALENDAR ends nothing that began'],
  ])('%j', (text, problem) => expect(wrongIn(text)[0]).toBe(problem));

  test('one that is too large or holds too many events', () => {
    expect(wrongIn(`BEGIN:VCALENDAR${'\n'.repeat(10_000_000)}`)).toEqual(['line 1: is too large; at most 10 MB']);
    const many = icsOf(...Array.from({ length: 10_001 }, () => ['UID:a']));
    expect(wrongIn(many)).toEqual(['line 1: holds 10001 events; at most 10000']);
  });

  test('a mark of byte order, bare line feeds and lower case are no mistake', () => {
    const text = icsOf(['UID:a', 'DTSTART;VALUE=DATE:20260101']);
    expect(wrongIn(`\uFEFF${text}`)).toEqual([]);
    expect(wrongIn(text.replaceAll('\r\n', '\n'))).toEqual([]);
    expect(wrongIn(text.toLowerCase())).toEqual([]);
  });
});

describe('calendars of any kind', () => {
  const name = fc.constantFrom(
    'DTSTART',
    'DTEND',
    'RRULE',
    'EXDATE',
    'RDATE',
    'DURATION',
    'UID',
    'RECURRENCE-ID',
    'BEGIN',
    'END',
  );
  const param = fc.constantFrom(
    '',
    ';VALUE=DATE',
    ';TZID=Europe/Berlin',
    ';TZID=Own',
    ';VALUE=PERIOD',
    ';__proto__=1',
    ';X="',
  );
  const part = fc.constantFrom(
    'FREQ=DAILY',
    'FREQ=YEARLY',
    'FREQ=MONTHLY',
    'FREQ=WEEKLY',
    'INTERVAL=7',
    'BYDAY=-5MO,TU',
    'BYDAY=53SU',
    'BYMONTH=2',
    'BYMONTHDAY=29,30',
    'BYSETPOS=-366',
    'COUNT=99999',
    'UNTIL=20300101',
    'WKST=SU',
    'BYYEARDAY=366',
  );
  const value = fc.oneof(
    fc.constantFrom(
      '20260101',
      '20260329T023000',
      '20261025T023000Z',
      '20261301',
      'P1D',
      '-PT1H',
      'VEVENT',
      'VALARM',
      'VTIMEZONE',
      '',
    ),
    fc.array(part, { maxLength: 5 }).map((parts) => parts.join(';')),
    fc.string({ maxLength: 12 }),
  );
  const line = fc.oneof(
    { weight: 9, arbitrary: fc.tuple(name, param, value).map((pieces) => `${pieces[0]}${pieces[1]}:${pieces[2]}`) },
    { weight: 1, arbitrary: fc.string({ maxLength: 30 }) },
  );
  const event = fc.tuple(
    fc.constantFrom('DTSTART;VALUE=DATE:20260101', 'DTSTART:20260329T023000', 'DTSTART:19000101T000000Z'),
    fc.array(line, { maxLength: 5 }),
  );

  test('are read or refused, and what is read answers at any moment', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.array(event, { maxLength: 4 }), fc.integer({ min: -9e14, max: 9e14 }), (events, moment) => {
        const text = icsOf(...events.map(([first, rest]) => ['UID:e', first, ...rest]));
        const { schedules, problems } = readAll({ it: office }, { 'a.ics': text });
        const found = schedules.get('it');
        expect(found === undefined).toBe(problems.length > 0);
        if (found === undefined) return;
        read += 1;
        expect(typeof found.isOpen(moment)).toBe('boolean');
        for (const year of [1969, 2026, 2027]) expect(typeof found.isOpen(Date.UTC(year, 2, 29, 1))).toBe('boolean');
      }),
      { numRuns: 600 },
    );
    expect(read).toBeGreaterThan(100);
  });
});
