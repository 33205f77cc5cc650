// Parsing: pieces → tree. Tags open and close as they must, or every mistake is said; nothing unknown gets any further.
import { didYouMean } from '../../../core/problems.ts';
import {
  expectEnd,
  RESERVED,
  type Reader,
  readerOf,
  readName,
  readOperand,
  readTest,
  readValue,
} from './expression.ts';
import { type Piece, scan } from './scan.ts';
import { TAG_ENTRIES } from './tags.ts';
import {
  type Branch,
  type Complain,
  Mistake,
  type Operand,
  type Template,
  type TemplateNode,
  type When,
} from './tree.ts';

export const TAGS: readonly string[] = Object.keys(TAG_ENTRIES);
/** Words that stand inside those tags or end them. */
export const INNER_TAGS: readonly string[] = [
  'else',
  'elsif',
  'when',
  ...TAGS.filter((tag) => tag !== 'assign').map((tag) => `end${tag}`),
];

/** Levels of tags inside each other. */
const DEPTH_MAX = 16;

/** An open tag: where its nodes go, and which inner words it takes. */
type Open = {
  name: string;
  body: TemplateNode[];
  elsif?: (code: string) => TemplateNode[];
  when?: (code: string) => TemplateNode[];
  otherwise?: (() => TemplateNode[]) | undefined;
  /** Between `case` and its first `when` nothing is printed. */
  silent?: boolean;
};

type Parsing = { stack: Open[]; inComment: boolean; complain: Complain };

/** The tree of a template; undefined if there was any mistake, and then each was said. */
export function parseTemplate(source: string, complain: Complain): Template | undefined {
  let good = true;
  const say: Complain = (message, hint) => {
    good = false;
    complain(message, hint);
  };
  const guarded = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      say(error.message, error.hint);
      return undefined;
    }
  };
  const pieces = guarded(() => scan(source));
  if (pieces === undefined) return undefined;
  const root: Open = { name: '', body: [] };
  const parsing: Parsing = { stack: [root], inComment: false, complain: say };
  for (const piece of pieces) {
    guarded(() => take(parsing, piece));
    if (parsing.stack.length > DEPTH_MAX) {
      say(`has more than ${DEPTH_MAX} tags inside each other`, 'make it simpler');
      return undefined;
    }
  }
  if (parsing.inComment) say('a {% comment %} is not closed', 'close it with {% endcomment %}');
  for (const { name } of parsing.stack.slice(1)) say(`a {% ${name} %} is not closed`, `close it with {% end${name} %}`);
  return good ? { nodes: root.body, trims: pieces.some((piece) => piece.kind !== 'text' && piece.trims) } : undefined;
}

const top = ({ stack }: Parsing): Open => stack[stack.length - 1] as Open;

function put(parsing: Parsing, node: TemplateNode): void {
  const open = top(parsing);
  if (open.silent && !(node.kind === 'text' && node.text.trim() === ''))
    throw new Mistake('something stands between {% case %} and its first {% when %}', 'it would never be printed');
  open.body.push(node);
}

function take(parsing: Parsing, piece: Piece): void {
  if (piece.kind === 'tag') takeTag(parsing, piece.name, piece.code);
  else if (parsing.inComment) return;
  else if (piece.kind === 'text') put(parsing, piece);
  else if (piece.code.trim() === '') throw new Mistake('nothing stands between {{ and }}', 'like {{ phone.id }}');
  else put(parsing, { kind: 'output', value: readValue(readerOf(piece.code)) });
}

function takeTag(parsing: Parsing, name: string, code: string): void {
  // Checked inside comments too: what the library does not know, it may still trip over there.
  if (!TAGS.includes(name) && !INNER_TAGS.includes(name))
    throw new Mistake(
      `the tag ${JSON.stringify(name.slice(0, 40))} is not available`,
      didYouMean(name, TAGS) ?? `known: ${TAGS.join(', ')}`,
    );
  if (parsing.inComment) {
    if (name === 'endcomment') parsing.inComment = false;
  } else if (name === 'comment') parsing.inComment = true;
  else if (name === 'assign') put(parsing, readAssign(readerOf(code)));
  else if (TAGS.includes(name)) openTag(parsing, name, readerOf(code));
  else innerTag(parsing, name, code);
}

function openTag(parsing: Parsing, name: string, reader: Reader): void {
  // A tag with a mistake is open nevertheless, so that its end is not a second one.
  const open: Open = { name, body: [] };
  const node = name === 'for' ? prepareFor(open) : name === 'case' ? prepareCase(open) : prepareIf(open, name);
  put(parsing, node);
  parsing.stack.push(open);
  if (node.kind === 'if') (node.branches[0] as Branch).test = readTest(reader);
  else if (node.kind === 'case') node.subject = readValue(reader);
  else if (node.kind === 'for') readLoop(node, reader);
}

function innerTag(parsing: Parsing, name: string, code: string): void {
  const open = top(parsing);
  if (name.startsWith('end')) {
    if (name !== `end${open.name}`) throw new Mistake(`{% ${name} %} stands where nothing like it is open`);
    parsing.stack.pop();
    expectEnd(readerOf(code));
    return;
  }
  const taken = name === 'elsif' ? open.elsif : name === 'when' ? open.when : open.otherwise;
  if (taken === undefined) throw new Mistake(`{% ${name} %} stands where it has no meaning`);
  open.body = [];
  open.silent = false;
  open.body = taken(code);
  if (name === 'else') {
    delete open.elsif;
    delete open.when;
    delete open.otherwise;
    expectEnd(readerOf(code));
  }
}

function prepareIf(open: Open, name: string): TemplateNode & { kind: 'if' } {
  const branches: Branch[] = [{ test: undefined, turned: name === 'unless', body: open.body }];
  open.elsif = (code) => {
    const branch: Branch = { test: readTest(readerOf(code)), turned: false, body: [] };
    branches.push(branch);
    return branch.body;
  };
  open.otherwise = () => {
    const branch: Branch = { test: undefined, turned: false, body: [] };
    branches.push(branch);
    return branch.body;
  };
  return { kind: 'if', branches };
}

function prepareCase(open: Open): TemplateNode & { kind: 'case' } {
  const whens: When[] = [];
  const otherwise: TemplateNode[] = [];
  open.silent = true;
  open.when = (code) => {
    const reader = readerOf(code);
    const values: Operand[] = [];
    do values.push(readOperand(reader));
    while (reader.take(/,|or(?![\w-])/y) !== undefined);
    expectEnd(reader);
    const when: When = { values, body: [] };
    whens.push(when);
    return when.body;
  };
  open.otherwise = () => otherwise;
  return { kind: 'case', subject: { operand: { kind: 'word', word: 'nil' }, filters: [] }, whens, otherwise };
}

function prepareFor(open: Open): TemplateNode & { kind: 'for' } {
  const otherwise: TemplateNode[] = [];
  open.otherwise = () => otherwise;
  return { kind: 'for', variable: '', list: { kind: 'path', steps: [] }, body: open.body, otherwise };
}

const LOOP = 'like {% for group in phone.groups %}, perhaps with limit: 3, offset: 1 or reversed';

function readLoop(node: TemplateNode & { kind: 'for' }, reader: Reader): void {
  const variable = readName(reader);
  if (variable === undefined || reader.take(/in(?![\w-])/y) === undefined) throw new Mistake('is not a loop', LOOP);
  const list = readOperand(reader);
  if (list.kind !== 'path') throw new Mistake('loops over something that is no list', LOOP);
  node.variable = freeName(variable);
  node.list = list;
  while (!reader.atEnd())
    if (reader.take(/(?:limit|offset)[ \t]*:[ \t]*\d{1,6}(?![\w.-])|reversed(?![\w-])/y) === undefined)
      throw new Mistake(`does not expect ${reader.next()} in a loop`, LOOP);
}

function readAssign(reader: Reader): TemplateNode {
  const name = readName(reader);
  if (name === undefined || reader.take(/=(?!=)/y) === undefined)
    throw new Mistake('is not an assignment', 'like {% assign who = remote.name | default: remote.number %}');
  return { kind: 'assign', name: freeName(name), value: readValue(reader) };
}

function freeName(name: string): string {
  if (RESERVED.has(name) || ['__proto__', 'constructor', 'prototype', 'continue'].includes(name))
    throw new Mistake(`nothing can be called "${name}"`, 'choose another name');
  return name;
}
