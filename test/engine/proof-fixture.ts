// Tests of rules, read and run as `check` does it, with the destinations of the engine's tests.
import type { PhoneCard } from '../../src/core/phone-card.ts';
import { formatPath } from '../../src/core/problems.ts';
import { compileRules, createProgram } from '../../src/engine/index.ts';
import { readTests, runTests, type TestContext, type TestResult, withoutTests } from '../../src/engine/proof/index.ts';
import { hitEvents, SCENARIOS } from '../../src/simulator/index.ts';
import { readVars } from '../../src/virtual-hits.ts';
import { context } from './fixture.ts';

export const phones: readonly PhoneCard[] = [
  { id: 'desk', site: 'default', groups: ['sales'], name: 'Front desk' },
  { id: 'shop', site: 'berlin', groups: [] },
];

export const named: TestContext = {
  connections: Object.keys(context.connections),
  phones,
  sites: ['default', 'berlin'],
  scenarios: SCENARIOS,
};

/** Two rules for the tests to name. */
export const RULES = [
  {
    id: 'missed',
    on: 'call.missed',
    do: [{ note: { to: 'desk', text: 'Missed {{ remote.number }} at {{ call.phones.size }} phones' } }],
  },
  { id: 'log-state', on: 'phone.dnd_on', do: [{ log: { text: '{{ phone.id }} is quiet' } }] },
];

/** What is wrong with the tests of one file, as people read it. */
export function testProblems(tests: unknown, more: Partial<TestContext> = {}): string[] {
  const { problems } = readTests([{ file: 'a.json', value: { rules: RULES, tests } }], { ...named, ...more });
  return problems.map(({ path, message, hint }) => {
    const text = `${formatPath(path)}: ${message}`;
    return hint === undefined ? text : `${text}; ${hint}`;
  });
}

/** Runs tests over rules; both must be right. */
export function run(
  tests: unknown[],
  rules: unknown[] = RULES,
  more: Partial<TestContext> = {},
  schedules: object = {},
): TestResult[] {
  const files = [{ file: 'a.json', value: { schedules, rules, tests } }];
  const compiled = compileRules(files.map(withoutTests), context);
  const read = readTests(files, { ...named, ...more });
  const problems = [...read.problems, ...('problems' in compiled ? compiled.problems : [])];
  if ('problems' in compiled || problems.length > 0)
    throw new Error(problems.map(({ path, message }) => `${formatPath(path)}: ${message}`).join('\n'));
  return runTests(read.tests, {
    rules: compiled.rules,
    phones,
    programOf: (given, cards) => createProgram({ rules: given, phones: cards, connections: new Map() }),
    eventsOf: (hits, site, cardOf) => hitEvents(hits, site, readVars, cardOf),
  });
}

/** What a test of these lines does not get: the sentences, empty if it passes. */
export function failures(test: object, rules?: unknown[], more?: Partial<TestContext>, schedules?: object): string[] {
  const [result] = run([{ name: 't', ...test }], rules, more, schedules);
  return (result?.failures ?? []).map(({ path, text }) => `${formatPath(path).replace(/^tests\[0\]\.?/, '')}: ${text}`);
}
