// Conditions: what each operator means, for values that are there, that are not, and for lists.
import { describe, expect, test } from 'vitest';
import { FIELDS, type Field } from '../../src/core/fields.ts';
import { createProgram, createState, operatorsOf, step } from '../../src/engine/index.ts';
import { compiledOf, context, eventOf, holds, problemsOf } from './fixture.ts';

const lists = { vip: ['+493012345', '+4989555'], macs: ['00-50-58-A1-B2-C3'] };
const withheld = eventOf({ remote: {} });
const back = eventOf({ phone: { id: 'back', vendor: 'snom' } });

describe('tests of a text that is +493012345', () => {
  test.each([
    ['+493012345', true],
    ['+49301234', false],
    [null, false],
    [['100', '+493012345'], true],
    [['100', null], false],
    [{ prefix: '+49' }, true],
    [{ prefix: '+43' }, false],
    [{ suffix: '345' }, true],
    [{ suffix: '34' }, false],
    [{ contains: '3012' }, true],
    [{ contains: '3021' }, false],
    [{ wildcard: '+49*3?5' }, true],
    [{ wildcard: '49*' }, false],
    [{ 'equals-ignore-case': '+493012345' }, true],
    [{ in: 'vip' }, true],
    [{ exists: true }, true],
    [{ exists: false }, false],
    [{ 'same-as': 'remote.number' }, true],
    [{ 'same-as': 'local.number' }, false],
    [{ 'same-as': 'vars.queue' }, false],
    [{ not: '100' }, true],
    [{ not: { not: '100' } }, false],
    [{ not: ['100', '+493012345'] }, false],
    [{ not: null }, true],
    [{ prefix: '+49', suffix: '345' }, true],
    [{ prefix: '+49', suffix: '346' }, false],
    [{ prefix: '+49', not: { in: 'vip' } }, false],
  ])('%j: %s', (raw, expected) => expect(holds({ 'remote.number': raw }, eventOf(), lists)).toBe(expected));
});

describe('tests of a number that was withheld', () => {
  test.each([
    [null, true],
    ['', false],
    [['100', null], true],
    [['100'], false],
    [{ prefix: '+' }, false],
    [{ wildcard: '*' }, false],
    [{ in: 'vip' }, false],
    [{ exists: false }, true],
    [{ not: '100' }, true],
    [{ not: { prefix: '+49' } }, true],
    [{ not: null }, false],
    // Null equals null.
    [{ 'same-as': 'remote.name' }, true],
  ])('%j: %s', (raw, expected) => expect(holds({ 'remote.number': raw }, withheld, lists)).toBe(expected));
});

describe('tests of a list: one member passes all, `not` turns the whole round', () => {
  test.each([
    ['sales', true],
    ['Sales', false],
    [['sales', 'x'], true],
    [null, false],
    [{ prefix: 's', suffix: 't' }, true],
    // One member begins so, another ends so: no member does both.
    [{ prefix: 'sa', suffix: 't' }, false],
    [{ not: 'sales' }, false],
    [{ not: 'other' }, true],
    [{ prefix: 'su', not: 'sales' }, false],
    [{ exists: true }, true],
    [{ in: 'vip' }, false],
    [{ 'same-as': 'vars.queue' }, true],
  ])('%j: %s', (raw, expected) => expect(holds({ 'phone.groups': raw }, eventOf(), lists)).toBe(expected));

  test.each([
    [null, true],
    [['sales', null], true],
    [{ exists: false }, true],
    [{ prefix: 's' }, false],
    [{ not: 'sales' }, true],
  ])('an empty list has no value: %j: %s', (raw, expected) =>
    expect(holds({ 'phone.groups': raw }, back, lists)).toBe(expected),
  );
});

describe('values are brought into one form first', () => {
  test.each([
    '005058a1b2c3',
    '00:50:58:A1:B2:C3',
    '00-50-58-a1-b2-c3',
    { prefix: '00:50:58' },
    { suffix: 'B2-C3' },
    { in: 'macs' },
    { wildcard: '00:50:58:*:c3' },
  ])('a MAC in a rule may be written as %j', (raw) => expect(holds({ 'phone.mac': raw }, eventOf(), lists)).toBe(true));

  test.each([
    ['192.168.1.51', '192.168.1.51', true],
    ['192.168.1.51', { cidr: '192.168.0.0/16' }, true],
    ['192.168.1.51', { cidr: '192.168.2.0/24' }, false],
    ['192.168.1.51', { cidr: '::ffff:192.168.0.0/112' }, true],
    ['::ffff:192.168.1.51', '192.168.1.51', true],
    ['::ffff:192.168.1.51', { cidr: '192.168.1.0/24' }, true],
    ['2001:db8:0:0::1', '2001:DB8::1', true],
    ['2001:db8::1', { cidr: '2001:db8::/32' }, true],
    ['2001:db8::1', { cidr: '0.0.0.0/0' }, false],
    ['fe80::1%eth0', 'fe80::1', true],
    ['127.1', { cidr: '127.0.0.0/8' }, false],
    ['no address', { cidr: '0.0.0.0/0' }, false],
    ['no address', { not: { cidr: '0.0.0.0/0' } }, true],
  ])('the address %s and %j: %s', (ip, raw, expected) =>
    expect(holds({ 'phone.ip': raw }, eventOf({ phone: { id: 'front', vendor: 'x', ip } }))).toBe(expected),
  );
});

describe('conditions', () => {
  test.each([
    [{}, true],
    [{ 'phone.id': 'front', site: 'default' }, true],
    [{ 'phone.id': 'front', site: 'other' }, false],
    [{ all: [{ 'phone.id': 'front' }, { site: 'other' }] }, false],
    [{ any: [{ 'phone.id': 'back' }, { site: 'default' }] }, true],
    [{ any: [{ 'phone.id': 'back' }, { site: 'other' }] }, false],
    [{ not: { 'phone.id': 'front', site: 'other' } }, true],
    [{ not: {} }, false],
    [{ vars: { queue: 'sales', 'x-y': { prefix: 'd' } } }, true],
    [{ vars: { queue: 'sales', missing: null } }, true],
    [{ vars: { toString: null, valueOf: null, hasOwnProperty: null } }, true],
    [{ 'phone.area': { contains: 'floor' }, 'phone.name': { 'equals-ignore-case': 'FRONT DESK' } }, true],
    [{ suspect: null }, true],
    [{ 'event.at': { prefix: '2026-11-24' } }, true],
  ])('%j: %s', (when, expected) => expect(holds(when)).toBe(expected));
});

test("a variable is the phone's own, not one that every object has", () => {
  const event = eventOf({ vars: {} });
  expect(holds({ vars: { toString: null, valueOf: { exists: false } } }, event)).toBe(true);
});

describe('numbers', () => {
  const seconds: Field = {
    name: 'test.seconds',
    type: 'number',
    meaning: 'a number',
    example: '7',
    read: (event) => ('vars' in event && event.vars.seconds !== undefined ? Number(event.vars.seconds) : null),
  };
  const given = { ...context, fields: [...FIELDS, seconds] };
  const test7 = (raw: unknown, vars: Record<string, string>): boolean => {
    const rules = compiledOf(
      { rules: [{ id: 'r', on: '*', when: { 'test.seconds': raw }, do: [{ log: { text: 'x' } }] }] },
      given,
    );
    const program = createProgram({ rules, phones: [], connections: new Map() });
    return step(createState(), { event: eventOf({ vars }) }, program).matched.length > 0;
  };

  test.each([
    [7, true],
    [8, false],
    [[6, 7], true],
    [{ '>': 6 }, true],
    [{ '>': 7 }, false],
    [{ '>=': 7 }, true],
    [{ '<': 7 }, false],
    [{ '<=': 7 }, true],
    [{ '>': 6, '<': 7.5 }, true],
    [{ not: { '>': 6 } }, false],
    [{ exists: true }, true],
  ])('7 and %j: %s', (raw, expected) => expect(test7(raw, { seconds: '7' })).toBe(expected));

  test('compared as numbers, not as text', () => expect(test7({ '>': 9 }, { seconds: '10' })).toBe(true));
  test.each([{ '>': -1 }, { '<': 1 }, { '>=': 0 }, { '<=': 0 }, 0])('an unknown number is not 0: %j', (raw) =>
    expect(test7(raw, {})).toBe(false),
  );
  test('what is not for numbers', () =>
    expect(
      problemsOf(
        {
          rules: [
            { id: 'r', on: '*', when: { 'test.seconds': { prefix: '3', '>': '3' } }, do: [{ log: { text: 'x' } }] },
          ],
        },
        given,
      ),
    ).toEqual([
      'rules[0].when["test.seconds"].prefix: not for a number; allowed: >, >=, <, <=, exists, not',
      'rules[0].when["test.seconds"][">"]: must be a number, not text',
    ]));
});

describe('what is wrong with a condition', () => {
  const problems = (when: unknown): string[] =>
    problemsOf({ lists, rules: [{ id: 'r', on: '*', when, do: [{ log: { text: 'x' } }] }] }).map((line) =>
      line.replace('rules[0].when', ''),
    );

  test.each([
    ['x', ': must be an object { … }, not text; like { "phone.id": "front-desk" }'],
    [
      { remote: { number: '1' } },
      '.remote: "remote" is not a field; write remote.number, remote.name, remote.uri, remote.kind, remote.contact',
    ],
    [{ 'vars.queue': 'x' }, '["vars.queue"]: raw variables stand together; write "vars": { "queue": … }'],
    [{ vars: 'x' }, '.vars: must be an object { … }, not text; like { "vars": { "queue": "sales" } }'],
    [{ all: {} }, '.all: must be a list [ … ] of conditions, not an object'],
    [{ count: { '>': '3' } }, '.count[">"]: must be a number, not text'],
    [
      { 'call.talkSeconds': { prefix: '3' } },
      '["call.talkSeconds"].prefix: not for a number; allowed: >, >=, <, <=, exists, not',
    ],
    [{ site: [] }, '.site: is an empty list, which no value is in; name what is wanted, or use null for "no value"'],
    [{ site: ['a', 1] }, '.site[1]: must be text in double quotes, not 1; write it as "1"'],
    [
      { site: {} },
      '.site: names no operator; allowed: prefix, suffix, contains, wildcard, equals-ignore-case, in, same-as, exists, not',
    ],
    [{ site: { prefix: '' } }, '.site.prefix: must not be empty'],
    [{ site: { prefix: ['a'] } }, '.site.prefix: must be text in double quotes, not a list'],
    [{ site: { exists: 'yes' } }, '.site.exists: must be true or false, not text'],
    [
      { site: { '>': 3 } },
      '.site[">"]: not for a text; allowed: prefix, suffix, contains, wildcard, equals-ignore-case, in, same-as, exists, not',
    ],
    [
      { site: { 'same-as': 'phone.grups' } },
      '.site.same-as: unknown field "phone.grups"; did you mean "phone.groups"?',
    ],
    [
      { site: { 'same-as': 'phone.groups' } },
      '.site.same-as: "phone.groups" is a list; name a field that holds one text',
    ],
    [{ site: { wildcard: 'a\\' } }, '.site.wildcard: ends with a single \\; a \\ itself is written \\\\\\\\ in JSON'],
    [{ site: { wildcard: 'a'.repeat(513) } }, '.site.wildcard: has more than 512 characters; use a shorter pattern'],
    [{ 'phone.mac': '00:50' }, '["phone.mac"]: is not a MAC address; write it like "00:50:58:a1:b2:c3"'],
    [{ 'phone.mac': { prefix: 'xyz' } }, '["phone.mac"].prefix: is no part of a MAC address; write it like "00:50:58"'],
    [
      { 'phone.mac': { in: 'vip' } },
      '["phone.mac"].in: the list holds "+493012345", which is not a MAC address; write it like "00:50:58:a1:b2:c3"',
    ],
    [
      { 'phone.ip': '192.168.1' },
      '["phone.ip"]: is not an address; write it like "192.168.1.51", a whole network as { "cidr": "192.168.1.0/24" }',
    ],
    [{ 'phone.ip': { cidr: '192.168.1.0/33' } }, '["phone.ip"].cidr: is not a network; write it like "192.168.1.0/24"'],
    [
      { 'phone.groups': { not: { cidr: 'x' } } },
      '["phone.groups"].not.cidr: not for a list; allowed: prefix, suffix, contains, wildcard, equals-ignore-case, in, same-as, exists, not',
    ],
  ])('%j', (when, sentence) => expect(problems(when)).toEqual([sentence]));

  test('every type has its operators', () => {
    expect(operatorsOf('address')).toEqual(['cidr', 'exists', 'not']);
    expect(operatorsOf('number')).toEqual(['>', '>=', '<', '<=', 'exists', 'not']);
  });
});
