// The reference page of commands, from the command line program itself.
import type { Argument, Command, Option } from 'commander';
import { block, code, page, prose, table } from './reference-markdown.ts';

/** Every command with its arguments and options. `exitCodes`: the table that `--help` shows. */
export function commandsPage(program: Command, exitCodes: string): string {
  const commands = [...program.commands].filter((command) => command.name() !== 'help');
  return page(
    'Commands',
    program.description(),
    `Written as ${code(`${program.name()} <command>`)}. ${code('--help')} behind a command shows the same as this page.`,
    table(
      ['command', 'what it does'],
      commands.map((command) => [`[${command.name()}](#${command.name()})`, withStop(command.description())]),
    ),
    ...commands.flatMap((command) => commandSection(program, command)),
    '## Exit codes',
    block('text', exitCodes.replace(/^\s*Exit codes:\n/, '')),
  );
}

function commandSection(program: Command, command: Command): string[] {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const given = command.registeredArguments.map((argument) => [code(argument.name()), meaningOf(argument)]);
  const options = command.options.map((option) => [code(option.flags), meaningOf(option)]);
  return [
    `## ${command.name()}`,
    withStop(command.description()),
    block('sh', [program.name(), command.name(), ...words, ...(options.length > 0 ? ['[options]'] : [])].join(' ')),
    ...(given.length > 0 ? [table(['argument', 'meaning'], given)] : []),
    ...(options.length > 0 ? [table(['option', 'meaning'], options)] : []),
  ];
}

/** What it is for, which words it takes, and what holds without it. */
function meaningOf({ description, argChoices, defaultValue }: Option | Argument): string {
  const words = argChoices === undefined ? '' : ` One of ${argChoices.map(code).join(', ')}.`;
  const usual = typeof defaultValue === 'string' ? ` Unless given: ${code(defaultValue)}.` : '';
  return `${prose(withStop(description))}${words}${usual}`;
}

const withStop = (text: string): string => {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return whole === '' || /[.?!]$/.test(whole) ? whole : `${whole}.`;
};
