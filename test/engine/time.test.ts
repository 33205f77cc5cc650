// Times in templates: right in every zone, on both sides of a change of the clocks, wherever the process runs.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRules, createProgram, createState, step } from '../../src/engine/index.ts';
import { formatProblem, formatTime } from '../../src/engine/rules/template/time.ts';
import { context, eventOf } from './fixture.ts';

describe('the filter date', () => {
  const ALL = '%Y-%m-%d %H:%M:%S.%L %z';
  test.each([
    ['2026-11-24T09:15:02.412Z', 'UTC', '2026-11-24 09:15:02.412 +0000'],
    ['2026-11-24T09:15:02.412Z', 'Asia/Kolkata', '2026-11-24 14:45:02.412 +0530'],
    ['2026-11-24T01:15:02Z', 'America/St_Johns', '2026-11-23 21:45:02.000 -0330'],
    // The clocks of Berlin go forward on 2026-03-29 and back on 2026-10-25, both at 01:00 UTC.
    ['2026-03-29T00:59:59.999Z', 'Europe/Berlin', '2026-03-29 01:59:59.999 +0100'],
    ['2026-03-29T01:00:00.000Z', 'Europe/Berlin', '2026-03-29 03:00:00.000 +0200'],
    ['2026-10-25T00:30:00.000Z', 'Europe/Berlin', '2026-10-25 02:30:00.000 +0200'],
    ['2026-10-25T01:30:00.000Z', 'Europe/Berlin', '2026-10-25 02:30:00.000 +0100'],
    ['2026-10-25T02:30:00+01:00', 'Europe/Berlin', '2026-10-25 02:30:00.000 +0100'],
  ])('%s in %s', (text, zone, expected) => expect(formatTime(text, ALL, zone)).toBe(expected));

  test('every letter', () => {
    const text = '2026-02-03T15:04:05.006Z';
    expect(formatTime(text, '%Y %y %m %-m %d %-d %e %j %-j', 'UTC')).toBe('2026 26 02 2 03 3 3 034 34');
    expect(formatTime(text, '%H %k %I %-I %l %M %S %L %p %P', 'UTC')).toBe('15 15 03 3 3 04 05 006 PM pm');
    expect(formatTime(text, '%A %a %B %b %F %T %R %s %Z %%', 'UTC')).toBe(
      'Tuesday Tue February Feb 2026-02-03 15:04:05 15:04 1770131045 UTC %',
    );
    expect(formatTime('2026-02-03T00:04:05Z', '%H %I %p', 'UTC')).toBe('00 12 AM');
  });

  test.each(['now', 'today', '', '2026', 'Erika', '24.11.2026', '2026-13-45T99:00:00Z'])(
    '%j is no time and stays',
    (text) => expect(formatTime(text, '%H', 'UTC')).toBe(text),
  );

  test('a format that means nothing', () => {
    expect(formatProblem('%H:%M %%')).toBeUndefined();
    expect(formatProblem('100%')?.message).toBe('the format has "%", which means nothing');
    expect(formatProblem('%^A')?.message).toBe('the format has "%^A", which means nothing');
  });

  test('reads back as the moment that it was', () =>
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }),
        fc.constantFrom(
          'UTC',
          'Europe/Berlin',
          'America/New_York',
          'Asia/Kathmandu',
          'Pacific/Apia',
          'Australia/Lord_Howe',
        ),
        (date, zone) => {
          const text = formatTime(date.toISOString(), '%FT%T.%L%z', zone);
          const iso = text.replace(/(\d\d)$/, ':$1');
          expect(new Date(iso).getTime()).toBe(date.getTime());
        },
      ),
      { numRuns: 500 },
    ));
});

test('without a zone in the template: that of the context, else UTC', () => {
  const value = { rules: [{ id: 'r', on: '*', do: [{ log: { text: '{{ event.at | date: "%R" }}' } }] }] };
  const text = (timezone?: string): unknown => {
    const compiled = compileRules([{ file: 'a', value }], timezone === undefined ? context : { ...context, timezone });
    if ('problems' in compiled) throw new Error('not compiled');
    const program = createProgram({ rules: compiled.rules, phones: [], connections: new Map() });
    return step(createState(), { event: eventOf() }, program).logs[0]?.text;
  };
  expect([text(), text('Europe/Berlin')]).toEqual(['09:15', '10:15']);
});
