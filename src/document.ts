// A JSON text that a person wrote: its value, every problem of it, and where each value stands.
import { createScanner, type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser';
import type { Path, Problem } from './core/problems.ts';

/** Counted from 1, columns in UTF-16 units, as editors do. */
export type Place = { line: number; column: number };

export type Document = {
  /** Objects have no prototype. Undefined where the text cannot be read at all. */
  value: unknown;
  problems: Problem[];
  /** True if the text is not JSON, so that nothing more can be said about its value. */
  broken: boolean;
  /** Where the value of that path stands; for a path that is not there, the nearest value around it. */
  locate(path: Path): Place;
};

export const DOCUMENT_BYTES_MAX = 10 * 1024 * 1024;
const DEPTH_MAX = 64;
const PROBLEMS_MAX = 20;
/** Names through which a careless program reaches the prototype of all objects. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

type Node = { place: Place; children: Map<string | number, Node> };
type Container = {
  node: Node;
  value: unknown[] | Record<string, unknown>;
  key: string;
  ignore: boolean;
};

/**
 * Reads JSON with comments, trailing commas and a byte order mark. Never throws: too large, too deep (more than 64 levels)
 * and broken texts come back as problems, all of them at once.
 */
export function readDocument(source: string, file?: string): Document {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  const refused = tooLarge(text) ?? tooDeep(text);
  if (refused !== undefined) {
    const { problem, place } = refused;
    return { value: undefined, problems: [withPlace(problem, place, file)], broken: true, locate: () => place };
  }
  return build(text, file);
}

type Refusal = { problem: Problem; place: Place };

function tooLarge(text: string): Refusal | undefined {
  if (Buffer.byteLength(text) <= DOCUMENT_BYTES_MAX) return undefined;
  const hint = `at most ${DOCUMENT_BYTES_MAX / 1024 / 1024} MB`;
  return { problem: { path: [], message: 'the file is too large', hint }, place: { line: 1, column: 1 } };
}

/** The parser descends by recursion, so depth is counted before it is let loose. */
function tooDeep(text: string): Refusal | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== END_OF_TEXT; token = scanner.scan()) {
    if (token === OPEN_BRACE || token === OPEN_BRACKET) depth += 1;
    else if (token === CLOSE_BRACE || token === CLOSE_BRACKET) depth -= 1;
    if (depth <= DEPTH_MAX) continue;
    const place = { line: scanner.getTokenStartLine() + 1, column: scanner.getTokenStartCharacter() + 1 };
    return { problem: { path: [], message: `nested too deep; at most ${DEPTH_MAX} levels` }, place };
  }
  return undefined;
}

// SyntaxKind of jsonc-parser: a const enum, which single files cannot import as a value.
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, END_OF_TEXT] = [1, 2, 3, 4, 17];

function build(text: string, file: string | undefined): Document {
  const syntax: Problem[] = [];
  const tree = treeBuilder(file);
  visit(
    text,
    {
      onObjectBegin: (_offset, _length, line, column) => tree.open(Object.create(null), at(line, column)),
      onArrayBegin: (_offset, _length, line, column) => tree.open([], at(line, column)),
      onObjectEnd: () => tree.close(),
      onArrayEnd: () => tree.close(),
      onObjectProperty: (name, _offset, _length, line, column) => tree.key(name, at(line, column)),
      onLiteralValue: (value: unknown, _offset, _length, line, column) => tree.literal(value, at(line, column)),
      onError: (code, _offset, _length, line, column) => {
        // One slip makes the parser stumble more than once at the same place; people need to hear it once.
        const last = syntax.at(-1);
        if (last?.line === line + 1 && last.column === column + 1) return;
        syntax.push(withPlace({ path: [], ...syntaxText(code) }, at(line, column), file));
      },
    },
    { allowTrailingComma: true, disallowComments: false },
  );
  const problems = [...syntax, ...tree.problems].slice(0, PROBLEMS_MAX);
  return { value: tree.top.value, problems, broken: syntax.length > 0, locate: locator(tree.root) };
}

/** Puts values and their places together as the parser comes upon them. */
function treeBuilder(file: string | undefined) {
  const root: Node = { place: { line: 1, column: 1 }, children: new Map() };
  const top: { value: unknown } = { value: undefined };
  const problems: Problem[] = [];
  const stack: Container[] = [];

  const put = (value: unknown, place: Place): Node => {
    const parent = stack.at(-1);
    if (parent === undefined) {
      top.value = value;
      return Object.assign(root, { place });
    }
    const node: Node = { place, children: new Map() };
    if (Array.isArray(parent.value)) {
      parent.node.children.set(parent.value.length, node);
      parent.value.push(value);
    } else if (!parent.ignore) {
      parent.node.children.set(parent.key, node);
      parent.value[parent.key] = value;
    }
    return node;
  };
  const report = (place: Place, message: string, hint: string): void => {
    problems.push(withPlace({ path: pathTo(stack), message, hint }, place, file));
  };
  return {
    root,
    top,
    problems,
    open(value: Container['value'], place: Place): void {
      stack.push({ node: put(value, place), value, key: '', ignore: false });
    },
    close: (): void => void stack.pop(),
    literal(value: unknown, place: Place): void {
      if (typeof value === 'number' && !Number.isFinite(value))
        report(place, 'the number is too large', 'at most 1.7e308');
      put(value, place);
    },
    key(name: string, place: Place): void {
      const container = stack.at(-1);
      if (container === undefined || Array.isArray(container.value)) return;
      Object.assign(container, { key: name, ignore: true });
      if (FORBIDDEN_KEYS.has(name)) report(place, 'this name is not allowed as a key', 'choose another name');
      else if (Object.hasOwn(container.value, name))
        report(place, `${JSON.stringify(name)} stands twice in the same object`, 'keep one of the two');
      else container.ignore = false;
    },
  };
}

const at = (line: number, column: number): Place => ({ line: line + 1, column: column + 1 });

const pathTo = (stack: readonly Container[]): Path =>
  stack.map((container, index) => {
    if (!Array.isArray(container.value)) return container.key;
    return index === stack.length - 1 ? container.value.length : container.value.length - 1;
  });

const withPlace = (problem: Problem, place: Place, file: string | undefined): Problem => ({
  ...problem,
  ...(file === undefined ? {} : { file }),
  ...place,
});

function locator(root: Node): Document['locate'] {
  return (path) => {
    let node = root;
    for (const step of path) {
      const child = node.children.get(step);
      if (child === undefined) break;
      node = child;
    }
    return node.place;
  };
}

const SYNTAX: Record<string, { message: string; hint: string }> = {
  InvalidSymbol: { message: 'this word is not JSON', hint: 'text stands in "double quotes"; else true, false or null' },
  InvalidNumberFormat: { message: 'this is no number', hint: 'write it like 12 or 0.5' },
  PropertyNameExpected: { message: 'a key is missing here', hint: 'keys stand in "double quotes"' },
  ValueExpected: {
    message: 'a value is missing here',
    hint: 'a text in "double quotes", a number, true, false, null, { … } or [ … ]',
  },
  ColonExpected: { message: 'a ":" is missing between key and value', hint: 'write "key": value' },
  CommaExpected: { message: 'a "," is missing', hint: 'put one after the value before this place' },
  CloseBraceExpected: { message: 'a "}" is missing', hint: 'every "{" needs its "}"' },
  CloseBracketExpected: { message: 'a "]" is missing', hint: 'every "[" needs its "]"' },
  EndOfFileExpected: { message: 'there is more text after the end', hint: 'a file holds one object' },
  UnexpectedEndOfComment: { message: 'the comment does not end', hint: 'end it with */' },
  UnexpectedEndOfString: { message: 'the text does not end in its line', hint: 'close it with a double quote' },
  UnexpectedEndOfNumber: { message: 'the number is not complete', hint: 'write it like 12 or 0.5' },
  InvalidUnicode: { message: 'a bad \\u escape', hint: 'four hexadecimal digits follow \\u' },
  InvalidEscapeCharacter: {
    message: 'a bad escape',
    hint: 'after \\ comes one of " \\ / b f n r t u; a backslash itself is \\\\',
  },
  InvalidCharacter: {
    message: 'a control character stands in the text',
    hint: 'write a line break as \\n, a tab as \\t',
  },
};

const syntaxText = (code: ParseErrorCode): { message: string; hint: string } =>
  SYNTAX[printParseErrorCode(code)] ?? { message: 'this is not JSON', hint: 'see json.org' };

/** The problem with its file, line and column, as far as they are not known yet. */
export function placed(problem: Problem, document: Pick<Document, 'locate'>, file: string): Problem {
  if (problem.line !== undefined) return problem;
  return { ...problem, file: problem.file ?? file, ...document.locate(problem.path) };
}
