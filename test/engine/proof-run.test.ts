// Running the tests of rules: what passes, what fails, and what a failure tells.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCENARIOS } from '../../src/simulator/index.ts';
import { failures, RULES, run } from './proof-fixture.ts';

const TEN_RING = [
  { at: '0s', phones: 10, event: 'phone.incoming_call', vars: { remote: 'sip:+4930999@pbx' } },
  { at: '20s', phones: 10, event: 'phone.missed_call', vars: { remote: 'sip:+4930999@pbx' } },
];
const missed = (more: object = {}) => ({ send: TEN_RING, expect: [{ rule: 'missed', ...more }] });
const note = (id: string, more: object) => ({ id, do: [{ note: { to: 'desk', text: id } }], ...more });

describe('an expectation', () => {
  test.each([
    ['once, unless it says more', {}],
    ['that often', { times: 1 }],
    ['to the second, 3 s after the last phone stopped', { at: '23s' }],
    ['exactly, where milliseconds are written', { at: '23s9ms' }],
    ['with a text in it', { text: 'at ‹10› phones' }],
    ['with that connection', { to: 'desk' }],
    ['all together', { times: 1, at: '23s', text: 'Missed ‹+4930999›', to: 'desk' }],
    ['never, of another text', { times: 0, text: 'nobody' }],
    ['never, to another connection', { times: 0, to: 'cable' }],
  ])('is met: %s', (_, more) => expect(failures(missed(more))).toEqual([]));

  test.each<[string, object, string]>([
    ['too often', { times: 0 }, 'missed is to fire never, but does once'],
    ['too seldom', { times: 2 }, 'missed is to fire 2 times, but does once'],
    ['at another second', { at: '22s' }, 'missed is to fire once at 22s, but does not; at 23s9ms it is another moment'],
    [
      'at another millisecond',
      { at: '23s0ms' },
      'missed is to fire once exactly at 23s, but does not; at 23s9ms it is another moment',
    ],
    [
      'with another text',
      { text: '11 phones' },
      'missed is to fire once with "11 phones", but does not; at 23s9ms "11 phones" is not in it',
    ],
    [
      'to another connection',
      { to: 'cable' },
      'missed is to fire once to cable, but does not; at 23s9ms nothing goes to cable',
    ],
    [
      'with another count',
      { count: 3 },
      'missed is to fire once with count 3, but does not; at 23s9ms count is unknown',
    ],
  ])('is not met: %s', (_, more, told) => expect(failures(missed(more))).toEqual([`expect[0]: ${told}`]));

  test('lines about the same rule are looked at one by one', () => {
    const expected = { send: [{ scenario: 'second-try' }, { at: '1h', scenario: 'call-missed' }] };
    const at = (moment: string) => ({ rule: 'missed', at: moment });
    expect(failures({ ...expected, expect: [{ rule: 'missed', times: 2 }, at('23s'), at('1h23s')] })).toEqual([]);
    expect(failures({ ...expected, expect: [at('23s'), at('1h30s')] })).toEqual([
      'expect[1]: missed is to fire once at 1h30s, but does not; at 23s209ms it is another moment; at 1h23s it is another moment',
    ]);
  });
  test('log lines are texts of a rule, too', () => {
    const send = [{ phone: 'desk', event: 'phone.dnd_on' }];
    expect(failures({ send, expect: [{ rule: 'log-state', text: 'desk is quiet' }] })).toEqual([]);
    expect(failures({ send, expect: [{ rule: 'log-state', text: 'desk is quiet', to: 'desk' }] })).toHaveLength(1);
  });
  test('a rule with several actions fires once; each connection of it can be expected', () => {
    const rules = [
      note('both', {
        on: 'phone.dnd_on',
        do: [{ note: { to: 'desk', text: 'a' } }, { wire: { to: 'cable', text: 'b' } }],
      }),
    ];
    const send = [{ event: 'phone.dnd_on' }];
    const lines = [
      { rule: 'both', times: 1 },
      { rule: 'both', to: 'desk', text: 'a' },
      { rule: 'both', to: 'cable', text: 'b' },
    ];
    expect(failures({ send, expect: lines, only: true }, rules)).toEqual([]);
    expect(failures({ send, expect: [{ rule: 'both', to: 'cable', text: 'a' }] }, rules)).toHaveLength(1);
  });
  test('a rule that is switched off never fires', () => {
    const rules = [note('off', { on: 'phone.*', enabled: false })];
    expect(
      failures({ send: [{ event: 'phone.dnd_on' }], expect: [{ rule: 'off', times: 0 }], only: true }, rules),
    ).toEqual([]);
  });
  test('a message that can never be sent fails the test of its rule, and no other', () => {
    const rules = [
      note('bad', { on: 'phone.dnd_on', do: [{ note: { to: 'desk', text: 'unsendable' } }] }),
      note('good', { on: 'phone.dnd_on' }),
    ];
    const send = [{ event: 'phone.dnd_on' }];
    expect(failures({ send, expect: [{ rule: 'good' }] }, rules)).toEqual([]);
    const told = 'bad fires at 0s, but its message to desk cannot be sent (text: nobody can send this)';
    expect(failures({ send, expect: [{ rule: 'bad' }] }, rules)).toEqual([`: ${told}`]);
    expect(failures({ send, expect: [{ rule: 'bad' }, { rule: 'good' }], only: true }, rules)).toEqual([`: ${told}`]);
  });
});

describe('what nobody expects', () => {
  const send = [{ event: 'phone.dnd_on' }, { at: '5s', event: 'phone.dnd_on' }];
  test('may happen', () => expect(failures({ send, expect: [{ rule: 'missed', times: 0 }] })).toEqual([]));
  test('may not, where only what is expected may', () => {
    expect(failures({ send, expect: [{ rule: 'missed', times: 0 }], only: true })).toEqual([
      'only: log-state fires at 0s, which is not expected',
      'only: log-state fires at 5s, which is not expected',
    ]);
    expect(failures({ send, expect: [{ rule: 'log-state', times: 2 }], only: true })).toEqual([]);
    expect(failures({ send, expect: [{ rule: 'log-state', at: '5s' }], only: true })).toEqual([
      'only: log-state fires at 0s, which is not expected',
    ]);
    expect(failures({ send: [{ event: 'phone.mute' }], expect: [], only: true })).toEqual([]);
  });
});

describe('phones', () => {
  const seen = (line: object, own: object[] = [], more = {}) => {
    const rules = [
      note('said', {
        on: 'phone.dnd_on',
        do: [{ log: { text: '{{ phone.id }} {{ phone.groups | join }} {{ site }}' } }],
      }),
    ];
    const [result] = run(
      [
        {
          name: 't',
          phones: own,
          send: [{ event: 'phone.dnd_on', ...line }],
          expect: [{ rule: 'said', times: 99 }],
          ...more,
        },
      ],
      rules,
    );
    return result?.timeline.flatMap((text) => text.match(/log info: "(.*)"/)?.[1] ?? []);
  };
  test('one virtual phone where nobody says which', () => expect(seen({})).toEqual(['virtual-1  default']));
  test('those of the config with their groups and sites', () => {
    expect(seen({ phones: ['desk', 'shop'] })).toEqual(['desk sales default', 'shop  berlin']);
  });
  test("the test's own come first, then virtual ones", () => {
    const own = [
      { id: 'a', groups: ['x'] },
      { id: 'b', site: 'berlin' },
    ];
    expect(seen({ phones: 4 }, own)).toEqual(['a x default', 'b  berlin', 'virtual-1  default', 'virtual-2  default']);
    expect(seen({ phone: 'b' }, own)).toEqual(['b  berlin']);
  });
  test("the test's own stands in the place of one of the config", () => {
    expect(seen({ phone: 'desk' }, [{ id: 'desk', groups: ['y'] }])).toEqual(['desk y default']);
  });
  test('a withheld caller folds in a group only', () => {
    const own = [
      { id: 'a', groups: ['x'] },
      { id: 'b', groups: ['x'] },
    ];
    const test = { send: [{ scenario: 'ring-group-missed', phones: 2, number: null }] };
    expect(failures({ ...test, phones: own, expect: [{ rule: 'missed', times: 1 }] })).toEqual([]);
    expect(failures({ ...test, expect: [{ rule: 'missed', times: 2 }] })).toEqual([]);
  });
  test('what happens at one site is no matter of another', () => {
    const vars = { remote: '+4930999' };
    const lines = ['desk', 'shop'].flatMap((phone) => [
      { phone, event: 'phone.incoming_call', vars },
      { at: '9s', phone, event: 'phone.missed_call', vars },
    ]);
    expect(failures({ send: lines, expect: [{ rule: 'missed', times: 2, at: '12s' }] })).toEqual([]);
  });
});

describe('time', () => {
  test('goes on until nothing is due, or to the end that the test names', () => {
    expect(failures({ ...missed({ times: 1 }), until: '24s' })).toEqual([]);
    expect(failures({ ...missed({ times: 0 }), until: '22s' })).toEqual([]);
  });
  const at = (start: string | undefined, timezone?: string) => {
    const rules = [note('when', { on: 'phone.dnd_on', do: [{ log: { text: '{{ event.at }}' } }] })];
    const own = {
      name: 't',
      ...(start === undefined ? {} : { start }),
      send: [{ event: 'phone.dnd_on' }],
      expect: [{ rule: 'when', times: 0 }],
    };
    const [result] = run([own], rules, timezone === undefined ? {} : { timezone });
    return result?.timeline.join().match(/log info: "(.*)"/)?.[1];
  };
  test.each([
    [undefined, undefined, '2026-11-24T10:00:00.000Z'],
    [undefined, 'Europe/Berlin', '2026-11-24T09:00:00.000Z'],
    ['2026-11-24T09:00:00', undefined, '2026-11-24T09:00:00.000Z'],
    ['2026-11-24T09:00', 'America/New_York', '2026-11-24T14:00:00.000Z'],
    ['2026-07-01T09:00:00', 'Europe/Berlin', '2026-07-01T07:00:00.000Z'],
    ['2026-07-01T09:00:00Z', 'Europe/Berlin', '2026-07-01T09:00:00.000Z'],
    ['2026-07-01T09:00:00-03:30', 'Europe/Berlin', '2026-07-01T12:30:00.000Z'],
    // Clocks go from 02:00 to 03:00, and from 03:00 to 02:00.
    ['2026-03-29T01:59:59', 'Europe/Berlin', '2026-03-29T00:59:59.000Z'],
    ['2026-03-29T02:30:00', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-03-29T03:00:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25T02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25T03:00:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z'],
    // By half an hour.
    ['2026-10-04T02:15:00', 'Australia/Lord_Howe', '2026-10-03T15:45:00.000Z'],
    ['2026-04-05T01:45:00', 'Australia/Lord_Howe', '2026-04-04T14:45:00.000Z'],
  ])('start %s in %s is %s', (start, timezone, moment) => expect(at(start, timezone)).toBe(moment));
});

test('a failure tells what happened: when, what, who, which rule, and what it would have sent', () => {
  const [result] = run([{ name: 'all of it', ...missed({ at: '30s' }) }]);
  expect(result).toMatchObject({ file: 'a.json', path: ['tests', 0], name: 'all of it' });
  expect(result?.timeline).toEqual([
    '          0s  phone.incoming_call  virtual-1                    +4930999',
    '          0s  call.ringing         virtual-1                    +4930999',
    '         1ms  phone.incoming_call  virtual-2 … virtual-10 (9)   +4930999',
    '         20s  phone.missed_call    virtual-1 … virtual-10 (10)  +4930999',
    '      23s9ms  call.missed          10 phones                    +4930999',
    '              → missed  note desk: "Missed ‹+4930999› at ‹10› phones"',
  ]);
  expect(run([{ name: 'passes', ...missed() }])[0]).toMatchObject({ failures: [], timeline: [] });
});

test('a long story is told by its beginning', () => {
  const send = Array.from({ length: 500 }, (_, n) => ({
    at: `${n * 10}s`,
    event: n % 2 ? 'phone.dnd_on' : 'phone.mute',
  }));
  const [result] = run([{ name: 't', send, expect: [{ rule: 'missed' }] }]);
  expect(result?.timeline.at(-1)).toBe('and 300 more');
});

test('each test begins afresh, whatever came before it', () => {
  const one = { send: [{ scenario: 'call-missed' }], expect: [{ rule: 'missed', times: 1, at: '23s' }], only: true };
  const results = run(Array.from({ length: 5 }, (_, n) => ({ name: `t${n}`, ...one })));
  expect(results.map(({ failures: told }) => told)).toEqual([[], [], [], [], []]);
});

test('the same tests always have the same results', () => {
  const rules = [...RULES, note('all', { on: '*' })];
  const line = fc.record({
    at: fc.integer({ min: 0, max: 600 }).map((seconds) => `${seconds}s`),
    scenario: fc.constantFrom(...SCENARIOS.map(({ name }) => name)),
    phones: fc.integer({ min: 2, max: 4 }),
    number: fc.constantFrom('+4930999', '201', null),
  });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), fc.integer({ min: 0, max: 3 }), (send, times) => {
      const tests = [
        {
          name: 't',
          send,
          expect: [
            { rule: 'missed', times },
            { rule: 'all', times: 0 },
          ],
        },
      ];
      const first = run(tests, rules);
      expect(run(tests, rules)).toEqual(first);
      expect(first[0]?.failures.length).toBeGreaterThan(0);
    }),
    { numRuns: 25 },
  );
});
