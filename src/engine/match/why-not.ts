// Why not: the first part of a condition that an event did not meet, in words; for `explain`, never on the way of an event.
import type { Event } from '../../core/events.ts';
import type { FieldValue, Known } from '../../core/fields.ts';
import { type ConditionTree, conditionOf } from './condition-tree.ts';

const VALUE_CHARACTERS_MAX = 80;

/** `remote.kind is "internal"; asked for "external"`; undefined where the condition holds. */
export function whyNot(tree: ConditionTree, event: Event, known: Known): string | undefined {
  if (conditionOf(tree)(event, known)) return undefined;
  if (tree.kind === 'clause') {
    const { field, test } = tree.clause;
    return `${field.name} is ${shown(field.read(event, known))}; asked for ${test.text}`;
  }
  if (tree.kind === 'not') return `what stands under "not" holds: ${namesOf(tree.part).join(', ')}`;
  if (tree.kind === 'and')
    for (const part of tree.parts) {
      const why = whyNot(part, event, known);
      if (why !== undefined) return why;
    }
  return `none of "any" holds: ${tree.parts.map((part) => whyNot(part, event, known)).join('; ')}`;
}

/** The fields that a condition looks at. */
function namesOf(tree: ConditionTree): string[] {
  if (tree.kind === 'clause') return [tree.clause.field.name];
  return [...new Set(tree.kind === 'not' ? namesOf(tree.part) : tree.parts.flatMap(namesOf))];
}

function shown(value: FieldValue): string {
  const text = JSON.stringify(value);
  return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;
}
