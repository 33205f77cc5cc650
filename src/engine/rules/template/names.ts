// Names: which field each path of a template means; a name that is not known is a mistake of the author, found at load.
import { FIELDS_NOT_YET, type Field } from '../../../core/fields.ts';
import { didYouMean } from '../../../core/problems.ts';
import { type Catalogue, TYPE_NAMES } from '../catalogue.ts';
import { checkFilter } from './filters.ts';
import type { Complain, Operand, PathOperand, Template, TemplateNode, Test, Value } from './tree.ts';

/** `rest`: at most one step into the value: `size`, `first`, `last` or the place of a member. */
export type Meaning = { field: Field; rest: string | number | undefined };

export type Names = {
  /** What each path means; a path that is not in here is a name of the template's own. */
  meanings: ReadonlyMap<PathOperand, Meaning>;
  /** The fields that the template reads, each once. */
  fields: readonly Field[];
};

type Check = {
  catalogue: Catalogue;
  complain: Complain;
  meanings: Map<PathOperand, Meaning>;
  fields: Map<string, Field>;
  /** Names that the template gave; an assignment holds from there on, a loop's name inside the loop. */
  own: Set<string>;
  loops: number;
};

const LOOP_PARTS = ['index', 'index0', 'rindex', 'rindex0', 'first', 'last', 'length'];

/** Finds what every path means and checks every filter; what is wrong is said. `typed`: a template that is nothing but one
 * path keeps the field's type, so that a list may stand there as it is. */
export function checkNames(template: Template, catalogue: Catalogue, complain: Complain, typed = false): Names {
  const check: Check = { catalogue, complain, meanings: new Map(), fields: new Map(), own: new Set(), loops: 0 };
  const whole = typed ? wholePath(template) : undefined;
  if (whole === undefined) visit(template.nodes, check);
  else visitOperand(whole, check);
  return { meanings: check.meanings, fields: [...check.fields.values()] };
}

/** The path of a template that is exactly `{{ path }}`. */
export function wholePath({ nodes, trims }: Template): PathOperand | undefined {
  const [node] = nodes;
  if (nodes.length !== 1 || node?.kind !== 'output' || trims || node.value.filters.length > 0) return undefined;
  return node.value.operand.kind === 'path' ? node.value.operand : undefined;
}

function visit(nodes: readonly TemplateNode[], check: Check): void {
  for (const node of nodes) visitNode(node, check);
}

function visitNode(node: TemplateNode, check: Check): void {
  if (node.kind === 'output') visitOutput(node.value, check);
  else if (node.kind === 'assign') {
    visitValue(node.value, check);
    declare(node.name, check);
  } else if (node.kind === 'if') {
    for (const { test, body } of node.branches) {
      if (test !== undefined) visitTest(test, check);
      visit(body, check);
    }
  } else if (node.kind === 'case') {
    visitValue(node.subject, check);
    for (const { values, body } of node.whens) {
      for (const value of values) visitOperand(value, check);
      visit(body, check);
    }
    visit(node.otherwise, check);
  } else if (node.kind === 'for') visitLoop(node, check);
}

function visitLoop(node: TemplateNode & { kind: 'for' }, check: Check): void {
  visitOperand(node.list, check);
  const meaning = check.meanings.get(node.list);
  if (meaning !== undefined && (meaning.field.type !== 'list' || meaning.rest !== undefined))
    check.complain(
      `loops over "${node.list.steps.join('.')}", which is no list`,
      'like {% for group in phone.groups %}',
    );
  const known = check.own.has(node.variable);
  declare(node.variable, check);
  check.loops += 1;
  visit(node.body, check);
  check.loops -= 1;
  if (!known) check.own.delete(node.variable);
  visit(node.otherwise, check);
}

function declare(name: string, check: Check): void {
  const later = FIELDS_NOT_YET.some((field) => field === name || field.startsWith(`${name}.`));
  if (check.catalogue.roots.has(name) || name === 'vars' || later)
    check.complain(`"${name}" is the name of a field`, 'choose another name');
  check.own.add(name);
}

/** A list prints as one word; whoever wants that says how its members are parted. */
function visitOutput(value: Value, check: Check): void {
  visitValue(value, check);
  if (value.operand.kind !== 'path' || value.filters.some(({ name }) => name !== 'default')) return;
  const meaning = check.meanings.get(value.operand);
  if (meaning?.field.type !== 'list' || meaning.rest !== undefined) return;
  const name = meaning.field.name;
  check.complain(`"${name}" is a list`, `write {{ ${name} | join: ", " }}`);
}

function visitValue({ operand, filters }: Value, check: Check): void {
  visitOperand(operand, check);
  for (const filter of filters) {
    checkFilter(filter, check.complain);
    for (const arg of filter.args) visitOperand(arg, check);
  }
}

function visitTest({ parts }: Test, check: Check): void {
  for (const { left, right } of parts) {
    visitOperand(left, check);
    if (right !== undefined) visitOperand(right, check);
  }
}

function visitOperand(operand: Operand, check: Check): void {
  if (operand.kind !== 'path') return;
  const { steps } = operand;
  const root = String(steps[0]);
  if (root === 'forloop') visitLoopPart(steps, check);
  else if (check.own.has(root)) {
    if (steps.length > 2 || (steps.length === 2 && !isPart(steps[1])))
      check.complain(`unknown variable "${steps.join('.')}"`, 'of a name of your own: size, first, last or [0]');
  } else {
    const meaning = meaningOf(steps, check.catalogue);
    if (meaning === undefined) check.complain(...unknown(steps, check));
    else {
      check.meanings.set(operand, meaning);
      check.fields.set(meaning.field.name, meaning.field);
    }
  }
}

function visitLoopPart(steps: PathOperand['steps'], { loops, complain }: Check): void {
  if (loops > 0 && steps.length === 2 && LOOP_PARTS.includes(String(steps[1]))) return;
  const message = loops > 0 ? `unknown variable "${steps.join('.')}"` : '"forloop" stands outside of a loop';
  complain(message, `known in a loop: ${LOOP_PARTS.map((part) => `forloop.${part}`).join(', ')}`);
}

const isPart = (step: string | number | undefined): boolean =>
  typeof step === 'number' || step === 'size' || step === 'first' || step === 'last';

function meaningOf(steps: PathOperand['steps'], catalogue: Catalogue): Meaning | undefined {
  const [root, name] = steps;
  const length = root === 'vars' ? 2 : fieldLength(steps, catalogue);
  if (length === 0 || steps.length > length + 1) return undefined;
  const field =
    root !== 'vars'
      ? catalogue.find(steps.slice(0, length).join('.'))
      : typeof name === 'string'
        ? catalogue.variable(name)
        : undefined;
  if (field === undefined) return undefined;
  const rest = steps[length];
  if (rest === undefined) return { field, rest };
  if (field.type === 'list' ? !isPart(rest) : rest !== 'size' || field.type === 'number') return undefined;
  return { field, rest };
}

function fieldLength(steps: PathOperand['steps'], catalogue: Catalogue): number {
  for (let length = steps.length; length > 0; length--)
    if (steps.slice(0, length).every((step) => typeof step === 'string'))
      if (catalogue.find(steps.slice(0, length).join('.')) !== undefined) return length;
  return 0;
}

/** The sentence for a path that means nothing, and what would be right. */
function unknown(steps: PathOperand['steps'], { catalogue, own }: Check): [message: string, hint?: string] {
  const full = steps.join('.');
  const name = full.length > 80 ? `${full.slice(0, 80)}…` : full;
  if (FIELDS_NOT_YET.some((later) => full === later || full.startsWith(`${later}.`)))
    return [`"${name}" is not built yet in this version`];
  if (full === 'vars') return ['"vars" is not one value', 'name one of the variables: vars.queue'];
  const under = catalogue.names.filter((known) => known.startsWith(`${full}.`));
  if (under.length > 0) return [`"${name}" is not one value`, `write ${under.join(', ')}`];
  const length = fieldLength(steps, catalogue);
  const field = length === 0 ? undefined : catalogue.find(steps.slice(0, length).join('.'));
  if (field?.type === 'list') return [`"${name}" does not exist`, `${field.name} has size, first, last and [0]`];
  if (field !== undefined) return [`"${name}" does not exist`, `${field.name} is ${TYPE_NAMES[field.type]}`];
  const hint = didYouMean(full, [...catalogue.names, ...own]);
  return hint === undefined ? [`unknown variable "${name}"`] : [`unknown variable "${name}"`, hint];
}
