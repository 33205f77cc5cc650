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
  const spent = spentBy(work.state.memory.spending, rule, to);
  const minute = Math.floor(atMs / MINUTE_MS);
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

function spentBy(spending: Spending, rule: string, to: string): Spent {
  const mine = spending.get(rule) ?? new Map<string, Spent>();
  const known = mine.get(to);
  if (known !== undefined) return known;
  const none: Spent = { minute: 0, made: 0 };
  spending.set(rule, mine.set(to, none));
  return none;
}
