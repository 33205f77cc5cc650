// The condition tree: a condition as data (and, or, not, clauses), so that an index can be made of it; and as one function.
import type { Event } from '../../core/events.ts';
import type { FieldValue, Known } from '../../core/fields.ts';

/** A field's value in the form in which it is compared. One object per field of a catalogue. */
export type Readable = { name: string; read(event: Event, known: Known): FieldValue };

export type Key = string | number | bigint | null;

/**
 * What a value must be like for a test to hold: equal to one of `values` (null: no value), of a list one member; equal but for
 * upper and lower case; beginning or ending with `text`; inside a network, whose first `bits` bits are `base`. Necessary, but
 * not always sufficient: the test may ask for more.
 */
export type IndexKey =
  | { kind: 'exact'; values: readonly Exclude<Key, bigint>[] }
  | { kind: 'folded' | 'prefix' | 'suffix'; text: string }
  | { kind: 'network'; version: 4 | 6; bits: number; base: number | bigint };

/** Of a list field the whole list is given. The event is there for tests that compare two of its fields. */
export type Holds = (value: FieldValue, event: Event, known: Known) => boolean;

export type FieldTest = {
  /** Tests of one field with equal text are equal. */
  text: string;
  holds: Holds;
  /** Each one by itself is necessary. Empty: no index can serve the test. */
  keys: readonly IndexKey[];
};

/** One object per pair of field and test, however many rules of a catalogue have it. */
export type Clause = { field: Readable; test: FieldTest };

/** `and` of nothing always holds, `or` of nothing never does. */
export type ConditionTree =
  | { kind: 'and' | 'or'; parts: readonly ConditionTree[] }
  | { kind: 'not'; part: ConditionTree }
  | { kind: 'clause'; clause: Clause };

export const ALWAYS_TREE: ConditionTree = { kind: 'and', parts: [] };
export const NEVER_TREE: ConditionTree = { kind: 'or', parts: [] };

/** The tree as a function of an event: nothing is shared with other conditions, nothing is remembered. */
export function conditionOf(tree: ConditionTree): (event: Event, known: Known) => boolean {
  if (tree.kind === 'clause') {
    const { field, test } = tree.clause;
    return (event, known) => test.holds(field.read(event, known), event, known);
  }
  if (tree.kind === 'not') {
    const condition = conditionOf(tree.part);
    return (event, known) => !condition(event, known);
  }
  const conditions = tree.parts.map(conditionOf);
  const [first, second] = conditions;
  if (first !== undefined && second === undefined) return first;
  const enough = tree.kind === 'or';
  return (event, known) => {
    for (const condition of conditions) if (condition(event, known) === enough) return enough;
    return !enough;
  };
}
