// The rule files that a config names: found, read, and handed to the engine; its problems get their line and column.
import { basename, dirname, resolve } from 'node:path';
import { FileError, type Files, fileErrorText } from './core/files.ts';
import type { Path, Problem } from './core/problems.ts';
import { DOCUMENT_BYTES_MAX, type Document, placed, readDocument } from './document.ts';
import { calendarFilesOf } from './engine/schedule/index.ts';
import { isRuleFile } from './stamps.ts';

const RULE_FILES_MAX = 1_000;

/** One rule file as an author wrote it; `file` is the name that problems show. */
export type RuleFile = { file: string; value: unknown };

/** `calendars`: texts of the iCalendar files that schedules name, by their names as written. */
export type RuleFiles = {
  files: RuleFile[];
  problems: Problem[];
  documents: Map<string, Document>;
  calendars: Map<string, string>;
};

type Found = { path: string; from: Path };

/**
 * Reads every rule file of `entries` (folders and files, relative to `folder`), sorted by name within a folder. `entryPath`
 * says where an entry stands in the config. A file that cannot be read is a problem; the others are read all the same.
 */
export async function readRuleFiles(
  entries: readonly { entry: string; path: Path }[],
  folder: string,
  files: Pick<Files, 'read' | 'list' | 'state'>,
  shownAs: (path: string) => string,
): Promise<RuleFiles> {
  const result: RuleFiles = { files: [], problems: [], documents: new Map(), calendars: new Map() };
  const calendars = new Map<string, string>();
  const found: Found[] = [];
  for (const { entry, path } of entries) {
    try {
      found.push(...(await ruleFilesOf(resolve(folder, entry), path, files)));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      result.problems.push({ path, ...fileErrorText(error) });
    }
  }
  const unique = [...new Map(found.map((f) => [f.path, f])).values()];
  if (unique.length > RULE_FILES_MAX)
    result.problems.push({ path: ['rules'], message: `more than ${RULE_FILES_MAX} rule files`, hint: 'merge some' });
  for (const { path, from } of unique.slice(0, RULE_FILES_MAX)) {
    const value = await readOne(path, from, files, shownAs(path), result);
    await readCalendars(value, path, files, shownAs(path), calendars, result);
  }
  return result;
}

async function ruleFilesOf(path: string, from: Path, files: Pick<Files, 'list' | 'state' | 'read'>): Promise<Found[]> {
  const state = await files.state(path);
  if (state?.kind !== 'folder') return [{ path, from }];
  return (await files.list(path)).filter(isRuleFile).map((name) => ({ path: resolve(path, name), from }));
}

async function readOne(
  path: string,
  from: Path,
  files: Pick<Files, 'read'>,
  shown: string,
  result: RuleFiles,
): Promise<unknown> {
  try {
    const { text, state } = await files.read(path, DOCUMENT_BYTES_MAX);
    if ((state.mode & 0o002) !== 0)
      result.problems.push({
        path: [],
        file: shown,
        message: 'every account can change this file',
        hint: `chmod o-w ${shown}`,
      });
    const document = readDocument(text, shown);
    result.documents.set(shown, document);
    result.problems.push(...document.problems);
    if (document.broken) return undefined;
    result.files.push({ file: shown, value: document.value });
    return document.value;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    result.problems.push({
      path: from,
      ...fileErrorText(error),
      message: `${basename(shown)}: ${fileErrorText(error).message}`,
    });
    return undefined;
  }
}

/** The iCalendar files that a rule file's schedules name, from where that file stands. `paths`: where each name led before. */
async function readCalendars(
  value: unknown,
  ruleFile: string,
  files: Pick<Files, 'read'>,
  shown: string,
  paths: Map<string, string>,
  { calendars, problems }: RuleFiles,
): Promise<void> {
  const schedules = (value as { schedules?: unknown } | undefined)?.schedules;
  for (const name of calendarFilesOf(schedules)) {
    const path = resolve(dirname(ruleFile), name);
    const before = paths.get(name);
    const wrong = (message: string, hint?: string): void =>
      void problems.push({ path: ['schedules'], file: shown, message, ...(hint === undefined ? {} : { hint }) });
    if (before !== undefined && before !== path)
      wrong(`another folder has a calendar ${JSON.stringify(name)} too`, 'give one of them another name');
    if (before !== undefined) continue;
    paths.set(name, path);
    try {
      calendars.set(name, (await files.read(path, DOCUMENT_BYTES_MAX)).text);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      // One that is not there is told by the schedule that names it.
      if (error.code !== 'missing') wrong(`${name}: ${fileErrorText(error).message}`);
    }
  }
}

/** The engine's problems with the line and column of their file. */
export function placeRuleProblems(problems: readonly Problem[], documents: ReadonlyMap<string, Document>): Problem[] {
  return problems.map((problem) => {
    const document = problem.file === undefined ? undefined : documents.get(problem.file);
    return document === undefined || problem.file === undefined ? problem : placed(problem, document, problem.file);
  });
}
