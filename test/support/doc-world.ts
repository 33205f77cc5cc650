// What the blocks of a page of documentation are run in and checked with: a folder as a person has it, and secrets for every reference.

import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeCertificates } from './certificates.ts';
import type { DocBlock } from './doc-blocks.ts';
import type { ProgramCopy, Ran } from './program-copy.ts';

const has = (tool: string): boolean => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;

/** `needs sqlite3` behind the language of a block: the tool that is missing here, if any. */
export const missingTool = ({ name }: DocBlock): string | undefined =>
  name
    .replace(/^needs /, '')
    .split(/[, ]+/)
    .find((tool) => name.startsWith('needs ') && !has(tool));

const WHSEC = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** What an environment variable or a file of that name holds: fit for the setting that it stands in. */
function secretFor(name: string): string {
  if (/\.pem$|\.key$/.test(name) && /console/.test(name)) {
    const { server } = makeCertificates();
    return name.endsWith('.key') ? server.key : server.cert;
  }
  if (/dkim/.test(name))
    return generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
  if (/app.token/i.test(name)) return 'xapp-4711';
  if (/slack/i.test(name)) return 'xoxb-4711';
  if (/webhook_secret|^NEW$|^OLD$/i.test(name)) return WHSEC;
  return 'secret-4711';
}

/** Every `{ "env": … }` of a config as a variable; every `{ "file": … }` as a file below `folder`. */
export function provideSecrets(config: unknown, folder: string): Record<string, string> {
  const env: Record<string, string> = {};
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const entries = Object.entries(value);
    const [[key, name] = []] = entries;
    if (entries.length === 1 && typeof name === 'string' && key === 'env') env[name] = secretFor(name);
    else if (entries.length === 1 && typeof name === 'string' && key === 'file') {
      mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, name), secretFor(name), { mode: 0o600 });
    } else for (const [, inner] of entries) walk(inner);
  };
  walk(config);
  return env;
}

type Example = { connections: Record<string, object>; [key: string]: unknown };

export const exampleOf = (program: ProgramCopy): Example =>
  JSON.parse(readFileSync(join(program.path, 'config.example.json'), 'utf8')) as Example;

/** A folder with the example's config and rules, in which a daemon runs and has heard one missed call; or an empty one. */
export async function folderFor(program: ProgramCopy, empty: boolean): Promise<string> {
  const folder = mkdtempSync(join(program.path, 'page-'));
  if (empty) return folder;
  cpSync(join(program.path, 'rules'), join(folder, 'rules'), { recursive: true });
  const config = { ...exampleOf(program), rules: './rules', data: './data' };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
  await program.start('hookswitch serve', folder);
  const played = await program.run('hookswitch send missed_call --phone front-desk --remote +4930123456', folder);
  if (played.code !== 0) throw new Error(`no call could be played: ${played.out}${played.err}`);
  return folder;
}

const SERVES = /^(?:hookswitch serve|npm start|npm ci && npm start)$/m;

/** Whether a block ends in a daemon that goes on. */
export const serves = ({ text }: DocBlock): boolean => SERVES.test(text.trim());

/** Runs a block as it stands; a daemon at its end goes on beside the blocks that follow. */
export async function runBlock(block: DocBlock, program: ProgramCopy, folder: string): Promise<Ran> {
  const script = program.here(block.text);
  if (!serves(block)) return program.run(script, folder);
  const before = await program.run(script.replace(SERVES, ''), folder);
  if (before.code !== 0) return before;
  const said = await program.start(script.match(SERVES)?.[0]?.replace('npm ci && ', '') ?? '', folder);
  return { code: 0, out: before.out + said(), err: before.err };
}
