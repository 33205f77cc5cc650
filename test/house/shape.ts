// The style of the house (ARCHITECTURE.md §10) as far as syntax can show it: sizes, names, header lines, tests that test.
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { type Files, lineOf, type Offence, offence, walk } from './sources.ts';

type Sources = Map<string, SourceFile>;

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;
const VAGUE = /(?:^|[^a-z])(?:utils?|helpers?|manager|common)(?:$|[^a-z])/i;

/** Files that are too long, have no header line, or a name that says nothing. */
export function fileOffences(files: Files): Offence[] {
  const found: Offence[] = [];
  for (const [path, text] of Object.entries(files)) {
    if (!/^(?:src|test|bench|docs|\.ci)\//.test(path)) continue;
    if (VAGUE.test(path.replace(/([a-z])([A-Z])/g, '$1-$2'))) found.push(`${path}:1: a name that says nothing`);
    if (!path.endsWith('.ts')) continue;
    const lines = text.replace(/\n$/, '').split('\n');
    if (lines.length > FILE_LINES_MAX) found.push(`${path}:1: ${lines.length} lines; ${FILE_LINES_MAX} at most`);
    const header = lines[0]?.startsWith('#!') ? lines[1] : lines[0];
    if (!/^\/\/ \S.{9,}/.test(header ?? '')) found.push(`${path}:1: no header line that says what the file keeps`);
  }
  return found;
}

const FUNCTIONS = [
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
];

/** What a call calls, as text: `describe`, `test.each([…])`, `fc.assert`. Empty for anything else. */
function calledBy(source: SourceFile, node: Node | undefined): string {
  if (node?.kind !== SyntaxKind.CallExpression) return '';
  let callee = '';
  node.forEachChild((child) => {
    callee ||= child.getText(source);
    return undefined;
  });
  return callee;
}

/** Functions of more than 70 lines; the callback of a `describe` is a chapter, not a function. */
export function longFunctions(sources: Sources): Offence[] {
  const found: Offence[] = [];
  for (const [path, source] of sources)
    walk(source, (node, parent) => {
      if (!FUNCTIONS.includes(node.kind) || /^describe\b/.test(calledBy(source, parent))) return;
      const lines = lineOf(source, node.end) - lineOf(source, node.getStart(source)) + 1;
      if (lines > FUNCTION_LINES_MAX)
        found.push(offence(path, source, node, `a function of ${lines} lines; ${FUNCTION_LINES_MAX} at most`));
    });
  return found;
}

const CASE = /^(?:test|it(?:With\w+)?)(?:\.(?:each|for|concurrent|sequential|prop))*\b/;
const SWITCHED = /^(?:test|it|describe|suite|bench)(?:\.\w+)*\.(?:only|skip|todo|fails)\b/;
/** A test that runs only where something is installed, such as `it.runIf(hasMosquitto)('… (needs mosquitto)', …)`. */
const CONDITIONAL = /^(?:test|it|describe|suite|bench)(?:\.\w+)*\.(?:skipIf|runIf)\b.*\)$/s;
const ASSERTS = /\b(?:expect|assert)\w*(?:\.\w+)*\s*[(<]/;

/** Names in a file that stand for something which expects: its own functions that do, and what comes from test/support. */
function expecting(source: SourceFile): string[] {
  const names: string[] = [];
  const bodies = new Map<string, string>();
  walk(source, (node, parent) => {
    const name = node.getText(source).match(/^(?:export\s+)?(?:async\s+)?(?:function\s*\*?\s*)?([\w$]+)/)?.[1];
    if (node.kind === SyntaxKind.FunctionDeclaration || node.kind === SyntaxKind.VariableDeclaration) {
      if (name) bodies.set(name, node.getText(source));
    } else if (node.kind === SyntaxKind.ImportSpecifier && parent) {
      const line = source.text.slice(parent.end, source.text.indexOf('\n', parent.end));
      if (/from '\.\.?\/.*(?:contract|expect|suite)/.test(line))
        names.push(node.getText(source).split(' as ').at(-1) ?? '');
    }
  });
  for (let round = 0; round < 3; round++)
    for (const [name, body] of bodies) if (!names.includes(name) && expects(body, names)) names.push(name);
  return names;
}

const expects = (text: string, names: readonly string[]): boolean =>
  ASSERTS.test(text) || names.some((name) => new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}\\b`).test(text));

/** Test files without a test, tests that expect nothing, and tests that are switched off. */
export function testOffences(sources: Sources): Offence[] {
  const found: Offence[] = [];
  for (const [path, source] of sources) {
    if (!path.endsWith('.test.ts')) continue;
    const names = expecting(source);
    let cases = 0;
    walk(source, (node, parent) => {
      const callee = calledBy(source, node);
      const text = node.getText(source).slice(callee.length);
      const hidden = CONDITIONAL.test(callee) && !/\bneeds \w+/.test(text);
      if (SWITCHED.test(callee) || hidden)
        found.push(
          offence(
            path,
            source,
            node,
            `${callee.slice(0, 40)}: a test that does not run, or not everywhere without saying so`,
          ),
        );
      // `test.each(rows)` is itself called: the call around it is the test.
      if (!CASE.test(callee) || (CASE.test(calledBy(source, parent)) && parent?.pos === node.pos)) return;
      cases += 1;
      if (!expects(text, names)) found.push(offence(path, source, node, 'a test that expects nothing'));
    });
    const contracts = names.some((name) => new RegExp(`\\b${name}\\(`).test(source.text));
    if (cases === 0 && !contracts) found.push(`${path}:1: no test in a test file`);
  }
  return found;
}

/** Words that no file may hold: open ends, and paths of one machine. Written in pieces, so that this file holds none. */
const FORBIDDEN: { words: RegExp; what: string; within: RegExp }[] = [
  {
    words: new RegExp(['TO', 'DO|FIX', 'ME|X', 'XX'].join(''), 'u'),
    what: 'an open end',
    within: /^(?:src|test|bench|\.ci)\//,
  },
  {
    words: new RegExp(['(?<![\\w.$}])/(?:wo', 'rk|ro', 'ot|Us', 'ers)/'].join('')),
    what: 'a path of one machine',
    within: /^/,
  },
  { words: new RegExp(['regis', 'try\\.(?:npm|yarn)'].join('')), what: 'the host of a registry', within: /^/ },
];

/** Lines that hold such a word. */
export function forbiddenWords(files: Files): Offence[] {
  const found: Offence[] = [];
  for (const [path, text] of Object.entries(files))
    for (const { words, what, within } of FORBIDDEN)
      if (within.test(path) && words.test(text))
        for (const [n, line] of text.split('\n').entries())
          if (words.test(line)) found.push(`${path}:${n + 1}: ${what}`);
  return found;
}
