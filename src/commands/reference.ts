// `hookswitch reference`: the pages of docs/reference, made from the program itself, or a word about those that are out of date.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BUNDLED_CONFIG } from '../config-path.ts';
import { referencePages } from '../reference.ts';
import { commandsPage } from '../reference-commands.ts';
import { connectionTypes } from '../reference-sources.ts';
import { SCENARIOS } from '../simulator/index.ts';
import { EXIT, EXIT_HELP } from './exit.ts';
import { type CommandIo, type Register, say } from './io.ts';
import { schemaOf } from './schema.ts';
import { leftoverNames, staleTexts, writeTexts } from './written.ts';

const FOLDER = 'docs/reference';

type Options = { out: string; check?: boolean };

export const register: Register = (program, io, finish) => {
  program
    .command('reference')
    .description('write the reference pages: rules, fields, operators, filters, events, destinations, config, commands')
    .option('--out <folder>', 'where the pages go', FOLDER)
    .option('--check', 'write nothing; name the pages that are out of date')
    .action(async (options: Options) => finish(await reference(program, options, io)));
};

async function reference(program: Command, { out, check }: Options, io: CommandIo): Promise<number> {
  const folder = resolve(io.folder, out);
  const pages = await pagesOf(program, io);
  if (check !== true) return writeTexts(pages, folder, io);
  const stale = await staleTexts(pages, folder, io);
  for (const name of stale) say(io.out, `${name} is out of date; run "hookswitch reference --out ${out}"`);
  const leftover = await leftoverNames(pages, folder, '.md', io);
  for (const name of leftover) say(io.out, `${name} is not part of the reference (any more); remove it`);
  return stale.length + leftover.length === 0 ? EXIT.ok : EXIT.failed;
}

async function pagesOf(program: Command, io: CommandIo): Promise<Map<string, string>> {
  const { destinations } = io.parts;
  // Of the config that comes with the program: pages are the same wherever they are made.
  const connections = await connectionTypes(BUNDLED_CONFIG, io.files);
  const pages = referencePages({ destinations, connections, scenarios: SCENARIOS });
  pages.set('commands.md', commandsPage(program, EXIT_HELP));
  for (const kind of ['rules', 'config'] as const)
    pages.set(`${kind}.schema.json`, await schemaOf(kind, BUNDLED_CONFIG, io));
  return pages;
}
