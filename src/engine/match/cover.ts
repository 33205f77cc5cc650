// Covers: which entries of the index a condition cannot hold without, found from its tree.
import type { ConditionTree } from './condition-tree.ts';
import type { Cover, Entry, Vocabulary } from './vocabulary.ts';

/** Entries that a choice between conditions may take; a longer one is not indexed. */
const CHOICE_ENTRIES_MAX = 64;

/**
 * Every cover of a condition: one alone is necessary for it. Empty: nothing is, and the rule is asked for every event of its
 * types. A negated clause has none; `not` of anything else is turned inside.
 */
export function coversOf(tree: ConditionTree, vocabulary: Vocabulary, negated = false): readonly Cover[] {
  if (tree.kind === 'clause') return negated ? [] : vocabulary.clauseOf(tree.clause).covers;
  if (tree.kind === 'not') return coversOf(tree.part, vocabulary, !negated);
  if ((tree.kind === 'and') !== negated) return tree.parts.flatMap((part) => coversOf(part, vocabulary, negated));
  const choices = tree.parts.map((part) => coversOf(part, vocabulary, negated));
  return choices.length === 1 ? (choices[0] ?? []) : coverOfAny(choices);
}

/** One of the parts holds, so that an entry of one of their covers is found: of each part the cover that is found most rarely. */
function coverOfAny(choices: readonly (readonly Cover[])[]): Cover[] {
  const entries = new Map<string, Entry>();
  for (const covers of choices) {
    const rarest = covers.toSorted((a, b) => chanceOf(a) - chanceOf(b))[0];
    if (rarest === undefined || entries.size + rarest.entries.length > CHOICE_ENTRIES_MAX) return [];
    for (const entry of rarest.entries) entries.set(`${entry.attribute.id} ${typeof entry.key} ${entry.key}`, entry);
  }
  return [{ entries: [...entries.values()] }];
}

/** A guess from the rules alone: of an attribute with many keys each one is rare. */
export const chanceOf = ({ entries }: Cover): number =>
  entries.reduce((sum, { attribute }) => sum + 1 / (attribute.keys.size + 1), 0);
