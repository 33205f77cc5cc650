// Work: what the stages of one step share.
import type { Met } from '../fold.ts';
import type { Program } from '../program.ts';
import type { CompiledRule } from '../rules/compiled.ts';
import type { State } from '../state.ts';
import type { Stepped } from '../step.ts';
import type { Saw, Trace } from './trace.ts';

export type Work = {
  state: State;
  program: Program;
  result: Stepped;
  /** Events that wait for their rules. */
  queue: Met[];
  /** Where nobody ran until now: when that is, ms since 1970. */
  startedMs: number | undefined;
  trace: Trace | undefined;
};

/** Events that came together: how many, when each came (ms since 1970) and whose it was. */
export type Group = { count: number; times: readonly number[]; callers: readonly string[] };

/** Of that many events of a group it is kept when they came and whose they were. */
export const EVENTS_MAX = 100;

export const callerOf = ({ known: { contact, number } }: Met): string => contact ?? number ?? '';

/** What the rest of the rule sees. */
export const grouped = ({ event, known }: Met, { count, times, callers }: Group): Met => ({
  event,
  known: { ...known, count, events: times, callers },
});

export function tell(work: Work, event: string, rule: string, stage: Saw['stage'], ok: boolean, saw?: string): void {
  work.trace?.(event, rule, saw === undefined ? { stage, ok } : { stage, ok, saw });
}

/** What came to nothing although nobody wanted that. */
export function warn({ result }: Work, { id }: Pick<CompiledRule, 'id'>, text: string, event: string): void {
  result.logs.push({ rule: id, level: 'warn', text, event });
}
