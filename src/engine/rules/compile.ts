// Rule files together: each read on its own, then what concerns all of them: ids that stand twice, events in a circle.
import type { Destination } from '../../core/destination.ts';
import { didYouMean, type Path, type Problem } from '../../core/problems.ts';
import { gather, isObject, type Report, sayKind } from './report.ts';
import { type Rule, readRule } from './rule.ts';

/** A rule file as its author wrote it; `file` is the name that problems show. */
export type RuleFile = { file: string; value: unknown };
export type CompileContext = {
  destinations: readonly Destination[];
  connections: Record<string, { type: string; settings: unknown }>;
};
/** Every rule in the order of files and places, those that are switched off too. */
export type CompiledRules = readonly Rule[];

const KEYS = ['$schema', 'description', 'lists', 'rules'];
const KEYS_NOT_YET = ['schedules', 'tests'];
const RULES_MAX = 20_000;
const LIST_MAX = 100_000;

/** All rules, or every problem of every file with its path. Never throws, whatever the values are. */
export function compileRules(
  files: readonly RuleFile[],
  context: CompileContext,
): { rules: CompiledRules } | { problems: Problem[] } {
  const problems: Problem[] = [];
  const rules: Rule[] = [];
  const ids = new Map<string, string>();
  for (const { file, value } of files) {
    const report = gather(file, problems);
    if (!isObject(value)) {
      report([], `must be an object { "rules": [ … ] }, not ${sayKind(value)}`);
      continue;
    }
    for (const key of Object.keys(value)) {
      if (KEYS_NOT_YET.includes(key)) report([key], 'is not built yet in this version');
      else if (!KEYS.includes(key)) report([key], 'unknown key', didYouMean(key, KEYS));
    }
    const lists = readLists(value.lists, report);
    rules.push(...readRules(value.rules, file, ids, report, { ...context, lists }));
  }
  reportCircles(rules, problems);
  return problems.length > 0 ? { problems } : { rules };
}

function readRules(
  raw: unknown,
  file: string,
  ids: Map<string, string>,
  report: Report,
  context: CompileContext & { lists: ReadonlyMap<string, readonly string[]> },
): Rule[] {
  if (!Array.isArray(raw)) {
    report(['rules'], raw === undefined ? 'is missing' : `must be a list [ … ], not ${sayKind(raw)}`);
    return [];
  }
  if (raw.length > RULES_MAX) report(['rules'], `has more than ${RULES_MAX} rules`);
  const rules: Rule[] = [];
  for (const [i, item] of raw.slice(0, RULES_MAX).entries()) {
    const path = ['rules', i];
    const rule = readRule(item, path, { ...context, file, report });
    if (rule !== undefined) rules.push(rule);
    const id = isObject(item) ? item.id : undefined;
    if (typeof id !== 'string') continue;
    const first = ids.get(id);
    if (first !== undefined)
      report(
        [...path, 'id'],
        `the id ${JSON.stringify(id.slice(0, 64))} stands also in ${first}`,
        'ids are unique over all files',
      );
    else ids.set(id, `${file}, rules[${i}]`);
  }
  return rules;
}

function readLists(raw: unknown, report: Report): Map<string, readonly string[]> {
  const lists = new Map<string, readonly string[]>();
  if (raw === undefined) return lists;
  if (!isObject(raw)) {
    report(['lists'], `must be an object { "name": [ … ] }, not ${sayKind(raw)}`);
    return lists;
  }
  for (const [name, entries] of Object.entries(raw)) {
    lists.set(name, []);
    if (!Array.isArray(entries)) report(['lists', name], `must be a list of texts, not ${sayKind(entries)}`);
    else if (entries.length > LIST_MAX) report(['lists', name], `has more than ${LIST_MAX} entries`);
    else lists.set(name, readEntries(entries, ['lists', name], report));
  }
  return lists;
}

function readEntries(entries: unknown[], path: Path, report: Report): string[] {
  for (const [i, entry] of entries.entries()) {
    if (typeof entry !== 'string') report([...path, i], `must be text in double quotes, not ${sayKind(entry)}`);
  }
  return entries.filter((entry) => typeof entry === 'string');
}

/** Rules that would set each other off for ever, found before they run: the way round is the message. */
function reportCircles(rules: readonly Rule[], problems: Problem[]): void {
  const takers = (event: string): Rule[] => rules.filter((rule) => rule.types.has(event) || rule.types.has('custom.*'));
  const seen = new Set<Rule>();
  const visit = (rule: Rule, way: { rule: Rule; event: string }[]): void => {
    const from = way.findIndex((step) => step.rule === rule);
    if (from >= 0) {
      const round = way
        .slice(from)
        .map((step) => `${step.rule.id} → ${step.event}`)
        .join(' → ');
      const closing = way[way.length - 1]?.rule ?? rule;
      const path = closing.actions.find((action) => action.kind === 'emit' && action.event === way.at(-1)?.event);
      problems.push({
        file: closing.file,
        path: path?.kind === 'emit' ? path.path : closing.path,
        message: `rules set each other off in a circle: ${round} → ${rule.id}`,
        hint: 'name the events under "on" so that none leads back',
      });
      return;
    }
    if (seen.has(rule)) return;
    for (const action of rule.actions) {
      if (action.kind !== 'emit' || way.length > 64) continue;
      for (const taker of takers(action.event)) visit(taker, [...way, { rule, event: action.event }]);
    }
    seen.add(rule);
  };
  for (const rule of rules) visit(rule, []);
}
