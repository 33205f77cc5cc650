// The vocabulary of a set of rules: its fields, clauses and attributes, each once and numbered, so that one event is asked each once.
import type { Clause, ConditionTree, IndexKey, Key, Readable } from './condition-tree.ts';

/** What is looked up in one table: the field's value itself, folded to lower case, its beginning, its end, or its network. */
export type Attribute = {
  id: number;
  field: number;
  kind: IndexKey['kind'];
  /** Characters of a beginning or an end, bits of a network. */
  length: number;
  version: 4 | 6;
  /** How many different keys the rules ask of it. */
  keys: Set<Key>;
};

export type Entry = { attribute: Attribute; key: Key };

/** One of the entries must be found for a rule to hold. Without entries it never holds. */
export type Cover = { entries: readonly Entry[] };

export type NumberedClause = {
  id: number;
  field: number;
  clause: Clause;
  /** Rules and places in rules where it stands. */
  uses: number;
  /** Each one by itself is necessary. */
  covers: readonly Cover[];
};

export type Vocabulary = {
  fields: readonly Readable[];
  clauses: readonly NumberedClause[];
  clauseOf(clause: Clause): NumberedClause;
};

/** Numbers everything that the conditions speak of. */
export function createVocabulary(conditions: Iterable<ConditionTree>): Vocabulary {
  const fields = new Map<Readable, number>();
  const attributes = new Map<string, Attribute>();
  const clauses = new Map<Clause, NumberedClause>();

  const fieldOf = (field: Readable): number => {
    const id = fields.get(field) ?? fields.size;
    fields.set(field, id);
    return id;
  };

  const attributeOf = (field: number, kind: Attribute['kind'], length: number, version: 4 | 6): Attribute => {
    const name = `${field} ${kind} ${length} ${version}`;
    const known = attributes.get(name) ?? { id: attributes.size, field, kind, length, version, keys: new Set() };
    attributes.set(name, known);
    return known;
  };

  const entriesOf = (field: number, key: IndexKey): Entry[] => {
    if (key.kind === 'exact') {
      const attribute = attributeOf(field, 'exact', 0, 4);
      return key.values.map((value) => ({ attribute, key: value }));
    }
    if (key.kind === 'network')
      return [{ attribute: attributeOf(field, 'network', key.bits, key.version), key: key.base }];
    // A text that is folded may change its length, so that one table holds all of them.
    const length = key.kind === 'folded' ? 0 : key.text.length;
    return [{ attribute: attributeOf(field, key.kind, length, 4), key: key.text }];
  };

  const add = (clause: Clause): void => {
    const known = clauses.get(clause);
    if (known !== undefined) {
      known.uses += 1;
      return;
    }
    const field = fieldOf(clause.field);
    const covers = clause.test.keys.map((key) => ({ entries: entriesOf(field, key) }));
    for (const { entries } of covers) for (const { attribute, key } of entries) attribute.keys.add(key);
    clauses.set(clause, { id: clauses.size, field, clause, uses: 1, covers });
  };

  const visit = (tree: ConditionTree): void => {
    if (tree.kind === 'clause') add(tree.clause);
    else if (tree.kind === 'not') visit(tree.part);
    else for (const part of tree.parts) visit(part);
  };

  for (const condition of conditions) visit(condition);
  return {
    fields: [...fields.keys()],
    clauses: [...clauses.values()],
    clauseOf: (clause) => clauses.get(clause) as NumberedClause,
  };
}
