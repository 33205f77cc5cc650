// All commands in one program: arguments in, exit code out.
import { Command, CommanderError } from 'commander';
import { register as cancel } from './cancel.ts';
import { register as check } from './check.ts';
import { register as consoleAccess } from './console.ts';
import { register as deliveries } from './deliveries.ts';
import { register as events } from './events.ts';
import { EXIT, EXIT_HELP } from './exit.ts';
import { register as explain } from './explain.ts';
import { register as exportNumber } from './export.ts';
import { register as init } from './init.ts';
import type { CommandIo } from './io.ts';
import { register as phones } from './phones.ts';
import { register as provision } from './provision.ts';
import { register as purge } from './purge.ts';
import { register as read } from './read.ts';
import { register as record } from './record.ts';
import { register as reference } from './reference.ts';
import { register as replay } from './replay.ts';
import { register as retry } from './retry.ts';
import { register as schema } from './schema.ts';
import { register as send } from './send.ts';
import { register as serve } from './serve.ts';
import { register as simulate } from './simulate.ts';
import { register as test } from './test.ts';
import { register as token } from './token.ts';

const COMMANDS = [
  init,
  serve,
  check,
  explain,
  replay,
  send,
  simulate,
  test,
  events,
  phones,
  provision,
  record,
  read,
  deliveries,
  retry,
  cancel,
  token,
  exportNumber,
  purge,
  consoleAccess,
  schema,
  reference,
];

/** Runs one command; resolves with its exit code (the table in exit.ts). `args`: without the names of Node and the program. */
export async function runProgram(args: readonly string[], io: CommandIo): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command('hookswitch')
    .description('Turns what desk phones say into what people and systems need to know.')
    .version(io.version)
    .addHelpText('after', EXIT_HELP);
  const finish = (ended: number): void => {
    code = ended;
  };
  for (const register of COMMANDS) register(program, io, finish);
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ writeOut: io.out, writeErr: io.err })
      .showHelpAfterError('(add --help for what is possible)');
    if (command !== program) command.addHelpText('after', EXIT_HELP);
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return code;
}
