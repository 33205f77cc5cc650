// Problem lines: the line of a file that a problem is about, fit to be shown; a config's own values, which may be secrets, are left out.
import { extname, resolve } from 'node:path';
import type { ShownProblem } from './console/index.ts';
import { FileError, type Files } from './core/files.ts';
import type { Problem } from './core/problems.ts';

const FILE_BYTES_MAX = 1024 * 1024;
const FILES_MAX = 20;
const PROBLEMS_MAX = 200;
/** Of a longer line what stands around the place is shown. */
const WIDTH = 160;

export type LineSource = {
  files: Pick<Files, 'read'>;
  /** Names of files are shown from here. */
  folder: string;
  /** Path of the config: of it keys are shown, but no texts. */
  configPath: string;
};

/** The first 200 problems, each with its line where there is one. A file that cannot be read (any more) has no lines. */
export async function problemLines(problems: readonly Problem[], source: LineSource): Promise<ShownProblem[]> {
  const texts = new Map<string, string[]>();
  const shown: ShownProblem[] = [];
  for (const problem of problems.slice(0, PROBLEMS_MAX)) {
    const { file } = problem;
    if (file !== undefined && !texts.has(file) && texts.size < FILES_MAX) texts.set(file, await linesOf(file, source));
    shown.push(withLine(problem, texts.get(file ?? '') ?? [], isConfig(file, source)));
  }
  return shown;
}

/** The same for a text that is at hand. */
export function problemLinesOf(problems: readonly Problem[], file: string, text: string): ShownProblem[] {
  const lines = text.split(LINE_END);
  return problems
    .slice(0, PROBLEMS_MAX)
    .map((problem) => (problem.file === file ? withLine(problem, lines, false) : { problem }));
}

/** As the parser counts lines: https://www.rfc-editor.org/rfc/rfc8259 knows these two as white space. */
const LINE_END = /\r\n|\n|\r/;

const isConfig = (file: string | undefined, { folder, configPath }: LineSource): boolean =>
  file !== undefined && resolve(folder, file) === resolve(configPath);

async function linesOf(file: string, { files, folder }: LineSource): Promise<string[]> {
  // Contact lists, certificates and the like are nobody's business here.
  if (!/^\.jsonc?$/i.test(extname(file))) return [];
  try {
    return (await files.read(resolve(folder, file), FILE_BYTES_MAX)).text.split(LINE_END);
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}

function withLine(problem: Problem, lines: readonly string[], veil: boolean): ShownProblem {
  const line = problem.line === undefined ? undefined : lines[problem.line - 1];
  if (line === undefined) return { problem };
  const at = Math.min(line.length, Math.max(0, (problem.column ?? 1) - 1));
  const { before, after } = veil ? veiled(line, at) : { before: line.slice(0, at), after: line.slice(at) };
  const from = Math.max(0, before.length - WIDTH / 2);
  const head = from === 0 ? before : `…${before.slice(from)}`;
  const rest = WIDTH - head.length;
  const tail = after.length <= rest ? after : `${after.slice(0, rest)}…`;
  return { problem, excerpt: { text: head + tail, caret: head.length } };
}

/** Texts with the colon that makes one a key; comments, also one that began before; and whatever else is neither space nor structure. */
const PIECES = /("(?:[^"\\]|\\.)*(?:"|$))(\s*:)?|^(?:(?!\/\*|").)*\*\/|\/\/.*$|\/\*.*?(?:\*\/|$)|[^\s{}[\],:"]+/g;
const PLAIN = new Set(['true', 'false', 'null']);

/** Keys, structure and plain words stay: a password may stand in anything else, a comment and a slip of the quotes included. */
function veiled(line: string, at: number): { before: string; after: string } {
  let shown = '';
  let caret: number | undefined;
  let end = 0;
  for (const match of line.matchAll(PIECES)) {
    const [piece, text, colon] = match;
    const gap = line.slice(end, match.index);
    if (caret === undefined && at < match.index) caret = shown.length + Math.max(0, at - end);
    shown += gap;
    const kept = colon !== undefined || PLAIN.has(piece);
    if (caret === undefined && at < match.index + piece.length) caret = shown.length + (kept ? at - match.index : 0);
    const isComment = text === undefined && /^\/[/*]|\*\/$/.test(piece);
    shown += kept ? piece : isComment ? '' : text === undefined ? '…' : '"…"';
    end = match.index + piece.length;
  }
  caret ??= shown.length + Math.max(0, at - end);
  shown += line.slice(end);
  return { before: shown.slice(0, caret), after: shown.slice(caret) };
}
