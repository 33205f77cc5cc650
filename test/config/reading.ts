// Reads a config of a test's folder with two plain destinations and an engine that only looks at a rule's `on` and `to`.
import { mkdirSync } from 'node:fs';
import { z } from 'zod';
import { type ConfigParts, type ReadResult, readConfig } from '../../src/config.ts';
import type { RuleFile } from '../../src/config-rules.ts';
import { defineDestination } from '../../src/core/destination.ts';
import { formatProblem, type Problem } from '../../src/core/problems.ts';
import { secret } from '../../src/core/secret.ts';
import { systemFiles } from '../../src/files.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';

const message = z.strictObject({ text: z.string() });

const chat = defineDestination({
  type: 'chat',
  summary: 'A place for tests.',
  settings: z.strictObject({
    token: secret().refine((value) => value.reveal().length > 3, 'is too short'),
    channel: z.string().optional(),
    port: z.int().min(1).max(65_535).default(7),
  }),
  message,
  trial: () => ({ text: 'a test' }),
  templates: {},
  concurrency: 1,
  timeoutMs: 1_000,
  example: { settings: { token: { env: 'X' } as never }, message: { text: 'x' } },
  open: () => Promise.reject(new Error('nothing is sent in these tests')),
});

const bus = defineDestination({
  ...chat,
  type: 'bus',
  settings: z.strictObject({ broker: z.string(), password: secret().optional() }),
  message,
  example: { settings: { broker: 'embedded' }, message: { text: 'x' } },
});

export type Rules = { ids: string[] };

/** `on` must be "phone.missed_call"; `to` must be a connection. */
function compileRules(files: RuleFile[], context: Parameters<ConfigParts<Rules>['compileRules']>[1]) {
  const problems: Problem[] = [];
  const ids: string[] = [];
  for (const { file, value } of files) {
    const { rules = [] } = (value ?? {}) as { rules?: { id: string; on: string; to?: string }[] };
    for (const [index, rule] of rules.entries()) {
      ids.push(rule.id);
      if (rule.on !== 'phone.missed_call')
        problems.push({ file, path: ['rules', index, 'on'], message: 'no such event' });
      if (rule.to !== undefined && !Object.hasOwn(context.connections, rule.to))
        problems.push({ file, path: ['rules', index, 'to'], message: 'no such connection' });
    }
  }
  return problems.length > 0 ? { problems } : { rules: { ids } };
}

export const parts: ConfigParts<Rules> = { destinations: [chat, bus], compileRules };

type Around = { env?: Record<string, string>; configPath?: string; bundled?: boolean; dataPath?: string };

export const read = (folder: TempFolder, around: Around = {}): Promise<ReadResult<Rules>> =>
  readConfig({ configPath: 'config.json', env: {}, files: systemFiles, parts, folder: folder.path, ...around });

/** The problems as people see them; empty if the config is right. */
export async function problemsOf(folder: TempFolder, around: Around = {}): Promise<string[]> {
  const result = await read(folder, around);
  return 'problems' in result ? result.problems.map(formatProblem) : [];
}

/** The config, or the test fails with its problems. */
export async function rightConfig(folder: TempFolder, around: Around = {}) {
  const result = await read(folder, around);
  if ('problems' in result) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result;
}

/** A folder with a config and rule files; what is no text is written as JSON. */
export function configFolder(config: unknown, rules: Record<string, unknown> = {}): TempFolder {
  const folder = tempFolder();
  folder.write('config.json', config);
  mkdirSync(folder.at('rules'));
  for (const [name, content] of Object.entries(rules)) folder.write(`rules/${name}`, content, 0o644);
  return folder;
}

/** A rule that the engine of these tests finds right. */
export const rule = (id: string, more: object = {}) => ({ id, on: 'phone.missed_call', ...more });
