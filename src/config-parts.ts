// The rooms that have a say in what a config may hold: every destination, the language of rules, and the tests of rules.
import type { ConfigParts } from './config.ts';
import { DESTINATIONS } from './destinations/index.ts';
import { type CompiledRules, compileRules } from './engine/index.ts';
import { readTests, withoutTests } from './engine/proof/index.ts';
import { SCENARIOS } from './simulator/index.ts';

/** What a daemon and its commands read a config with. A test that cannot be run is a problem like any other. */
export const CONFIG_PARTS: ConfigParts<CompiledRules> = {
  destinations: DESTINATIONS,
  compileRules(files, { phones, sites, ...context }) {
    const compiled = compileRules(files.map(withoutTests), context);
    const named = {
      connections: Object.keys(context.connections),
      phones,
      sites,
      scenarios: SCENARIOS,
      timezone: context.timezone,
    };
    const { problems } = readTests(files, named);
    if (problems.length === 0) return compiled;
    return { problems: [...('problems' in compiled ? compiled.problems : []), ...problems] };
  },
};
