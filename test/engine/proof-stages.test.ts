// Tests of rules that know time: waits, counts, limits and schedules pass on virtual time, however long they last.
import { describe, expect, test } from 'vitest';
import { failures, run } from './proof-fixture.ts';

const note = (id: string, more: object, text = id) => ({ id, do: [{ note: { to: 'desk', text } }], ...more });

const NOT_CALLED_BACK = note(
  'not-called-back',
  { on: 'call.missed', wait: { for: '15m', by: ['remote.number'], unless: { on: 'call.returned' } } },
  '{{ remote.number }} called {{ count }} times',
);
const REBOOTED = note(
  'rebooted',
  { on: 'phone.setup_completed', count: { min: 5, within: '2m', by: ['site'] } },
  '{{ count }} phones',
);

describe('waits', () => {
  const rules = [NOT_CALLED_BACK];
  test('run out on virtual time, and say what came together', () => {
    const send = [{ scenario: 'call-missed' }, { at: '5m', scenario: 'call-missed' }];
    expect(
      failures(
        { send, expect: [{ rule: 'not-called-back', at: '15m23s', count: 2, text: 'called ‹2› times' }] },
        rules,
      ),
    ).toEqual([]);
  });
  test('are called off', () => {
    expect(
      failures({ send: [{ scenario: 'called-back' }], expect: [{ rule: 'not-called-back', times: 0 }] }, rules),
    ).toEqual([]);
  });
  test('are told with their own moment, where a test fails', () => {
    const [result] = run(
      [{ name: 't', send: [{ scenario: 'call-missed' }], expect: [{ rule: 'not-called-back', count: 2 }] }],
      rules,
    );
    expect(result?.failures[0]?.text).toBe(
      'not-called-back is to fire once with count 2, but does not; at 15m23s count is 1',
    );
    expect(result?.timeline.slice(-2)).toEqual([
      '      15m23s  time has passed',
      '              → not-called-back (count 1)  note desk: "‹+493023125100› called ‹1› times"',
    ]);
  });
});

test('a power cut is counted, once', () => {
  const expected = [{ rule: 'rebooted', times: 2, count: 5 }];
  expect(failures({ send: [{ scenario: 'power-cut', phones: 10 }], expect: expected }, [REBOOTED])).toEqual([]);
  const limited = { ...REBOOTED, limit: { per: '30m', by: ['site'] } };
  expect(
    failures({ send: [{ scenario: 'power-cut', phones: 10 }], expect: [{ rule: 'rebooted' }] }, [limited]),
  ).toEqual([]);
});

describe('schedules', () => {
  const office = { timezone: 'Europe/Berlin', open: [{ days: 'mon-fri', from: '09:00', to: '17:30' }] };
  const rules = [note('in-hours', { on: 'phone.mute', during: 'office' })];
  test.each([
    ['2026-11-24T09:00:00+01:00', 1],
    ['2026-11-24T08:59:59+01:00', 0],
    ['2026-11-24T17:29:59+01:00', 1],
    ['2026-11-22T12:00:00+01:00', 0],
  ])('a test that begins at %s: %i', (start, times) => {
    const own = { start, send: [{ event: 'phone.mute' }], expect: [{ rule: 'in-hours', times }] };
    expect(failures(own, rules, {}, { office })).toEqual([]);
  });
});
