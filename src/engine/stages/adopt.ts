// Adopt: other rules came; what they remember is kept where it still means the same, and dropped aloud where it does not.
import { recall } from './kept.ts';
import { dropWait, type RuleMemory, remove, tablesOf } from './memory.ts';
import { tell, type Work, warn } from './work.ts';

/** Holds the memory against the program once, the first time that it is used with it. */
export function adopt(work: Work): void {
  const { program, state } = work;
  if (state.memory.program === program) return;
  state.memory.program = program;
  state.memory.spending.clear();
  for (const [id, mine] of state.memory.rules) {
    const rule = program.rule(id);
    if (rule?.stages !== undefined && rule.stages.hash === mine.hash && isWhole(mine)) continue;
    forget(mine, rule === undefined ? 'the rule is gone or switched off' : 'the rule has other stages now', work);
    state.memory.rules.delete(id);
  }
}

/** Rows of another version of the rule cannot stand beside its own unless somebody changed the store. */
const isWhole = (mine: RuleMemory): boolean =>
  tablesOf(mine).every(({ rows }) => [...rows.values()].every(({ hash }) => hash === mine.hash));

function forget(mine: RuleMemory, why: string, work: Work): void {
  const { result, state } = work;
  const waiting = [...mine.waits.rows];
  for (const [key, { kept }] of waiting) {
    dropWait(mine, key, state.due, result.changes);
    if (work.trace !== undefined)
      tell(work, recall(kept, work.program).event.id, mine.rule, 'wait', false, `dropped: ${why}`);
  }
  let others = 0;
  for (const table of tablesOf(mine))
    for (const key of [...table.rows.keys()]) {
      remove(mine.rule, table, key, result.changes);
      others += 1;
    }
  result.dropped += waiting.length;
  const rows = [
    ...(waiting.length > 0 ? [plural(waiting.length, 'wait')] : []),
    ...(others > 0 ? [`${plural(others, 'key')} of "after", "count", "unless" and "limit"`] : []),
  ];
  if (rows.length > 0) warn(work, { id: mine.rule }, `dropped: ${rows.join(' and ')}, because ${why}`, '');
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
