// Reading the tests of rules: every slip is told, all at once, with its path and what would be right.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTests, withoutTests } from '../../src/engine/proof/index.ts';
import { named, RULES, testProblems } from './proof-fixture.ts';

const send = [{ event: 'phone.missed_call' }];
const expectation = [{ rule: 'missed' }];
const whole = (more: object) => [{ name: 't', send, expect: expectation, ...more }];
const sending = (...lines: unknown[]) => whole({ send: lines });
const expecting = (...lines: unknown[]) => whole({ expect: lines });
const SPAN = '(units: ms, s, m, h, d, w)';

describe('what is wrong with a test', () => {
  test.each<[string, unknown, string[]]>([
    [
      'no list',
      { name: 't' },
      ['tests: must be a list [ … ], not an object; like [{ "name": "…", "send": [ … ], "expect": [ … ] }]'],
    ],
    ['no object', [5], ['tests[0]: must be an object { … }, not 5']],
    [
      'empty',
      [{}],
      [
        'tests[0].name: is missing; it must be text in double quotes',
        'tests[0].send: is missing; it must be a list [ … ]',
        'tests[0].expect: is missing; it must be a list [ … ]',
      ],
    ],
    ['an unknown key', whole({ untill: '1h' }), ['tests[0].untill: unknown key; did you mean "until"?']],
    ['nothing sent', whole({ send: [] }), ['tests[0].send: must have at least 1 entry']],
    [
      'nothing expected',
      whole({ expect: [] }),
      ['tests[0].expect: expects nothing; name a rule, or write "only": true where none may fire'],
    ],
    ['a number as a span', whole({ until: 20 }), ['tests[0].until: must be text like "1h", not 20']],
    ['no span', whole({ until: 'soon' }), [`tests[0].until: "soon" is no span of time; write it like "1h" ${SPAN}`]],
    ['a long span', whole({ until: '500d' }), ['tests[0].until: is too long; at most 400d']],
    [
      'an end before the last hit',
      whole({ send: [{ at: '2m', event: 'phone.dnd_on' }], until: '1m' }),
      ['tests[0].until: is over before everything is sent; make it longer, or leave it out'],
    ],
    [
      'no moment',
      whole({ start: '2026-02-30T09:00:00' }),
      ['tests[0].start: "2026-02-30T09:00:00" is no moment; write it like "2026-11-24T10:00:00"'],
    ],
    [
      'no moment at all',
      whole({ start: 'Tuesday' }),
      ['tests[0].start: "Tuesday" is no moment; write it like "2026-11-24T10:00:00"'],
    ],
    ['a moment as a number', whole({ start: 9 }), ['tests[0].start: must be text like "2026-11-24T09:00:00", not 9']],
    [
      'the same name',
      [...whole({}), ...whole({})],
      ['tests[1].name: is already the name of tests[0]; give it another'],
    ],
  ])('%s', (_, tests, told) => expect(testProblems(tests)).toEqual(told));
});

describe('what is wrong with a line of "send"', () => {
  test.each<[string, unknown, string[]]>([
    ['nothing', {}, ['tests[0].send[0]: sends nothing; write "event": "phone.…" or "scenario": "…"']],
    [
      'two things',
      { event: 'phone.dnd_on', scenario: 'dnd-day' },
      ['tests[0].send[0].scenario: "event" and "scenario" stand together; keep one of them'],
    ],
    [
      'a misspelt event',
      { event: 'phone.mised_call' },
      ['tests[0].send[0].event: "phone.mised_call" is not an event of a phone; did you mean "phone.missed_call"?'],
    ],
    [
      'an event without its beginning',
      { event: 'missed_call' },
      ['tests[0].send[0].event: "missed_call" is not an event of a phone; did you mean "phone.missed_call"?'],
    ],
    [
      'an event that nobody sends',
      { event: 'call.missed' },
      [
        'tests[0].send[0].event: "call.missed" is what follows from what phones say; send what phones say, like "phone.missed_call"',
      ],
    ],
    [
      'nothing like an event',
      { event: 'x' },
      ['tests[0].send[0].event: "x" is not an event of a phone; like "phone.missed_call"'],
    ],
    [
      'a misspelt scenario',
      { scenario: 'ring-group-mised' },
      ['tests[0].send[0].scenario: there is no scenario "ring-group-mised"; did you mean "ring-group-missed"?'],
    ],
    [
      'a misspelt phone',
      { event: 'phone.dnd_on', phone: 'dask' },
      ['tests[0].send[0].phone: there is no phone "dask"; did you mean "desk"?'],
    ],
    [
      'a phone from nowhere',
      { event: 'phone.dnd_on', phones: ['desk', 'garden-gate'] },
      [
        'tests[0].send[0].phones[1]: there is no phone "garden-gate"; name one of the config, or of "phones" in the test',
      ],
    ],
    [
      'a phone twice',
      { event: 'phone.dnd_on', phones: ['desk', 'desk'] },
      ['tests[0].send[0].phones[1]: stands twice; keep one of the two'],
    ],
    [
      'one phone and several',
      { event: 'phone.dnd_on', phone: 'desk', phones: 3 },
      ['tests[0].send[0].phones: "phone" and "phones" stand together; keep one of them'],
    ],
    ['no phones', { event: 'phone.dnd_on', phones: 0 }, ['tests[0].send[0].phones: must be at least 1']],
    [
      'too few phones',
      { scenario: 'blind-transfer', phone: 'desk' },
      ['tests[0].send[0].phone: are too few phones; blind-transfer needs 2'],
    ],
    [
      'a number beside an event',
      { event: 'phone.dnd_on', number: '+4930' },
      ['tests[0].send[0].number: goes with "scenario"; with "event" write it as "vars": { "remote": "sip:+49…@pbx" }'],
    ],
    [
      'variables beside a scenario',
      { scenario: 'call-missed', vars: {} },
      ['tests[0].send[0].vars: goes with "event"; a scenario takes "number" and "name"'],
    ],
    [
      'a variable that is no text',
      { event: 'phone.dnd_on', vars: { remote: 201 } },
      ['tests[0].send[0].vars.remote: must be text in double quotes, not 201'],
    ],
    [
      'a number as a moment',
      { at: 20, event: 'phone.dnd_on' },
      ['tests[0].send[0].at: must be text like "20s", not 20'],
    ],
    [
      'no span',
      { at: '20', event: 'phone.dnd_on' },
      [`tests[0].send[0].at: "20" is no span of time; write it like "20s" ${SPAN}`],
    ],
  ])('%s', (_, line, told) => expect(testProblems(sending(line))).toEqual(told));

  test('phones that need no card: virtual ones, and those that are known by their MAC', () => {
    for (const phone of ['virtual-1', 'virtual-9999', '005058a1b2c3'])
      expect(testProblems(sending({ event: 'phone.dnd_on', phone }))).toEqual([]);
    expect(testProblems(sending({ event: 'phone.dnd_on', phone: 'virtual-0' }))).toHaveLength(1);
  });
});

describe('what is wrong with a line of "expect", and with phones', () => {
  test.each<[string, unknown, string[]]>([
    [
      'a misspelt rule',
      expecting({ rule: 'mised' }),
      ['tests[0].expect[0].rule: there is no rule "mised"; did you mean "missed"?'],
    ],
    ['no rule', expecting({ times: 1 }), ['tests[0].expect[0].rule: is missing; it must be text in double quotes']],
    [
      'a misspelt connection',
      expecting({ rule: 'missed', to: 'dask' }),
      ['tests[0].expect[0].to: there is no connection "dask"; did you mean "desk"?'],
    ],
    ['less than never', expecting({ rule: 'missed', times: -1 }), ['tests[0].expect[0].times: must be at least 0']],
    [
      'no moment',
      expecting({ rule: 'missed', at: '3 s' }),
      [`tests[0].expect[0].at: "3 s" is no span of time; write it like "15m20s" ${SPAN}`],
    ],
    [
      'a phone twice',
      whole({ phones: [{ id: 'a' }, { id: 'a' }] }),
      ['tests[0].phones[1].id: phones[0] has the same id; each phone has its own'],
    ],
    [
      'a site from nowhere',
      whole({ phones: [{ id: 'a', site: 'berlln' }] }),
      ['tests[0].phones[0].site: there is no site "berlln"; did you mean "berlin"?'],
    ],
    [
      'a MAC that is none',
      whole({ phones: [{ id: 'a', mac: '12' }] }),
      ['tests[0].phones[0].mac: must be a MAC address like "00:50:58:a1:b2:c3"'],
    ],
  ])('%s', (_, tests, told) => expect(testProblems(tests)).toEqual(told));
});

test('everything at once: a slip in a line hides nothing that is wrong beside it', () => {
  const tests = [
    {
      nam: 't',
      send: [{ event: 'phone.mised_call', phons: 3 }, { scenario: 'second-tr' }],
      expect: [{ rule: 'mised', tims: 2 }, 7],
    },
    { name: 'u', send, expect: [{ rule: 'log-stat' }] },
  ];
  expect(testProblems(tests)).toEqual([
    'tests[0].name: is missing; it must be text in double quotes',
    'tests[0].nam: unknown key; did you mean "name"?',
    'tests[0].send[0].phons: unknown key; did you mean "phone"?',
    'tests[0].send[0].event: "phone.mised_call" is not an event of a phone; did you mean "phone.missed_call"?',
    'tests[0].send[1].scenario: there is no scenario "second-tr"; did you mean "second-try"?',
    'tests[0].expect[0].tims: unknown key; did you mean "times"?',
    'tests[0].expect[0].rule: there is no rule "mised"; did you mean "missed"?',
    'tests[0].expect[1]: must be an object { … }, not 7',
    'tests[1].expect[0].rule: there is no rule "log-stat"; did you mean "log-state"?',
  ]);
});

test('rules of another file may be expected; files are read by their names', () => {
  const files = [
    { file: 'b.json', value: { rules: RULES, tests: [{ name: 'second', send, expect: [{ rule: 'elsewhere' }] }] } },
    {
      file: 'a.json',
      value: { rules: [{ id: 'elsewhere' }], tests: [{ name: 'first', send, expect: [{ rule: 'missed' }] }] },
    },
  ];
  const { tests, problems } = readTests(files, named);
  expect(problems).toEqual([]);
  expect(tests.map(({ file, name }) => `${file} ${name}`)).toEqual(['a.json first', 'b.json second']);
});

test('names that reach a prototype are refused', () => {
  const vars = JSON.parse('{ "__proto__": "x" }') as object;
  expect(testProblems(sending({ event: 'phone.dnd_on', vars }))).toEqual([
    'tests[0].send[0].vars.__proto__: this name is not allowed as a key; choose another name',
  ]);
});

test('whatever stands there, nothing throws, and what is told names a place in "tests"', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
  const keys = fc.constantFrom('name', 'send', 'expect', 'phones', 'at', 'event', 'rule', 'scenario', 'until', 'x');
  const any = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, fc.anything(), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
  })).value;
  fc.assert(
    fc.property(any, (value) => {
      for (const tests of [value, [value], [{ name: 'a', send: value, expect: value }], deep(100)]) {
        for (const path of testProblems(tests)) expect(path).toMatch(/^tests[:.[]/);
      }
      expect(withoutTests({ file: 'a', value }).file).toBe('a');
    }),
  );
});
