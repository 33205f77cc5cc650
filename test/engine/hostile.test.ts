// Hostile rule files: whatever they hold, they are refused or read, in little time, and never reach anything else.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRules, createState, step } from '../../src/engine/index.ts';
import { context, eventOf, problemsOf, programOf } from './fixture.ts';

const log = [{ log: { text: 'x' } }];

describe('hostile files', () => {
  test('keys that reach the prototype of all objects', () => {
    const text = `{"__proto__": {"polluted": 1}, "rules": [{"id": "r", "on": "*", "constructor": 1,
      "when": {"vars": {"__proto__": "x"}}, "do": [
      {"note": {"to": "desk", "text": "x", "tree": {"prototype": 1}}},
      {"emit": {"event": "custom.x", "vars": {"__proto__": "y"}}}]}]}`;
    const refused = problemsOf(JSON.parse(text)).filter((line) => line.includes('this name is not allowed as a key'));
    expect(refused).toHaveLength(5);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  const nested = (wrap: (inner: unknown) => unknown): unknown => {
    let deep: unknown = 'x';
    for (let i = 0; i < 100_000; i++) deep = wrap(deep);
    return deep;
  };
  test.each([
    ['lists under a field', { when: { 'phone.id': nested((inner) => [inner]) } }],
    ['conditions', { when: nested((not) => ({ not })) }],
    ['tests', { when: { 'phone.id': nested((not) => ({ not })) } }],
    ['actions', { do: nested((inner) => [inner]) }],
    ['a message', { do: [{ note: { to: 'desk', text: 'x', tree: nested((inner) => [inner]) } }] }],
  ])('100,000 levels of %s', (_name, part) => {
    const lines = problemsOf({ rules: [{ id: 'r', on: '*', do: log, ...part }] });
    expect(lines.filter((line) => line.endsWith('nested too deep; at most 64 levels'))).toHaveLength(1);
  });

  test('10,000 patterns of the worst kind are read and matched in little time', () => {
    const when = { 'remote.name': { wildcard: `${'*a'.repeat(200)}b` } };
    const rules = Array.from({ length: 10_000 }, (_, i) => ({ id: `r${i}`, on: 'phone.missed_call', when, do: log }));
    const program = programOf({ rules });
    const event = eventOf({ remote: { name: 'a'.repeat(1_024) } });
    const beganMs = performance.now();
    expect(step(createState(), { event }, program).matched).toEqual([]);
    expect(performance.now() - beganMs).toBeLessThan(5_000);
  });

  test.each([
    undefined,
    null,
    true,
    'text',
    Number.NaN,
    [[]],
    { rules: null },
    { rules: [null, [], {}] },
    { rules: [{ do: [null, {}, { log: null }, { emit: [] }, { note: 1 }, { log: {}, emit: {} }] }] },
    { lists: [], rules: [{ id: {}, on: {}, when: 7, do: 'x', enabled: 'yes', description: [] }] },
  ])('nonsense %# is a problem and no crash', (value) => expect(problemsOf(value).length).toBeGreaterThan(0));

  test('whatever stands wherever in a good file, it is read or refused with paths that exist', () => {
    const good = {
      $schema: 'x',
      lists: { vip: ['1'] },
      rules: [
        {
          id: 'r',
          on: ['phone.*'],
          when: {
            any: [{ 'phone.groups': { in: 'vip', not: 'x' } }],
            vars: { q: ['a', null] },
            'phone.ip': { cidr: '10.0.0.0/8' },
          },
          do: [
            { note: { to: 'desk', text: '{{ site }}', tree: { a: ['{{ site }}'] } } },
            { emit: { event: 'custom.x', vars: { a: 'b' } } },
          ],
        },
      ],
    };
    const paths: (string | number)[][] = [];
    const walk = (value: unknown, path: (string | number)[]): void => {
      paths.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value))
        walk(inner, [...path, Array.isArray(value) ? Number(key) : key]);
    };
    walk(good, []);
    expect(problemsOf(good)).toEqual([]);
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('{{', '{% if %}', '*', 'phone.', '', '__proto__', 'constructor', -1, 1e308),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...paths.slice(1)),
        odd,
        fc.option(fc.constantFrom('id', 'to', 'not', 'constructor', 'all', '>', 'x')),
        (path, value, extra) => {
          const copy = structuredClone(good);
          let here = copy as never as Record<string | number, unknown>;
          for (const step of path.slice(0, -1)) here = here[step] as Record<string | number, unknown>;
          if (extra === null || Array.isArray(here)) here[path.at(-1) ?? ''] = value;
          else Object.assign(here, { [extra]: value });
          const result = compileRules([{ file: 'a.json', value: copy }], context);
          for (const problem of 'problems' in result ? result.problems : []) {
            expect(problem.file).toBe('a.json');
            // The last step may be missing; everything before it is there to point at.
            let at: unknown = copy;
            for (const step of problem.path.slice(0, -1)) at = (at as Record<string | number, unknown>)[step];
            expect(typeof at === 'object' && at !== null).toBe(true);
          }
        },
      ),
      { numRuns: 1_500 },
    );
  });
});
