// `hookswitch check`: says whether config and rules are right, and everything that is wrong with them.
import { readConfig } from '../config.ts';
import { findConfig } from '../config-path.ts';
import { formatPath, type Problem } from '../core/problems.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, say, sayJson, sayProblems, withPlaces } from './io.ts';

type Options = PlaceOptions & { json?: boolean };

export const register: Register = (program, io, finish) => {
  withPlaces(program.command('check').description('check the config and every rule; tells all problems at once'))
    .option('--json', 'one JSON object instead of text')
    .action(async (options: Options) => finish(await check(options, io)));
};

async function check(options: Options, io: CommandIo): Promise<number> {
  const places = await findConfig(options, io);
  const result = await readConfig({ ...places, env: io.env, files: io.files, parts: io.parts, folder: io.folder });
  const problems = 'problems' in result ? result.problems : [];
  const { warnings } = result;
  const code = problems.length === 0 ? EXIT.ok : EXIT.config;
  if (options.json === true) {
    const { configPath } = places;
    sayJson(io.out, {
      ok: code === EXIT.ok,
      config: configPath,
      problems: problems.map(plain),
      warnings: warnings.map(plain),
    });
    return code;
  }
  sayProblems(io.out, problems);
  for (const warning of warnings) sayProblems(io.err, [{ ...warning, message: `(warning) ${warning.message}` }]);
  if ('config' in result) {
    const { config, stamps } = result;
    const read = `${stamps.size} files and folders read`;
    say(
      io.out,
      `${places.configPath} is right: ${config.phones.length} phones, ${config.connections.size} connections, ${read}`,
    );
  } else say(io.err, problems.length === 1 ? '1 problem' : `${problems.length} problems`);
  return code;
}

const plain = (problem: Problem): Record<string, unknown> => ({ ...problem, path: formatPath(problem.path) });
