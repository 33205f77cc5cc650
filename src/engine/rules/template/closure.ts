// Closures: the common templates without the library's interpreter, many times faster and the same to the byte.
import type { Encode } from '../../../core/destination.ts';
import type { Event } from '../../../core/events.ts';
import type { FieldValue, Known } from '../../../core/fields.ts';
import type { TextOf } from '../compiled.ts';
import { asText } from './liquid.ts';
import type { Meaning, Names } from './names.ts';
import type { Comparison, Operand, Template, TemplateNode, Test, Value } from './tree.ts';

type Part = FieldValue | undefined;
type ReadPart = (event: Event, known: Known) => Part;
type Holds = (event: Event, known: Known) => boolean;

/** Thrown for what only the library can do; caught in here. */
const BEYOND = Symbol('beyond');

/**
 * Text, outputs whose only filter is `default`, and `if`, `unless` and `case` that compare by `==` and `!=`, as one function.
 * Undefined for everything else: the library renders it.
 */
export function compileClosure(template: Template, names: Names, encode: Encode): TextOf | undefined {
  if (template.trims) return undefined;
  try {
    return sequence(template.nodes, names, encode);
  } catch (error) {
    if (error === BEYOND) return undefined;
    throw error;
  }
}

function sequence(nodes: readonly TemplateNode[], names: Names, encode: Encode): TextOf {
  const parts = nodes.map((node) => (node.kind === 'text' ? node.text : compileNode(node, names, encode)));
  const [first] = parts;
  if (parts.length === 0) return () => '';
  if (parts.length === 1) return typeof first === 'string' ? () => first : (first as TextOf);
  return (event, known) => {
    let text = '';
    for (const part of parts) text += typeof part === 'string' ? part : part(event, known);
    return text;
  };
}

function compileNode(node: TemplateNode, names: Names, encode: Encode): TextOf {
  if (node.kind === 'output') {
    const value = compileValue(node.value, names);
    return (event, known) => encode(asText(value(event, known)));
  }
  if (node.kind === 'if') return compileIf(node, names, encode);
  if (node.kind === 'case') return compileCase(node, names, encode);
  throw BEYOND;
}

function compileIf({ branches }: TemplateNode & { kind: 'if' }, names: Names, encode: Encode): TextOf {
  const compiled = branches.map(({ test, turned, body }) => {
    const holds = test === undefined ? () => true : compileTest(test, names);
    return { holds, wanted: !turned, body: sequence(body, names, encode) };
  });
  return (event, known) => {
    for (const { holds, wanted, body } of compiled) if (holds(event, known) === wanted) return body(event, known);
    return '';
  };
}

/** As in the library, every `when` that fits is printed, and `else` if none does. */
function compileCase(node: TemplateNode & { kind: 'case' }, names: Names, encode: Encode): TextOf {
  const subject = compileValue(node.subject, names);
  const whens = node.whens.map(({ values, body }) => ({
    fits: values.map((value) => compileEqual(node.subject.operand, value, names)),
    body: sequence(body, names, encode),
  }));
  const otherwise = sequence(node.otherwise, names, encode);
  return (event, known) => {
    const value = subject(event, known);
    let text = '';
    let found = false;
    for (const { fits, body } of whens) {
      if (!fits.some((equal) => equal(value, event, known))) continue;
      text += body(event, known);
      found = true;
    }
    return found ? text : otherwise(event, known);
  };
}

function compileTest({ parts }: Test, names: Names): Holds {
  const [part] = parts;
  if (part === undefined || parts.length > 1 || part.negated) throw BEYOND;
  return compileComparison(part, names);
}

function compileComparison({ left, operator, right }: Comparison, names: Names): Holds {
  const read = compileOperand(left, names);
  if (operator === undefined || right === undefined) {
    // In Liquid an empty text is true; only null is not.
    return (event, known) => {
      const value = read(event, known);
      return value !== null && value !== undefined;
    };
  }
  if (operator !== '==' && operator !== '!=') throw BEYOND;
  const equal = compileEqual(left, right, names);
  return (event, known) => equal(read(event, known), event, known) === (operator === '==');
}

/** Equality with a constant, or of two fields that hold one value each. */
function compileEqual(
  left: Operand,
  right: Operand,
  names: Names,
): (value: Part, event: Event, known: Known) => boolean {
  if (right.kind === 'word') {
    if (right.word !== 'nil' && right.word !== 'null') throw BEYOND;
    return (value) => value === null || value === undefined;
  }
  if (right.kind === 'path' && !(isWhole(left, names) && isWhole(right, names))) throw BEYOND;
  const read = compileOperand(right, names);
  return (value, event, known) => value === read(event, known);
}

function isWhole(operand: Operand, names: Names): boolean {
  const meaning = operand.kind === 'path' ? names.meanings.get(operand) : undefined;
  return meaning !== undefined && meaning.rest === undefined && meaning.field.type !== 'list';
}

function compileValue({ operand, filters }: Value, names: Names): ReadPart {
  let read = compileOperand(operand, names);
  for (const { name, args } of filters) {
    const [arg] = args;
    if (name !== 'default' || arg === undefined) throw BEYOND;
    const [value, other] = [read, compileOperand(arg, names)];
    read = (event, known) => {
      const found = value(event, known);
      return found === null || found === undefined || isEmpty(found) ? other(event, known) : found;
    };
  }
  return read;
}

const isEmpty = (value: FieldValue): boolean => typeof value !== 'number' && value?.length === 0;

function compileOperand(operand: Operand, names: Names): ReadPart {
  if (operand.kind === 'number') return () => operand.number;
  if (operand.kind === 'text' && !operand.escaped) return () => operand.text;
  const meaning = operand.kind === 'path' ? names.meanings.get(operand) : undefined;
  if (meaning === undefined) throw BEYOND;
  return readMeaning(meaning);
}

/** What a path holds, `size` and members included. */
export function readMeaning({ field, rest }: Meaning): ReadPart {
  if (rest === undefined) return field.read;
  return (event, known) => {
    const value = field.read(event, known);
    if (value === null || typeof value === 'number') return null;
    if (rest === 'size') return value.length;
    const place = rest === 'first' ? 0 : rest === 'last' ? -1 : Number(rest);
    return typeof value === 'string' ? null : value.at(place);
  };
}
