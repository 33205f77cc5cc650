// `hookswitch schema`: the JSON Schemas by which editors complete and check rule files and the config.
import { resolve } from 'node:path';
import { Argument } from 'commander';
import { findConfig } from '../config-path.ts';
import { rulesSchema } from '../engine/schema/index.ts';
import { configFileSchema } from '../reference-config-schema.ts';
import { MESSAGE_EXAMPLES } from '../reference-examples.ts';
import { connectionTypes } from '../reference-sources.ts';
import { SCENARIOS } from '../simulator/index.ts';
import { EXIT } from './exit.ts';
import type { CommandIo, Register } from './io.ts';
import { writeTexts } from './written.ts';

type Kind = 'rules' | 'config';
const KINDS: readonly Kind[] = ['rules', 'config'];
type Options = { config?: string; out?: string };

export const register: Register = (program, io, finish) => {
  program
    .command('schema')
    .description('print the JSON Schema of rule files or of the config, for editors')
    .addArgument(new Argument('[kind]', 'of which files; both where it is missing, which needs --out').choices(KINDS))
    .option('--out <folder>', 'write rules.schema.json and config.schema.json there instead')
    .option('--config <file>', 'config file whose connections are offered (default: ./config.json, else the example)')
    .action(async (kind: Kind | undefined, options: Options, command) => {
      if (kind === undefined && options.out === undefined)
        command.error(
          'error: say which one is printed, "schema rules" or "schema config", or write both with --out <folder>',
        );
      finish(await schema(kind === undefined ? KINDS : [kind], options, io));
    });
};

async function schema(kinds: readonly Kind[], { config, out }: Options, io: CommandIo): Promise<number> {
  const texts = new Map<string, string>();
  for (const kind of kinds) texts.set(`${kind}.schema.json`, await schemaText(kind, config, io));
  if (out !== undefined) return writeTexts(texts, resolve(io.folder, out), io);
  // Exactly what a file would hold: no other command's line may get in between.
  for (const text of texts.values()) io.out(text);
  return EXIT.ok;
}

async function schemaText(kind: Kind, config: string | undefined, io: CommandIo): Promise<string> {
  const { configPath } = await findConfig({ config }, io);
  return schemaOf(kind, configPath, io);
}

/** The schema as a file holds it; the connections of that config are offered. */
export async function schemaOf(kind: Kind, configPath: string, io: CommandIo): Promise<string> {
  const { destinations } = io.parts;
  const connections = await connectionTypes(configPath, io.files);
  const made =
    kind === 'config'
      ? configFileSchema(destinations)
      : rulesSchema({ destinations, connections, examples: MESSAGE_EXAMPLES, scenarios: SCENARIOS });
  return `${JSON.stringify(made, null, 2)}\n`;
}
