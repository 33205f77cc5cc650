// Run: an event meets the rules, stage by stage: on + when → during/outside → after → count → wait/unless → limit → do.
import type { Met } from '../fold.ts';
import { whyNot } from '../match/why-not.ts';
import type { CompiledRule } from '../rules/compiled.ts';
import type { Schedule } from '../schedule/index.ts';
import { act } from './act.ts';
import { counted } from './count.ts';
import { limited } from './limit.ts';
import { cameBefore, remember } from './seen.ts';
import { cancel, hold, release } from './wait.ts';
import { grouped, tell, type Work } from './work.ts';

/**
 * What cancels comes first, then the rules in their order; those for what nobody else accepts come last. What is remembered for
 * `after` and `unless` is remembered behind all of them: an event never came before itself.
 */
export function meet(met: Met, work: Work): void {
  const { program } = work;
  const { event, known } = met;
  const heard = program.heard(event, known);
  for (const one of heard) if (one.role === 'unless') cancel(one, met, work);
  const rules = program.match(event, known);
  if (work.trace !== undefined) tellWhen(rules, met, work);
  const atMs = rules.length === 0 ? 0 : Date.parse(event.at);
  let accepted = false;
  let fallbacks = false;
  for (const rule of rules) {
    if (rule.fallback) fallbacks = true;
    else if (rule.stages === undefined) {
      accepted = true;
      act(rule, met, atMs, work);
    } else if (pass(rule, met, atMs, work)) accepted = true;
  }
  if (fallbacks)
    for (const rule of rules) {
      if (!rule.fallback) continue;
      tell(work, event.id, rule.id, 'fallback', !accepted);
      if (!accepted) pass(rule, met, atMs, work);
    }
  for (const one of heard) remember(one, met, work);
}

function tellWhen(rules: readonly CompiledRule[], { event, known }: Met, work: Work): void {
  for (const rule of work.program.rulesFor(event.type))
    tell(work, event.id, rule.id, 'when', rules.includes(rule), whyNot(rule.condition, event, known));
}

/** Returns whether the rule accepts the event: whether it gets as far as to be counted. */
function pass(rule: CompiledRule, met: Met, atMs: number, work: Work): boolean {
  const { stages } = rule;
  if (stages === undefined) {
    act(rule, met, atMs, work);
    return true;
  }
  if (!isOpen(rule, stages.during, true, met, work) || !isOpen(rule, stages.outside, false, met, work)) return false;
  if (!cameBefore(rule, met, work)) return false;
  const group = stages.count === undefined ? undefined : counted(rule, met, work);
  if (stages.count !== undefined && group === undefined) return true;
  if (stages.wait !== undefined) hold(rule, stages.wait, met, group, work);
  else finish(rule, group === undefined ? met : grouped(met, group), atMs, work);
  return true;
}

function isOpen(rule: CompiledRule, schedule: Schedule | undefined, wanted: boolean, met: Met, work: Work): boolean {
  if (schedule === undefined) return true;
  const open = schedule.isOpen(work.state.nowMs);
  tell(work, met.event.id, rule.id, 'during', open === wanted, `${schedule.name} is ${open ? 'open' : 'closed'}`);
  return open === wanted;
}

/** The last two stages. */
function finish(rule: CompiledRule, met: Met, atMs: number, work: Work): void {
  const through = limited(rule, met, work);
  if (through !== undefined) act(rule, through, atMs, work);
}

/** A wait is over: what waited goes on. `due`: its name among what is due. */
export function goOn(due: string, work: Work): void {
  const released = release(due, work);
  if (released !== undefined) finish(released.rule, released.met, released.atMs, work);
}
