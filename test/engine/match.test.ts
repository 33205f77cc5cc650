// The matcher against the naive interpreter and against the conditions as functions: the same rules, in order, each once.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { conditionOf } from '../../src/engine/match/condition-tree.ts';
import { createMatcher } from '../../src/engine/match/matcher.ts';
import { accepted, asked, createReader, type Rule, ruleSet, type WrittenRule } from './match-cases.ts';

function rulesOf(written: readonly WrittenRule[], orders: readonly number[]): Rule[] {
  const read = createReader();
  return written.map(({ on, written: raw, plain }, place) => ({
    on,
    condition: read(raw),
    order: orders[place % orders.length] as number,
    plain,
  }));
}

test('the matcher finds what the reference and the conditions say, in order, each rule once', () => {
  const counts = { compared: 0, matched: 0, events: 0, most: 0 };
  const inputs = fc.array(asked, { minLength: 25, maxLength: 25 });
  const orders = fc.array(fc.integer({ min: -3, max: 300 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(ruleSet, inputs, orders, (written, events, places) => {
      const rules = rulesOf(written, places);
      const inOrder = rules.toSorted((a, b) => a.order - b.order);
      const closures = new Map(rules.map((rule) => [rule, conditionOf(rule.condition)]));
      const matcher = createMatcher(rules);
      for (const one of events) {
        const found = matcher.find(one.event, one.known);
        const numbers = found.map((rule) => rules.indexOf(rule));
        const right = inOrder.filter((rule) => accepted(rule, one)).map((rule) => rules.indexOf(rule));
        expect(numbers).toEqual(right);
        const byClosures = inOrder.filter(
          (rule) => rule.on.includes(one.event.type) && closures.get(rule)?.(one.event, one.known) === true,
        );
        expect(numbers).toEqual(byClosures.map((rule) => rules.indexOf(rule)));
        counts.compared += rules.length;
        counts.matched += found.length;
        counts.events += 1;
      }
      counts.most = Math.max(counts.most, rules.length);
    }),
    { numRuns: 100 },
  );
  expect(counts.compared).toBeGreaterThan(150_000);
  // A comparison in which everything says no, or everything yes, would prove little.
  expect(counts.matched / counts.compared).toBeGreaterThan(0.02);
  expect(counts.matched / counts.compared).toBeLessThan(0.5);
});
