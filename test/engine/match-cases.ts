// Cases for the matcher: sets of rules that share many clauses, in whatever spelling, and events that some of them accept.
import * as fc from 'fast-check';
import type { CallEvent, CustomEvent, Event, PhoneEvent } from '../../src/core/events.ts';
import { FIELDS, type Known } from '../../src/core/fields.ts';
import type { Path } from '../../src/core/problems.ts';
import type { Clause, ConditionTree } from '../../src/engine/match/condition-tree.ts';
import { createCatalogue } from '../../src/engine/rules/catalogue.ts';
import { readConditionTree } from '../../src/engine/rules/condition.ts';
import { eventOf } from './fixture.ts';
import { naive } from './naive.ts';

export type Raw = Record<string, unknown>;

/** A rule as it is written, and the same with every value in the form in which it is compared. */
export type WrittenRule = { on: readonly string[]; written: Raw; plain: Raw };
export type Rule = { on: readonly string[]; condition: ConditionTree; order: number; plain: Raw };
export type Asked = { event: Event; known: Known };

const MANY = Array.from({ length: 20 }, (_, n) => `${'ab'[n % 2]}${n}`);
/** By list: the entries as they are written, and as they are compared. */
const PLAIN_LISTS = {
  vip: ['a', 'ab', 'ba'],
  many: [...MANY, 'a', 'bb'],
  none: [],
  numbers: ['+49301', '+4930111', 'a'],
};
const WRITTEN_LISTS = { ...PLAIN_LISTS, numbers: ['0049 (30) 1', '+49 30-111', 'a'] };

/** Reads conditions as one set of files would: equal clauses are one object. Throws at a problem. */
export function createReader(named: Record<string, readonly string[]> = WRITTEN_LISTS): (raw: Raw) => ConditionTree {
  const catalogue = createCatalogue();
  const lists = new Map(Object.entries(named));
  const report = (path: Path, message: string): never => {
    throw new Error(`${path.join('.')}: ${message}`);
  };
  return (raw) => readConditionTree(raw, [], { catalogue, lists, report });
}

/** What is known of nobody in particular. */
export const knownOf = (changes: Partial<Known> = {}): Known => ({
  card: undefined,
  state: null,
  number: null,
  kind: null,
  contact: null,
  ...changes,
});
export const grouped = (...groups: string[]): Known => knownOf({ card: { id: 'x', site: 'default', groups } });

/** What the reference says. */
export const accepted = ({ on, plain }: Pick<Rule, 'on' | 'plain'>, { event, known }: Asked): boolean =>
  on.includes(event.type) && naive(plain, { event, known, lists: PLAIN_LISTS, fields: FIELDS });

/** Counts how often clauses are evaluated and fields are read; equal ones stay one object. */
export function counted() {
  const counts = { clauses: new Map<Clause, number>(), fields: new Map<string, number>() };
  const clauses = new Map<Clause, Clause>();
  const fields = new Map<Clause['field'], Clause['field']>();
  const more = <K>(map: Map<K, number>, key: K): void => void map.set(key, (map.get(key) ?? 0) + 1);
  const fieldOf = (field: Clause['field']): Clause['field'] => {
    const read: Clause['field']['read'] = (event, known) => {
      more(counts.fields, field.name);
      return field.read(event, known);
    };
    const made = fields.get(field) ?? { name: field.name, read };
    fields.set(field, made);
    return made;
  };
  const clauseOf = (clause: Clause): Clause => {
    const { field, test: of } = clause;
    const holds: typeof of.holds = (...given) => {
      more(counts.clauses, clause);
      return of.holds(...given);
    };
    const made = clauses.get(clause) ?? { field: fieldOf(field), test: { ...of, holds } };
    clauses.set(clause, made);
    return made;
  };
  const treeOf = (tree: ConditionTree): ConditionTree => {
    if (tree.kind === 'clause') return { kind: 'clause', clause: clauseOf(tree.clause) };
    if (tree.kind === 'not') return { kind: 'not', part: treeOf(tree.part) };
    return { kind: tree.kind, parts: tree.parts.map(treeOf) };
  };
  const evaluations = (): number => [...counts.clauses.values()].reduce((sum, n) => sum + n, 0);
  const forget = (): void => {
    counts.clauses.clear();
    counts.fields.clear();
  };
  return { counts, treeOf, evaluations, forget };
}

// Few letters, so that prefixes, members and equal values are frequent; some digits, so that there are many different ones.
const word = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'A'), minLength: 1, maxLength: 3 }),
  fc.constantFrom(...MANY),
);
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '\\*', '\\a', '1'), minLength: 1, maxLength: 5 });
const number = fc.integer({ min: -2, max: 9 });
const mac = fc.constantFrom('005058000001', '00:50:58:00:00:02', '00-50-58-0A-00-03');

/** Two spellings of one value. */
type Spelled = { written: unknown; plain: unknown };
const alike = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<Spelled> =>
  arbitrary.map((value) => ({ written: value, plain: value }));
const spelled = (...pairs: [string, string][]): fc.Arbitrary<Spelled> =>
  fc.constantFrom(...pairs.map(([written, plain]) => ({ written, plain })));

const NUMBERS = ['+49301', '+49302', '+4930111', '+4989', 'a', 'ab', 'b1', '201'];
const ADDRESSES = ['10.0.0.1', '10.0.1.1', '10.9.0.1', '192.168.1.51', 'no address'];
const phoneNumber = spelled(
  ['0049 30 1', '+49301'],
  ['+49 (30) 111', '+4930111'],
  ['+4989', '+4989'],
  ['a', 'a'],
  ['2-01', '201'],
);
const address = spelled(['::ffff:10.0.0.1', '10.0.0.1'], ['10.0.1.1', '10.0.1.1'], ['::FFFF:c0a8:133', '192.168.1.51']);

type Parts = Record<string, fc.Arbitrary<Spelled>>;

function object(parts: Parts, keys: number): fc.Arbitrary<Spelled> {
  const names = fc.subarray(Object.keys(parts), { minLength: 1, maxLength: keys });
  return names
    .chain((chosen) =>
      fc.tuple(...chosen.map((name) => (parts[name] as fc.Arbitrary<Spelled>).map((of) => ({ name, of })))),
    )
    .map((entries) => ({
      written: Object.fromEntries(entries.map(({ name, of }) => [name, of.written])),
      plain: Object.fromEntries(entries.map(({ name, of }) => [name, of.plain])),
    }));
}

const list = (of: fc.Arbitrary<Spelled>, maxLength: number): fc.Arbitrary<Spelled> =>
  fc.array(of, { minLength: 1, maxLength }).map((entries) => ({
    written: entries.map(({ written }) => written),
    plain: entries.map(({ plain }) => plain),
  }));

const testOf = (scalar: fc.Arbitrary<Spelled>, operators: Parts): fc.Arbitrary<Spelled> =>
  fc.letrec<{ test: Spelled }>((tie) => ({
    test: fc.oneof(
      { maxDepth: 3 },
      { arbitrary: scalar, weight: 4 },
      alike(fc.constant(null)),
      list(fc.oneof({ arbitrary: scalar, weight: 6 }, alike(fc.constant(null))), 12),
      { arbitrary: object({ ...operators, not: tie('test'), exists: alike(fc.boolean()) }, 2), weight: 3 },
    ),
  })).test;

const textOperators = (lists: string[]): Parts => ({
  prefix: alike(word),
  suffix: alike(word),
  contains: alike(word),
  wildcard: alike(pattern),
  'equals-ignore-case': alike(word),
  in: alike(fc.constantFrom(...lists)),
  'same-as': alike(fc.constantFrom('remote.name', 'local.number', 'vars.queue')),
});
const text = testOf(alike(word), textOperators(['vip', 'none', 'many']));
const numbers = testOf(alike(number), Object.fromEntries(['>', '>=', '<', '<='].map((op) => [op, alike(number)])));

const FIELD_TESTS: Parts = {
  'remote.number': testOf(phoneNumber, {
    ...textOperators(['numbers', 'none']),
    prefix: alike(fc.constantFrom('+49', '+4930', '+4989', 'a')),
    suffix: alike(fc.constantFrom('1', '11', '89')),
    wildcard: alike(fc.constantFrom('+49*1', '+49301', '*11', '+4930?', '*')),
  }),
  'remote.name': text,
  'remote.contact': text,
  'phone.id': testOf(alike(fc.constantFrom('front', 'back', 'p1', 'p2', 'p3')), textOperators(['vip'])),
  'phone.groups': text,
  'phone.area': text,
  'phone.state': alike(fc.constantFrom('idle', 'ringing', null)),
  'call.phones': text,
  suspect: text,
  'call.talkSeconds': numbers,
  'call.ringSeconds': numbers,
  'event.type': alike(fc.constantFrom('phone.missed_call', 'call.missed', { prefix: 'phone.' })),
  'event.at': alike(fc.constantFrom({ prefix: '2026-11' }, { prefix: '2027' })),
  'phone.mac': testOf(alike(mac), {
    prefix: alike(fc.constantFrom('00:50', '005058', '01')),
    suffix: alike(fc.constantFrom('00:01', '3')),
    wildcard: alike(fc.constantFrom('00:50:58:*:01', '*0?', '0*')),
  }),
  'phone.ip': testOf(address, {
    cidr: spelled(
      ['10.0.0.0/24', '10.0.0.0/24'],
      ['10.0.0.0/8', '10.0.0.0/8'],
      ['0.0.0.0/0', '0.0.0.0/0'],
      ['192.168.1.51/32', '192.168.1.51/32'],
      ['::ffff:10.0.0.0/112', '10.0.0.0/16'],
    ),
  }),
  vars: object({ queue: text, other: text }, 2),
};

const TYPES = ['phone.missed_call', 'phone.dnd_on', 'call.missed', 'call.ended', 'custom.x'];
const ON = [['phone.missed_call'], ['call.missed'], ['phone.missed_call', 'phone.dnd_on'], TYPES, ['phone.off_hook']];

/** Clauses of a few rules' worth, from which many rules are put together. */
const CLAUSES = fc.array(object(FIELD_TESTS, 1), { minLength: 1, maxLength: 25 });

const conditionFrom = (clauses: fc.Arbitrary<Spelled>): fc.Arbitrary<Spelled> =>
  fc.letrec<{ when: Spelled }>((tie) => ({
    when: fc.oneof(
      { maxDepth: 3 },
      { arbitrary: clauses, weight: 3 },
      {
        arbitrary: list(clauses, 4).map(({ written, plain }) => ({ written: { all: written }, plain: { all: plain } })),
        weight: 4,
      },
      object({ all: list(tie('when'), 3), any: list(tie('when'), 3), not: tie('when') }, 2),
    ),
  })).when;

/** 1 to 300 rules; sometimes all of them take the same types. */
export const ruleSet: fc.Arbitrary<WrittenRule[]> = fc
  .tuple(CLAUSES, fc.subarray(ON, { minLength: 1 }))
  .chain(([clauses, on]) => {
    const when = conditionFrom(fc.constantFrom({ written: {}, plain: {} }, ...clauses));
    const rule = fc.record({ on: fc.constantFrom(...on), when });
    return fc.array(rule, { minLength: 1, maxLength: 300, size: 'max' });
  })
  .map((rules) => rules.map(({ on, when }) => ({ on, written: when.written as Raw, plain: when.plain as Raw })));

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const given = <T extends object>(record: T): T =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;

const known: fc.Arbitrary<Known> = fc.record({
  card: maybe(
    fc
      .record({ groups: fc.array(word, { maxLength: 3 }), area: maybe(word) })
      .map(({ groups, area }) => given({ id: 'front', site: 'default', groups, area }) as Known['card'] & object),
  ),
  state: fc.constantFrom(null, 'idle' as const, 'ringing' as const),
  number: fc.constantFrom(null, ...NUMBERS),
  kind: fc.constantFrom(null, 'external' as const),
  contact: fc.option(word),
});

const said = {
  id: fc.constantFrom('front', 'back', 'p1', 'p2', 'p3', 'p4'),
  name: maybe(word),
  local: maybe(word),
  mac: maybe(mac),
  ip: maybe(fc.constantFrom(...ADDRESSES)),
  queue: maybe(word),
  groups: fc.array(word, { maxLength: 3 }),
  talkSeconds: maybe(number),
  ringSeconds: maybe(number),
};
type Said = { [name in keyof typeof said]: (typeof said)[name] extends fc.Arbitrary<infer T> ? T : never };

const phoneEventOf = (e: Said, type: string): PhoneEvent =>
  eventOf({
    type: type as PhoneEvent['type'],
    phone: given({ id: e.id, vendor: 'x', mac: e.mac, ip: e.ip }) as never,
    remote: given({ name: e.name }) as never,
    local: given({ number: e.local }) as never,
    vars: given({ queue: e.queue }) as never,
    suspect: e.groups,
  });

const callEventOf = (e: Said, type: string): CallEvent => ({
  id: '019ab000-ended',
  type: type as CallEvent['type'],
  at: '2026-11-24T09:15:02.412Z',
  site: 'default',
  call: given({
    key: '019ab000',
    remote: given({ name: e.name, kind: 'external' as const }) as never,
    phones: e.groups.map((id) => ({ id, outcome: 'missed' as const })),
    groups: e.groups,
    startedAt: '2026-11-24T09:15:00.000Z',
    talkSeconds: e.talkSeconds,
    ringSeconds: e.ringSeconds,
  }) as never,
});

function anEventOf(e: Said, type: string): Event {
  if (type.startsWith('call.')) return callEventOf(e, type);
  if (type.startsWith('phone.')) return phoneEventOf(e, type);
  return { ...phoneEventOf(e, 'phone.missed_call'), type, cause: 'x', depth: 1 } as CustomEvent;
}

export const asked: fc.Arbitrary<Asked> = fc.record({
  event: fc.tuple(fc.record(said), fc.constantFrom(...TYPES)).map(([e, type]) => anEventOf(e, type)),
  known,
});
