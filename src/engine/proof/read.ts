// Reads the tests of rule files, or says everything that is wrong with them, each with its exact path.
import type { ZodType } from 'zod';
import type { Path, Problem } from '../../core/problems.ts';
import { didYouMean } from '../../core/problems.ts';
import { checkWith } from '../../core/schema-problems.ts';
import type { Scenario } from '../../core/simulation.ts';
import type { Report } from '../rules/compiled.ts';
import type { RuleFile } from '../rules/language.ts';
import { isObject, kindOf, safeTree } from '../rules/tree.ts';
import { localMs } from './local-time.ts';
import { readCards, readSend, type SendContext } from './read-send.ts';
import type { Expectation, RuleTest, Send } from './rule-test.ts';
import { expectedShape, headShape, sentShape, type WrittenExpectation } from './shape.ts';
import { readSpan } from './span.ts';
import { quoted } from './words.ts';

/** What tests may name besides rules. */
export type TestContext = {
  connections: readonly string[];
  /** Phones of the config, and its sites. */
  phones: readonly { id: string; site: string }[];
  sites: readonly string[];
  scenarios: readonly Scenario[];
  /** Zone of `start`; UTC unless given. */
  timezone?: string;
};

/** A Tuesday within office hours. */
const START = '2026-11-24T10:00:00';

/**
 * The tests of all files, in the order of the files' names and of the tests in them; those with a problem are left out. A
 * problem has `file` and `path`. Never throws, whatever the values are.
 */
export function readTests(
  files: readonly RuleFile[],
  context: TestContext,
): { tests: RuleTest[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const rules = files.flatMap(({ value }) => ruleIdsOf(value));
  const tests = [...files]
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))
    .flatMap(({ file, value }) => {
      const report: Report = (path, message, hint) =>
        void problems.push({ file, path, message, ...(hint === undefined ? {} : { hint }) });
      return readFile(file, value, report, { ...context, rules });
    });
  return { tests, problems };
}

/** A rule file without its tests: what is left for the reader of rules. */
export const withoutTests = ({ file, value }: RuleFile): RuleFile => {
  if (!isObject(value)) return { file, value };
  const { tests: _, ...rest } = value;
  return { file, value: rest };
};

type Context = TestContext & { rules: readonly string[] };

function ruleIdsOf(value: unknown): string[] {
  const rules: unknown[] = isObject(value) && Array.isArray(value.rules) ? value.rules : [];
  return rules.flatMap((rule) => (isObject(rule) && typeof rule.id === 'string' ? [rule.id] : []));
}

function readFile(file: string, value: unknown, report: Report, context: Context): RuleTest[] {
  if (!isObject(value) || value.tests === undefined) return [];
  const under: Report = (path, message, hint) => report(['tests', ...path], message, hint);
  const tests = safeTree(value.tests, under);
  if (!Array.isArray(tests)) {
    report(
      ['tests'],
      `must be a list [ … ], not ${kindOf(tests)}`,
      'like [{ "name": "…", "send": [ … ], "expect": [ … ] }]',
    );
    return [];
  }
  const names = new Map<string, number>();
  return tests.flatMap((raw: unknown, place) => {
    const path = ['tests', place];
    const name = isObject(raw) && typeof raw.name === 'string' ? raw.name : undefined;
    const first = name === undefined ? undefined : names.get(name);
    if (first !== undefined) report([...path, 'name'], `is already the name of tests[${first}]`, 'give it another');
    else if (name !== undefined) names.set(name, place);
    const test = readTest(raw, { file, place, path, report }, context);
    return test === undefined || first !== undefined ? [] : [test];
  });
}

type Place = { file: string; place: number; path: Path; report: Report };

function readTest(raw: unknown, { file, place, path, report: tell }: Place, context: Context): RuleTest | undefined {
  let good = true;
  const report: Report = (at, message, hint) => {
    good = false;
    tell(at, message, hint);
  };
  const head = readShape(headShape, raw, path, report);
  const phones = readCards(head?.phones ?? [], [...path, 'phones'], context.sites, report);
  const sending: SendContext = { ...context, cards: phones, report };
  const send = linesOf(raw, 'send').flatMap((line, n) => {
    const written = readShape(sentShape, line, [...path, 'send', n], report);
    return (written && readSend(written, [...path, 'send', n], sending)) ?? [];
  });
  const expect = linesOf(raw, 'expect').flatMap((line, n) => {
    const written = readShape(expectedShape, line, [...path, 'expect', n], report);
    return written === undefined ? [] : [readExpectation(written, [...path, 'expect', n], context, report)];
  });
  if (head === undefined) return undefined;
  if (head.expect.length === 0 && !head.only)
    report([...path, 'expect'], 'expects nothing', 'name a rule, or write "only": true where none may fire');
  const startMs = readStart(head.start, path, context, report);
  const untilMs = readUntil(head.until, send, path, report);
  if (!good || startMs === undefined) return undefined;
  const { name, only } = head;
  return { file, place, name, startMs, phones, send, expect, only, ...(untilMs === undefined ? {} : { untilMs }) };
}

const linesOf = (raw: unknown, key: string): readonly unknown[] =>
  isObject(raw) && Array.isArray(raw[key]) ? raw[key] : [];

/** The value as the shape has it. Every problem is reported; what is right all the same is looked at further, without the rest. */
function readShape<T>(shape: ZodType<T>, raw: unknown, path: Path, report: Report): T | undefined {
  const checked = checkWith(shape, raw, path);
  if (!('problems' in checked)) return checked.value;
  for (const { path: at, message, hint } of checked.problems) report(at, message, hint);
  if (!isObject(raw)) return undefined;
  const wrong = new Set(checked.problems.map((problem) => String(problem.path[path.length])));
  const rest = checkWith(shape, Object.fromEntries(Object.entries(raw).filter(([key]) => !wrong.has(key))), path);
  return 'problems' in rest ? undefined : rest.value;
}

function readStart(start = START, path: Path, { timezone = 'UTC' }: Context, report: Report): number | undefined {
  const startMs = localMs(start, timezone);
  if (startMs === undefined)
    report([...path, 'start'], `${JSON.stringify(start.slice(0, 40))} is no moment`, `write it like "${START}"`);
  return startMs;
}

function readUntil(until: string | undefined, send: readonly Send[], path: Path, report: Report): number | undefined {
  if (until === undefined) return undefined;
  const span = readSpan(until, [...path, 'until'], '1h', report);
  if (span === undefined) return undefined;
  if (send.some(({ atMs }) => atMs > span.ms))
    report([...path, 'until'], 'is over before everything is sent', 'make it longer, or leave it out');
  return span.ms;
}

function readExpectation(
  { rule, times, at, count, text, to }: WrittenExpectation,
  path: Path,
  { rules, connections }: Context,
  report: Report,
): Expectation {
  if (!rules.includes(rule)) report([...path, 'rule'], `there is no rule ${quoted(rule)}`, didYouMean(rule, rules));
  if (to !== undefined && !connections.includes(to))
    report([...path, 'to'], `there is no connection ${quoted(to)}`, didYouMean(to, connections));
  const span = at === undefined ? undefined : readSpan(at, [...path, 'at'], '15m20s', report);
  return {
    rule,
    times,
    ...(span === undefined ? {} : { at: span }),
    ...(count === undefined ? {} : { count }),
    ...(text === undefined ? {} : { text }),
    ...(to === undefined ? {} : { to }),
  };
}
