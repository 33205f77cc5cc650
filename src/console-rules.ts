// What the console is given about rules: those in use with how often they acted, their files, and the bench and the replay over them.
import type { AppOptions, Running } from './app.ts';
import { createBench } from './bench.ts';
import type { BenchDesk, ReplayDesk, RuleCard, RuleDesk } from './console/index.ts';
import type { History } from './core/history.ts';
import type { CompiledRule } from './engine/index.ts';
import { problemLines } from './problem-lines.ts';
import { createReplayJobs } from './replay-job.ts';
import { ruleFileNames, ruleFileText, writtenRule } from './rule-files.ts';

/** Of the app that `up` answers with, whose config and rules change with a reload. */
export function consoleRules(
  up: () => Running,
  { ports, files, folder, problems }: AppOptions,
  history: History,
): { rules: RuleDesk; bench: BenchDesk; replay: ReplayDesk } {
  const card = (rule: CompiledRule): RuleCard => cardOf(rule, up());
  const found = (id: string): CompiledRule | undefined => up().config.rules.find((rule) => rule.id === id);
  const trying = { ...ports, history, running: up };
  return {
    rules: {
      all: () => up().config.rules.map(card),
      find(id) {
        const rule = found(id);
        return rule && card(rule);
      },
      async written(id) {
        const rule = found(id);
        return rule && writtenRule(rule, { files, folder });
      },
      files: () => ruleFileNames(up().config.rules),
      async text(file) {
        // Nothing else is ever read: the name comes from whoever asks.
        return ruleFileNames(up().config.rules).includes(file) ? ruleFileText(file, { files, folder }) : undefined;
      },
      problems: () => problemLines(problems(), { files, folder, configPath: up().config.file }),
    },
    bench: createBench(trying),
    replay: createReplayJobs(trying),
  };
}

function cardOf(rule: CompiledRule, { tally }: Running): RuleCard {
  const { id, description, file, place, enabled, fallback, on, actions } = rule;
  const acted = tally.of(id);
  const to = actions.flatMap((action) => (action.kind === 'deliver' ? [{ name: action.to, type: action.type }] : []));
  return {
    id,
    ...(description === undefined ? {} : { description }),
    file,
    place,
    enabled,
    fallback,
    on,
    to: [...new Map(to.map((each) => [each.name, each])).values()],
    acted: acted?.times ?? 0,
    lastActedMs: acted?.lastMs ?? null,
  };
}
