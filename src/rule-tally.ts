// Rule tally: how often each rule acted since the process began, and when last. In memory only.
import type { Clock } from './core/ports.ts';

export type Acted = { times: number; lastMs: number };

export type RuleTally = {
  /** Ids of rules that acted in one step; one that took several events stands there as often. */
  acted(rules: readonly string[]): void;
  /** Undefined: not since the start. `lastMs`: wall time, ms since 1970. */
  of(rule: string): Acted | undefined;
  /** Forgets all others: rules come and go with every reload. */
  keep(rules: readonly { id: string }[]): void;
};

/** Nothing acted yet. */
export function createRuleTally(clock: Pick<Clock, 'wallMs'>): RuleTally {
  const tally = new Map<string, Acted>();
  return {
    acted(rules) {
      if (rules.length === 0) return;
      const lastMs = clock.wallMs();
      for (const rule of rules) {
        const known = tally.get(rule);
        if (known === undefined) tally.set(rule, { times: 1, lastMs });
        else {
          known.times += 1;
          known.lastMs = lastMs;
        }
      }
    },
    of: (rule) => tally.get(rule),
    keep(rules) {
      const ids = new Set(rules.map(({ id }) => id));
      for (const id of tally.keys()) if (!ids.has(id)) tally.delete(id);
    },
  };
}
