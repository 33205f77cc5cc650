// What rules remember: over restarts, over other rules, over jumps of the clock, and not without end.
import { describe, expect, test } from 'vitest';
import { ms, programWith, restored, ruleOf, type StageScript, stageScript } from './stages-script.ts';

const BY_NUMBER = ['remote.number'];
const waiting = (more: object = {}): object => ruleOf({ wait: { for: '15m', by: BY_NUMBER, ...more } });
const late = (rule: object): object => ({
  ...rule,
  do: [{ note: { to: 'desk', text: '{{ remote.number }} x{{ count }} late {{ late }}' } }],
});

/** Says the lines, and that the daemon starts where a line says so; then lets a week pass. */
function run(
  rules: readonly object[],
  lines: readonly string[],
  options: Parameters<typeof programWith>[1] = {},
): StageScript {
  const script = stageScript(programWith(rules, options));
  for (const line of lines) {
    if (line.endsWith(' start')) script.restart(ms(line.replace(' start', '')));
    else script.say(line);
  }
  script.until(ms('7d'));
  return script;
}

describe('a restart', () => {
  test.each<[reason: string, rule: object, lines: string[], told: string[]]>([
    ['a wait goes on', waiting(), ['0s on A', '5m start', '6m on A'], ['15m A x2']],
    [
      'and is cancelled as before',
      waiting({ unless: { on: 'phone.dnd_off' } }),
      ['0s on A', '5m start', '6m off A'],
      [],
    ],
    [
      'what came before is known',
      waiting({ unless: { on: 'phone.dnd_off' } }),
      ['0s off A', '5m start', '6m on A'],
      [],
    ],
    [
      'a wait with a key of its own to cancel it',
      ruleOf({ wait: { for: '15m', unless: { on: 'phone.dnd_off', same: BY_NUMBER } } }),
      ['0s on A', '1s on B', '5m start', '6m off A'],
      ['15m1s B x1'],
    ],
    [
      'what `max` allows is known',
      waiting({ for: '1m', extend: true, max: '2m' }),
      ['0s on A', '50s start', '55s on A', '100s on A'],
      ['2m A x3'],
    ],
    [
      'a count goes on',
      ruleOf({ count: { min: 3, within: '1h' } }),
      ['0s on A', '1s on B', '1m start', '2m on C'],
      ['2m C x3'],
    ],
    [
      'a limit holds on',
      ruleOf({ limit: { per: '1h' } }),
      ['0s on A', '1m start', '2m on B', '1h on C'],
      ['0s A x', '1h C x'],
    ],
    [
      'after goes on',
      ruleOf({ after: { on: 'phone.dnd_off', same: BY_NUMBER, within: '1h' } }),
      ['0s off A', '1m start', '2m on A'],
      ['2m A x'],
    ],
  ])('%s', (_reason, rule, lines, told) => expect(run([rule], lines).lines()).toEqual(told));

  test.each<[reason: string, lines: string[], told: string[], dropped: number]>([
    ['up to now is in time', ['0s on A', '15m start'], ['15m A x1 late '], 0],
    ['a little later is told at once, and says so', ['0s on A', '15m1ms start'], ['15m1ms A x1 late 1'], 0],
    ['by less than 10 min', ['0s on A', '24m59s start'], ['24m59s A x1 late 599'], 0],
    ['by 10 min is too late', ['0s on A', '25m start'], [], 1],
    ['each is judged by itself', ['0s on A', '10m on B', '30m start'], ['30m B x1 late 300'], 1],
  ])('a wait that ended while nobody ran: %s', (_reason, lines, told, dropped) => {
    const script = run([late(waiting())], lines);
    expect([script.lines(), script.dropped()]).toEqual([told, dropped]);
    const text = 'dropped: its time was over 10m before Hookswitch started again';
    if (told.length === 0) expect(script.logs).toEqual([{ rule: 'r', level: 'warn', text, event: 'e1' }]);
  });

  test('how late is too late can be set', () => {
    expect(run([late(waiting())], ['0s on A', '30m start'], { lateMsMax: ms('1h') }).lines()).toEqual([
      '30m A x1 late 900',
    ]);
    expect(run([late(waiting())], ['0s on A', '16m start'], { lateMsMax: 0 }).lines()).toEqual([]);
  });

  test('what is late knows that it is, in what follows from it', () => {
    const make = ruleOf({ id: 'make', wait: { for: '1m' }, do: [{ emit: { event: 'custom.x' } }] });
    const take = late(ruleOf({ on: 'custom.x' }));
    expect(run([make, take], ['0s on A', '2m start']).lines()).toEqual(['2m A x1 late 60']);
    expect(run([make, late(waiting()), { ...take, id: 'take' }], ['0s on A', '1h start']).dropped()).toBe(2);
  });

  test('what settles while nobody ran is met then, and its wait is late too', () => {
    const rule = late(ruleOf({ on: 'call.missed', wait: { for: '1m' } }));
    const [told] = run([rule], ['0s incoming_call A', '20s missed_call A', '5m start']).lines();
    expect(told).toMatch(/^5m A x1 late 2\d\d$/);
  });

  test('without a restart nothing is late, however long nobody looked', () => {
    const script = run([late(waiting())], ['0s on A']);
    expect(script.lines()).toEqual(['15m A x1 late ']);
  });
});

describe('jumps of the clock', () => {
  test('ahead: everything at its own moment, in its order', () => {
    const other = ruleOf({ id: 'b', on: 'phone.dnd_on', wait: { for: '10m' }, limit: { per: '1m' } });
    const script = run([waiting(), other], ['0s on A', '30s on B', '90s on C']);
    expect(script.lines()).toEqual(['10m A x1', '11m30s C x1', '15m A x1', '15m30s B x1', '16m30s C x1']);
  });
  test('at the same moment by the name of the rule, then by key', () => {
    const script = stageScript(
      programWith([
        ruleOf({ id: 'b', wait: { until: '08:00', by: BY_NUMBER } }),
        ruleOf({ id: 'a', wait: { until: '08:00', by: BY_NUMBER } }),
      ]),
    );
    for (const line of ['0s on Z', '1s on Y']) script.say(line);
    script.until(ms('7d'));
    expect(script.fired.map(({ rule, text }) => `${rule} ${text}`)).toEqual(['a Y x1', 'a Z x1', 'b Y x1', 'b Z x1']);
  });
  test('back: nothing fires twice, and nothing is lost', () => {
    const script = stageScript(programWith([waiting()]));
    script.say('0s on A');
    script.until(ms('14m'));
    script.until(ms('1m'));
    script.say('2m on B');
    script.until(ms('20m'));
    script.until(ms('15m'));
    expect(script.lines()).toEqual(['15m A x1']);
    script.until(ms('29m'));
    expect(script.lines()).toEqual(['15m A x1', '29m B x1']);
  });
});

describe('other rules', () => {
  const swapped = (
    before: readonly object[],
    after: readonly object[],
    lines: readonly string[] = ['0s on A', '1s on B'],
  ): StageScript => {
    const script = stageScript(programWith(before));
    for (const line of lines) script.say(line);
    script.swap(programWith(after));
    script.until(ms('1m'));
    return script;
  };
  const text = { do: [{ note: { to: 'desk', text: 'new {{ remote.number }}' } }] };

  test('with the same stages: the memory stays, and the new text is told', () => {
    const script = swapped([waiting()], [{ ...waiting(), ...text }]);
    script.until(ms('1h'));
    expect([script.lines(), script.logs, script.dropped()]).toEqual([['15m new A', '15m1s new B'], [], 0]);
  });

  test.each<[reason: string, after: object[], why: string]>([
    ['with other stages', [waiting({ for: '20m' })], 'the rule has other stages now'],
    ['without stages', [ruleOf()], 'the rule has other stages now'],
    ['without the rule', [], 'the rule is gone or switched off'],
    ['with the rule switched off', [{ ...waiting(), enabled: false }], 'the rule is gone or switched off'],
  ])('%s: what waits is dropped, aloud', (_reason, after, why) => {
    const script = swapped([waiting()], after);
    expect(script.logs).toEqual([{ rule: 'r', level: 'warn', text: `dropped: 2 waits, because ${why}`, event: '' }]);
    expect([script.dropped(), [...script.rows.keys()].filter((row) => row.startsWith('rule-'))]).toEqual([2, []]);
    script.until(ms('7d'));
    expect(script.lines()).toEqual([]);
  });

  test('the rest of what is remembered is dropped as well', () => {
    const rule = ruleOf({ limit: { per: '1h' }, count: { min: 2, within: '1h', by: BY_NUMBER } });
    const script = swapped([rule], [ruleOf({ limit: { per: '2h' } })], ['0s on A', '1s on A', '2s on B']);
    expect(script.logs.map((log) => log.text)).toEqual([
      'dropped: 2 keys of "after", "count", "unless" and "limit", because the rule has other stages now',
    ]);
    expect(script.dropped()).toBe(0);
    script.say('2m on C');
    expect(script.lines()).toEqual(['1s A x2', '2m C x']);
  });

  test('after a restart with other rules it is the same', () => {
    const script = stageScript(programWith([waiting()]));
    script.say('0s on A');
    script.swap(programWith([waiting({ for: '1m' })]));
    script.restart(ms('1h'));
    expect([script.lines(), script.dropped(), script.logs.length]).toEqual([[], 1, 1]);
  });

  test('rows that do not belong together are dropped together', () => {
    const script = stageScript(programWith([waiting()]));
    for (const line of ['0s on A', '1s on B']) script.say(line);
    const [name = ''] = [...script.rows.keys()].filter((row) => row.startsWith('rule-wait'));
    script.rows.set(name, (script.rows.get(name) ?? '').replace(/"hash":"[^"]*"/, '"hash":"another"'));
    script.restart(ms('1m'));
    expect([script.dropped(), script.logs.length]).toEqual([2, 1]);
  });

  test('one rule does not lose what another one remembers', () => {
    const other = { ...waiting(), id: 'other' };
    const script = swapped([waiting(), other], [other]);
    script.until(ms('1h'));
    expect(script.fired.map(({ rule }) => rule)).toEqual(['other', 'other']);
  });
});

describe('not without end', () => {
  const flood = (rule: object, lines = 10_003, of = 'on'): StageScript => {
    const script = stageScript(programWith([rule]));
    for (let n = 0; n < lines; n++) script.say(`${n}ms ${of} N${n}`);
    return script;
  };

  test('of 10,000 waits the oldest makes room, aloud, also after a restart', () => {
    const script = flood(waiting(), 10_001);
    script.restart(ms('11s'));
    script.say('12s on M1');
    script.say('13s on M2');
    const why = 'dropped: more than 10000 waited, and this was the oldest';
    expect(script.logs).toEqual(['e1', 'e2', 'e3'].map((event) => ({ rule: 'r', level: 'warn', text: why, event })));
    script.until(ms('1h'));
    expect([script.fired.length, script.dropped(), script.fired[0]?.text]).toEqual([10_000, 3, 'N3 x1']);
    expect(script.rows.size).toBe(restored(script.rows).phones.size);
  });

  test.each<[string, object, string?]>([
    ['count', { count: { min: 2, within: '1h', by: BY_NUMBER } }],
    ['limit', { limit: { per: '1h', by: BY_NUMBER } }],
    ['after', { after: { on: 'phone.dnd_off', same: BY_NUMBER, within: '1h' } }, 'off'],
    ['unless', { wait: { for: '1h', by: BY_NUMBER, unless: { on: 'phone.dnd_off' } } }, 'off'],
  ])('of 10,000 keys of "%s" the oldest makes room, aloud', (_name, keys, of) => {
    const script = flood(ruleOf(keys), 10_001, of);
    expect(script.logs).toMatchObject([{ level: 'warn', event: 'e10001' }]);
    expect(script.logs[0]?.text).toMatch(/^forgotten: /);
    expect([...script.rows.keys()].filter((row) => row.startsWith('rule-'))).toHaveLength(10_000);
  });

  test.each<[string, object, string?]>([
    ['count', { count: { min: 2, within: '1s', by: BY_NUMBER } }],
    ['limit', { limit: { per: '1s', by: BY_NUMBER } }],
    ['after', { after: { on: 'phone.dnd_off', same: BY_NUMBER, within: '1s' } }, 'off'],
    ['unless', { wait: { for: '1s', by: BY_NUMBER, unless: { on: 'phone.dnd_off' } } }, 'off'],
  ])('what "%s" needs no longer is forgotten', (_name, keys, of = 'on') => {
    const script = flood(ruleOf(keys), 100, of);
    script.say(`1h ${of} B`);
    expect([...script.rows.keys()].filter((row) => row.startsWith('rule-'))).toHaveLength(1);
  });

  test('a key is short, whatever a phone says', () => {
    const script = stageScript(programWith([waiting()]));
    const [one, two] = ['x'.repeat(5_000), `${'x'.repeat(4_999)}y`];
    for (const line of [`0s on ${one}`, `1s on ${two}`, `2s on ${one}`]) script.say(line);
    expect(
      Math.max(...[...script.rows.keys()].filter((row) => row.startsWith('rule-wait')).map((row) => row.length)),
    ).toBeLessThan(200);
    script.until(ms('1h'));
    expect(script.fired.map(({ text }) => text.slice(-2))).toEqual(['x2', 'x1']);
  });
});
