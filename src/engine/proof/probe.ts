// Probe: one more action behind those of each rule, which writes down that the rule fired and what its templates would have seen.
import type { Delivery } from '../../core/delivery.ts';
import type { CompiledRules, LogLine } from '../rules/compiled.ts';
import type { RuleLog, Stepped } from '../step.ts';

/** One time that a rule fired. */
export type Firing = {
  rule: string;
  /** Id of the event that it was about: what its templates saw. */
  event: string;
  /** ms since 1970 */
  atMs: number;
  /** Of a rule that counts or waits: how many events came together. */
  count: number | null;
  deliveries: Delivery[];
  /** What it wrote into the log, and what it could not do. */
  logs: RuleLog[];
};

/** A rule's own lines never hold this character: it is taken out of them. */
const MARK = '\u0000';

const PROBE: LogLine = {
  kind: 'log',
  level: 'info',
  text: (_event, { count = null }) => MARK + JSON.stringify({ count }),
};

/** The same rules, each with the probe as its last action, so that the ids of its deliveries stay as they are. */
export const withProbes = (rules: CompiledRules): CompiledRules =>
  rules.map((rule) => ({ ...rule, actions: [...rule.actions, PROBE] }));

/** What fired in a step of a program whose rules have probes, in that order. */
export function firingsOf({ deliveries, logs }: Stepped, atMs: number): Firing[] {
  return logs
    .filter(({ text }) => text.startsWith(MARK))
    .map(({ rule, event, text }) => ({
      rule,
      event,
      atMs,
      ...(JSON.parse(text.slice(MARK.length)) as { count: number | null }),
      deliveries: deliveries.filter((each) => each.rule === rule && each.event === event),
      logs: logs.filter((log) => log.rule === rule && log.event === event && !log.text.startsWith(MARK)),
    }));
}
