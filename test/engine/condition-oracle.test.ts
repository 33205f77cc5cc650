// Compiled conditions against the naive interpreter, and wildcards against their definition: for whatever can be written.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FIELDS, type Field } from '../../src/core/fields.ts';
import type { PhoneCard } from '../../src/core/phone-card.ts';
import { knownOf } from '../../src/engine/fold.ts';
import { createProgram, createState, step } from '../../src/engine/index.ts';
import { compileWildcard } from '../../src/engine/rules/wildcard.ts';
import { compiledOf, context, eventOf } from './fixture.ts';
import { naive, naiveWildcard } from './naive.ts';

const LISTS = { vip: ['a', 'ab', 'ba'], none: [], macs: ['00:50:58:00:00:01', '005058000002'] };
const seconds: Field = {
  name: 'test.seconds',
  type: 'number',
  meaning: 'a number',
  example: '7',
  read: (event) => ('vars' in event && event.vars.seconds !== undefined ? Number(event.vars.seconds) : null),
};
const fields = [...FIELDS, seconds];

// Few letters, so that prefixes, members and equal values are frequent.
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'A'), minLength: 1, maxLength: 3 });
const mac = fc.constantFrom('005058000001', '00:50:58:00:00:02', '00-50-58-0A-00-03');
const address = fc.constantFrom('10.0.0.1', '10.0.1.1', '192.168.1.51');
const number = fc.integer({ min: -2, max: 2 });

const TEXT_FIELDS = ['remote.number', 'remote.name', 'phone.area', 'line.user', 'local.number'];
const pattern = fc.string({
  unit: fc.constantFrom('a', 'b', '*', '?', '\\*', '\\\\', '\\a'),
  minLength: 1,
  maxLength: 5,
});

const textOperators = {
  prefix: word,
  suffix: word,
  contains: word,
  wildcard: pattern,
  'equals-ignore-case': word,
  in: fc.constantFrom('vip', 'none'),
  'same-as': fc.constantFrom(...TEXT_FIELDS, 'vars.queue'),
  exists: fc.boolean(),
};

type Arbitraries = Record<string, fc.Arbitrary<unknown>>;

/** One or two of the keys: with all of them at once hardly anything would hold. */
const someOf = (parts: Arbitraries): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .subarray(Object.keys(parts), { minLength: 1, maxLength: 2 })
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, parts[name] as fc.Arbitrary<unknown>]))));

const testOf = (scalar: fc.Arbitrary<unknown>, operators: Arbitraries): fc.Arbitrary<unknown> =>
  fc.letrec<{ test: unknown }>((tie) => ({
    test: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.constant(null),
      fc.array(fc.oneof(scalar, fc.constant(null)), { minLength: 1, maxLength: 3 }),
      someOf({ ...operators, not: tie('test') }),
    ),
  })).test;

const textTest = testOf(word, textOperators);
const macTest = testOf(mac, {
  prefix: fc.constantFrom('00:50', '005058', '01'),
  suffix: fc.constantFrom('00:01', '3'),
  contains: fc.constantFrom('58-0', 'ff'),
  wildcard: fc.constantFrom('00:50:58:*:01', '*0?', '0*'),
  in: fc.constant('macs'),
  exists: fc.boolean(),
});
const addressTest = testOf(address, {
  cidr: fc.constantFrom('10.0.0.0/24', '10.0.0.0/8', '0.0.0.0/0', '192.168.1.51/32'),
  exists: fc.boolean(),
});
const numberTest = testOf(number, { '>': number, '>=': number, '<': number, '<=': number, exists: fc.boolean() });

const keys = {
  ...Object.fromEntries(TEXT_FIELDS.map((name) => [name, textTest])),
  'phone.groups': textTest,
  suspect: textTest,
  'phone.mac': macTest,
  'phone.ip': addressTest,
  'test.seconds': numberTest,
  vars: someOf({ queue: textTest, other: textTest }),
};

const condition = fc.letrec<{ when: Record<string, unknown> }>((tie) => ({
  when: fc.oneof(
    { maxDepth: 3 },
    someOf(keys),
    someOf({
      all: fc.array(tie('when'), { minLength: 1, maxLength: 2 }),
      any: fc.array(tie('when'), { minLength: 1, maxLength: 3 }),
      not: tie('when'),
    }),
  ),
})).when;

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const given = <T extends object>(record: T): T =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;

const event = fc
  .record({
    number: maybe(word),
    name: maybe(word),
    local: maybe(word),
    user: maybe(word),
    mac: maybe(mac),
    ip: maybe(fc.oneof(address, word)),
    queue: maybe(word),
    seconds: maybe(number),
    suspect: fc.array(word, { maxLength: 2 }),
  })
  .map((e) =>
    eventOf({
      phone: given({ id: 'front', vendor: 'x', mac: e.mac, ip: e.ip }) as never,
      remote: given({ number: e.number, name: e.name }) as never,
      local: given({ number: e.local }) as never,
      line: given({ user: e.user }) as never,
      vars: given({ queue: e.queue, seconds: e.seconds === undefined ? undefined : String(e.seconds) }) as never,
      suspect: e.suspect,
    }),
  );

const card: fc.Arbitrary<PhoneCard | undefined> = maybe(
  fc
    .record({ groups: fc.array(word, { maxLength: 3 }), area: maybe(word) })
    .map((c) => given({ id: 'front', site: 'default', groups: c.groups, area: c.area }) as PhoneCard),
);

test('compiled conditions mean what the reference says', () => {
  const counts = { true: 0, false: 0 };
  fc.assert(
    fc.property(condition, fc.array(fc.tuple(event, card), { minLength: 20, maxLength: 20 }), (when, inputs) => {
      const rules = compiledOf(
        { lists: LISTS, rules: [{ id: 'r', on: '*', when, do: [{ log: { text: 'x' } }] }] },
        { ...context, fields },
      );
      for (const [one, phone] of inputs) {
        const program = createProgram({ rules, phones: phone === undefined ? [] : [phone], connections: new Map() });
        const matched = step(createState(), { event: one }, program).matched.length > 0;
        expect(matched).toBe(
          naive(when, { event: one, known: knownOf(createState(), one, program), lists: LISTS, fields }),
        );
        counts[matched ? 'true' : 'false'] += 1;
      }
    }),
    { numRuns: 700 },
  );
  // A comparison in which everything says no would prove little.
  expect(Math.min(counts.true, counts.false)).toBeGreaterThan(2_000);
});

test('wildcards mean what they are defined to mean', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'a', 'b', '*', '\\'), maxLength: 6 });
  const starred = fc.string({
    unit: fc.constantFrom('*', '*', 'a', 'a', 'b', '?', 'ab', '\\*'),
    minLength: 1,
    maxLength: 7,
  });
  fc.assert(
    fc.property(fc.oneof(pattern, starred), text, (wanted, value) => {
      expect(compileWildcard(wanted)?.(value)).toBe(naiveWildcard(wanted, value));
    }),
    { numRuns: 5_000 },
  );
});

test('the worst patterns take no longer than their length times the value', () => {
  const value = 'a'.repeat(8_192);
  for (const evil of [
    '*a*'.repeat(170),
    `${'a*'.repeat(255)}b`,
    `*${'a'.repeat(510)}b`,
    `${'?*'.repeat(255)}b`,
    `*${'?'.repeat(509)}b*`,
  ]) {
    const matches = compileWildcard(evil);
    const beganMs = performance.now();
    matches?.(value);
    expect(performance.now() - beganMs).toBeLessThan(1_000);
  }
});
