// `hookswitch check`: says whether config and rules are right, everything that is wrong with them, and which of their tests fail.
import { type Config, readConfig } from '../config.ts';
import { findConfig } from '../config-path.ts';
import { formatPath, type Problem } from '../core/problems.ts';
import type { CompiledRules } from '../engine/index.ts';
import { type ProbedConnection, probeConnections } from '../probing.ts';
import { type Proven, proveRules } from '../proof.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, type PlaceOptions, type Register, say, sayJson, sayProblems, withPlaces } from './io.ts';

type Options = PlaceOptions & { json?: boolean; connections?: boolean };

export const register: Register = (program, io, finish) => {
  withPlaces(
    program
      .command('check')
      .description('check the config and every rule, and run the tests of the rules; tells all problems at once'),
  )
    .option('--connections', 'also open each connection, and log in; nothing is sent that anybody would see')
    .option('--json', 'one JSON object instead of text')
    .action(async (options: Options) => finish(await check(options, io)));
};

async function check(options: Options, io: CommandIo): Promise<number> {
  const places = await findConfig(options, io);
  const result = await readConfig({ ...places, env: io.env, files: io.files, parts: io.parts, folder: io.folder });
  const problems = 'problems' in result ? result.problems : [];
  const { warnings } = result;
  const tests = 'config' in result ? proveRules(result.config as Config<CompiledRules>, result.ruleFiles) : undefined;
  const failed = tests?.filter(({ failures }) => failures.length > 0) ?? [];
  const probed = 'config' in result && options.connections === true ? await probe(result.config, io) : undefined;
  const unreached = probed?.some((one) => 'error' in one) ?? false;
  const right = problems.length === 0 && failed.length === 0;
  const code = !right ? EXIT.config : unreached ? EXIT.failed : EXIT.ok;
  if (options.json === true) {
    const { configPath } = places;
    sayJson(io.out, {
      ok: code === EXIT.ok,
      config: configPath,
      problems: problems.map(plain),
      warnings: warnings.map(plain),
      ...(tests === undefined ? {} : { tests: plainTests(tests, failed) }),
      ...(probed === undefined ? {} : { connections: probed }),
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
    sayTests(tests ?? [], failed, io);
    for (const one of probed ?? []) sayProbed(one, io);
  } else say(io.err, problems.length === 1 ? '1 problem' : `${problems.length} problems`);
  return code;
}

const probe = (config: Config<unknown>, { clock, random, parts: { destinations } }: CommandIo) =>
  probeConnections(config, { clock, random, destinations });

/** One connection, in one line. */
export function sayProbed(probed: ProbedConnection, io: CommandIo): void {
  const whom = `${probed.name} (${probed.type})`;
  if ('error' in probed) say(io.err, `${whom}: ${probed.error}`);
  else say(io.out, `${whom}: ${'works' in probed ? probed.works : `not tried, ${probed.skipped}`}`);
}

/** Each test that fails: what is missing, then what happened instead. */
function sayTests(tests: readonly Proven[], failed: readonly Proven[], io: CommandIo): void {
  for (const { at, failures, timeline } of failed) {
    say(io.out, '');
    sayProblems(io.out, [at, ...failures]);
    for (const line of timeline) say(io.out, line);
  }
  if (failed.length > 0) say(io.out, '');
  if (tests.length > 0) say(io.out, countText(tests.length - failed.length, failed.length));
}

const countText = (passed: number, failed: number): string =>
  `${passed} ${passed === 1 ? 'test' : 'tests'} passed, ${failed} failed`;

const plainTests = (tests: readonly Proven[], failed: readonly Proven[]) => ({
  passed: tests.length - failed.length,
  failed: failed.length,
  failures: failed.map(({ name, at, failures, timeline }) => ({
    name,
    file: at.file,
    line: at.line,
    column: at.column,
    problems: failures.map(plain),
    timeline,
  })),
});

const plain = (problem: Problem): Record<string, unknown> => ({ ...problem, path: formatPath(problem.path) });
