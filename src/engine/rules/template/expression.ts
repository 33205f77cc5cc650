// Expressions: what stands inside {{ }} and {% %}, read by a grammar of our own that is smaller than the library's.
import {
  type Comparison,
  type FilterCall,
  Mistake,
  type Operand,
  type PathOperand,
  type Test,
  type Value,
} from './tree.ts';

const WORDS: ReadonlySet<string> = new Set(['true', 'false', 'nil', 'null', 'empty', 'blank']);
/** Names that an expression gives a meaning to; nothing else can be called so. */
export const RESERVED: ReadonlySet<string> = new Set([...WORDS, 'and', 'or', 'not', 'contains', 'in', 'forloop']);

export type Reader = {
  /** Takes what the sticky pattern matches here, white space before it left out. */
  take(pattern: RegExp): string | undefined;
  /** As `take`, without leaving out anything. */
  takeHere(pattern: RegExp): string | undefined;
  atEnd(): boolean;
  /** What comes next, for a sentence. */
  next(): string;
};

const SPACE = /[ \t\r\n\v\f]*/y;
const NAME = /[A-Za-z_][\w-]*/y;
const STEP = /[\w-]+/y;
const NUMBER = /-?\d+(?:\.\d+)?(?![\w.-])/y;
const INDEX = /-?\d+(?![\w.-])/y;
const TEXT = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y;
const OPERATOR = /==|!=|>=|<=|>|<|contains(?![\w-])/y;
const JOIN = /(?:and|or)(?![\w-])/y;
const NOT = /not(?![\w-])/y;

export function readerOf(code: string): Reader {
  let at = 0;
  const takeHere = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(code)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const skip = (): void => void takeHere(SPACE);
  return {
    takeHere,
    take(pattern) {
      skip();
      return takeHere(pattern);
    },
    atEnd() {
      skip();
      return at >= code.length;
    },
    next() {
      skip();
      const rest = code.slice(at, at + 20);
      return rest === '' ? 'the end' : JSON.stringify(rest);
    },
  };
}

export const readName = (reader: Reader): string | undefined => reader.take(NAME);

/** Nothing may follow. */
export function expectEnd(reader: Reader): void {
  if (!reader.atEnd()) throw new Mistake(`does not expect ${reader.next()} here`);
}

export function readOperand(reader: Reader): Operand {
  const text = reader.take(TEXT);
  if (text !== undefined) return { kind: 'text', text: text.slice(1, -1), escaped: text.includes('\\') };
  const number = reader.take(NUMBER);
  if (number !== undefined) return { kind: 'number', number: Number(number) };
  const name = reader.take(NAME);
  if (name === undefined) throw new Mistake(`expects a value, not ${reader.next()}`);
  if (WORDS.has(name)) return { kind: 'word', word: name as 'nil' };
  if (RESERVED.has(name) && name !== 'forloop') throw new Mistake(`expects a value, not the word "${name}"`);
  return readPath(reader, name);
}

/** `.name`, `[0]` and `["any name"]` behind the first name, without spaces between them. */
function readPath(reader: Reader, first: string): PathOperand {
  const steps: (string | number)[] = [first];
  for (;;) {
    if (reader.takeHere(/\./y) !== undefined) {
      const step = reader.takeHere(STEP);
      if (step === undefined) throw new Mistake(`expects a name behind the dot of "${steps.join('.')}."`);
      steps.push(step);
    } else if (reader.takeHere(/\[/y) !== undefined) {
      const text = reader.take(TEXT);
      const index = text === undefined ? reader.take(INDEX) : undefined;
      if ((text === undefined && index === undefined) || text?.includes('\\') || reader.take(/\]/y) === undefined)
        throw new Mistake(`expects a number or a text in quotes between [ and ]`, 'like vars["queue"]');
      steps.push(text === undefined ? Number(index) : text.slice(1, -1));
    } else return { kind: 'path', steps };
  }
}

/** A value and its filters, to the end. */
export function readValue(reader: Reader): Value {
  const operand = readOperand(reader);
  if (operand.kind === 'word') throw new Mistake(`does not print the word "${operand.word}"`, 'put it into quotes');
  const filters: FilterCall[] = [];
  while (reader.take(/\|/y) !== undefined) filters.push(readFilter(reader));
  if (reader.take(JOIN) !== undefined || reader.take(OPERATOR) !== undefined)
    throw new Mistake(
      'compares values outside of {% if %}',
      'for a second choice write | default: and the other value',
    );
  expectEnd(reader);
  return { operand, filters };
}

function readFilter(reader: Reader): FilterCall {
  const name = readName(reader);
  if (name === undefined) throw new Mistake(`expects the name of a filter behind |, not ${reader.next()}`);
  const args: Operand[] = [];
  if (reader.take(/:/y) === undefined) return { name, args };
  do {
    const arg = readOperand(reader);
    if (arg.kind === 'word') throw new Mistake(`does not take the word "${arg.word}" for the filter "${name}"`);
    args.push(arg);
  } while (reader.take(/,/y) !== undefined);
  return { name, args };
}

/** `a == "x" and not b`, to the end. */
export function readTest(reader: Reader): Test {
  const parts: Comparison[] = [];
  do {
    const negated = reader.take(NOT) !== undefined;
    const left = readOperand(reader);
    const operator = reader.take(OPERATOR);
    if (operator !== undefined) parts.push({ negated, left, operator, right: readOperand(reader) });
    else parts.push({ negated, left });
    if (reader.take(/=/y) !== undefined) throw new Mistake('compares with a single =', 'write ==');
  } while (reader.take(JOIN) !== undefined);
  if (reader.take(/\|/y) !== undefined)
    throw new Mistake('has a filter in a test', 'assign it first: {% assign x = … %}');
  expectEnd(reader);
  return { parts };
}
