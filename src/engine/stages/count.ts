// Count: lets every `min`-th event inside a sliding window through, and then starts again.
import type { Met } from '../fold.ts';
import type { CompiledRule } from '../rules/compiled.ts';
import { type Counting, KEYS_MAX, memoryOf, oldest, remove, renew, sweep } from './memory.ts';
import { callerOf, type Group, tell, type Work, warn } from './work.ts';

/** The events that came together where there are enough of them; undefined: not yet. The rule has a `count`. */
export function counted(rule: CompiledRule, met: Met, work: Work): Group | undefined {
  const { event, known } = met;
  const { memory, nowMs } = work.state;
  const { changes } = work.result;
  const { stages } = rule;
  const count = stages?.count;
  if (stages === undefined || count === undefined) return undefined;
  const { counts } = memoryOf(memory, rule.id, stages.hash);
  const isOver = ({ times }: Counting): boolean => (times.at(-1) ?? 0) + count.withinMs < nowMs;
  sweep(rule.id, counts, isOver, changes);
  const key = count.by(event, known);
  const row = counts.rows.get(key) ?? opened(rule, stages.hash, met, work);
  const first = row.times.findIndex((atMs) => atMs + count.withinMs >= nowMs);
  const passed = first < 0 ? row.times.length : first;
  row.times.splice(0, passed);
  row.callers.splice(0, passed);
  row.times.push(nowMs);
  row.callers.push(callerOf(met));
  const enough = row.times.length >= count.min;
  if (work.trace !== undefined) tell(work, event.id, rule.id, 'count', enough, `${row.times.length} of ${count.min}`);
  if (enough) remove(rule.id, counts, key, changes);
  else renew(memory, rule.id, counts, key, row, changes);
  return enough ? { count: row.times.length, times: row.times, callers: row.callers } : undefined;
}

function opened(rule: CompiledRule, hash: string, { event }: Met, work: Work): Counting {
  const { counts } = memoryOf(work.state.memory, rule.id, hash);
  const old = counts.rows.size >= KEYS_MAX ? oldest(counts) : undefined;
  if (old !== undefined) {
    remove(rule.id, counts, old, work.result.changes);
    warn(work, rule, `forgotten: "count" remembers ${KEYS_MAX} keys at most; the oldest made room`, event.id);
  }
  return { hash, n: 0, times: [], callers: [] };
}
