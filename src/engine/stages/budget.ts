// Budget: how many messages a rule makes for one connection within a minute; what goes beyond is a loop until somebody says otherwise.
import { type Work, warn } from './work.ts';

/** What was made in a minute of the engine's own time. */
export type Spent = { minute: number; made: number };

/** By rule, then by connection. Not stored: after a start a minute begins anew. */
export type Spending = Map<string, Map<string, Spent>>;

const MINUTE_MS = 60_000;

/** Counts one more message at `atMs` (ms since 1970). Returns why it is not sent; undefined: it is within the budget. */
export function spend(
  rule: string,
  to: string,
  budget: number,
  atMs: number,
  event: string,
  work: Work,
): string | undefined {
  const { spending } = work.state.memory;
  const minute = Math.floor(atMs / MINUTE_MS);
  let mine = spending.get(rule);
  if (mine === undefined) spending.set(rule, (mine = new Map()));
  let spent = mine.get(to);
  if (spent === undefined) mine.set(to, (spent = { minute, made: 0 }));
  if (spent.minute !== minute) {
    spent.minute = minute;
    spent.made = 0;
  }
  spent.made += 1;
  if (spent.made <= budget) return undefined;
  work.result.overBudget += 1;
  const key = `connections.${to}.delivery.budget`;
  if (spent.made === budget + 1) {
    const text = `rule ${rule} made more than ${budget} messages for ${to} within a minute; the others are not sent (${key})`;
    warn(work, { id: rule }, text, event);
  }
  return `more than ${budget} messages of this rule within a minute, which looks like a loop; ${key} allows more`;
}
