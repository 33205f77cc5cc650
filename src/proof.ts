// Proof: runs the tests of a config's rule files, with the config's own phones, connections and settings.
import type { Config } from './config.ts';
import { placeRuleProblems, type RuleFiles } from './config-rules.ts';
import type { Problem } from './core/problems.ts';
import type { CompiledRules } from './engine/index.ts';
import { readTests, runTests, type TestResult } from './engine/proof/index.ts';
import { programOf } from './program-of.ts';
import { hitEvents, SCENARIOS } from './simulator/index.ts';
import { readVars } from './virtual-hits.ts';

/** A test that was run. `failures`: empty where it passed; each is a problem with its file, line and column. */
export type Proven = { name: string; at: Problem; failures: Problem[]; timeline: string[] };

/** Runs every test of rule files that are right, in their order. Nothing is sent. */
export function proveRules(config: Config<CompiledRules>, { files, documents }: RuleFiles): Proven[] {
  const { tests } = readTests(files, {
    connections: [...config.connections.keys()],
    phones: config.phones,
    sites: [...config.sites.keys()],
    scenarios: SCENARIOS,
    timezone: config.timezone,
  });
  const results = runTests(tests, {
    rules: config.rules,
    phones: config.phones,
    programOf: (rules, phones) => programOf(config, { rules, phones }),
    eventsOf: (hits, site, cardOf) => hitEvents(hits, site, readVars, cardOf),
  });
  const place = (problem: Problem): Problem => placeRuleProblems([problem], documents)[0] ?? problem;
  return results.map(({ file, path, name, failures, timeline }: TestResult) => ({
    name,
    at: place({ file, path, message: `${JSON.stringify(name)} fails` }),
    failures: failures.map((failure) => place({ file, path: failure.path, message: failure.text })),
    timeline,
  }));
}
