// Each stage of a rule alone: what it lets through, and when.
import { describe, expect, test } from 'vitest';
import { OFFICE, played, programWith, ruleOf, stageScript } from './stages-script.ts';

/** `reason`; the rule's keys; what phones say; what is told. */
type Case = [reason: string, keys: object, lines: string[], told: string[]];

const BY_NUMBER = ['remote.number'];

describe('count', () => {
  const three = { count: { min: 3, within: '1m' } };
  const each = { count: { min: 2, within: '1m', by: BY_NUMBER } };
  test.each<Case>([
    ['fewer than wanted say nothing', three, ['0s on A', '1s on B'], []],
    ['the third one tells all three', three, ['0s on A', '1s on B', '2s on C'], ['2s C x3']],
    ['then it starts again', three, ['0s on A', '1s on A', '2s on A', '3s on A', '4s on A'], ['2s A x3']],
    [
      'the sixth one tells again',
      three,
      ['0s on A', '1s on A', '2s on A', '3s on A', '4s on A', '5s on A'],
      ['2s A x3', '5s A x3'],
    ],
    ['the window slides', three, ['0s on A', '40s on A', '61s on A', '70s on A'], ['1m10s A x3']],
    ['the edge of the window is inside it', three, ['0s on A', '30s on A', '60s on A'], ['1m A x3']],
    ['one ms beyond the edge is outside', three, ['0s on A', '30s on A', '1m1ms on A'], []],
    ['each value is counted by itself', each, ['0s on A', '1s on B', '2s on A'], ['2s A x2']],
    ['a withheld number is a value of its own', each, ['0s on -', '1s on B', '2s on -'], ['2s  x2']],
    [
      'several fields are counted as pairs',
      { count: { min: 2, within: '1m', by: ['remote.number', 'phone.id'] } },
      ['0s on A front', '1s on A back', '2s on A front'],
      ['2s A x2'],
    ],
    [
      'what `when` refuses does not count',
      { ...three, when: { 'remote.number': { not: 'B' } } },
      ['0s on A', '1s on B', '2s on A'],
      [],
    ],
  ])('%s', (_reason, keys, lines, told) => expect(played([ruleOf(keys)], lines)).toEqual(told));
});

describe('wait', () => {
  const alone = { wait: { for: '15m' } };
  const joined = { wait: { for: '15m', by: BY_NUMBER } };
  const restarted = { wait: { for: '1m', by: BY_NUMBER, extend: true } };
  test.each<Case>([
    ['what waits is told when the time is over', alone, ['5s on A'], ['15m5s A x1']],
    ['without `by` every event waits alone', alone, ['0s on A', '1s on A'], ['15m A x1', '15m1s A x1']],
    ['equal ones join, and the first one is told', joined, ['0s on A', '1m on A', '2m on B'], ['15m A x2', '17m B x1']],
    ['after its end the next one waits anew', joined, ['0s on A', '15m1ms on A'], ['15m A x1', '30m1ms A x1']],
    ['an event at the very end comes too late to join', joined, ['0s on A', '15m on A'], ['15m A x1', '30m A x1']],
    ['`extend` begins again with each', restarted, ['0s on A', '30s on A', '80s on A'], ['2m20s A x3']],
    [
      '`max` caps that',
      { wait: { for: '1m', by: BY_NUMBER, extend: true, max: '100s' } },
      ['0s on A', '50s on A', '90s on A'],
      ['1m40s A x3'],
    ],
    [
      '`max` shorter than what is left changes nothing',
      { wait: { for: '1m', by: BY_NUMBER, extend: true, max: '1h' } },
      ['0s on A'],
      ['1m A x1'],
    ],
  ])('%s', (_reason, keys, lines, told) => expect(played([ruleOf(keys)], lines)).toEqual(told));
});

describe('wait by a clock', () => {
  const office = { wait: { for: '1h', by: BY_NUMBER, clock: 'office' } };
  const digest = { wait: { until: '08:00', by: ['site'] } };
  // It is 10:00 in Berlin when the day begins; the office closes at 17:30, 7 h 30 min later.
  test.each<Case>([
    ['within open hours it is plain time', office, ['0s on A'], ['1h A x1']],
    ['what is left when the office closes is waited on the next morning', office, ['7h on A'], ['23h30m A x1']],
    ['at night it begins in the morning', office, ['12h on A'], ['1d A x1']],
    ['over the weekend', office, ['3d7h on A'], ['5d23h30m A x1']],
    [
      '`extend` and `max` count open time too',
      { wait: { for: '1h', by: BY_NUMBER, clock: 'office', extend: true, max: '90m' } },
      ['7h on A', '7h15m on A'],
      ['23h45m A x2'],
    ],
    ['a digest holds all until that time', digest, ['0s on A', '1h on B', '20h on C'], ['22h A x3']],
    ['at that very time it is the next day', digest, ['22h on A'], ['1d22h A x1']],
    [
      'a digest without `by` holds each by itself',
      { wait: { until: '08:00' } },
      ['0s on A', '1h on B'],
      ['22h A x1', '22h B x1'],
    ],
  ])('%s', (_reason, keys, lines, told) => expect(played([ruleOf(keys)], lines)).toEqual(told));

  test('a schedule that never opens again ends the wait at once, aloud', () => {
    const schedules = {
      ...OFFICE,
      never: { open: [{ days: 'mon', from: '09:00', to: '10:00' }], closed: ['2026-01-01/2039-01-01'] },
    };
    const script = stageScript(programWith([ruleOf({ wait: { for: '1h', clock: 'never' } })], { schedules }));
    const { deliveries, logs, dropped, nextDueMs } = script.say('0s on A');
    expect([deliveries, dropped, nextDueMs]).toEqual([[], 1, undefined]);
    expect(logs).toEqual([
      { rule: 'r', level: 'warn', text: 'dropped: its schedule does not open again', event: 'e1' },
    ]);
  });
});

describe('unless', () => {
  const unless = (more: object = {}, wait: object = { by: BY_NUMBER }): object => ({
    wait: { for: '15m', ...wait, unless: { on: 'phone.dnd_off', ...more } },
  });
  test.each<Case>([
    ['such an event cancels', unless(), ['0s on A', '10m off A'], []],
    ['at the very end it comes too late', unless(), ['0s on A', '15m off A'], ['15m A x1']],
    ['of another number it does not', unless(), ['0s on A', '10m off B'], ['15m A x1']],
    ['all that joined are cancelled', unless(), ['0s on A', '1m on A', '10m off A'], []],
    [
      'after it the next one waits anew, but the one before counts for `for`',
      unless(),
      ['0s on A', '1m off A', '2m on A'],
      [],
    ],
    ['up to `for` earlier it cancels too', unless(), ['0s off A', '15m on A'], []],
    ['longer ago it does not', unless(), ['0s off A', '15m1ms on A'], ['30m1ms A x1']],
    ['the last one counts', unless(), ['0s off A', '10m off A', '20m on A'], []],
    [
      '`before` says how much earlier',
      unless({ before: '1m' }),
      ['0s off A', '2m on A', '2m30s off B', '3m on B'],
      ['17m A x1'],
    ],
    ['`before: 0s` looks ahead only', unless({ before: '0s' }), ['0s off A', '1s on A'], ['15m1s A x1']],
    [
      'its own condition must hold',
      unless({ when: { 'phone.id': 'back' } }),
      ['0s on A', '2ms on B', '1m off A front', '2m off B back'],
      ['15m A x1'],
    ],
    [
      '`same` of its own',
      unless({ same: ['phone.id'] }),
      ['0s on A front', '1s on B back', '2s off C front'],
      ['15m1s B x1'],
    ],
    ['without `by` and `same` any of them cancels all', unless({}, {}), ['0s on A', '1s on B', '2s off C'], []],
    [
      'without `by`, with `same`',
      unless({ same: BY_NUMBER }, {}),
      ['0s on A', '1s on A', '2s on B', '3s off A'],
      ['15m2s B x1'],
    ],
    [
      'an event never cancels itself, nor came before itself',
      unless({ on: 'phone.dnd_on', before: '0s' }),
      ['0s on A', '1m on A'],
      ['16m A x1'],
    ],
    [
      'the same event of the look-back is the one before',
      unless({ on: 'phone.dnd_on' }),
      ['0s on A', '1m on A', '17m on A'],
      ['32m A x1'],
    ],
    [
      'a digest looks ahead only, unless it says more',
      { wait: { until: '18:00', by: BY_NUMBER, unless: { on: 'phone.dnd_off' } } },
      ['0s off A', '1s on A', '2s on B', '3s off B'],
      ['8h A x1'],
    ],
  ])('%s', (_reason, keys, lines, told) => expect(played([ruleOf(keys)], lines)).toEqual(told));
});

describe('limit', () => {
  const one = { limit: { per: '30m' } };
  const told = { do: [{ note: { to: 'desk', text: '{{ remote.number }} +{{ suppressed }}' } }] };
  test.each<Case>([
    ['the first one goes through at once', one, ['5s on A'], ['5s A +0']],
    ['more of them are held back', one, ['0s on A', '1s on A', '29m59s on A'], ['0s A +0']],
    [
      'the next one through knows how many',
      one,
      ['0s on A', '1s on A', '2s on A', '30m on A'],
      ['0s A +0', '30m A +2'],
    ],
    [
      'and after it none are left',
      one,
      ['0s on A', '1s on A', '30m on A', '60m on A'],
      ['0s A +0', '30m A +1', '1h A +0'],
    ],
    [
      '`max` go through',
      { limit: { max: 2, per: '30m' } },
      ['0s on A', '1s on A', '2s on A', '30m on B', '30m1ms on B'],
      ['0s A +0', '1s A +0', '30m B +1'],
    ],
    [
      'each value is limited by itself',
      { limit: { per: '30m', by: BY_NUMBER } },
      ['0s on A', '1s on B', '2s on A'],
      ['0s A +0', '1s B +0'],
    ],
    ['days later it still knows', one, ['0s on A', '1s on A', '6d on A'], ['0s A +0', '6d A +1']],
  ])('%s', (_reason, keys, lines, lineUp) => expect(played([ruleOf({ ...keys, ...told })], lines)).toEqual(lineUp));
});

describe('after', () => {
  const came = (more: object = {}): object => ({
    after: { on: 'phone.dnd_off', same: BY_NUMBER, within: '10m', ...more },
  });
  const second = { after: { on: 'phone.dnd_on', same: BY_NUMBER, within: '10m' } };
  test.each<Case>([
    ['nothing came before', came(), ['0s on A'], []],
    ['it came before', came(), ['0s off A', '10m on A'], ['10m A x']],
    ['longer ago', came(), ['0s off A', '10m1ms on A'], []],
    ['about another number', came(), ['0s off B', '1m on A'], []],
    ['both without a number', came(), ['0s off -', '1m on -'], ['1m  x']],
    ['it may come again and again', came(), ['0s off A', '1m on A', '2m on A'], ['1m A x', '2m A x']],
    [
      'its own condition must hold',
      came({ when: { 'phone.id': 'back' } }),
      ['0s off A front', '1s off B back', '2s on A', '3s on B'],
      ['3s B x'],
    ],
    ['an event does not come before itself: the second one', second, ['0s on A', '1m on A', '20m on A'], ['1m A x']],
    [
      'several fields',
      came({ same: ['remote.number', 'phone.id'] }),
      ['0s off A front', '1s on A back', '2s on A front'],
      ['2s A x'],
    ],
    ['raw variables', came({ same: ['vars.queue'] }), ['0s off B', '1s on A'], ['1s A x']],
  ])('%s', (_reason, keys, lines, told) => expect(played([ruleOf(keys)], lines)).toEqual(told));
});

describe('during and outside', () => {
  // 10:00 in Berlin; lunch from 12:00 to 13:00, the office closes at 17:30.
  test.each<Case>([
    ['open', { during: 'office' }, ['0s on A', '8h on B'], ['0s A x']],
    ['closed', { outside: 'office' }, ['0s on A', '8h on B'], ['8h B x']],
    ['the moment of closing is closed', { during: 'office' }, ['7h29m59s on A', '7h30m on B'], ['7h29m59s A x']],
    [
      'both must hold',
      { during: 'office', outside: 'lunch' },
      ['0s on A', '2h30m on B', '3h on C'],
      ['0s A x', '3h C x'],
    ],
    [
      'it holds when the event comes, not when the wait ends',
      { during: 'office', wait: { for: '1h' } },
      ['7h on A', '8h on B'],
      ['8h A x1'],
    ],
  ])('%s', (_reason, keys, lines, told) => expect(played([ruleOf(keys)], lines)).toEqual(told));
});

describe('fallback', () => {
  const rest = (more: object = {}): object => ({
    ...ruleOf(),
    id: 'rest',
    fallback: true,
    on: 'phone.*',
    do: [{ note: { to: 'desk', text: 'rest {{ remote.number }}' } }],
    ...more,
  });
  const first = (more: object = {}): object =>
    ruleOf({ do: [{ note: { to: 'desk', text: 'r {{ remote.number }}' } }], ...more });
  const cases: [reason: string, rules: object[], lines: string[], told: string[]][] = [
    ['acts on what nobody takes', [rest(), first()], ['0s off A'], ['0s rest A']],
    ['not on what somebody takes, wherever it stands', [rest(), first()], ['0s on A'], ['0s r A']],
    ['on what a condition refuses', [first({ when: { 'remote.number': 'B' } }), rest()], ['0s on A'], ['0s rest A']],
    ['on what a schedule refuses', [first({ outside: 'office' }), rest()], ['0s on A'], ['0s rest A']],
    [
      'on what nothing came before',
      [first({ after: { on: 'phone.dnd_off', same: BY_NUMBER, within: '1m' } }), rest()],
      ['0s on A'],
      ['0s rest A'],
    ],
    [
      'not on what is only counted, waits or is held back',
      [first({ count: { min: 2, within: '1m' } }), rest()],
      ['0s on A', '1s on A'],
      ['1s r A'],
    ],
    ['nor on what waits', [first({ wait: { for: '1m' } }), rest()], ['0s on A'], ['1m r A']],
    ['nor on what a limit holds back', [first({ limit: { per: '1m' } }), rest()], ['0s on A', '1s on A'], ['0s r A']],
    [
      'two of them do not keep each other off',
      [rest(), rest({ id: 'rest2' })],
      ['0s on A'],
      ['0s rest A', '0s rest A'],
    ],
    ['has stages of its own', [rest({ wait: { for: '1m' } })], ['0s on A'], ['1m rest A']],
    ['a rule that is switched off takes nothing', [first({ enabled: false }), rest()], ['0s on A'], ['0s rest A']],
  ];
  test.each(cases)('%s', (_reason, rules, lines, told) => expect(played(rules, lines)).toEqual(told));
});
