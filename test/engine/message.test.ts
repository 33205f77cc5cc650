// Actions: what may stand in `do`, and how a destination's declaration decides about its messages.
import { describe, expect, test } from 'vitest';
import { DESTINATIONS } from '../../src/destinations/index.ts';
import { compileRules } from '../../src/engine/index.ts';
import { context, problemsOf, stepOf } from './fixture.ts';

const problems = (...actions: unknown[]): string[] =>
  problemsOf({ rules: [{ id: 'r', on: '*', do: actions }] }).map((line) => line.replace('rules[0].do', ''));

describe('what is wrong with an action', () => {
  test.each([
    ['x', '[0]: must be an object with one key, not text; one of note, wire, emit, log'],
    [{}, '[0]: is empty; an action has exactly one: note, wire, emit, log'],
    [{ slak: { text: 'x' } }, '[0].slak: is not an action; known: note, wire, emit, log'],
    [{ note: 'x' }, '[0].note: must be an object { … }, not text; like { "to": "…", … }'],
    [{ note: { text: 'x' } }, '[0].note.to: is missing; connections of type note: desk'],
    [
      { note: { to: 7, text: 'x' } },
      '[0].note.to: must be the name of a connection, not 7; connections of type note: desk',
    ],
    [
      { note: { to: 'constructor', text: 'x' } },
      '[0].note.to: there is no connection "constructor"; connections of type note: desk',
    ],
    [{ note: { to: 'desk', text: 'x', txet: 'y' } }, '[0].note.txet: unknown key; did you mean "text"?'],
    [{ note: { to: 'desk', text: 7 } }, '[0].note.text: must be text in double quotes, not 7'],
    [
      { note: { to: 'desk', text: 'x', level: '{{ site }}' } },
      '[0].note.level: cannot be filled in: it is the same for every event; {{ }} may stand in: text, payload, tree',
    ],
    [{ note: { to: 'desk', text: 'lint me' } }, '[0].note.text: is linted; write more'],
    [{ log: 'x' }, '[0].log: must be an object { … }, not text; its keys: text, level'],
    [{ log: {} }, '[0].log.text: is missing'],
    [{ log: { text: 5 } }, '[0].log.text: must be text in double quotes, not 5; write it as "5"'],
    [{ log: { text: 'x', level: 'error' } }, '[0].log.level: is not a level; one of "info", "warn"'],
    [{ log: { text: 'x', lvel: 'warn' } }, '[0].log.lvel: unknown key; did you mean "level"?'],
    [{ emit: {} }, '[0].emit.event: is missing; write it like "custom.vip_called": a-z, 0-9, _ and -, up to 64'],
    [
      { emit: { event: 'vip' } },
      '[0].emit.event: is not a name for an event of your own; write it like "custom.vip_called": a-z, 0-9, _ and -, up to 64',
    ],
    [
      { emit: { event: 'custom.a', vars: [] } },
      '[0].emit.vars: must be an object { … }, not a list; like { "queue": "sales" }',
    ],
    [
      { emit: { event: 'custom.a', vars: { n: 1 } } },
      '[0].emit.vars.n: must be text in double quotes, not 1; write it as "1"',
    ],
    [
      { emit: { event: 'custom.a', vars: { n: '{{ sit }}' } } },
      '[0].emit.vars.n: unknown variable "sit"; did you mean "site"?',
    ],
  ])('%j', (action, sentence) => expect(problems(action)[0]).toBe(sentence));

  test('two keys in one action, and what is wrong with either', () =>
    expect(problems({ log: { text: '{{ sit }}' }, note: { to: 'dsk', text: 'x' } })).toEqual([
      '[0]: has 2 keys (log, note); an action has exactly one: note, wire, emit, log',
      '[0].log.text: unknown variable "sit"; did you mean "site"?',
      '[0].note.to: there is no connection "dsk"; did you mean "desk"?',
    ]));

  test('what the schema says hides no mistake in a template beside it', () =>
    expect(problems({ note: { to: 'desk', text: '{{ sit }}', level: 'x', payload: { a: '{{ sit }}' } } })).toHaveLength(
      3,
    ));

  test('a list of actions', () => {
    expect(problems()).toEqual([': is an empty list; like [{ "log": { "text": "{{ phone.id }}" } }]']);
    expect(problems(...Array(101).fill({ log: { text: 'x' } }))).toEqual([
      ': has more than 100 actions; make it several rules',
    ]);
  });

  test('no connection of that type at all', () =>
    expect(
      problemsOf(
        { rules: [{ id: 'r', on: '*', do: [{ note: { to: 'desk', text: 'x' } }] }] },
        { ...context, connections: {} },
      ),
    ).toEqual([
      'rules[0].do[0].note.to: there is no connection "desk"; the config has no connection of type note; write one under "connections"',
    ]));

  test('a connection that is wrong itself makes no second problem here', () =>
    expect(
      problemsOf(
        { rules: [{ id: 'r', on: '*', do: [{ note: { to: 'desk', text: 'lint me' } }] }] },
        { ...context, connections: { desk: { type: 'note', settings: undefined } } },
      ),
    ).toEqual([]));
});

describe('what goes out', () => {
  const message = (raw: object): unknown =>
    stepOf([{ id: 'r', on: '*', do: [{ note: { to: 'desk', text: 'x', ...raw } }] }]).deliveries[0]?.message;

  test('what the schema adds is there, `to` is not', () => expect(message({})).toEqual({ text: 'x', level: 'low' }));

  test.each([
    ['a text is text, encoded', '{{ remote.number }}', '‹+493012345›'],
    ['a text that looks like JSON but holds no template', '{"a": 1}', '{"a": 1}'],
    [
      'a tree is a tree, whose leaves keep their type',
      { n: '{{ line.host }}', t: 'is {{ site }}' },
      { n: null, t: 'is default' },
    ],
    ['a list', ['{{ remote.number }}', 1], ['+493012345', 1]],
    ['a number', 7, 7],
    ['null', null, null],
    ['false', false, false],
  ])('a payload: %s', (_name, payload, expected) =>
    expect(message({ payload })).toEqual({ text: 'x', level: 'low', payload: expected }),
  );
});

test('the example of every destination is a rule that can be read', () => {
  for (const destination of DESTINATIONS) {
    const message = destination.example.message as object;
    const rules = [{ id: 'r', on: '*', do: [{ [destination.type]: { to: 'there', ...message } }] }];
    const result = compileRules([{ file: 'a.json', value: { rules } }], {
      destinations: DESTINATIONS,
      connections: { there: { type: destination.type, settings: undefined } },
    });
    expect(result).not.toHaveProperty('problems');
  }
});
