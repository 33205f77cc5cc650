// What the engine alone can do: a day of 500 phones through `step`, and the memory that an idle phone keeps.
import type { Folded, FoldOrder } from './fold-child.ts';
import type { Figures, Say } from './load-rounds.ts';
import { startWorker } from './servers.ts';

const EVENTS = 100_000;
const ROUNDS = 5;

/** `fold_events_per_s`: hits folded into phones and calls, without rules and with four of those that are shipped; `step_events_per_s`: with a hundred rules; the median of
 * five runs after one that does not count. `idle_phone_bytes`: heap per phone a day later. */
export async function folded(say: Say): Promise<Figures> {
  const worker = await startWorker<FoldOrder, Folded>('fold-child.ts', '--expose-gc');
  const result = await worker.ask({ events: EVENTS, rounds: ROUNDS });
  await worker.stop();
  say(
    `fold: ${EVENTS} hits of 500 phones made ${result.made} events about calls and, with four rules, ${result.deliveries} ` +
      `deliveries; calls that are over and may still be called back or claimed hold ${Math.round(result.missedBytes)} bytes per phone besides`,
  );
  return {
    fold_events_per_s: Math.round(result.perSecond),
    fold_with_rules_events_per_s: Math.round(result.perSecondWithRules),
    step_events_per_s: Math.round(result.perSecondWithHundred),
    idle_phone_bytes: Math.round(result.phoneBytes),
  };
}
