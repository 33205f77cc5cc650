// Edited rules: a rule file as somebody typed it, compiled into the rules in use in small steps; with the running config's own parts.
import type { Config } from './config.ts';
import { placeRuleProblems } from './config-rules.ts';
import { EDITED_UNITS_MAX, type EditedRules, type ShownProblem } from './console/index.ts';
import type { Problem } from './core/problems.ts';
import { DESTINATIONS } from './destinations/index.ts';
import { readDocument } from './document.ts';
import { type CompiledRules, compileInSteps } from './engine/index.ts';
import { readNumber } from './engine/phone-book/index.ts';
import { readTests, type TestContext, withoutTests } from './engine/proof/index.ts';
import { problemLinesOf } from './problem-lines.ts';
import { SCENARIOS } from './simulator/index.ts';
import type { Slices } from './slices.ts';

/** The name that a file has which takes no other one's place. */
const NEW_FILE = '(edited)';

/**
 * The whole set of rules as it would be with the edited file, or every problem of it with its line. Rules of other files stay as
 * they are compiled. Rejects with a WorkEnd.
 */
export async function compileEdited(
  { file: replaced, text }: EditedRules,
  config: Config<CompiledRules>,
  slices: Slices,
): Promise<{ rules: CompiledRules } | { problems: ShownProblem[] }> {
  const file = replaced ?? NEW_FILE;
  const refuse = (problems: readonly Problem[]) => ({ problems: problemLinesOf(problems, file, text) });
  const others = config.rules.filter((rule) => rule.file !== file);
  if (replaced !== null && others.length === config.rules.length)
    return refuse([{ path: [], message: `there is no rule file ${JSON.stringify(replaced.slice(0, 200))} in use` }]);
  if (text.length > EDITED_UNITS_MAX)
    return refuse([
      { path: [], file, message: 'the text is too long', hint: `at most ${EDITED_UNITS_MAX} characters` },
    ]);
  const document = slices.step(() => readDocument(text, file));
  if (document.broken || document.problems.length > 0) return refuse(document.problems);
  await slices.breathe();
  const edited = { file, value: document.value };
  const compiled = await slices.all(compileInSteps([withoutTests(edited)], contextOf(config), others));
  // Tests may name rules of other files.
  const beside = others.map(({ id, file: at }) => ({ file: at, value: { rules: [{ id }] } }));
  const { problems: ofTests } = slices.step(() => readTests([edited, ...beside], testContextOf(config)));
  await slices.breathe();
  const found = [...('problems' in compiled ? compiled.problems : []), ...ofTests];
  if ('rules' in compiled && found.length === 0) return compiled;
  return refuse(placeRuleProblems(found, new Map([[file, document]])).sort(byPlace));
}

const byPlace = (a: Problem, b: Problem): number => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

function contextOf({ connections, timezone, calendars, sites }: Config<CompiledRules>) {
  const { country, internalDigitsMax } = sites.get('default') ?? {};
  const plan = {
    ...(country === undefined ? {} : { country }),
    ...(internalDigitsMax === undefined ? {} : { internalDigitsMax }),
  };
  return {
    destinations: DESTINATIONS,
    connections: Object.fromEntries([...connections].map(([name, { type, settings }]) => [name, { type, settings }])),
    timezone,
    calendars,
    numberOf: (text: string) => readNumber(text, plan) ?? text,
  };
}

/** What tests of rules, and what is tried by hand, may name. */
export const testContextOf = ({ connections, phones, sites, timezone }: Config<CompiledRules>): TestContext => ({
  connections: [...connections.keys()],
  phones,
  sites: [...sites.keys()],
  scenarios: SCENARIOS,
  timezone,
});
