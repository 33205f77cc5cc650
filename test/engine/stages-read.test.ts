// Reading stages: every mistake with its path and what would be right, all at once.
import { describe, expect, test } from 'vitest';
import { compiledOf, context, problemsOf } from './fixture.ts';
import { OFFICE, ruleOf } from './stages-script.ts';

const problems = (keys: object, schedules: object = OFFICE): string[] =>
  problemsOf({ schedules, rules: [ruleOf(keys)] }).map((line) => line.replace(/^rules\[0\]\.?/, ''));

describe('what is wrong with stages', () => {
  test.each<[object, string[]]>([
    [{ wait: { for: 20 } }, ['wait.for: must be text like "15m", not 20']],
    [
      { wait: { for: '15 min' } },
      ['wait.for: "15 min" is no span of time; write it like "15m" (units: ms, s, m, h, d, w)'],
    ],
    [{ wait: { for: '0s' } }, ['wait.for: is too short; at least 1ms']],
    [{ wait: { for: '400d' } }, ['wait.for: is too long; at most 365d']],
    [{ wait: {} }, ['wait.for: is missing; write it like "15m"']],
    [{ wait: '15m' }, ['wait: must be an object { … }, not text; like { "for": "15m" }']],
    [{ wait: null }, ['wait: must be an object { … }, not null; like { "for": "15m" }']],
    [{ wait: { for: '1m', unles: {} } }, ['wait.unles: unknown key; did you mean "unless"?']],
    [
      { wait: { for: '1m', by: 'remote.number' } },
      ['wait.by: must be a list [ … ] of fields, not text; write ["remote.number"]'],
    ],
    [{ wait: { for: '1m', by: [] } }, ['wait.by: is an empty list; name at least one field, like ["remote.number"]']],
    [
      { wait: { for: '1m', by: ['remote.nubmer', 7] } },
      [
        'wait.by[0]: unknown field "remote.nubmer"; did you mean "remote.number"?',
        'wait.by[1]: must be the name of a field, not 7; like "remote.number"',
      ],
    ],
    [{ wait: { for: '1m', by: Array.from({ length: 11 }, () => 'site') } }, ['wait.by: has more than 10 fields']],
    [
      { wait: { for: '1m', clock: 'offcie' } },
      ['wait.clock: there is no schedule "offcie" in this file; did you mean "office"?'],
    ],
    [
      { wait: { for: '1m', clock: { open: [] } } },
      ['wait.clock: must be the name of a schedule, not an object; write it under "schedules" in this file'],
    ],
    [{ wait: { until: '8' } }, ['wait.until: "8" is no time of day; write it like "08:00"']],
    [{ wait: { until: '24:00' } }, ['wait.until: "24:00" is no time of day; write it like "08:00"']],
    [{ wait: { until: 8 } }, ['wait.until: must be text like "08:00", not 8']],
    [
      { wait: { until: '08:00', for: '1m', clock: 'office', extend: true, by: ['site'] } },
      [
        'wait.for: does not go with "until"; write one of the two',
        'wait.clock: does not go with "until"; "until" has a time of its own; "clock" is for "for"',
        'wait.extend: does not go with "until"; "until" ends at its time, however many events come',
      ],
    ],
    [{ wait: { for: '1m', extend: 'yes', by: ['site'] } }, ['wait.extend: must be true or false, not text']],
    [
      { wait: { for: '1m', extend: true } },
      ['wait.extend: needs "by"; without it every event waits alone, and none begins a wait again'],
    ],
    [
      { wait: { for: '1m', max: '2m', by: ['site'] } },
      ['wait.max: has nothing to cap; write "extend": true, or leave it out'],
    ],
    [{ wait: { for: '1m', max: '30s', extend: true, by: ['site'] } }, ['wait.max: is too short; at least 1m']],
    [
      { wait: { for: '1m', unless: 'call.returned' } },
      ['wait.unless: must be an object { … }, not text; like { "on": "call.returned" }'],
    ],
    [
      {
        wait: {
          for: '1m',
          unless: { on: 'call.returnd', when: { 'remote.nubmer': '1' }, same: 'x', before: 5, within: '1m' },
        },
      },
      [
        'wait.unless.within: unknown key; known: on, when, same, before',
        'wait.unless.on: "call.returnd" is not an event; did you mean "call.returned"?',
        'wait.unless.when["remote.nubmer"]: unknown field "remote.nubmer"; did you mean "remote.number"?',
        'wait.unless.same: must be a list [ … ] of fields, not text; write ["x"]',
        'wait.unless.before: must be text like "15m", not 5',
      ],
    ],
    [
      { wait: { for: '1m', unless: {} } },
      ['wait.unless.on: is missing; like "phone.missed_call", "phone.*" or a list of them'],
    ],
    [
      { after: {} },
      [
        'after.on: is missing; like "phone.missed_call", "phone.*" or a list of them',
        'after.same: is missing; like ["remote.number"]',
        'after.within: is missing; write it like "30m"',
      ],
    ],
    [
      { count: {} },
      [
        'count.min: is missing; it must be a whole number from 2 to 100',
        'count.within: is missing; write it like "2m"',
      ],
    ],
    [
      { count: { min: '5', within: '1m' } },
      ['count.min: must be a whole number from 2 to 100, not text; write it without quotes'],
    ],
    [{ count: { min: 2.5, within: '1m' } }, ['count.min: must be a whole number from 2 to 100, not 2.5']],
    [{ count: { min: 1, within: '1m' } }, ['count.min: must be at least 2']],
    [
      { count: { min: 101, within: '1m', per: '1m' } },
      ['count.per: unknown key; known: min, within, by', 'count.min: must be at most 100'],
    ],
    [{ limit: { max: 0 } }, ['limit.max: must be at least 1', 'limit.per: is missing; write it like "30m"']],
    [{ limit: { per: '1m', by: ['vars.'] } }, ['limit.by[0]: unknown field "vars."']],
    [
      { during: ['office'] },
      ['during: must be the name of a schedule, not a list; write it under "schedules" in this file'],
    ],
    [{ outside: 'night' }, ['outside: there is no schedule "night" in this file; known: office, lunch']],
    [{ fallback: 'yes' }, ['fallback: must be true or false, not text']],
    [{ waits: { for: '1m' } }, ['waits: unknown key; did you mean "wait"?']],
  ])('%j', (keys, sentences) => expect(problems(keys)).toEqual(sentences));

  test('a file without schedules says where they stand', () =>
    expect(problems({ during: 'office' }, {})).toEqual([
      'during: there is no schedule "office" in this file; write it under "schedules" in this file',
    ]));

  test('a schedule that is wrong itself is told once', () => {
    const told = problems({ during: 'office' }, { office: { open: 7 } });
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('schedules.office.open');
  });

  test('what hostile values do: nothing but problems', () => {
    const values = [null, 7, '', 'x', [], [null], {}, { for: {} }, { on: null, same: [null], within: null }, true];
    for (const key of ['during', 'outside', 'after', 'count', 'wait', 'limit'])
      for (const value of values) expect(problems({ [key]: value }).length).toBeGreaterThan(0);
  });

  test('right ones are right', () => {
    const unless = {
      on: ['call.returned', 'call.answered'],
      when: { 'remote.kind': 'external' },
      same: ['vars.queue'],
      before: '0s',
    };
    const keys = {
      during: 'office',
      outside: 'lunch',
      after: { on: 'phone.*', same: ['phone.mac', 'vars.a.b'], within: '1h30m' },
      count: { min: 100, within: '1w', by: ['phone.groups'] },
      wait: { for: '1h', by: ['site'], clock: 'office', extend: true, max: '1h', unless },
      limit: { max: 1_000, per: '365d', by: ['remote.number'] },
      fallback: true,
    };
    expect(problems(keys)).toEqual([]);
    expect(problems({ wait: { until: '00:00' } })).toEqual([]);
  });
});

describe('the fields of groups', () => {
  const text = (template: string): string[] => problems({ do: [{ note: { to: 'desk', text: template } }] });
  test('are known to templates, and a list wants to be joined', () => {
    expect(
      text(
        '{{ count }} {{ suppressed }} {{ late }} {{ callers | join: ", " }} {% for at in events %}{{ at | date: "%H:%M" }} {% endfor %}',
      ),
    ).toEqual([]);
    expect(text('{{ events }}')).toEqual(['do[0].note.text: "events" is a list; write {{ events | join: ", " }}']);
  });
  test('are known to conditions, for events that rules make', () =>
    expect(problems({ when: { count: { '>': 3 }, callers: 'Erika', late: null } })).toEqual([]));
});

describe('what decides about the memory of a rule', () => {
  const hashOf = (keys: object, file: object = {}): string | undefined =>
    compiledOf({
      schedules: OFFICE,
      ...file,
      rules: [ruleOf({ wait: { for: '1h', by: ['site'], clock: 'office' }, ...keys })],
    })[0]?.stages?.hash;
  const same = hashOf({});
  test.each<[string, object, object?]>([
    ['another text', { do: [{ note: { to: 'desk', text: 'other' } }] }],
    ['the order of keys', { wait: { clock: 'office', by: ['site'], for: '1h' } }],
    ['a description', { description: 'x' }],
    ['a schedule that it does not name', {}, { schedules: { ...OFFICE, lunch: OFFICE.office } }],
    [
      'the description of its schedule',
      {},
      { schedules: { ...OFFICE, office: { ...OFFICE.office, description: 'x' } } },
    ],
    ['a list', {}, { lists: { vip: ['1'] } }],
  ])('not %s', (_name, keys, file) => expect(hashOf(keys, file)).toBe(same));
  test.each<[string, object, object?]>([
    ['other events', { on: 'phone.dnd_off' }],
    ['another condition', { when: { site: 'x' } }],
    ['another wait', { wait: { for: '2h', by: ['site'], clock: 'office' } }],
    ['a limit', { limit: { per: '1m' } }],
    ['its schedule', {}, { schedules: { ...OFFICE, office: { ...OFFICE.office, closed: ['2026-12-24'] } } }],
    ['raw variables, which were not kept before', { do: [{ note: { to: 'desk', text: '{{ vars.queue }}' } }] }],
  ])('%s', (_name, keys, file) => expect(hashOf(keys, file)).not.toBe(same));

  test('a calendar that its schedule refers to', () => {
    const schedules = { office: { ...OFFICE.office, closed: [{ calendar: 'days.ics' }] } };
    const hashWith = (day: string): string | undefined => {
      const event = `BEGIN:VEVENT\r\nUID:a\r\nDTSTART;VALUE=DATE:${day}\r\nSUMMARY:x\r\nEND:VEVENT`;
      const text = `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n${event}\r\nEND:VCALENDAR\r\n`;
      const calendars = new Map([['days.ics', text]]);
      return compiledOf({ schedules, rules: [ruleOf({ during: 'office' })] }, { ...context, calendars })[0]?.stages
        ?.hash;
    };
    expect(hashWith('20261224')).toBe(hashWith('20261224'));
    expect(hashWith('20261225')).not.toBe(hashWith('20261224'));
  });
});
