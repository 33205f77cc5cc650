// What an iCalendar file closes: whole dates, times, repetition and its exceptions, in the zone of the schedule.
import { describe, expect, test } from 'vitest';
import { ALWAYS, at, closedDates, icsOf, scheduleOf } from './schedule-fixture.ts';

const HOUR_MS = 3_600_000;

/** A schedule that is open day and night, but for this calendar. */
const withEvents = (timezone: string, ...events: string[][]) =>
  scheduleOf({ timezone, open: ALWAYS, closed: [{ calendar: 'a.ics' }] }, { 'a.ics': icsOf(...events) });

/** All the time that such a schedule is closed in a span, as UTC from/to. */
function closedTimes(schedule: ReturnType<typeof withEvents>, from: string, to: string): string[] {
  const found: string[] = [];
  const text = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
  for (let ms: number | undefined = at(from); ms !== undefined && ms < at(to); ms = schedule.nextChange(ms))
    if (!schedule.isOpen(ms)) found.push(`${text(ms)}/${text(schedule.nextChange(ms) ?? ms)}`);
  return found;
}

describe('whole dates', () => {
  test.each<[why: string, lines: string[], closed: string]>([
    ['one date', ['DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261226'], '2026-12-25'],
    [
      'the end is the date after the last',
      ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227'],
      '2026-12-24 2026-12-25 2026-12-26',
    ],
    ['without an end it is one', ['DTSTART;VALUE=DATE:20261225'], '2026-12-25'],
    [
      'an end that is the date itself still means it',
      ['DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261225'],
      '2026-12-25',
    ],
    ['a length', ['DTSTART;VALUE=DATE:20261225', 'DURATION:P2D'], '2026-12-25 2026-12-26'],
    ['a date that does not say it is one', ['DTSTART:20261225'], '2026-12-25'],
    ['every year', ['DTSTART;VALUE=DATE:19700101', 'RRULE:FREQ=YEARLY'], '2026-01-01 2027-01-01'],
    [
      'the last Monday of May',
      ['DTSTART;VALUE=DATE:20200525', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO'],
      '2026-05-25 2027-05-31',
    ],
    [
      'until a date, which is the last',
      ['DTSTART;VALUE=DATE:20240501', 'RRULE:FREQ=YEARLY;UNTIL=20260501'],
      '2026-05-01',
    ],
    [
      'for ever, as some write it',
      ['DTSTART;VALUE=DATE:20240501', 'RRULE:FREQ=YEARLY;UNTIL=99991231'],
      '2026-05-01 2027-05-01',
    ],
    ['a count', ['DTSTART;VALUE=DATE:20251201', 'RRULE:FREQ=MONTHLY;COUNT=3'], '2026-01-01 2026-02-01'],
    [
      'with exceptions',
      ['DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=MONTHLY;COUNT=4', 'EXDATE;VALUE=DATE:20260201,20260301'],
      '2026-01-01 2026-04-01',
    ],
    [
      'exceptions written as times',
      ['DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=MONTHLY;COUNT=2', 'EXDATE:20260201T000000'],
      '2026-01-01',
    ],
    [
      'further dates',
      ['DTSTART;VALUE=DATE:20260105', 'RDATE;VALUE=DATE:20260203,20270304'],
      '2026-01-05 2026-02-03 2027-03-04',
    ],
    [
      'over the turn of the year',
      ['DTSTART;VALUE=DATE:20261230', 'DTEND;VALUE=DATE:20270103'],
      '2026-12-30 2026-12-31 2027-01-01 2027-01-02',
    ],
    [
      'a holiday that its calendar shows as free time is still one',
      ['DTSTART;VALUE=DATE:20261225', 'TRANSP:TRANSPARENT'],
      '2026-12-25',
    ],
    ['what is cancelled closes nothing', ['DTSTART;VALUE=DATE:20261225', 'STATUS:CANCELLED'], ''],
    ['a folded line', ['DTSTART;VALUE=DA', ' TE:20261225'], '2026-12-25'],
    [
      'a description of any kind',
      ['DESCRIPTION;;"x:=,', 'no colon here', 'DTSTART;VALUE=DATE:20261225', 'X-A:BEGIN:VEVENT'],
      '2026-12-25',
    ],
    [
      'an alarm inside',
      ['DTSTART;VALUE=DATE:20261225', 'BEGIN:VALARM', 'DURATION:PT1H', 'TRIGGER:-PT15M', 'END:VALARM'],
      '2026-12-25',
    ],
  ])('%s', (_, lines, closed) => {
    const schedule = withEvents('UTC', ['UID:a', ...lines]);
    expect(closedDates(schedule, '2026-01-01', '2027-12-31').join(' ')).toBe(closed);
  });

  test('are dates of the zone of the schedule', () => {
    const schedule = withEvents('America/New_York', ['UID:a', 'DTSTART;VALUE=DATE:20260704']);
    expect(closedTimes(schedule, '2026-07-01T00:00:00Z', '2026-07-10T00:00:00Z')).toEqual([
      '2026-07-04T04:00/2026-07-05T04:00',
    ]);
  });

  test('close a night that begins on them whole, and leave the one from the date before', () => {
    const night = scheduleOf(
      { open: [{ days: 'daily', from: '22:00', to: '06:00' }], closed: [{ calendar: 'a.ics' }] },
      { 'a.ics': icsOf(['UID:a', 'DTSTART;VALUE=DATE:20261225']) },
    );
    expect(night.isOpen(at('2026-12-25T05:00:00Z'))).toBe(true);
    expect(night.isOpen(at('2026-12-25T23:00:00Z'))).toBe(false);
    expect(night.isOpen(at('2026-12-26T05:00:00Z'))).toBe(false);
    expect(night.isOpen(at('2026-12-26T23:00:00Z'))).toBe(true);
  });

  test('one date of a series that was moved is closed where it went, not where it was', () => {
    const schedule = withEvents(
      'UTC',
      ['UID:party', 'DTSTART;VALUE=DATE:20240610', 'RRULE:FREQ=YEARLY'],
      ['UID:party', 'RECURRENCE-ID;VALUE=DATE:20260610', 'DTSTART;VALUE=DATE:20260617'],
      ['UID:party', 'RECURRENCE-ID;VALUE=DATE:20270610', 'DTSTART;VALUE=DATE:20270610', 'STATUS:CANCELLED'],
      ['UID:other', 'DTSTART;VALUE=DATE:20260610'],
    );
    expect(closedDates(schedule, '2026-01-01', '2028-12-31')).toEqual(['2026-06-10', '2026-06-17', '2028-06-10']);
  });
});

describe('times', () => {
  test.each<[why: string, lines: string[], closed: string[]]>([
    ['in UTC', ['DTSTART:20261125T090000Z', 'DTEND:20261125T103000Z'], ['2026-11-25T09:00/2026-11-25T10:30']],
    [
      'without a zone they are those of the schedule',
      ['DTSTART:20261125T090000', 'DTEND:20261125T103000'],
      ['2026-11-25T08:00/2026-11-25T09:30'],
    ],
    [
      'in a zone of their own',
      ['DTSTART;TZID=America/New_York:20261125T090000', 'DURATION:PT1H'],
      ['2026-11-25T14:00/2026-11-25T15:00'],
    ],
    [
      'each end in its own',
      ['DTSTART;TZID=Asia/Tokyo:20261125T090000', 'DTEND;TZID=Europe/London:20261125T090000'],
      ['2026-11-25T00:00/2026-11-25T09:00'],
    ],
    [
      'with the zone written at length',
      ['DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261125T090000', 'DURATION:PT1H'],
      ['2026-11-25T08:00/2026-11-25T09:00'],
    ],
    [
      'weekly over the change to winter time',
      ['DTSTART;TZID=Europe/Berlin:20261018T090000', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;COUNT=3'],
      ['2026-10-18T07:00/2026-10-18T08:00', '2026-10-25T08:00/2026-10-25T09:00', '2026-11-01T08:00/2026-11-01T09:00'],
    ],
    [
      'until a moment, which is the last',
      ['DTSTART;TZID=Europe/Berlin:20261018T090000', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;UNTIL=20261025T080000Z'],
      ['2026-10-18T07:00/2026-10-18T08:00', '2026-10-25T08:00/2026-10-25T09:00'],
    ],
    [
      'an exception in UTC',
      [
        'DTSTART;TZID=Europe/Berlin:20261018T090000',
        'DURATION:PT1H',
        'RRULE:FREQ=WEEKLY;COUNT=2',
        'EXDATE:20261018T070000Z',
      ],
      ['2026-10-25T08:00/2026-10-25T09:00'],
    ],
    [
      'an exception that names the date',
      [
        'DTSTART;TZID=Europe/Berlin:20261018T090000',
        'DURATION:PT1H',
        'RRULE:FREQ=WEEKLY;COUNT=2',
        'EXDATE;VALUE=DATE:20261025',
      ],
      ['2026-10-18T07:00/2026-10-18T08:00'],
    ],
    [
      'a further beginning',
      ['DTSTART;TZID=Europe/Berlin:20261018T090000', 'DURATION:PT1H', 'RDATE:20261101T120000Z'],
      ['2026-10-18T07:00/2026-10-18T08:00', '2026-11-01T12:00/2026-11-01T13:00'],
    ],
    [
      'a time the clock jumps over counts from before',
      ['DTSTART;TZID=Europe/Berlin:20260329T023000', 'DURATION:PT1H'],
      ['2026-03-29T01:30/2026-03-29T02:30'],
    ],
    [
      'a time that comes twice is the first',
      ['DTSTART;TZID=Europe/Berlin:20261025T023000', 'DURATION:PT30M'],
      ['2026-10-25T00:30/2026-10-25T01:00'],
    ],
    [
      'a day of a length is as long as the clocks make it',
      ['DTSTART;TZID=Europe/Berlin:20260328T120000', 'DURATION:P1D'],
      ['2026-03-28T11:00/2026-03-29T10:00'],
    ],
    [
      '24 hours are 24 hours',
      ['DTSTART;TZID=Europe/Berlin:20260328T120000', 'DURATION:PT24H'],
      ['2026-03-28T11:00/2026-03-29T11:00'],
    ],
    ['weeks', ['DTSTART:20261101T000000Z', 'DURATION:P1W'], ['2026-11-01T00:00/2026-11-08T00:00']],
    [
      'what overlaps is closed once',
      ['DTSTART:20261125T090000Z', 'DURATION:PT20H', 'RRULE:FREQ=DAILY;COUNT=2', 'RDATE:20261126T010000Z'],
      ['2026-11-25T09:00/2026-11-27T05:00'],
    ],
    [
      'over the turn of the year',
      ['DTSTART:20261231T120000Z', 'DURATION:PT24H', 'RRULE:FREQ=YEARLY'],
      ['2026-12-31T12:00/2027-01-01T12:00'],
    ],
    ['one that takes no time closes nothing', ['DTSTART:20261125T090000Z'], []],
  ])('%s', (_, lines, closed) => {
    const schedule = withEvents('Europe/Berlin', ['UID:a', ...lines]);
    expect(closedTimes(schedule, '2026-03-01T00:00:00Z', '2027-11-01T00:00:00Z')).toEqual(closed);
  });

  test('close whatever the windows say, also after midnight', () => {
    const night = scheduleOf(
      { open: [{ days: 'daily', from: '22:00', to: '06:00' }], closed: [{ calendar: 'a.ics' }] },
      { 'a.ics': icsOf(['UID:a', 'DTSTART:20261125T030000', 'DURATION:PT1H']) },
    );
    expect(night.openBetween(at('2026-11-24T12:00:00Z'), at('2026-11-25T12:00:00Z'))).toBe(7 * HOUR_MS);
    expect(night.afterOpen(at('2026-11-25T02:30:00Z'), HOUR_MS)).toBe(at('2026-11-25T04:30:00Z'));
  });

  test('moved once, a series leaves its place', () => {
    const schedule = withEvents(
      'UTC',
      ['UID:m', 'DTSTART;TZID=Europe/Berlin:20261101T100000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=3'],
      ['UID:m', 'RECURRENCE-ID:20261102T090000Z', 'DTSTART;TZID=Europe/Berlin:20261102T150000', 'DURATION:PT1H'],
    );
    expect(closedTimes(schedule, '2026-11-01T00:00:00Z', '2026-11-05T00:00:00Z')).toEqual([
      '2026-11-01T09:00/2026-11-01T10:00',
      '2026-11-02T14:00/2026-11-02T15:00',
      '2026-11-03T09:00/2026-11-03T10:00',
    ]);
  });
});

describe('a zone that the file brings along', () => {
  /** As Outlook writes it. */
  const ZONE = `BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
`;
  const isOpenAt = (time: string, moment: string): boolean => {
    const event = icsOf(['UID:a', `DTSTART;TZID=W. Europe Standard Time:${time}`, 'DURATION:PT10M']);
    const text = event.replace('BEGIN:VEVENT', `${ZONE}BEGIN:VEVENT`);
    return scheduleOf({ open: ALWAYS, closed: [{ calendar: 'a.ics' }] }, { 'a.ics': text }).isOpen(at(moment));
  };
  test.each<[time: string, moment: string, why: string]>([
    ['20261125T090000', '2026-11-25T08:00:00Z', 'in winter'],
    ['20260721T090000', '2026-07-21T07:00:00Z', 'in summer'],
    ['20260329T015900', '2026-03-29T00:59:00Z', 'just before the change'],
    ['20260329T030000', '2026-03-29T01:00:00Z', 'just after'],
    ['20260329T023000', '2026-03-29T01:30:00Z', 'in what the clock jumps over, from the offset before'],
    ['20261025T023000', '2026-10-25T00:30:00Z', 'in what comes twice, the first'],
    ['20261025T030000', '2026-10-25T02:00:00Z', 'after it'],
  ])('%s is %s: %s', (time, moment) => {
    expect(isOpenAt(time, moment)).toBe(false);
    expect(isOpenAt(time, new Date(at(moment) - 1).toISOString())).toBe(true);
    expect(isOpenAt(time, new Date(at(moment) + 600_000).toISOString())).toBe(true);
  });
});

test('several calendars, dates and windows go together', () => {
  const schedule = scheduleOf(
    {
      open: ALWAYS,
      closed: ['2026-01-02', { calendar: 'a.ics' }, '2026-01-04/2026-01-05', { calendar: 'b.ics' }],
    },
    {
      'a.ics': icsOf(['UID:a', 'DTSTART;VALUE=DATE:20260101'], ['UID:b', 'DTSTART;VALUE=DATE:20260105']),
      'b.ics': icsOf(['UID:a', 'DTSTART;VALUE=DATE:20260107']).replaceAll('\r\n', '\n'),
    },
  );
  expect(closedDates(schedule, '2025-12-25', '2026-01-31').join(' ')).toBe(
    '2026-01-01 2026-01-02 2026-01-04 2026-01-05 2026-01-07',
  );
});
