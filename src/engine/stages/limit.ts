// Limit: lets the first ones in a time through and counts the rest, so that the next one through can say how many there were.
import type { Met } from '../fold.ts';
import type { CompiledRule } from '../rules/compiled.ts';
import { KEYS_MAX, type Limiting, memoryOf, oldest, remove, renew, sweep } from './memory.ts';
import { tell, type Work, warn } from './work.ts';

/** A limit that holds something back remembers for so long how much, if nothing goes through any more. */
const SUPPRESSED_KEPT_MS = 7 * 86_400_000;

/** What goes through, with what was held back before it; undefined: held back. Without a limit everything goes through. */
export function limited(rule: CompiledRule, met: Met, work: Work): Met | undefined {
  const { event, known } = met;
  const { memory, nowMs } = work.state;
  const { changes } = work.result;
  const { stages } = rule;
  const limit = stages?.limit;
  if (stages === undefined || limit === undefined) return met;
  const { limits } = memoryOf(memory, rule.id, stages.hash);
  const isOver = ({ times, suppressed }: Limiting): boolean =>
    (times.at(-1) ?? 0) + limit.perMs + (suppressed > 0 ? SUPPRESSED_KEPT_MS : 0) <= nowMs;
  sweep(rule.id, limits, isOver, changes);
  const key = limit.by(event, known);
  const row = limits.rows.get(key) ?? opened(rule, stages.hash, met, work);
  while (row.times.length > 0 && (row.times[0] as number) + limit.perMs <= nowMs) row.times.shift();
  const through = row.times.length < limit.max;
  const { suppressed } = row;
  if (through) {
    row.times.push(nowMs);
    row.suppressed = 0;
  } else row.suppressed += 1;
  renew(memory, rule.id, limits, key, row, changes);
  if (work.trace !== undefined) {
    if (through) tell(work, event.id, rule.id, 'limit', true, `${row.times.length} of ${limit.max}`);
    else tell(work, event.id, rule.id, 'suppressed', false, `${row.suppressed} held back so far`);
  }
  return through ? { event, known: { ...known, suppressed } } : undefined;
}

function opened(rule: CompiledRule, hash: string, { event }: Met, work: Work): Limiting {
  const { limits } = memoryOf(work.state.memory, rule.id, hash);
  const old = limits.rows.size >= KEYS_MAX ? oldest(limits) : undefined;
  if (old !== undefined) {
    remove(rule.id, limits, old, work.result.changes);
    warn(work, rule, `forgotten: "limit" remembers ${KEYS_MAX} keys at most; the oldest made room`, event.id);
  }
  return { hash, n: 0, times: [], suppressed: 0 };
}
