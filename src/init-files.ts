// Everything that `init` is about to write, as files that are read before they exist: so it is checked whole, and then written.
import { dirname, join, relative, resolve, sep } from 'node:path';
import { FileError, type Files } from './core/files.ts';
import { type Draft, SECRETS_FOLDER } from './init-draft.ts';
import { SHIPPED_RULES } from './init-recipes.ts';
import { adaptedRules } from './init-rules.ts';
import { isRuleFile } from './stamps.ts';

/** By absolute path. */
export type Written = ReadonlyMap<string, { text: string; mode: number; secret: boolean }>;

export type Setup = {
  configPath: string;
  country?: string | undefined;
  timezone: string;
  port: number;
  /** Port of the embedded broker, where a connection uses it. */
  brokerPort: number;
  drafts: readonly Draft[];
};

const PRIVATE = 0o600;
const FOLDER_MODE = 0o700;

/**
 * `rules`, or `my-rules` where that folder has rules of somebody else, which this config could not run: those of the program in a
 * clone of it, or of an earlier config.
 */
async function rulesFolderOf(configPath: string, own: readonly string[], files: Pick<Files, 'list'>): Promise<string> {
  const folder = resolve(dirname(configPath), 'rules');
  if (folder === SHIPPED_RULES) return 'my-rules';
  const there = await files.list(folder).catch((error: unknown) => {
    if (error instanceof FileError && error.code === 'missing') return [];
    throw error;
  });
  return there.some((name) => isRuleFile(name) && !own.includes(name)) ? 'my-rules' : 'rules';
}

const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/** All files of a setup. Rejects with a FileError if a shipped rule cannot be read. */
export async function filesOf(setup: Setup, files: Pick<Files, 'read' | 'list'>): Promise<Written> {
  const { configPath, drafts, timezone } = setup;
  const folder = dirname(configPath);
  const rules = drafts.flatMap((draft) => draft.rules);
  const rulesFolder = await rulesFolderOf(configPath, rules.map(baseName), files);
  const written = new Map([[configPath, { text: configText(setup, rulesFolder), mode: PRIVATE, secret: false }]]);
  for (const [name, value] of drafts.flatMap(({ secrets }) => [...secrets]))
    written.set(join(folder, name), { text: `${value.reveal()}\n`, mode: PRIVATE, secret: true });
  for (const file of rules) {
    const path = join(folder, rulesFolder, baseName(file));
    written.set(path, { text: await adaptedRules(file, timezone, files), mode: PRIVATE, secret: false });
  }
  return written;
}

function configText({ country, timezone, port, brokerPort, drafts }: Setup, rulesFolder: string): string {
  const embedded = drafts.some(({ settings }) => settings.broker === 'embedded');
  const config = {
    rules: `./${rulesFolder}`,
    data: './data',
    receiver: { host: '0.0.0.0', port },
    ...(country === undefined ? {} : { sites: { default: { country } } }),
    timezone,
    connections: Object.fromEntries(drafts.map(({ name, settings }) => [name, settings])),
    ...(embedded ? { broker: { host: '127.0.0.1', port: brokerPort } } : {}),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** The file system as it will be. */
export function withWritten(files: Files, written: Written): Files {
  const below = (folder: string): string[] => [...written.keys()].filter((path) => path.startsWith(folder + sep));
  return {
    ...files,
    async read(path, ...rest) {
      const own = written.get(path);
      if (own === undefined) return files.read(path, ...rest);
      return { text: own.text, state: { kind: 'file', mode: own.mode, stamp: 'new' } };
    },
    async state(path) {
      const own = written.get(path);
      if (own !== undefined) return { kind: 'file', mode: own.mode, stamp: 'new' };
      const there = await files.state(path);
      return there ?? (below(path).length > 0 ? { kind: 'folder', mode: FOLDER_MODE, stamp: 'new' } : undefined);
    },
    async list(path) {
      const own = below(path).map((each) => relative(path, each).split(sep)[0] ?? '');
      const there = await files.list(path).catch((error: unknown) => {
        if (error instanceof FileError && error.code === 'missing' && own.length > 0) return [];
        throw error;
      });
      return [...new Set([...there, ...own])].sort();
    },
  };
}

/** Those that are there already. */
export async function thereAlready(written: Written, files: Pick<Files, 'state'>): Promise<string[]> {
  const states = await Promise.all([...written.keys()].map(async (path) => [path, await files.state(path)] as const));
  return states.flatMap(([path, state]) => (state === undefined ? [] : [path]));
}

/** Secrets first and the config last: a config is there only when all that it names is there. Rejects with a FileError. */
export async function writeAll(written: Written, { configPath }: Setup, files: Files): Promise<void> {
  const folder = dirname(configPath);
  const order = [...written].sort(([a], [b]) => Number(a === configPath) - Number(b === configPath));
  await files.makeFolder(folder, FOLDER_MODE);
  if (order.some(([, { secret }]) => secret)) await files.makeFolder(join(folder, SECRETS_FOLDER), FOLDER_MODE);
  for (const [path, { text, mode }] of order) {
    await files.makeFolder(dirname(path), FOLDER_MODE);
    await files.writeAside(path, text, mode);
  }
}
