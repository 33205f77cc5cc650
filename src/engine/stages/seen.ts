// Seen: events that an `after` or `unless` asks for, remembered as long as they may still matter.
import { formatDuration } from '../../core/durations.ts';
import type { Met } from '../fold.ts';
import type { Heard } from '../program.ts';
import type { CompiledRule, Stages } from '../rules/compiled.ts';
import { KEYS_MAX, memoryOf, oldest, remove, renew, sweep } from './memory.ts';
import { tell, type Work, warn } from './work.ts';

type Role = Heard['role'];

const seenKey = (role: Role, same: string): string => `${role} ${same}`;

const spanOf = ({ after, wait }: Stages): number => Math.max(after?.withinMs ?? 0, wait?.unless?.beforeMs ?? 0);

/** Remembers that the event came: after the rules have met it, so that none takes it for one that came before. */
export function remember({ rule, role, pattern }: Heard, { event, known }: Met, work: Work): void {
  const { state, result } = work;
  const { stages } = rule;
  if (stages === undefined || (role === 'unless' && stages.wait?.unless?.beforeMs === 0)) return;
  const mine = memoryOf(state.memory, rule.id, stages.hash);
  const [atMs, spanMs] = [state.nowMs, spanOf(stages)];
  sweep(rule.id, mine.seen, (row) => row.atMs + spanMs < atMs, result.changes);
  const key = seenKey(role, pattern.same(event, known));
  if (mine.seen.rows.size >= KEYS_MAX && !mine.seen.rows.has(key)) {
    const old = oldest(mine.seen);
    if (old !== undefined) remove(rule.id, mine.seen, old, result.changes);
    warn(work, rule, `forgotten: "${role}" remembers ${KEYS_MAX} keys at most; the oldest made room`, event.id);
  }
  renew(state.memory, rule.id, mine.seen, key, { hash: stages.hash, n: 0, atMs }, result.changes);
}

/** How long ago such an event came, in ms; undefined if none did, or longer ago than `spanMs`. */
export function agoMs(rule: CompiledRule, role: Role, same: string, spanMs: number, work: Work): number | undefined {
  const { memory, nowMs } = work.state;
  const seen = memory.rules.get(rule.id)?.seen.rows.get(seenKey(role, same));
  return seen === undefined || nowMs - seen.atMs > spanMs ? undefined : nowMs - seen.atMs;
}

/** Whether what `after` asks for came before. */
export function cameBefore(rule: CompiledRule, { event, known }: Met, work: Work): boolean {
  const after = rule.stages?.after;
  if (after === undefined) return true;
  const found = agoMs(rule, 'after', after.same(event, known), after.withinMs, work);
  if (work.trace !== undefined) {
    const saw =
      found === undefined ? `none within ${formatDuration(after.withinMs)}` : `${formatDuration(found)} before`;
    tell(work, event.id, rule.id, 'after', found !== undefined, saw);
  }
  return found !== undefined;
}
