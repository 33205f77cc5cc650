// The files of `provision`: written for the phones, compared with what rules need now, or read from what a phone has already.
import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { FileError, fileErrorText } from '../core/files.ts';
import { changesTo, differences } from '../provision-compare.ts';
import type { Chosen } from '../provision-phones.ts';
import { fileNameOf, type Plan, planText } from '../provision-plan.ts';
import { holderOf, tokenProblem } from '../provision-tokens.ts';
import { openTokenBook } from '../tokens.ts';
import { CommandEnd } from './daemon.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, say } from './io.ts';
import { type Writing, writeTexts } from './written.ts';

/** Files of phones' settings can be large; ours are a few KB. */
const BYTES_MAX = 4 * 1024 * 1024;
/** There is a token in each file. */
const FOR_ONE: Writing = { folderMode: 0o700, fileMode: 0o600, failed: EXIT.cannotCreate };

/** Writes a file for each phone; resolves with the exit code. */
export const writePlans = (plans: readonly Plan[], out: string, io: CommandIo): Promise<number> =>
  writeTexts(new Map(plans.map((plan) => [fileNameOf(plan), planText(plan)])), resolve(io.folder, out), io, FOR_ONE);

/** Says how the files of a folder differ from what would be written now; tokens do not count. */
export async function checkFolder(plans: readonly Plan[], folder: string, io: CommandIo): Promise<number> {
  const named = plans.filter(({ phone }) => phone.mac !== undefined);
  if (named.length === 0) throw new CommandEnd(EXIT.failed, 'no phone of the config has a MAC, so none has a file');
  let wrong = 0;
  for (const plan of named) {
    const text = await textOf(resolve(io.folder, folder, fileNameOf(plan)), io);
    const said = text === undefined ? ['there is no such file'] : differences(text, plan);
    if (said.length > 0) wrong++;
    for (const sentence of said) say(io.out, `${fileNameOf(plan)}: ${sentence}`);
  }
  if (wrong === 0)
    say(io.out, `${named.length === 1 ? '1 file says' : `${named.length} files say`} what the rules need`);
  else
    say(
      io.err,
      `${wrong} of ${named.length} files differ; write them again: hookswitch provision --all --out ${folder}`,
    );
  return wrong === 0 ? EXIT.ok : EXIT.failed;
}

/** Says what would change in a file that a phone has now. */
export async function sayExisting(plans: readonly Plan[], file: string, io: CommandIo): Promise<number> {
  const [plan] = plans;
  if (plan === undefined || plans.length > 1)
    throw new CommandEnd(EXIT.usage, '--existing is about one phone; name it with --phone or --mac');
  const text = await textOf(resolve(io.folder, file), io);
  if (text === undefined) throw new CommandEnd(EXIT.failed, `${file}: there is no such file`);
  const changes = changesTo(text, plan);
  for (const { slot, slug, kind, now } of changes)
    say(
      io.out,
      kind === 'added'
        ? `${slot} (${slug}) would be added`
        : kind === 'changed'
          ? `${slot} (${slug}) would get other variables`
          : `${slot} (${slug}) leads to ${now} now, and would be replaced`,
    );
  if (changes.length === 0) say(io.out, 'nothing would change but the token');
  return EXIT.ok;
}

/** The token of `--token-file`, if there is one and it may be used for these phones. */
export async function givenToken(
  { tokenFile }: { tokenFile?: string },
  config: Config,
  phones: readonly Chosen[],
  io: CommandIo,
): Promise<string | undefined> {
  if (tokenFile === undefined) return undefined;
  const text = await textOf(resolve(io.folder, tokenFile), io);
  const token = text?.trim();
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token))
    throw new CommandEnd(EXIT.failed, `${tokenFile}: must hold one token and nothing else`);
  const book = await openTokenBook(config.dataPath, io.files, io.clock);
  const problem = tokenProblem(holderOf(token, config, book), phones);
  if (problem !== undefined) throw new CommandEnd(EXIT.failed, `${tokenFile}: ${problem}`);
  return token;
}

async function textOf(path: string, io: CommandIo): Promise<string | undefined> {
  try {
    return (await io.files.read(path, BYTES_MAX)).text;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (error.code === 'missing') return undefined;
    throw new CommandEnd(EXIT.failed, `${path}: ${fileErrorText(error).message}`);
  }
}
