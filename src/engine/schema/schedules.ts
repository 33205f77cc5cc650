// The `schedules` of a rule file as a schema: windows of the week, and dates on which they do not hold.
import { CLOCK_TIME, type JsonSchema, key, listOf, mapOf, objectOf, TEXT, textLike } from './json-schema.ts';

const DAY = '(?:mon|tue|wed|thu|fri|sat|sun)';
const PART = `(?:daily|${DAY}(?: *- *${DAY})?)`;
const days: JsonSchema = textLike(
  new RegExp(`^ *${PART}(?: *, *${PART})* *$`),
  'must be days like "mon-fri", "sat,sun" or "daily"',
);
const DATE = '\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])';
const dates = textLike(
  new RegExp(`^${DATE}(?:/${DATE})?$`),
  'must be a date like "2026-05-01", or two of them like "2026-12-24/2026-12-26"',
);

const closeTime: JsonSchema = { ...CLOCK_TIME, pattern: `^(?:(?:[01]\\d|2[0-3]):[0-5]\\d|24:00)$` };

const window = (): JsonSchema =>
  objectOf(
    {
      days: key('Days of the week.', ['mon-fri', 'sat,sun', 'daily', ['mon', 'thu-fri']], {
        anyOf: [days, listOf(days)],
      }),
      from: key('When it opens.', ['09:00'], CLOCK_TIME),
      to: key(
        'When it closes; earlier than "from" means on the next day. 24:00 is the end of the day.',
        ['17:30'],
        closeTime,
      ),
    },
    ['days', 'from', 'to'],
  );

const calendar = (): JsonSchema =>
  objectOf(
    {
      calendar: key(
        'An iCalendar file: what stands in it is closed. Its path begins where the rule file stands.',
        ['holidays.ics'],
        {
          ...TEXT,
          minLength: 1,
        },
      ),
    },
    ['calendar'],
  );

const schedule = (): JsonSchema =>
  objectOf(
    {
      description: key('For people.', ['When the office is staffed.'], TEXT),
      timezone: key('The time zone of its times; UTC where this is missing.', ['Europe/Berlin'], {
        ...TEXT,
        minLength: 1,
      }),
      open: key(
        'When it is open: windows of the week.',
        [[{ days: 'mon-fri', from: '09:00', to: '17:30' }]],
        listOf(window()),
      ),
      closed: key(
        'When it is closed all the same: dates, spans of dates (both ends included), and iCalendar files.',
        [['2026-12-24/2026-12-26', '2026-05-01', { calendar: 'holidays.ics' }]],
        { type: 'array', items: { anyOf: [dates, calendar()] } },
      ),
    },
    ['open'],
  );

/** `schedules` of a file: by name. */
export const schedules = (): JsonSchema =>
  key(
    'When somebody is there, by name: "during", "outside" and "clock" of rules name them.',
    [{ office: { timezone: 'Europe/Berlin', open: [{ days: 'mon-fri', from: '09:00', to: '17:30' }] } }],
    mapOf(schedule(), textLike(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and -, up to 64')),
  );
