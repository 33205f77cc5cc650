// The matcher: which of many rules accept an event. Its cost does not grow with the rules that cannot accept it.
import type { Event } from '../../core/events.ts';
import type { Known } from '../../core/fields.ts';
import { buildTree, type Node } from './access-tree.ts';
import type { ConditionTree } from './condition-tree.ts';
import { coversOf } from './cover.ts';
import { createEvaluation, numbered } from './evaluation.ts';
import { createLookup } from './lookup.ts';
import { type Cover, createVocabulary } from './vocabulary.ts';

/** `on`: event types. Rules are told in the order of `order`, equal ones in that of the list. */
export type Matchable = { on: readonly string[]; condition: ConditionTree; order: number };

export type Matcher<R> = {
  /** The rules that accept the event, in their order, each once. */
  find(event: Event, known: Known): R[];
};

/** That many rules with the same types have one tree for all of these; fewer stand in the tree of each type. */
const SHARED_RULES_MIN = 64;

/** All rules of one role, made ready at once; replaced whole, never changed. One `find` at a time. Throws nothing of its own. */
export function createMatcher<R extends Matchable>(rules: readonly R[]): Matcher<R> {
  const ranked = [...rules].sort((a, b) => a.order - b.order);
  const vocabulary = createVocabulary(ranked.map(({ condition }) => condition));
  const conditions = ranked.map(({ condition }) => numbered(condition, vocabulary));
  const entrants = ranked.map(({ condition }, rule) => ({ rule, covers: coversOf(condition, vocabulary) }));
  const trees = treesOf(ranked, entrants);
  const evaluation = createEvaluation(vocabulary, conditions);
  const lookup = createLookup();
  const found: number[] = [];

  const visit = (node: Node): void => {
    for (const rule of node.rest) if (evaluation.accepts(rule)) found.push(rule);
    for (const { field, tables } of node.fields) {
      const value = evaluation.value(field);
      const members = typeof value === 'object' && value !== null && value.length > 0 ? value : undefined;
      // A list without members is a list field's way of saying null.
      const single = typeof value === 'object' ? null : value;
      for (const table of tables) {
        if (members === undefined) {
          const below = lookup(table, single);
          if (below !== undefined) visit(below);
          continue;
        }
        for (const member of members) {
          const below = lookup(table, member);
          if (below !== undefined) visit(below);
        }
      }
    }
    for (const below of node.next) visit(below);
  };

  return {
    find(event, known) {
      found.length = 0;
      const roots = trees.get(event.type);
      if (roots === undefined) return [];
      evaluation.begin(event, known);
      for (const root of roots) visit(root);
      if (found.length > 1) found.sort((a, b) => a - b);
      return found.map((rule) => ranked[rule] as R);
    },
  };
}

type Entrant = { rule: number; covers: readonly Cover[] };

/** The trees in which an event of a type is looked for. */
function treesOf(rules: readonly Matchable[], entrants: readonly Entrant[]): Map<string, Node[]> {
  const alike = new Map<string, { types: string[]; entrants: Entrant[] }>();
  for (const [rule, { on }] of rules.entries()) {
    const types = [...on].sort();
    const name = types.join(' ');
    const group = alike.get(name) ?? { types, entrants: [] };
    alike.set(name, group);
    group.entrants.push(entrants[rule] as Entrant);
  }
  const trees = new Map<string, Node[]>();
  const own = new Map<string, Entrant[]>();
  const add = <T>(lists: Map<string, T[]>, type: string, more: readonly T[]): void => {
    const list = lists.get(type) ?? [];
    lists.set(type, list);
    for (const one of more) list.push(one);
  };
  for (const group of alike.values()) {
    const shared = group.types.length > 1 && group.entrants.length >= SHARED_RULES_MIN;
    const tree = shared ? [buildTree(group.entrants)] : [];
    for (const type of group.types) {
      if (shared) add(trees, type, tree);
      else add(own, type, group.entrants);
    }
  }
  for (const [type, list] of own) add(trees, type, [buildTree(list)]);
  return trees;
}
