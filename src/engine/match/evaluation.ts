// The evaluation of one event: each field is read once, each clause that rules share is evaluated once.
import type { Event } from '../../core/events.ts';
import type { FieldValue, Known } from '../../core/fields.ts';
import type { ConditionTree } from './condition-tree.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A condition whose clauses are numbers. All of `clauses` must hold, and all of `others`. */
export type NumberedCondition = { clauses: readonly number[]; others: readonly Other[] };
type Other =
  | { kind: 'and' | 'or'; parts: readonly Other[] }
  | { kind: 'not'; part: Other }
  | { kind: 'clause'; clause: number };

export type Evaluation = {
  /** Begins with another event; what was remembered of the one before is forgotten. */
  begin(event: Event, known: Known): void;
  /** The value of a field of the vocabulary. */
  value(field: number): FieldValue;
  /** Whether a rule accepts the event; false also if it was asked before. */
  accepts(rule: number): boolean;
};

/** Above it a number and one bit would no longer fit into 31 bits, the small integers of V8. */
const EVENT_NUMBER_MAX = 2 ** 30 - 1;

/** Numbers the clauses of a condition as the vocabulary does. */
export function numbered(tree: ConditionTree, vocabulary: Vocabulary): NumberedCondition {
  const parts = tree.kind === 'and' ? tree.parts : [tree];
  const clauses: number[] = [];
  const others: Other[] = [];
  for (const part of parts) {
    if (part.kind === 'clause') clauses.push(vocabulary.clauseOf(part.clause).id);
    else others.push(otherOf(part, vocabulary));
  }
  return { clauses, others };
}

function otherOf(tree: ConditionTree, vocabulary: Vocabulary): Other {
  if (tree.kind === 'clause') return { kind: 'clause', clause: vocabulary.clauseOf(tree.clause).id };
  if (tree.kind === 'not') return { kind: 'not', part: otherOf(tree.part, vocabulary) };
  return { kind: tree.kind, parts: tree.parts.map((part) => otherOf(part, vocabulary)) };
}

/** `conditions`: one for each rule. After `numberMax` events their numbers begin anew. */
export function createEvaluation(
  { fields, clauses }: Vocabulary,
  conditions: readonly NumberedCondition[],
  numberMax = EVENT_NUMBER_MAX,
): Evaluation {
  let event: Event;
  let known: Known;
  let number = 0;
  const values: FieldValue[] = fields.map(() => null);
  // By field and by rule: the number of the event for which it was read or asked last.
  const readAt = new Uint32Array(fields.length);
  const askedAt = new Uint32Array(conditions.length);
  /** Twice the number of the event, and 1 if the clause held. */
  const answers = new Uint32Array(clauses.length);
  // A clause of one rule is asked once anyway.
  const shared = clauses.map(({ uses }) => uses > 1);
  const tests = clauses.map(({ clause, field }) => ({ holds: clause.test.holds, field }));

  const value = (field: number): FieldValue => {
    if (readAt[field] === number) return values[field] as FieldValue;
    readAt[field] = number;
    const read = fields[field]?.read(event, known) ?? null;
    values[field] = read;
    return read;
  };
  const clauseHolds = (clause: number): boolean => {
    const answer = answers[clause] as number;
    if (answer >>> 1 === number) return (answer & 1) === 1;
    const test = tests[clause] as (typeof tests)[number];
    const holds = test.holds(value(test.field), event, known);
    if (shared[clause]) answers[clause] = number * 2 + (holds ? 1 : 0);
    return holds;
  };
  const otherHolds = (other: Other): boolean => {
    if (other.kind === 'clause') return clauseHolds(other.clause);
    if (other.kind === 'not') return !otherHolds(other.part);
    const enough = other.kind === 'or';
    for (const part of other.parts) if (otherHolds(part) === enough) return enough;
    return !enough;
  };
  return {
    begin(nextEvent, nextKnown) {
      event = nextEvent;
      known = nextKnown;
      number = number >= numberMax ? 1 : number + 1;
      if (number === 1) {
        readAt.fill(0);
        answers.fill(0);
        askedAt.fill(0);
      }
    },
    value,
    accepts(rule) {
      if (askedAt[rule] === number) return false;
      askedAt[rule] = number;
      const { clauses: wanted, others } = conditions[rule] as NumberedCondition;
      for (const clause of wanted) if (!clauseHolds(clause)) return false;
      for (const other of others) if (!otherHolds(other)) return false;
      return true;
    },
  };
}
