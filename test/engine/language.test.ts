// Reading rule files: every mistake at once, each at its exact path and with what would be right.
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/core/problems.ts';
import { compileRules } from '../../src/engine/index.ts';
import { compiledOf, context, problemsOf } from './fixture.ts';

const log = [{ log: { text: 'x' } }];

/** More than twenty mistakes, of as many kinds, in one file. */
const BAD = {
  schedules: { office: { open: 7 } },
  listz: {},
  lists: { vip: ['+49', 49] },
  rules: [
    { id: 'A b', on: 'phone.mised_call', when: { 'remote.nubmer': '1' }, do: log },
    { id: 'one', on: ['phone.dnd_on', 'call.mised'], wait: { for: 20 }, when: { 'local.number': 201 }, do: log },
    { id: 'one', on: 'phone.dnd_*', when: { 'remote.number': { prefx: '+49' }, 'phone.ip': { prefix: '1' } }, do: log },
    {
      id: 'three',
      on: 'phone.dnd_on',
      when: { any: [], not: { suppressed: 'external' }, 'remote.number': { in: 'vpi' } },
      do: [{ note: { to: 'dsek', text: '{{ remote.nubmer }}', level: 'hgih' } }, { notes: {} }],
    },
    {
      id: 'four',
      on: 'phone.dnd_on',
      enabeld: true,
      do: [
        { note: { to: 'cable', text: '{{ remote.name | upcas }}' } },
        { note: { to: 'desk', labels: ['{{ site }}'] } },
      ],
    },
  ],
};

describe('a file full of mistakes', () => {
  test('says all of them, where each is and what would be right', () => {
    expect(problemsOf(BAD)).toEqual([
      'lists.vip[1]: must be text in double quotes, not 49',
      'listz: unknown key; did you mean "lists"?',
      'schedules.office.open: must be a list [ … ], not 7',
      'rules[0].id: must be a-z, 0-9, _ and -, up to 64, like "missed-to-slack"',
      'rules[0].on: "phone.mised_call" is not an event; did you mean "phone.missed_call"?',
      'rules[0].when["remote.nubmer"]: unknown field "remote.nubmer"; did you mean "remote.number"?',
      'rules[1].on[1]: "call.mised" is not an event; did you mean "call.missed"?',
      'rules[1].when["local.number"]: must be text in double quotes, not 201; write it as "201"',
      'rules[1].wait.for: must be text like "15m", not 20',
      'rules[2].id: "one" is already the id of a.json, rules[1]; ids are unique over all files',
      'rules[2].when["remote.number"].prefx: unknown operator; did you mean "prefix"?',
      'rules[2].when["phone.ip"].prefix: not for an address; allowed: cidr, exists, not',
      'rules[3].when.any: is an empty list; write at least one condition',
      'rules[3].when.not.suppressed: must be a number, not text; write it without quotes',
      'rules[3].when["remote.number"].in: there is no list "vpi" in this file; did you mean "vip"?',
      'rules[3].do[0].note.to: there is no connection "dsek"; did you mean "desk"?',
      'rules[3].do[0].note.level: "hgih" is not allowed; did you mean "high"?',
      'rules[3].do[0].note.text: unknown variable "remote.nubmer"; did you mean "remote.number"?',
      'rules[3].do[1].notes: is not an action; did you mean "note"?',
      'rules[4].enabeld: unknown key; did you mean "enabled"?',
      'rules[4].do[0].note.to: the connection "cable" is of type wire, not note; connections of type note: desk',
      'rules[4].do[0].note.text: the filter "upcas" is not available; did you mean "upcase"?',
      'rules[4].do[1].note.text: is missing; it must be text in double quotes',
      'rules[4].do[1].note.labels[0]: cannot be filled in: it is the same for every event; {{ }} may stand in: text, payload, tree',
    ]);
  });
});

describe('the shape of a file', () => {
  test.each([
    [[], ': must be an object { … }, not a list; like { "rules": [ … ] }'],
    [{}, 'rules: is missing; it must be a list [ … ]'],
    [{ rules: {} }, 'rules: must be a list [ … ], not an object'],
    [{ rules: [7] }, 'rules[0]: must be an object { … }, not 7'],
    [{ rules: [], lists: { 'a b': [] } }, 'lists["a b"]: this name is not allowed; letters, digits, _ and -, up to 64'],
  ])('%j', (value, sentence) => expect(problemsOf(value)).toEqual([sentence]));

  test.each([
    ['during', 'must be the name of a schedule, not 1; write it under "schedules" in this file'],
    ['outside', 'must be the name of a schedule, not 1; write it under "schedules" in this file'],
    [
      'after',
      'must be an object { … }, not 1; like { "on": "call.missed", "same": ["remote.number"], "within": "30m" }',
    ],
    ['count', 'must be an object { … }, not 1; like { "min": 5, "within": "2m" }'],
    ['wait', 'must be an object { … }, not 1; like { "for": "15m" }'],
    ['limit', 'must be an object { … }, not 1; like { "per": "30m" }'],
    ['fallback', 'must be true or false, not 1'],
  ])('the key %s says what it takes', (key, sentence) =>
    expect(problemsOf({ rules: [{ id: 'r', on: '*', do: log, [key]: 1 }] })).toEqual([`rules[0].${key}: ${sentence}`]),
  );

  test('more rules than any house needs are refused before they are read', () =>
    expect(problemsOf({ rules: Array.from({ length: 20_001 }, () => ({})) })).toEqual([
      'rules: more than 20000 rules in all; one rule with a list of values does what many with one value each do',
    ]));

  test('what a rule must have', () =>
    expect(problemsOf({ rules: [{}] })).toEqual([
      'rules[0].id: is missing; it must be text in double quotes',
      'rules[0].on: is missing; like "phone.missed_call", "phone.*" or a list of them',
      'rules[0].do: is missing; like [{ "log": { "text": "{{ phone.id }}" } }]',
    ]));

  test('problems name their file; files go by name, whatever order they come in', () => {
    const value = { rules: [{ id: 'same', on: '*', do: log }] };
    const result = compileRules(
      [
        { file: 'b.json', value },
        { file: 'a.json', value },
      ],
      context,
    );
    expect('problems' in result && result.problems.map(formatProblem)).toEqual([
      'b.json  rules[0].id: "same" is already the id of a.json, rules[0]; ids are unique over all files',
    ]);
  });

  test('lists belong to their file', () => {
    const rule = { id: 'r', on: '*', when: { 'remote.number': { in: 'vip' } }, do: log };
    const files = [
      { file: 'a.json', value: { lists: { vip: ['1'] }, rules: [] } },
      { file: 'b.json', value: { rules: [rule] } },
    ];
    expect('problems' in compileRules(files, context)).toBe(true);
    expect(problemsOf({ lists: { vip: ['1'] }, rules: [rule] })).toEqual([]);
  });
});

describe('on', () => {
  const on = (value: unknown): readonly string[] | undefined =>
    compiledOf({ rules: [{ id: 'r', on: value, do: log }] })[0]?.on;

  test('groups are all events that begin so', () => {
    expect(on('phone.forward_*')).toHaveLength(7);
    expect(on('phone.*')).toHaveLength(34);
    // A change of state follows from one of them: it is asked for by its name.
    for (const group of ['phone.*', '*']) expect(on(group)).not.toContain('phone.state_changed');
    expect(on('phone.state_*')).toEqual(['phone.state_changed']);
    expect(on('call.*')).toHaveLength(8);
    expect(on('*')).toHaveLength(34 + 8);
    expect(on(['phone.dnd_on', 'phone.dnd_*'])).toEqual(['phone.dnd_on', 'phone.dnd_off']);
  });

  test('events of other rules, whichever stands first', () => {
    const compiled = compiledOf({
      rules: [
        { id: 'takes', on: ['custom.vip', 'custom.v*'], do: log },
        { id: 'makes', on: 'phone.missed_call', do: [{ emit: { event: 'custom.vip' } }] },
        { id: 'all', on: '*', do: log },
      ],
    });
    expect(compiled[0]?.on).toEqual(['custom.vip']);
    expect(compiled[2]?.on).toHaveLength(34 + 8 + 1);
  });

  test.each([
    ['missed_call', '"missed_call" is not an event; did you mean "phone.missed_call"?'],
    ['phone.frward_*', 'no event begins with "phone.frward_"; did you mean "phone.forward_*"?'],
    ['calls.*', 'no event begins with "calls."; did you mean "call.*"?'],
    ['missed', '"missed" is not an event; did you mean "call.missed"?'],
    ['ringing', '"ringing" is not an event; did you mean "call.ringing"?'],
    ['custom.nobody', 'no rule makes "custom.nobody"; make it with "emit"'],
    ['custom.*', 'no rule makes such an event; make one with "emit"'],
    [[], 'is an empty list; like "phone.missed_call", "phone.*" or a list of them'],
    [7, 'must be text in double quotes or a list, not 7; like "phone.missed_call", "phone.*" or a list of them'],
  ])('%j', (value, sentence) =>
    expect(problemsOf({ rules: [{ id: 'r', on: value, do: log }] })).toEqual([`rules[0].on: ${sentence}`]),
  );
});

describe('rules that set each other off', () => {
  const emit = (event: string): { emit: { event: string } } => ({ emit: { event } });
  /** Each rule makes the next one's event, `times` times. */
  const chain = (length: number, times = 1): object[] =>
    Array.from({ length }, (_, i) => ({
      id: `r${i}`,
      on: i === 0 ? 'phone.dnd_on' : `custom.e${i - 1}`,
      do: Array.from({ length: times }, () => emit(`custom.e${i}`)),
    }));

  test('a circle is told once, with the way round, also behind other problems', () =>
    expect(
      problemsOf({
        rules: [
          { id: 'start', on: 'phone.dnd_on', do: [emit('custom.a')] },
          { id: 'one', on: 'custom.a', do: [...log, emit('custom.b')], when: { nonsense: 1 } },
          { id: 'two', on: 'custom.b', do: [emit('custom.a')] },
        ],
      }),
    ).toEqual([
      'rules[1].when.nonsense: unknown field "nonsense"',
      'rules[2].do[0].emit.event: rules set each other off in a circle: custom.a → one → custom.b → two → custom.a; name the events under "on" so that none leads back',
    ]));

  test('a rule on everything that makes an event', () =>
    expect(problemsOf({ rules: [{ id: 'loop', on: '*', do: [emit('custom.x')] }] })[0]).toContain(
      'in a circle: custom.x → loop → custom.x;',
    ));

  test('a circle of a rule that makes the same event twice is one problem', () =>
    expect(problemsOf({ rules: [{ id: 'a', on: 'custom.a', do: [emit('custom.a'), emit('custom.a')] }] })).toHaveLength(
      1,
    ));

  test('two circles are two problems, also of rules that are switched off', () =>
    expect(
      problemsOf({
        rules: [
          { id: 'a', on: 'custom.a', do: [emit('custom.a')] },
          { id: 'b', on: 'custom.b', enabled: false, do: [emit('custom.b')] },
        ],
      }),
    ).toHaveLength(2));

  test('eight emits may follow each other, nine may not', () => {
    expect(problemsOf({ rules: chain(8) })).toEqual([]);
    expect(problemsOf({ rules: chain(9) })).toEqual([
      'rules[0].do[0].emit.event: starts a chain of more than 8 emits; at most 8 may follow each other',
    ]);
  });

  test('events that multiply are stopped', () => {
    expect(problemsOf({ rules: chain(6, 2) })).toEqual([]);
    expect(problemsOf({ rules: chain(4, 10) })[0]).toContain('one phone.dnd_on would lead to more than 1000 events');
  });

  test('a chain of 20,000 rules is refused, not followed to the end of the stack', () =>
    expect(problemsOf({ rules: chain(20_000) })).toHaveLength(1));
});
