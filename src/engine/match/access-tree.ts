// The access tree: every rule below its most selective cover, so that an event meets few of the rules that do not accept it.
import type { Key } from './condition-tree.ts';
import type { Attribute, Cover, Entry } from './vocabulary.ts';

/** Rules are numbers here. A rule may stand in several places, and may be met more than once. */
export type Node = {
  /** To be asked for every event that comes here. */
  rest: readonly number[];
  fields: readonly FieldTables[];
  /** Nodes to be visited for every event that comes here. */
  next: readonly Node[];
};

/** The tables of one field. */
export type FieldTables = { field: number; tables: readonly Table[] };
export type Table = Pick<Attribute, 'kind' | 'length' | 'version'> & { buckets: ReadonlyMap<Key, Node> };

/** A rule and the covers of it that are not used yet. `copies`: in so many places of the tree it may stand. */
export type Entrant = { rule: number; covers: readonly Cover[]; copies: number };

/** So few rules are asked sooner than looked up. */
const LEAF_RULES_MAX = 8;
/** A rule may stand in so many places; beyond that, the rules of one cover stand together in a node that all its entries lead to. */
const COPIES_MAX = 8;
/** What it costs to ask a rule and to look into a table, in one unit; measured. */
const ASK_COST = 20;
const LOOKUP_COST = 40;

const NOTHING: readonly never[] = [];
const leafOf = (rules: readonly Entrant[]): Node => ({
  rest: rules.map(({ rule }) => rule),
  fields: NOTHING,
  next: NOTHING,
});

/** Builds the tree of some rules; those that can never hold are left out. Ends because each step down uses up a cover. */
export function buildTree(rules: readonly Omit<Entrant, 'copies'>[]): Node {
  const possible = rules.filter(({ covers }) => covers.every(({ entries }) => entries.length > 0));
  return build(possible.map((entrant) => ({ ...entrant, copies: 1 })));
}

function build(rules: readonly Entrant[]): Node {
  if (rules.length <= LEAF_RULES_MAX) return leafOf(rules);
  const costs = costsOf(rules);
  const rest: Entrant[] = [];
  const drafts = new Map<Attribute, Map<Key, Draft>>();
  const together = new Map<Cover, Entrant[]>();
  for (const entrant of rules) {
    const cover = cheapestOf(entrant, costs);
    if (cover === undefined) {
      rest.push(entrant);
      continue;
    }
    const copies = entrant.copies * cover.entries.length;
    const covers = entrant.covers.filter((other) => other !== cover);
    if (copies > COPIES_MAX) push(together, cover, { ...entrant, covers });
    else for (const entry of cover.entries) draftOf(drafts, entry).rules.push({ rule: entrant.rule, covers, copies });
  }
  for (const [cover, entrants] of together) {
    const node = build(entrants);
    for (const entry of cover.entries) draftOf(drafts, entry).next.push(node);
  }
  return { rest: rest.map(({ rule }) => rule), fields: fieldsOf(drafts), next: NOTHING };
}

/** What comes into a bucket. */
type Draft = { rules: Entrant[]; next: Node[] };

function draftOf(drafts: Map<Attribute, Map<Key, Draft>>, { attribute, key }: Entry): Draft {
  const buckets = drafts.get(attribute) ?? new Map<Key, Draft>();
  drafts.set(attribute, buckets);
  const draft = buckets.get(key) ?? { rules: [], next: [] };
  buckets.set(key, draft);
  return draft;
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function fieldsOf(drafts: ReadonlyMap<Attribute, ReadonlyMap<Key, Draft>>): FieldTables[] {
  const byField = new Map<number, Table[]>();
  for (const [{ field, kind, length, version }, buckets] of drafts) {
    const nodes = new Map([...buckets].map(([key, draft]) => [key, bucketOf(draft)]));
    push(byField, field, { kind, length, version, buckets: nodes });
  }
  return [...byField].map(([field, tables]) => ({ field, tables }));
}

function bucketOf({ rules, next }: Draft): Node {
  const [only] = next;
  if (only !== undefined && next.length === 1 && rules.length === 0) return only;
  return { ...build(rules), next };
}

/**
 * What each cover of the rules costs one of them for one event: its share of the lookups, and the question if an entry is found.
 * How often that is can only be guessed: an attribute of which the rules ask many keys has each of them rarely.
 */
function costsOf(rules: readonly Entrant[]): Map<Cover, number> {
  const users = new Map<Cover, number>();
  for (const { covers } of rules) for (const cover of covers) users.set(cover, (users.get(cover) ?? 0) + 1);
  const attributes = new Map<Attribute, { users: number; keys: Set<Key> }>();
  for (const [{ entries }, count] of users) {
    let previous: Attribute | undefined;
    for (const { attribute, key } of entries) {
      const known = attributes.get(attribute) ?? { users: 0, keys: new Set<Key>() };
      attributes.set(attribute, known);
      known.keys.add(key);
      if (attribute !== previous) known.users += count;
      previous = attribute;
    }
  }
  const costs = new Map<Cover, number>();
  for (const cover of users.keys()) {
    let [lookups, chance] = [0, 0];
    let previous: Attribute | undefined;
    for (const { attribute } of cover.entries) {
      const known = attributes.get(attribute);
      if (known === undefined) continue;
      chance += 1 / (known.keys.size + 1);
      if (attribute !== previous) lookups += 1 / known.users;
      previous = attribute;
    }
    costs.set(cover, LOOKUP_COST * lookups + ASK_COST * Math.min(chance, 0.5));
  }
  return costs;
}

/** Undefined: asking the rule at once costs less than any lookup. */
function cheapestOf({ covers }: Entrant, costs: ReadonlyMap<Cover, number>): Cover | undefined {
  let best: Cover | undefined;
  let least = ASK_COST;
  for (const cover of covers) {
    const cost = costs.get(cover) ?? ASK_COST;
    if (cost < least) [best, least] = [cover, cost];
  }
  return best;
}
