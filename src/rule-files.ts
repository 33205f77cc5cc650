// Rule files as they lie on disk: their texts for an editor, and one rule of them as its author wrote it, comments included.
import { resolve } from 'node:path';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { FileError, type Files } from './core/files.ts';
import { readDocument } from './document.ts';
import type { CompiledRule, CompiledRules } from './engine/index.ts';

const TEXT_BYTES_MAX = 1024 * 1024;

export type RuleFolder = {
  files: Pick<Files, 'read'>;
  /** Names of files are shown from here. */
  folder: string;
};

/** Names of the files that rules in use come from, in their order. */
export const ruleFileNames = (rules: CompiledRules): string[] => [...new Set(rules.map(({ file }) => file))];

/** The text of such a file; undefined where it cannot be read (any more) or has more than 1 MB. */
export async function ruleFileText(file: string, { files, folder }: RuleFolder): Promise<string | undefined> {
  try {
    return (await files.read(resolve(folder, file), TEXT_BYTES_MAX)).text;
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

/** The rule as its file has it now, and its line, from 1; undefined if it is not there any more. */
export async function writtenRule(
  { id, file }: Pick<CompiledRule, 'id' | 'file'>,
  folder: RuleFolder,
): Promise<{ text: string; line: number } | undefined> {
  const text = await ruleFileText(file, folder);
  if (text === undefined) return undefined;
  const document = readDocument(text, file);
  // What is nested too deep is broken as well: the other parser descends by recursion.
  if (document.broken) return undefined;
  const place = placeOf(document.value, id);
  const tree = place < 0 ? undefined : parseTree(text, [], { allowTrailingComma: true });
  const node = tree && findNodeAtLocation(tree, ['rules', place]);
  if (node === undefined) return undefined;
  const lineStart = Math.max(text.lastIndexOf('\n', node.offset - 1), text.lastIndexOf('\r', node.offset - 1)) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart, node.offset))?.[0] ?? '';
  const written = text.slice(node.offset, node.offset + node.length);
  const { line } = document.locate(['rules', place]);
  return { text: indent === '' ? written : written.replaceAll(`\n${indent}`, '\n'), line };
}

function placeOf(value: unknown, id: string): number {
  const rules = (value as { rules?: unknown } | undefined)?.rules;
  if (!Array.isArray(rules)) return -1;
  return rules.findIndex((rule: unknown) => (rule as { id?: unknown } | null)?.id === id);
}
