// Rules compiled beside others that are compiled already: the same set, and the same mistakes, as if all had been read at once.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CompileContext,
  type Compiled,
  compileInSteps,
  compileRules,
  type RuleFile,
} from '../../src/engine/index.ts';

const CONTEXT: CompileContext = { destinations: [], connections: {} };
const log = { log: { text: 'x' } };
const emit = (name: string) => ({ emit: { event: `custom.${name}` } });
const file = (name: string, ...rules: object[]): RuleFile => ({ file: name, value: { rules } });

function beside(edited: RuleFile, others: readonly RuleFile[]): Compiled {
  const compiled = compileRules(others, CONTEXT);
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  const steps = compileInSteps([edited], CONTEXT, compiled.rules);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

const plain = (compiled: Compiled): unknown =>
  'rules' in compiled
    ? compiled.rules.map(({ id, file: of, place, on }) => [id, of, place, [...on].sort()])
    : compiled.problems.map(({ message }) => message).sort();

describe('one file beside others', () => {
  const rule = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    on: fc.constantFrom('phone.dnd_on', '*', 'custom.x', 'custom.y', 'call.*'),
    do: fc.array(fc.constantFrom(log, emit('x'), emit('y')), { minLength: 1, maxLength: 2 }),
  });
  const ring = { id: 'there', on: 'phone.dnd_on', do: [emit('x'), emit('y')] };

  test('is the same set as all of them, in the same order, or has the same mistakes', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), fc.constantFrom('a.json', 'm.json', 'z.json'), (rules, name) => {
        const edited = file(name, ...rules);
        const others = [file('b.json', ring), file('y.json', { id: 'last', on: 'custom.x', do: [log] })];
        const whole = compileRules([edited, ...others], CONTEXT);
        expect(plain(beside(edited, others))).toEqual(plain(whole));
      }),
      { numRuns: 200 },
    );
  });

  test('is told of a circle that goes through the others', () => {
    const others = [
      file(
        'b.json',
        { id: 'there', on: 'phone.dnd_on', do: [emit('y')] },
        { id: 'on', on: 'custom.y', do: [emit('x')] },
      ),
    ];
    const compiled = beside(file('a.json', { id: 'back', on: 'custom.x', do: [emit('y')] }), others);
    expect(plain(compiled)).toEqual([expect.stringContaining('circle')]);
  });
});
