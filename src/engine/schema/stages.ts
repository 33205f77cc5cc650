// The stages between `when` and `do` as a schema: schedules, earlier events, counting, waiting, limits.
import { fieldName, sentence } from './condition.ts';
import { eventNames } from './event-names.ts';
import { CLOCK_TIME, DURATION, type JsonSchema, key, listOf, objectOf, refTo, TEXT } from './json-schema.ts';

const on = (): JsonSchema => key('Which events: a name, a group, or a list of them.', ['call.returned'], eventNames());
const when = (): JsonSchema =>
  key('Which of these events: a condition.', [{ 'call.direction': 'out' }], refTo('condition'));
const fields = (does: string): JsonSchema =>
  key(sentence(does), [['remote.number']], { ...listOf(fieldName()), maxItems: 10 });
const span = (meaning: string, example: string): JsonSchema => key(meaning, [example], DURATION);

/** The name of a schedule; `meaning` says what for. */
export const scheduleName = (meaning: string): JsonSchema =>
  key(`${meaning} A name from "schedules" in the same file.`, ['office'], { ...TEXT, minLength: 1 });

const after = (): JsonSchema =>
  objectOf(
    {
      on: on(),
      when: when(),
      same: fields('fields that must be equal in both events'),
      within: span('How long before it may have come.', '10m'),
    },
    ['on', 'same', 'within'],
  );

const count = (): JsonSchema =>
  objectOf(
    {
      min: key('How many events make the rule go on; then it counts from the beginning.', [3], {
        type: 'integer',
        minimum: 2,
        maximum: 100,
      }),
      within: span('In how much time: a window that moves along.', '10m'),
      by: fields('fields whose values are counted apart from each other'),
    },
    ['min', 'within'],
  );

const unless = (): JsonSchema =>
  objectOf(
    {
      on: on(),
      when: when(),
      same: fields('fields that must be equal in both events; those of "by" where this is missing'),
      before: span(
        'An event that came up to so long earlier cancels too; as long as "for" where this is missing.',
        '5m',
      ),
    },
    ['on'],
  );

// Only names of keys: an editor would offer a key by what stands here, not by its meaning.
const CLASHES: JsonSchema[] = [
  ...['for', 'clock', 'extend'].map((name) => ({ required: ['until', name] })),
  { required: ['max'], not: { anyOf: [{ required: ['extend'] }, { required: ['until'] }] } },
];
const CLASH = '"until" goes without "for", "clock" and "extend"; "max" goes with "extend": true';

const wait = (): JsonSchema =>
  objectOf(
    {
      for: span('How long to wait.', '15m'),
      by: fields('events that are equal in these fields join one wait; without it every event waits alone'),
      clock: scheduleName('Only the open time of this schedule counts.'),
      extend: key('true: every further event that joins starts the wait again.', [true], { type: 'boolean' }),
      max: span('The longest wait, where "extend" starts it again.', '1h'),
      until: key('Waits until the clock shows this time: for a digest.', ['08:00'], CLOCK_TIME),
      unless: key('Cancels the wait if such an event comes.', [{ on: 'call.returned' }], unless()),
    },
    [],
    { anyOf: [{ required: ['for'] }, { required: ['until'] }], not: { anyOf: CLASHES }, errorMessage: CLASH },
  );

const limit = (): JsonSchema =>
  objectOf(
    {
      max: key('How many go through.', [1], {
        type: 'integer',
        minimum: 1,
        maximum: 1_000,
        default: 1,
      }),
      per: span('In how much time.', '30m'),
      by: fields('fields whose values are limited apart from each other'),
    },
    ['per'],
  );

/** The keys of a rule that are stages, in the order in which they run. */
export const stages = (): { [key: string]: JsonSchema } => ({
  during: scheduleName('The event counts only while this schedule is open.'),
  outside: scheduleName('The event counts only while this schedule is closed.'),
  after: key(
    'The event counts only if another one came before it.',
    [{ on: 'call.missed', same: ['remote.number'], within: '10m' }],
    after(),
  ),
  count: key(
    'Only when so many events came within a time; templates see {{ count }}.',
    [{ min: 3, within: '10m', by: ['remote.number'] }],
    count(),
  ),
  wait: key(
    'Holds what would follow back for a while. Further events join it; templates see {{ count }}.',
    [{ for: '15m', by: ['remote.number'], unless: { on: 'call.returned' } }],
    wait(),
  ),
  limit: key(
    'At most so many in a time. The next one through sees in {{ suppressed }} how many were held back.',
    [{ per: '30m', by: ['phone.id'] }],
    limit(),
  ),
});
