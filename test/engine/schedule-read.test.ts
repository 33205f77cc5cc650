// Reading schedules: every mistake at once, each at its path and with what would be right; and nothing makes it throw.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarFilesOf } from '../../src/engine/schedule/index.ts';
import { ALWAYS, icsOf, readAll } from './schedule-fixture.ts';

const WINDOW = { days: 'mon-fri', from: '09:00', to: '17:30' };

describe('a file full of mistakes', () => {
  const BAD = {
    'my office': { open: [WINDOW] },
    office: {
      timezone: 'Europe/Berln',
      opn: [],
      open: [
        { days: 'mon-fri', from: '9:00', to: '17.30' },
        { days: 'Mon-Fri', from: '09:00', to: '09:00' },
        { days: 'monday', from: '24:00', to: '24:00', form: 1 },
        { days: 'mon-wed-fri', from: 9, to: 'noon' },
        { days: ['sat', 7], to: '12:00' },
        'mon-fri',
        {},
      ],
      closed: [
        '2026-02-30',
        '2026-12-26/2026-12-24',
        '24.12.2026',
        '2026-01-01/2026-01-02/2026-01-03',
        20261224,
        { calendar: 'holiday.ics' },
        { calender: 'holidays.ics' },
        { calendar: 7 },
      ],
    },
    berlin: { timezone: 'berlin', open: [] },
    offset: { timezone: '+02:00', open: 'daily', closed: '2026-12-24' },
    number: { timezone: 1, description: 2, open: [WINDOW] },
    nothing: null,
    empty: {},
    good: { description: 'Our office', open: [WINDOW] },
  };
  const { schedules, problems } = readAll(BAD, { 'holidays.ics': icsOf() });
  test('says all of them, where each is and what would be right', () => {
    expect(problems).toEqual([
      'schedules["my office"]: this name is not allowed; letters, digits, _ and -, up to 64',
      'schedules.office.opn: unknown key; did you mean "open"?',
      'schedules.office.timezone: "Europe/Berln" is not a time zone; did you mean "Europe/Berlin"?',
      'schedules.office.open[0].from: "9:00" is no time of day; write it like "09:00"',
      'schedules.office.open[0].to: "17.30" is no time of day; write it like "17:30"',
      'schedules.office.open[1].days: "Mon" is not a day; did you mean "mon"?',
      'schedules.office.open[1]: begins and ends at the same time; write "00:00" and "24:00" for the whole day',
      'schedules.office.open[2].form: unknown key; did you mean "from"?',
      'schedules.office.open[2].days: "monday" is not a day; did you mean "mon"?',
      'schedules.office.open[2].from: "24:00" is the end of a date, where nothing begins; write it like "00:00"',
      'schedules.office.open[3].days: "mon-wed-fri" has more than two ends; write it like "mon-fri", "sat,sun" or "daily"',
      'schedules.office.open[3].from: must be text like "09:00", not 9',
      'schedules.office.open[3].to: "noon" is no time of day; write it like "17:30"',
      'schedules.office.open[4].days[1]: must be text, not 7; write it like "mon-fri", "sat,sun" or "daily"',
      'schedules.office.open[4].from: is missing; it must be a time like "09:00"',
      'schedules.office.open[5]: must be an object { … }, not text; like { "days": "mon-fri", "from": "09:00", "to": "17:30" }',
      'schedules.office.open[6].days: is missing; write it like "mon-fri", "sat,sun" or "daily"',
      'schedules.office.open[6].from: is missing; it must be a time like "09:00"',
      'schedules.office.open[6].to: is missing; it must be a time like "17:30"',
      `schedules.office.closed[0]: "2026-02-30" is no date; ${CLOSED}`,
      'schedules.office.closed[1]: "2026-12-26/2026-12-24" ends before it begins; write "2026-12-24/2026-12-26"',
      `schedules.office.closed[2]: "24.12.2026" is no date; ${CLOSED}`,
      `schedules.office.closed[3]: "2026-01-01/2026-01-02/2026-01-03" is no date; ${CLOSED}`,
      `schedules.office.closed[4]: must be a date or a calendar, not 20261224; ${CLOSED}`,
      'schedules.office.closed[5].calendar: there is no calendar file "holiday.ics"; did you mean "holidays.ics"?',
      'schedules.office.closed[6].calender: unknown key; did you mean "calendar"?',
      'schedules.office.closed[6].calendar: is missing; the name of an iCalendar file, like "holidays.ics"',
      'schedules.office.closed[7].calendar: must be text, not 7; the name of an iCalendar file, like "holidays.ics"',
      'schedules.berlin.timezone: "berlin" is not a time zone; did you mean "Europe/Berlin"?',
      'schedules.berlin.open: is an empty list; write at least one window',
      'schedules.offset.timezone: "+02:00" is not a time zone; write it like "Europe/Berlin"',
      'schedules.offset.open: must be a list [ … ], not text',
      `schedules.offset.closed: must be a list [ … ], not text; ${CLOSED}`,
      'schedules.number.description: must be text in double quotes, not 2',
      'schedules.number.timezone: must be text like "Europe/Berlin", not 1',
      'schedules.nothing: must be an object { … }, not null; like { "open": [ … ] }',
      'schedules.empty.open: is missing; it must be a list [ … ]',
    ]);
  });
  test('leaves out every schedule with a mistake, and keeps the others', () => {
    expect([...schedules.keys()]).toEqual(['good']);
  });
});

const CLOSED = 'like "2026-12-24", "2026-12-24/2026-12-26" or { "calendar": "holidays.ics" }';

test('schedules that are none', () => {
  expect(readAll(undefined).problems).toEqual([]);
  expect(readAll([]).problems).toEqual([
    'schedules: must be an object { … }, not a list; like { "office": { "open": [ … ] } }',
  ]);
});

test.each(['UTC', 'Europe/Kyiv', 'US/Eastern', 'Etc/GMT+5', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires'])(
  '%s is a zone, whether it is the newest name or not',
  (timezone) => expect(readAll({ it: { timezone, open: ALWAYS } }).problems).toEqual([]),
);

test.each([
  ['new york', 'did you mean "America/New_York"?'],
  ['Europe/Brelin', 'did you mean "Europe/Berlin"?'],
  ['', 'write it like "Europe/Berlin"'],
  ['__proto__', 'write it like "Europe/Berlin"'],
])('%j is none', (timezone, hint) =>
  expect(readAll({ it: { timezone, open: ALWAYS } }).problems).toEqual([
    `schedules.it.timezone: ${JSON.stringify(timezone)} is not a time zone; ${hint}`,
  ]),
);

test('a default zone that is none is a mistake of every schedule without one of its own', () => {
  const { schedules, problems } = readAll(
    { a: { open: ALWAYS }, b: { timezone: 'UTC', open: ALWAYS } },
    {},
    'Mars/Base',
  );
  expect(problems).toEqual(['schedules.a.timezone: "Mars/Base" is not a time zone; write it like "Europe/Berlin"']);
  expect([...schedules.keys()]).toEqual(['b']);
});

describe('calendarFilesOf', () => {
  test('names each file once, in the order in which they are named', () => {
    const office = { closed: ['2026-01-01', { calendar: 'b.ics' }, { calendar: 'sub/a.ics' }] };
    expect(calendarFilesOf({ office, shop: { closed: [{ calendar: 'b.ics' }, { calendar: 'c.ics' }] } })).toEqual([
      'b.ics',
      'sub/a.ics',
      'c.ics',
    ]);
  });
  test.each([
    [undefined],
    [null],
    [[]],
    [{ office: null }],
    [{ office: { closed: {} } }],
    [{ office: { closed: [null, { calendar: 7 }, { calendar: '' }, [{ calendar: 'x' }]] } }],
  ])('%j names none', (raw) => expect(calendarFilesOf(raw)).toEqual([]));
});

describe('values of any kind', () => {
  const odd = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withSparseArray: true, withNullPrototype: true }),
    fc.constantFrom(Number.NaN, Symbol('x'), () => 1, '24:00', '00:00', 'mon', 'daily', '2026-12-24', 'Europe/Berlin'),
  );
  const schedule = fc.record(
    {
      timezone: odd,
      open: fc.oneof(odd, fc.array(fc.oneof(odd, fc.record({ days: odd, from: odd, to: odd }, { requiredKeys: [] })))),
      closed: fc.oneof(odd, fc.array(fc.oneof(odd, fc.record({ calendar: odd }, { requiredKeys: [] })))),
    },
    { requiredKeys: [] },
  );
  test('never throw: there is a problem, or a schedule that answers', () => {
    fc.assert(
      fc.property(fc.oneof(odd, schedule), fc.double(), (raw, moment) => {
        const { schedules, problems } = readAll({ it: raw }, { 'a.ics': icsOf() });
        expect(schedules.has('it')).toBe(problems.length === 0);
        const found = schedules.get('it');
        if (found !== undefined) expect(typeof found.isOpen(moment)).toBe('boolean');
        expect(Array.isArray(calendarFilesOf({ it: raw }))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
