// Stages together, in their fixed order; and what goes on from them: events that rules make, and what templates see.
import { describe, expect, test } from 'vitest';
import { BEGIN_MS, ms, played, programWith, ruleOf, stageScript } from './stages-script.ts';

const BY_NUMBER = ['remote.number'];
const telling = (text: string, more: object = {}): object => ruleOf({ ...more, do: [{ note: { to: 'desk', text } }] });

describe('the order of the stages', () => {
  const came = { on: 'phone.dnd_off', same: BY_NUMBER, within: '10m' };
  const unless = { on: 'phone.registered' };
  const cases: [reason: string, keys: object, lines: string[], told: string[]][] = [
    [
      'what `after` refuses does not count',
      { after: came, count: { min: 2, within: '1h' } },
      ['0s on A', '1s off B', '2s on B', '3s on A', '4s on B'],
      ['4s B x2 +'],
    ],
    [
      'what `during` refuses does not count',
      { outside: 'lunch', count: { min: 2, within: '3h' } },
      ['1h on A', '2h30m on A', '3h on B'],
      ['3h B x2 +'],
    ],
    [
      'what has been counted waits, and knows all that it stands for',
      { count: { min: 2, within: '1m' }, wait: { for: '10m', by: ['site'] } },
      ['0s on A', '1s on B', '2s on C', '3s on D'],
      ['10m1s B x4 +'],
    ],
    [
      'what has waited is limited when it ends',
      { wait: { for: '1m', by: BY_NUMBER }, limit: { per: '10m' } },
      ['0s on A', '1s on B', '11m on C'],
      ['1m A x1 +0', '12m C x1 +1'],
    ],
    [
      'what is cancelled leaves the limit as it was',
      { wait: { for: '1m', by: BY_NUMBER, unless }, limit: { per: '10m' } },
      ['0s on A', '1s on B', '2s reg A'],
      ['1m1s B x1 +0'],
    ],
    [
      'counted and limited at once',
      { count: { min: 2, within: '1m' }, limit: { per: '10m' } },
      ['0s on A', '1s on A', '2s on A', '3s on A', '11m on A', '11m1s on A'],
      ['1s A x2 +0', '11m1s A x2 +1'],
    ],
    [
      'all of them',
      {
        during: 'office',
        after: came,
        count: { min: 2, within: '1m', by: BY_NUMBER },
        wait: { for: '5m', by: ['site'], clock: 'office', extend: true, max: '8m', unless },
        limit: { per: '1h', max: 1 },
        when: { 'phone.id': 'front' },
      },
      [
        '0s off A',
        '1s on A',
        '2s on A',
        '3s on A back',
        '4m on A',
        '4m1s on A',
        '7m on A',
        '7m1s on A',
        '30m off A',
        '30m1s on A',
        '30m2s on A',
        '31m reg -',
        '2h off A',
        '121m on A',
        '121m1s on A',
      ],
      ['8m2s A x6 +0', '2h6m1s A x2 +0'],
    ],
  ];
  test.each(cases)('%s', (_reason, keys, lines, told) =>
    expect(played([telling('{{ remote.number }} x{{ count }} +{{ suppressed }}', keys)], lines)).toEqual(told),
  );
});

describe('what templates see', () => {
  test('of a wait: the first event, and the times and callers of all', () => {
    const text =
      '{{ event.at | date: "%H:%M" }} {{ events.size }}: {{ events | first }} {{ events.last }}; {{ callers | join: ", " }}; {{ late | default: "in time" }}';
    expect(
      played([telling(text, { wait: { for: '1h', by: ['site'] } })], ['5m on A', '10m on B', '15m on -', '20m on A']),
    ).toEqual(['1h5m 10:05 4: 2026-11-24T09:05:00.000Z 2026-11-24T09:20:00.000Z; A, B; in time']);
  });

  test('of a count: the last event, and the times and callers of all', () =>
    expect(
      played(
        [
          telling('{{ remote.number }} {{ callers | join: ", " }} {{ events.size }}', {
            count: { min: 3, within: '1h' },
          }),
        ],
        ['0s on A', '1s on B', '2s on C'],
      ),
    ).toEqual(['2s C A, B, C 3']));

  test('without these stages: nothing', () =>
    expect(
      played(
        [telling('{{ count }}{{ suppressed }}{{ late }}{{ events | join: "" }}{{ callers | join: "" }}.')],
        ['0s on A'],
      ),
    ).toEqual(['0s .']));

  test('of more than a hundred events: all are counted, the first hundred are kept', () => {
    const lines = Array.from({ length: 150 }, (_, n) => `${n}s on A${n}`);
    const told = played(
      [
        telling('{{ count }} {{ events.size }} {{ callers.size }} {{ callers.last }}', {
          wait: { for: '1h', by: ['site'] },
        }),
      ],
      lines,
    );
    expect(told).toEqual(['1h 150 100 100 A99']);
  });

  test('raw variables and the config, as the phone said and as the config says now', () => {
    const text = '{{ vars.queue }} {{ phone.name }} {{ phone.mac }}';
    expect(played([telling(text, { wait: { for: '1h' } })], ['0s on A'])).toEqual(['1h sales Front desk ']);
  });
});

describe('events that rules make', () => {
  const emit = (event: string, more: object = {}): object =>
    ruleOf({ id: 'make', do: [{ emit: { event, vars: { who: '{{ remote.number }}', n: '{{ count }}' } } }], ...more });

  test('out of a wait: at its end, about the event that began it', () => {
    const rules = [
      emit('custom.late', { wait: { for: '15m', by: BY_NUMBER } }),
      telling('{{ vars.who }} {{ vars.n }} {{ count }} {{ event.at | date: "%H:%M" }}', { on: 'custom.late' }),
    ];
    const script = stageScript(programWith(rules));
    script.say('0s on A');
    script.say('1m on A');
    script.until(ms('1h'));
    expect(script.lines()).toEqual(['15m A 2 2 10:15']);
    expect(script.fired[0]?.id).toBe('e1/make/0/r/0');
    expect(script.steps.flatMap(({ events }) => events).filter(({ type }) => type === 'custom.late')).toMatchObject([
      {
        id: 'e1/make/0',
        at: new Date(BEGIN_MS + ms('15m')).toISOString(),
        cause: 'e1',
        depth: 1,
        phone: { id: 'front' },
        vars: { queue: 'sales', who: 'A', n: '2' },
      },
    ]);
  });

  test('they count, wait, cancel and are limited like others', () => {
    const rules = [
      emit('custom.pair', { count: { min: 2, within: '1m', by: BY_NUMBER } }),
      telling('{{ remote.number }} x{{ count }}', {
        id: 'calm',
        on: 'custom.pair',
        wait: { for: '10m', by: BY_NUMBER, unless: { on: 'custom.off', before: '0s' } },
        limit: { per: '1h' },
      }),
      ruleOf({ id: 'off', on: 'phone.dnd_off', wait: { for: '1s' }, do: [{ emit: { event: 'custom.off' } }] }),
    ];
    const lines = [
      '0s on A',
      '1s on A',
      '2s on B',
      '3s on B',
      '1m off A',
      '2m on A',
      '2m1s on A',
      '20m on B',
      '20m1s on B',
    ];
    expect(played(rules, lines)).toEqual(['10m3s B x1']);
  });

  test('a wait that ends while nobody looks is met at its own moment', () => {
    const chain = [
      emit('custom.one', { wait: { for: '10m' } }),
      ruleOf({ id: 'two', on: 'custom.one', wait: { for: '10m' }, do: [{ emit: { event: 'custom.two' } }] }),
      telling('end', {
        on: 'custom.two',
        wait: { for: '10m', unless: { on: 'phone.dnd_off', before: '0s', same: BY_NUMBER } },
      }),
    ];
    expect(played(chain, ['0s on A'])).toEqual(['30m end']);
    expect(played(chain, ['0s on A', '29m off A'])).toEqual([]);
    expect(played(chain, ['0s on A', '19m off A'])).toEqual(['30m end']);
  });

  test('a call that settles while nobody looks opens its wait at that moment', () => {
    const rules = [
      telling('{{ remote.number }} {{ event.type }}', {
        on: 'call.missed',
        wait: { for: '15m', by: BY_NUMBER, unless: { on: 'call.returned' } },
      }),
    ];
    const lines = ['0s incoming_call A', '20s missed_call A'];
    const [told, ...more] = played(rules, lines);
    expect(more).toEqual([]);
    expect(told).toMatch(/^15m2\ds A call\.missed$/);
    const script = stageScript(programWith(rules));
    for (const line of [...lines, '1m outgoing_call A back', '1m5s established A back']) script.say(line);
    script.until(ms('1h'));
    expect(script.lines()).toEqual([]);
    expect(script.state.memory.rules.get('r')?.waits.rows.size).toBe(0);
  });
});

describe('deliveries out of a wait', () => {
  test('are made when it ends, and their ids are those of the event that began it', () => {
    const script = stageScript(programWith([ruleOf({ wait: { for: '1h', by: BY_NUMBER } })]));
    script.say('0s on A');
    script.say('2h on A');
    script.until(ms('1d'));
    const made = script.steps.flatMap(({ deliveries }) => deliveries);
    expect(
      made.map(({ id, event, madeAtMs, dueAtMs, order }) => [
        id,
        event,
        madeAtMs - BEGIN_MS,
        dueAtMs - BEGIN_MS,
        order,
      ]),
    ).toEqual([
      ['e1/r/0', 'e1', ms('1h'), ms('1h'), 'desk|front'],
      ['e2/r/0', 'e2', ms('3h'), ms('3h'), 'desk|front'],
    ]);
  });

  test('a connection whose messages live for a second gets them all the same', () => {
    const script = stageScript(
      programWith([ruleOf({ wait: { for: '1h' }, do: [{ wire: { to: 'cable', text: 'x' } }] })]),
    );
    script.say('0s on A');
    script.until(ms('1h'));
    expect(script.steps.at(-1)?.deliveries.map(({ expiresAtMs, dueAtMs }) => expiresAtMs - dueAtMs)).toEqual([1_000]);
  });
});
