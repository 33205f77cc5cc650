// Which config file and which data folder a command is about.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileError, type Files } from './core/files.ts';
import { DOCUMENT_BYTES_MAX, readDocument } from './document.ts';

const CONFIG_NAME = 'config.json';
const DATA_NAME = 'data';

/** The config that comes with the program, beside `src` or `dist`. */
export const BUNDLED_CONFIG = fileURLToPath(new URL('../config.example.json', import.meta.url));

export type Places = { configPath: string; dataPath?: string; bundled: boolean };

type Asked = { config?: string | undefined; data?: string | undefined };
type Around = { folder: string; files: Files };

/**
 * `--config`, else `config.json` in the working folder, else the one that comes with the program; its data then goes to
 * `data` in the working folder, because the program's own folder is no place for it.
 */
export async function findConfig(asked: Asked, { folder, files }: Around): Promise<Places> {
  const data = asked.data === undefined ? {} : { dataPath: resolve(folder, asked.data) };
  if (asked.config !== undefined) return { configPath: resolve(folder, asked.config), ...data, bundled: false };
  const own = resolve(folder, CONFIG_NAME);
  // What is there but cannot be read is meant all the same: its problem is then told, and nothing else runs instead.
  const there = await files.state(own).catch(() => true);
  if (there) return { configPath: own, ...data, bundled: false };
  return { configPath: BUNDLED_CONFIG, dataPath: resolve(folder, DATA_NAME), ...data, bundled: true };
}

/** The data folder, also where the config has problems: a daemon that runs on its last good config must stay reachable. */
export async function findData(asked: Asked, around: Around): Promise<string> {
  const places = await findConfig(asked, around);
  if (places.dataPath !== undefined) return places.dataPath;
  const written = await dataKey(places.configPath, around.files);
  return resolve(dirname(places.configPath), written ?? DATA_NAME);
}

async function dataKey(path: string, files: Files): Promise<string | undefined> {
  try {
    const { value } = readDocument((await files.read(path, DOCUMENT_BYTES_MAX)).text);
    const data = typeof value === 'object' && value !== null ? (value as { data?: unknown }).data : undefined;
    return typeof data === 'string' && data !== '' ? data : undefined;
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}
