// Wait: holds events back until their time is over, lets others join them, and forgets them if what cancels them comes.
import { formatDuration } from '../../core/durations.ts';
import type { Met } from '../fold.ts';
import type { Heard } from '../program.ts';
import type { CompiledRule, Wait } from '../rules/compiled.ts';
import { keep, recall } from './kept.ts';
import { keyOfValues } from './key.ts';
import {
  dropWait,
  endWait,
  fileWait,
  KEYS_MAX,
  memoryOf,
  oldest,
  put,
  type RuleMemory,
  WAIT_DUE,
  type Waiting,
} from './memory.ts';
import { agoMs } from './seen.ts';
import { callerOf, EVENTS_MAX, type Group, tell, type Work, warn } from './work.ts';

/** The event begins a wait, or joins the one that its like have begun; unless what cancels it came before. */
export function hold(rule: CompiledRule, wait: Wait, met: Met, group: Group | undefined, work: Work): void {
  const { event, known } = met;
  const { unless } = wait;
  const same = unless?.same(event, known);
  if (unless !== undefined && same !== undefined && unless.beforeMs > 0) {
    const found = agoMs(rule, 'unless', same, unless.beforeMs, work);
    if (found !== undefined) {
      if (work.trace !== undefined)
        tell(work, event.id, rule.id, 'wait', false, `what cancels it came ${formatDuration(found)} before`);
      return;
    }
  }
  const mine = memoryOf(work.state.memory, rule.id, rule.stages?.hash ?? '');
  const key = wait.by === undefined ? keyOfValues([event.id]) : wait.by(event, known);
  const waiting = mine.waits.rows.get(key);
  if (waiting === undefined)
    open(rule, wait, mine, { key, same: unless?.sameAsBy === false ? same : undefined }, met, group, work);
  else join(rule, wait, mine, key, waiting, met, group, work);
}

function open(
  rule: CompiledRule,
  wait: Wait,
  mine: RuleMemory,
  { key, same }: { key: string; same: string | undefined },
  met: Met,
  group: Group | undefined,
  work: Work,
): void {
  const { state, result } = work;
  const dueMs = wait.dueMs(state.nowMs);
  if (dueMs === undefined) {
    drop(rule, met.event.id, 'its schedule does not open again', work);
    return;
  }
  const old = mine.waits.rows.size >= KEYS_MAX ? oldest(mine.waits) : undefined;
  const first = old === undefined ? undefined : mine.waits.rows.get(old);
  if (old !== undefined && first !== undefined) {
    dropWait(mine, old, state.due, result.changes);
    drop(
      rule,
      recall(first.kept, work.program).event.id,
      `more than ${KEYS_MAX} waited, and this was the oldest`,
      work,
    );
  }
  const row: Waiting = {
    hash: mine.hash,
    n: state.memory.n++,
    kept: keep(met, wait.withVars),
    sinceMs: state.nowMs,
    dueMs,
    count: group?.count ?? 1,
  };
  const latestMs = wait.latestMs?.(state.nowMs);
  if (latestMs !== undefined) row.latestMs = latestMs;
  if (same !== undefined) row.same = same;
  if (group !== undefined) addTo(row, group);
  put(rule.id, mine.waits, key, row, result.changes);
  fileWait(mine, key, row, state.due);
  if (work.trace !== undefined) tell(work, met.event.id, rule.id, 'wait', true, `until ${isoOf(dueMs)}`);
}

function join(
  rule: CompiledRule,
  wait: Wait,
  mine: RuleMemory,
  key: string,
  row: Waiting,
  met: Met,
  group: Group | undefined,
  work: Work,
): void {
  const { state, result } = work;
  if (row.times === undefined)
    addTo(row, { count: 0, times: [row.sinceMs], callers: [callerOf(recall(row.kept, work.program))] });
  const more = group ?? { count: 1, times: [state.nowMs], callers: [callerOf(met)] };
  row.count += more.count;
  addTo(row, more);
  const dueMs = wait.extend ? wait.dueMs(state.nowMs) : undefined;
  if (dueMs !== undefined) {
    row.dueMs = Math.min(dueMs, row.latestMs ?? Number.POSITIVE_INFINITY);
    state.due.set(mine.due + key, row.dueMs);
  }
  put(rule.id, mine.waits, key, row, result.changes);
  if (work.trace !== undefined)
    tell(work, met.event.id, rule.id, 'joined', true, `${row.count} wait until ${isoOf(row.dueMs)}`);
}

const isoOf = (atMs: number): string => new Date(atMs).toISOString();

/** When they came and whose they were, of the first 100. */
function addTo(row: Waiting, { times, callers }: Group): void {
  row.times ??= [];
  row.callers ??= [];
  const room = EVENTS_MAX - row.times.length;
  row.times.push(...times.slice(0, room));
  row.callers.push(...callers.slice(0, room));
}

/** An event came that cancels: whatever waits for it is over. */
export function cancel({ rule, pattern }: Heard, { event, known }: Met, work: Work): void {
  const { state, result } = work;
  const mine = state.memory.rules.get(rule.id);
  const unless = rule.stages?.wait?.unless;
  if (mine === undefined || unless === undefined || mine.waits.rows.size === 0) return;
  const same = pattern.same(event, known);
  const keys = unless.sameAsBy ? [same] : [...(mine.bySame.get(same) ?? [])];
  for (const key of keys) {
    const row = mine.waits.rows.get(key);
    if (row === undefined) continue;
    dropWait(mine, key, state.due, result.changes);
    if (work.trace !== undefined)
      tell(
        work,
        recall(row.kept, work.program).event.id,
        rule.id,
        'cancelled',
        false,
        `${event.type} came after ${formatDuration(state.nowMs - row.sinceMs)}`,
      );
  }
}

/** What follows from a wait that is over: the event that began it, as it was then, and when it is told (ms since 1970). */
export type Released = { rule: CompiledRule; met: Met; atMs: number };

/**
 * The wait of that name is over. One that ended while nobody ran is told late, or dropped if it is too late; undefined: nothing
 * follows.
 */
export function release(due: string, work: Work): Released | undefined {
  const { state, program, result, startedMs } = work;
  const end = due.indexOf('\n');
  const [id, key] = [due.slice(WAIT_DUE.length, end), due.slice(end + 1)];
  const rule = program.rule(id);
  const mine = state.memory.rules.get(id);
  const row = mine?.waits.rows.get(key);
  if (rule === undefined || mine === undefined || row === undefined) return undefined;
  endWait(mine, key, result.changes);
  const met = recall(row.kept, program);
  const lateMs = startedMs === undefined ? 0 : startedMs - row.dueMs;
  if (lateMs >= program.lateMsMax && lateMs > 0) {
    drop(rule, met.event.id, `its time was over ${formatDuration(lateMs)} before Hookswitch started again`, work);
    return undefined;
  }
  const { count, times = [row.sinceMs], callers = [callerOf(met)] } = row;
  // It was read from text a moment ago, and nobody else has it.
  met.known.count = count;
  met.known.events = times;
  met.known.callers = callers;
  if (lateMs > 0) met.known.late = Math.ceil(lateMs / 1_000);
  return { rule, met, atMs: startedMs !== undefined && lateMs > 0 ? startedMs : state.nowMs };
}

/** A wait comes to nothing, although nobody cancelled it. */
export function drop(rule: Pick<CompiledRule, 'id'>, event: string, why: string, work: Work): void {
  warn(work, rule, `dropped: ${why}`, event);
  work.result.dropped += 1;
  if (work.trace !== undefined) tell(work, event, rule.id, 'wait', false, `dropped: ${why}`);
}
