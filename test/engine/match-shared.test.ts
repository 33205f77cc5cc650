// What rules share in the matcher, the order in which they come, and the odd ends of its keys.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConditionTree } from '../../src/engine/match/condition-tree.ts';
import { createEvaluation, numbered } from '../../src/engine/match/evaluation.ts';
import { createMatcher } from '../../src/engine/match/matcher.ts';
import { createVocabulary } from '../../src/engine/match/vocabulary.ts';
import { addressBits, leadingBits, readNetwork } from '../../src/engine/rules/address.ts';
import { compileWildcard, literalEnds } from '../../src/engine/rules/wildcard.ts';
import { eventOf } from './fixture.ts';
import { counted, createReader, grouped, knownOf, type Raw } from './match-cases.ts';

const TYPE = 'phone.missed_call';
const nobody = knownOf();

describe('what rules share', () => {
  test('a clause of 500 rules is evaluated once for an event, a field is read once, and anew for the next event', () => {
    const read = createReader();
    const count = counted();
    const shared = { 'remote.name': { contains: 'Erika' }, 'phone.ip': { not: '10.0.0.1' } };
    const rules = Array.from({ length: 500 }, (_, n) => ({
      on: [TYPE],
      order: n,
      condition: count.treeOf(
        read(n % 2 === 0 ? shared : { not: { any: [{ not: shared }, { 'remote.name': { suffix: 'x' } }] } }),
      ),
    }));
    const matcher = createMatcher(rules);
    const erika = eventOf();
    expect(matcher.find(erika, nobody)).toHaveLength(500);
    expect(Math.max(...count.counts.clauses.values(), ...count.counts.fields.values())).toBe(1);
    expect(matcher.find(eventOf({ remote: { name: 'Max' } }), nobody)).toHaveLength(0);
    expect(matcher.find(erika, nobody)).toHaveLength(500);
    count.forget();
    matcher.find(erika, nobody);
    expect([...count.counts.fields].sort()).toEqual([
      ['phone.ip', 1],
      ['remote.name', 1],
    ]);
  });

  const lists = { vip: ['b', 'a'], same: ['a', 'b', 'a'], other: ['a'] };
  const clauseOf = (tree: ConditionTree | undefined): unknown => (tree?.kind === 'clause' ? tree.clause : undefined);
  test.each([
    [{ site: 'a' }, { site: 'a' }, true],
    [{ site: 'a' }, { site: 'b' }, false],
    [{ site: 'a' }, { 'phone.id': 'a' }, false],
    [{ site: ['a', 'b', null] }, { site: [null, 'b', 'a', 'a'] }, true],
    [{ site: ['a'] }, { site: 'a' }, false],
    [{ site: { prefix: 'a', suffix: 'b' } }, { site: { suffix: 'b', prefix: 'a' } }, true],
    [{ site: { prefix: 'a' } }, { site: { suffix: 'a' } }, false],
    [{ site: { not: { prefix: 'a' } } }, { site: { not: { prefix: 'a' } } }, true],
    [{ site: { not: 'a' } }, { site: 'a' }, false],
    [{ site: { exists: true } }, { site: { exists: false } }, false],
    [{ site: { in: 'vip' } }, { site: { in: 'same' } }, true],
    [{ site: { in: 'vip' } }, { site: { in: 'other' } }, false],
    [{ site: { 'same-as': 'from' } }, { site: { 'same-as': 'to' } }, false],
    [{ site: '{prefix "a"}' }, { site: { prefix: 'a' } }, false],
    [{ 'remote.number': '0049 30 1' }, { 'remote.number': '+49 (30) 1' }, true],
    [{ 'phone.mac': '00:50:58:00:00:0A' }, { 'phone.mac': '00505800000a' }, true],
    [{ 'phone.ip': '::ffff:10.0.0.1' }, { 'phone.ip': '10.0.0.1' }, true],
    [{ 'call.talkSeconds': { '>': 1 } }, { 'call.talkSeconds': { '>': 1 } }, true],
    [{ vars: { a: 'x' } }, { all: [{ vars: { a: 'x' } }] }, true],
    [{ vars: { a: 'x' } }, { vars: { b: 'x' } }, false],
  ])('%j and %j are one clause: %s', (a, b, one) => {
    const read = createReader(lists);
    const [first, second] = [clauseOf(read(a)), clauseOf(read(b))];
    expect(first).toBeDefined();
    expect(second).toBeDefined();
    expect(first === second).toBe(one);
  });

  test('one list is read for each field in the form of that field', () => {
    const read = createReader({ numbers: ['0049 30 1'] });
    const take = (name: string, field: string) => ({
      name,
      on: [TYPE],
      order: 0,
      condition: read({ [field]: { in: 'numbers' } }),
    });
    const rules = ['remote.name', 'remote.number', 'phone.groups'].map((field) => take(field, field));
    const found = (name: string, of: string): string[] =>
      createMatcher(rules)
        .find(eventOf({ remote: { name } }), knownOf({ number: of }))
        .map(({ name: rule }) => rule);
    expect(found('0049 30 1', '+49301')).toEqual(['remote.name', 'remote.number']);
    expect(found('+49301', '0049 30 1')).toEqual([]);
  });

  test('a list of 20,000 entries that 2,000 rules name is prepared once', () => {
    const long = Array.from({ length: 20_000 }, (_, n) => `+4930${n}`);
    const read = createReader({ long });
    const rules = Array.from({ length: 2_000 }, (_, n) => ({
      on: [TYPE],
      order: n,
      condition: read({ 'remote.number': { in: 'long' }, 'remote.name': { contains: `${n}` } }),
    }));
    const firsts = rules.map(({ condition }) => (condition.kind === 'and' ? clauseOf(condition.parts[0]) : undefined));
    expect(firsts[0]).toBeDefined();
    expect(new Set(firsts).size).toBe(1);
    const matcher = createMatcher(rules);
    expect(matcher.find(eventOf({ remote: { name: '1234' } }), knownOf({ number: '+493019999' }))).toHaveLength(10);
    expect(matcher.find(eventOf({ remote: { name: '1234' } }), knownOf({ number: '+49' }))).toHaveLength(0);
  });
});

test('rules come in their order, equal ones in that of the list, each once whatever they take', () => {
  const read = createReader({ none: [] });
  const take = (name: string, order: number, on: string[], when: Raw) => ({ name, order, on, condition: read(when) });
  const matcher = createMatcher([
    take('last', 9, [TYPE, TYPE], {}),
    take('b', 1, [TYPE], { 'phone.groups': ['x', 'y'] }),
    take('a', 1, [TYPE, 'phone.dnd_on'], { any: [{ site: 'default' }, { 'phone.groups': 'x' }] }),
    take('first', -1, ['phone.dnd_on', TYPE], {}),
    take('never', 0, [TYPE], { site: { in: 'none' } }),
    take('other', 0, ['phone.dnd_on'], {}),
  ]);
  const found = (): string[] => matcher.find(eventOf(), grouped('x', 'y')).map(({ name }) => name);
  expect(found()).toEqual(['first', 'b', 'a', 'last']);
  // What was given away is the caller's.
  matcher.find(eventOf(), grouped('x', 'y')).length = 0;
  expect(found()).toEqual(['first', 'b', 'a', 'last']);
  expect(matcher.find(eventOf({ type: 'phone.off_hook' }), nobody)).toEqual([]);
  expect(createMatcher([]).find(eventOf(), nobody)).toEqual([]);
});

test.each([1, 2, 3, 100])('the count of events may begin anew after %i', (numberMax) => {
  const read = createReader();
  const trees = [
    read({ 'remote.name': 'a' }),
    read({ 'remote.name': ['a', 'b'] }),
    read({ 'remote.name': 'a', site: 'default' }),
  ];
  const vocabulary = createVocabulary(trees);
  const conditions = trees.map((tree) => numbered(tree, vocabulary));
  const evaluation = createEvaluation(vocabulary, conditions, numberMax);
  const names = [...'abccaabbcbacabac'];
  const found = names.map((name) => {
    evaluation.begin(eventOf({ remote: { name } }), nobody);
    // Some events ask nothing, so that what an earlier one left is still there.
    return name === 'c' ? '' : [0, 1, 2].filter((rule) => evaluation.accepts(rule)).join('');
  });
  expect(found).toEqual(names.map((name) => (name === 'a' ? '012' : name === 'b' ? '1' : '')));
});

describe('keys hold whenever the test does', () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const v4 = fc.tuple(fc.constantFrom(10, 192), byte, byte, byte).map((bytes) => bytes.join('.'));
  const v6 = fc
    .array(fc.constantFrom(0, 1, 0x20, 0xff), { minLength: 16, maxLength: 16 })
    .map((bytes) =>
      bytes.map((one, n) => `${one.toString(16).padStart(2, '0')}${n % 2 === 1 && n < 15 ? ':' : ''}`).join(''),
    );
  test('networks: exactly then', () => {
    let inside = 0;
    const near = fc.oneof(v4, v6).chain((base) => fc.tuple(fc.constant(base), fc.oneof(v4, v6, fc.constant(base))));
    fc.assert(
      fc.property(near, fc.integer({ min: 0, max: 128 }), ([base, text], length) => {
        const network = readNetwork(`${base}/${base.includes(':') ? length : length % 33}`);
        const address = addressBits(text);
        if (network === undefined || address === undefined) throw new Error('not read');
        const found = address.version === network.version && leadingBits(address, network.bits) === network.base;
        expect(found).toBe(network.holds(text));
        inside += found ? 1 : 0;
      }),
      { numRuns: 3_000 },
    );
    expect(inside).toBeGreaterThan(500);
  });

  test('what a pattern begins and ends with', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '\\*', '\\?', '\\\\', '\\a'), maxLength: 6 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '\\'), maxLength: 6 });
    let matching = 0;
    fc.assert(
      fc.property(pattern, text, fc.boolean(), (wanted, value, self) => {
        // Its own text without the backslashes is often matched.
        const tried = self ? wanted.replace(/\\(.)/g, '$1') : value;
        const { head, tail, whole } = literalEnds(wanted);
        const holds = compileWildcard(wanted)?.(tried) === true;
        if (whole) expect(holds).toBe(tried === head);
        if (holds) expect([tried.startsWith(head), tried.endsWith(tail)]).toEqual([true, true]);
        matching += holds ? 1 : 0;
      }),
      { numRuns: 3_000 },
    );
    expect(matching).toBeGreaterThan(500);
  });

  test.each([
    ['ab*ba', { head: 'ab', tail: 'ba', whole: false }],
    ['*', { head: '', tail: '', whole: false }],
    ['a?b', { head: 'a', tail: 'b', whole: false }],
    ['a\\*b', { head: 'a*b', tail: 'a*b', whole: true }],
    ['a\\\\*', { head: 'a\\', tail: '', whole: false }],
  ])('%s', (pattern, ends) => expect(literalEnds(pattern)).toEqual(ends));
});
