// Reading what `after` and `unless` say of another event; and what reading stages needs to know.
import type { Path } from '../../core/problems.ts';
import { ALWAYS_TREE } from '../match/condition-tree.ts';
import type { Pattern } from '../rules/compiled.ts';
import { readConditionTree } from '../rules/condition.ts';
import { readOn } from '../rules/event-names.ts';
import type { TestContext } from '../rules/field-test.ts';
import type { Raw } from '../rules/tree.ts';
import type { Schedules } from './read-values.ts';

export type StagesContext = TestContext & {
  schedules: Schedules;
  /** The `custom.` events that some rule makes. */
  emitted: ReadonlySet<string>;
  timezone: string;
  /** What a schedule of the file says, all that it refers to included. */
  contentOf(schedule: string): string;
};

/** What `after` and `unless` say of the other event. */
export function readPattern(raw: Raw, path: Path, context: StagesContext): Omit<Pattern, 'same'> {
  const on = readOn(raw.on, [...path, 'on'], context.emitted, context.report);
  const condition = raw.when === undefined ? ALWAYS_TREE : readConditionTree(raw.when, [...path, 'when'], context);
  return { on, condition };
}
